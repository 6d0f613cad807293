"""Waits, graces and deadlines, on a clock that is turned: what is believed, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_workspaces_pool.changes import Patch
from pulumi_workspaces_pool.convergence import Convergence, Target
from pulumi_workspaces_pool.creation import Creation
from pulumi_workspaces_pool.errors import (
    AnswerLostError,
    AwsError,
    CancelledError,
    Label,
    PoolGoneError,
    TimedOutError,
    UncertainCreationError,
    UnshownChangeError,
    WentBackError,
)
from pulumi_workspaces_pool.ownership import CREATING, Owner
from pulumi_workspaces_pool.pools import Pools
from pulumi_workspaces_pool.waiter import LAG, MISSING_GRACE, Goal
from support.turned_clock import POOL, POOL_ID, Listener, ScriptedAws, TurnedClock, waiter

LABEL = Label("desks", POOL_ID)
BUSY = "InvalidResourceStateException"
HALF_AN_HOUR = 1800.0
OWNER = Owner("urn:pulumi:dev::shop::pool::desks", "acme", "s3://state")


class World:
    """An account with one pool, a clock, and the work on the pool."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.aws = ScriptedAws(self.clock)
        self.listener = Listener()
        self.pools = Pools(self.aws, self.clock)
        self.waiter = waiter(self.pools.poller, self.listener, HALF_AN_HOUR)
        self.work = Convergence(self.pools, self.waiter, self.listener, disconnect_sessions=False)
        self.creation = Creation(self.pools, self.waiter)
        self.started = self.clock.now()

    @property
    def seconds(self) -> float:
        return self.clock.now() - self.started

    def becomes(self, state: str) -> Callable[[dict[str, Any]], None]:
        """An effect: the pool is in a state from now on."""

        def become(_parameters: dict[str, Any]) -> None:
            self.aws.pool = {**POOL, "State": state}

        return become

    def change(self, **values: Any) -> dict[str, Any]:
        """Update the running pool; returns it as AWS showed it in the end."""
        return dict(self.work.converge(POOL, Target(Patch(values), None, "shop/dev/desks/0")))


@pytest.fixture
def world() -> World:
    return World()


def test_a_missing_pool_is_believed_only_after_the_grace(world: World) -> None:
    world.aws.shown = lambda seconds: None if seconds < MISSING_GRACE / 2 else world.aws.pool
    assert world.pools.find(POOL_ID) == POOL
    world.aws.shown = lambda _seconds: None
    assert world.pools.find(POOL_ID) is None


def test_a_new_pool_may_be_unseen_for_as_long_as_reads_lag(world: World) -> None:
    world.aws.shown = lambda seconds: None if seconds < LAG - 5 else world.aws.pool
    assert world.work.settled(LABEL, just_created=True) == POOL
    world.aws.shown = lambda _seconds: None
    with pytest.raises(PoolGoneError):
        world.work.settled(LABEL, just_created=True)
    assert LAG <= world.seconds <= 3 * LAG


def test_a_wait_ends_at_its_deadline_and_carries_what_aws_reports(world: World) -> None:
    wrong = [{"ErrorCode": "IMAGE_NOT_FOUND"}]
    world.aws.pool = {**POOL, "State": "CREATING", "Errors": wrong}
    with pytest.raises(TimedOutError) as late:
        world.work.settled(LABEL)
    assert (late.value.state, late.value.pool_errors) == ("CREATING", wrong)
    assert HALF_AN_HOUR <= late.value.waited <= HALF_AN_HOUR + 1
    assert world.listener.lines[-1].startswith("CREATING for 30m")


def test_half_an_hour_is_waited_with_few_looks_and_the_end_is_noticed_at_most_a_tenth_late(
    world: World,
) -> None:
    ready = 600.0
    world.aws.shown = lambda seconds: {
        **POOL,
        "State": "RUNNING" if seconds > ready else "CREATING",
    }
    world.work.settled(LABEL)
    assert ready <= world.seconds <= ready * 1.1
    assert len(world.aws.calls) < 100


