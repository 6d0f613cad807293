"""A wait ends when it takes too long or at Ctrl-C; the pool is kept, and the next run goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from pulumi_workspaces_pool.testing.emulator import Fault
from support.memory_stack import MemoryStack
from support.outcomes import Outcome
from support.program import Program

Ending = Literal["late", "cancelled"]

# Where the clock is not to be turned.
SHORT = {"custom_timeouts": {"create": "2s", "update": "2s", "delete": "2s"}}
AN_HOUR = 3600.0


@dataclass(frozen=True)
class Wait:
    """An operation whose wait is ended.

    Attributes:
        during: the operation of AWS after which the pool does not move on.
        shown: the state that the wait shows.
        changes: what the program changes; None: the stack is destroyed.
        earlier: the pool's further arguments before; None: there is no pool.
        left: the operations that are left for the next run.
    """

    during: str
    shown: str
    changes: dict[str, Any] | None = field(default_factory=dict)
    earlier: dict[str, Any] | None = field(default_factory=dict)
    left: tuple[str, ...] = ()


RUNNING, STOPPED = {"desired_state": "RUNNING"}, {"desired_state": "STOPPED"}
WAITS = {
    "create": Wait("CreateWorkspacesPool", "CREATING", earlier=None),
    "update": Wait("UpdateWorkspacesPool", "UPDATING", {"description": "Changed"}),
    "stop": Wait("StopWorkspacesPool", "STOPPING", STOPPED),
    "start": Wait("StartWorkspacesPool", "STARTING", RUNNING, STOPPED),
    "running mode": Wait(
        "StopWorkspacesPool",
        "STOPPING",
        {"running_mode": "ALWAYS_ON"},
        left=("UpdateWorkspacesPool", "DeleteTags"),
    ),
    "destroy": Wait("TerminateWorkspacesPool", "DELETING", None),
}


def _run(program: Program, wait: Wait) -> Outcome:
    return program.stack.destroy() if wait.changes is None else program.stack.up()


def _run_until(program: Program, wait: Wait, ending: Ending) -> Outcome:
    """Run the operation, and end its wait as soon as it is seen."""
    ended = False

    def end(line: str) -> None:
        nonlocal ended
        if f"{wait.shown} for" in line and not ended:
            ended = True
            if ending == "cancelled":
                program.stack.cancel()
            elif isinstance(program.stack, MemoryStack):
                program.stack.turn_clock(AN_HOUR)

    program.stack.on_line = end
    outcome = _run(program, wait)
    program.stack.on_line = lambda _line: None
    assert ended, f"the wait shows no progress: {outcome.text}"
    return outcome


def _try(program: Program, name: str, ending: Ending) -> None:
    wait, emulator = WAITS[name], program.emulator
    turned = isinstance(program.stack, MemoryStack) or ending == "cancelled"
    usual = {"pool_name": "desks", "opts": {} if turned else SHORT}
    program.declare("desks", **usual, **(wait.earlier or {}))
    if wait.earlier is None:
        emulator.hold_next_creation()
    else:
        program.stack.up().expect()
        hook = emulator.on(wait.during, "before", lambda _call: emulator.hold("desks"))
        program.change("desks", **(wait.changes or {}))
    outcome = _run_until(program, wait, ending)
    if wait.earlier is not None:
        hook.cancel()

    pool = emulator.pool("desks")
    command = "pulumi destroy" if wait.changes is None else "pulumi up"
    label = f'pool "desks" ({pool["PoolId"]})'
    if ending == "late":
        outcome.expect_failure(
            f"The {label} is still {wait.shown} after ",
            f"run `{command}` again to go on waiting, or raise custom_timeouts",
        )
    else:
        outcome.expect_failure(
            f"The run was cancelled while the {label} was still {wait.shown}; "
            f"run `{command}` to go on."
        )
    assert program.stack.resource("desks")["id"] == pool["PoolId"]

    emulator.release("desks")
    emulator.clear_calls()
    _run(program, wait).expect()
    assert tuple(operation for operation, _ in program.write_calls()) == wait.left
    if wait.changes is None:
        assert emulator.pools() == []
    else:
        program.stack.up().expect(same=2)
        (found,) = emulator.pools()
        assert (found["PoolId"], found["Tags"]) == (pool["PoolId"], {})
        assert found["State"] == wait.changes.get("desired_state", "RUNNING")


@pytest.mark.parametrize("ending", ["late", "cancelled"])
@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_ends_with_the_pool_kept_and_the_next_run_goes_on(
    program: Program, wait: str, ending: Ending
) -> None:
    _try(program, wait, ending)


@pytest.mark.needs_cli
@pytest.mark.parametrize(("wait", "ending"), [("create", "late"), ("stop", "cancelled")])
def test_a_wait_ends_on_the_cli_as_well(program: Program, wait: str, ending: Ending) -> None:
    _try(program, wait, ending)


def test_a_creation_that_takes_too_long_says_what_aws_reports(program: Program) -> None:
    full = [("SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES", "Subnet subnet-1 is full.")]
    emulator = program.emulator
    emulator.hold_next_creation()
    emulator.on("CreateWorkspacesPool", "after", lambda _: emulator.set_errors("desks", full))
    program.declare("desks", pool_name="desks", opts=SHORT)
    program.stack.up().expect_failure(
        "SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES (Subnet subnet-1 is full): free addresses in the "
        "directory's subnets or use larger ones"
    )


def test_reads_that_lag_behind_writes_are_tolerated(program: Program) -> None:
    program.declare("desks", pool_name="desks")
    program.emulator.stale_reads(4)
    program.stack.up().expect()
    program.change("desks", description="Changed", running_mode="ALWAYS_ON")
    program.emulator.fail("DescribeWorkspacesPools", Fault.stale(), times=3, skip=1)
    program.stack.up().expect()
    (pool,) = program.emulator.pools()
    found = (pool["Description"], pool["RunningMode"], pool["State"])
    assert found == ("Changed", "ALWAYS_ON", "RUNNING")


def test_what_was_taken_away_is_not_believed_to_be_there_by_a_read_that_lags(
    program: Program,
) -> None:
    group = {"status": "ENABLED", "settings_group": "shop"}
    program.declare("desks", pool_name="desks", application_settings=group)
    program.stack.up().expect()
    program.change("desks", application_settings={"status": "ENABLED"})
    emulator = program.emulator
    hook = emulator.on("UpdateWorkspacesPool", "after", lambda _call: emulator.stale_reads(1))
    program.stack.up().expect()
    hook.cancel()
    assert "SettingsGroup" not in emulator.pool("desks")["ApplicationSettings"]
    program.change("desks", application_settings=group)
    program.stack.up().expect(update=1, same=1)
    assert emulator.pool("desks")["ApplicationSettings"]["SettingsGroup"] == "shop"