def test_an_aws_that_does_not_answer_for_a_while_is_waited_for(world: World) -> None:
    down = "ServiceUnavailableException"
    world.aws.refusals["DescribeWorkspacesPools"] = lambda s: down if 5 < s < 200 else None
    world.aws.shown = lambda s: {**POOL, "State": "RUNNING" if s > 250 else "CREATING"}
    world.work.settled(LABEL)
    assert f"CREATING; AWS does not answer ({down})" in world.listener.lines


def test_an_aws_that_fails_for_more_than_five_minutes_ends_the_wait(world: World) -> None:
    world.aws.pool = {**POOL, "State": "CREATING"}
    world.aws.refusals["DescribeWorkspacesPools"] = lambda s: "500" if s > 600 else None
    with pytest.raises(AwsError, match="500"):
        world.work.settled(LABEL)
    assert 900 <= world.seconds <= 1000


def test_a_wait_that_aws_throttles_goes_on_until_the_deadline(world: World) -> None:
    throttled = "ThrottlingException"
    world.aws.refusals["DescribeWorkspacesPools"] = lambda s: throttled if s < 1500 else None
    world.work.settled(LABEL)
    assert world.listener.lines[-1] == "AWS limits the rate of DescribeWorkspacesPools"
    world.aws.refusals["DescribeWorkspacesPools"] = lambda _s: throttled
    with pytest.raises(AwsError, match=throttled):
        world.work.settled(LABEL)
    assert HALF_AN_HOUR <= world.seconds <= HALF_AN_HOUR + 60


def test_before_anything_is_written_aws_may_fail_for_half_a_minute(world: World) -> None:
    down = "EndpointConnectionError"
    world.aws.refusals["DescribeWorkspacesPools"] = lambda s: down if s < 20 else None
    assert world.pools.find(POOL_ID) == POOL
    world.aws.refusals["DescribeWorkspacesPools"] = lambda _s: down
    with pytest.raises(AwsError, match=down):
        world.pools.find(POOL_ID)
    assert 50 <= world.seconds <= 60


def test_a_cancelled_wait_ends_with_the_state_that_the_pool_was_in(world: World) -> None:
    world.aws.pool = {**POOL, "State": "CREATING"}
    goal = Goal(lambda _pool: setattr(world.listener, "ended", True) or False)  # type: ignore[func-returns-value]  # its value is the point
    with pytest.raises(CancelledError) as ended:
        world.waiter.wait_for(LABEL, goal)
    assert ended.value.state == "CREATING"
    assert world.seconds < 60


def test_an_accepted_change_that_reads_never_show_is_an_error_after_the_lag(world: World) -> None:
    with pytest.raises(UnshownChangeError) as unshown:
        world.change(description="New")
    assert unshown.value.data == {"properties": ["description"]}
    assert LAG < world.seconds < 2 * LAG


def test_a_start_that_goes_back_is_an_error_as_soon_as_it_has_gone_back(world: World) -> None:
    stopped = {**POOL, "State": "STOPPED"}
    states = iter(["STARTING"] * 5)
    world.aws.shown = lambda _s: {**POOL, "State": next(states, "STOPPED")}
    with pytest.raises(WentBackError):
        world.work.start(stopped)
    assert world.seconds < LAG


def test_a_start_that_is_not_shown_yet_is_given_the_lag(world: World) -> None:
    world.aws.shown = lambda s: {**POOL, "State": "STOPPED" if s < LAG / 2 else "RUNNING"}
    assert world.work.start({**POOL, "State": "STOPPED"})["State"] == "RUNNING"


@pytest.mark.parametrize(
    "change",
    [
        {"description": "New"},
        {"capacity": {"desiredUserSessions": 9}},
        {"timeoutSettings": {"idleDisconnectTimeoutInSeconds": 600}},
        {"applicationSettings": {"status": "ENABLED"}},
    ],
)
def test_a_busy_pool_is_waited_for_until_the_deadline_and_never_stopped(
    world: World, change: dict[str, Any]
) -> None:
    world.aws.refusals["UpdateWorkspacesPool"] = lambda _s: BUSY
    with pytest.raises(AwsError, match=BUSY):
        world.change(**change)
    assert world.seconds >= HALF_AN_HOUR
    assert set(world.aws.named()) == {"UpdateWorkspacesPool"}


def test_the_mode_of_a_pool_that_cannot_be_stopped_is_changed_as_it_runs(world: World) -> None:
    on = {**POOL, "RunningMode": "ALWAYS_ON"}
    world.aws.pool = dict(on)
    world.aws.effects["UpdateWorkspacesPool"] = lambda given: setattr(
        world.aws, "pool", {**on, **given}
    )
    patch = Patch({"runningMode": "AUTO_STOP"})
    assert world.work.converge(on, Target(patch, None, "mine"))["RunningMode"] == "AUTO_STOP"
    assert world.aws.named() == ["UpdateWorkspacesPool"]


def test_a_pool_that_starts_by_itself_is_waited_for_where_aws_refuses_to_start_it(
    world: World,
) -> None:
    on = {**POOL, "RunningMode": "ALWAYS_ON", "State": "STOPPED"}
    world.aws.refusals["StartWorkspacesPool"] = lambda _s: "OperationNotSupportedException"
    world.aws.shown = lambda s: {**on, "State": "STOPPED" if s < LAG / 2 else "RUNNING"}
    assert world.work.start(on)["State"] == "RUNNING"


def test_a_deletion_stops_a_pool_where_aws_wants_that(world: World) -> None:
    def running(_seconds: float) -> str | None:
        return BUSY if (world.aws.pool or {})["State"] == "RUNNING" else None

    world.aws.refusals["TerminateWorkspacesPool"] = running
    world.aws.effects["StopWorkspacesPool"] = world.becomes("STOPPED")
    world.aws.effects["TerminateWorkspacesPool"] = lambda _p: setattr(world.aws, "pool", None)
    world.work.terminate(POOL)
    assert world.aws.named() == [
        "TerminateWorkspacesPool",
        "StopWorkspacesPool",
        "TerminateWorkspacesPool",
    ]
    assert any("stopped first" in line for line in world.listener.lines)


def test_a_creation_whose_answer_is_lost_is_found_by_its_marker_once_it_is_shown(
    world: World,
) -> None:
    world.aws.refusals["CreateWorkspacesPool"] = lambda _s: "ConnectionClosedError"
    world.aws.tags = {CREATING: OWNER.marker}
    unseen = iter([None, None])
    world.aws.shown = lambda _seconds: next(unseen, world.aws.pool)
    with pytest.raises(AnswerLostError) as lost:
        world.creation.create({}, ["desks"], OWNER, lambda _taken: None)
    assert lost.value.pool == POOL


def test_a_creation_without_an_answer_that_created_nothing_fails_as_it_did(world: World) -> None:
    world.aws.refusals["CreateWorkspacesPool"] = lambda _s: "ConnectionClosedError"
    world.aws.tags = {CREATING: "somebody's"}
    with pytest.raises(AwsError, match="ConnectionClosedError"):
        world.creation.create({}, ["desks"], OWNER, lambda _taken: None)


def test_a_creation_that_cannot_be_asked_for_afterwards_may_exist(world: World) -> None:
    for operation in ("CreateWorkspacesPool", "DescribeWorkspacesPools"):
        world.aws.refusals[operation] = lambda _s: "ConnectionClosedError"
    with pytest.raises(UncertainCreationError) as uncertain:
        world.creation.create({}, ["desks"], OWNER, lambda _taken: None)
    assert uncertain.value.label == Label("desks")
