"""Requests: AWS limits their rate, so none is made that is not needed."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from pulumi_workspaces_pool.testing.emulator import Fault
from support.outcomes import Outcome
from support.program import PoolProgram

LOOK = "DescribeWorkspacesPools"
AT_ONCE = {"parallel": 100}


@pytest.mark.needs_cli
@pytest.mark.parametrize("count", [1, 30, 100])
def test_many_pools_share_their_looks_and_make_no_request_that_is_not_needed(
    program: PoolProgram, count: int
) -> None:
    stack = program.stack
    for number in range(count):
        program.declare(f"desks-{number}")

    up = _requests(program, stack.up(**AT_ONCE))
    assert _but_looks(up) == {"CreateWorkspacesPool": count, "DeleteTags": count}
    assert up[LOOK] <= _shared(count, times=2)

    assert _requests(program, stack.up(**AT_ONCE)) == {}

    for number in range(count):
        program.change(f"desks-{number}", description="Changed")
    update = _requests(program, stack.up(**AT_ONCE))
    assert _but_looks(update) == {"DescribeTags": count, "UpdateWorkspacesPool": count}
    assert update[LOOK] <= _shared(count, times=2)

    refresh = _requests(program, stack.refresh(**AT_ONCE))
    assert _but_looks(refresh) == {"DescribeTags": count}
    assert refresh[LOOK] <= _shared(count)

    destroy = _requests(program, stack.destroy(**AT_ONCE))
    assert _but_looks(destroy) == {
        "DescribeTags": count,
        "DescribeWorkspacesPoolSessions": count,
        "TerminateWorkspacesPool": count,
    }
    assert destroy[LOOK] <= _shared(count, times=2)


def test_the_users_of_a_stopped_pool_are_not_asked_for(program: PoolProgram) -> None:
    program.declare("desks", desired_state="STOPPED")
    assert program.stack.up().ok
    program.emulator.clear_calls()
    assert "DescribeWorkspacesPoolSessions" not in _requests(program, program.stack.destroy())


def test_an_operation_that_is_only_slowed_down_by_throttling_ends_in_success(
    program: PoolProgram,
) -> None:
    program.declare("desks")
    program.emulator.fail("CreateWorkspacesPool", Fault.throttling(), times=6)
    up = program.stack.up()
    assert up.ok, up.text
    assert "AWS limits the rate of CreateWorkspacesPool" in up.text


@pytest.mark.needs_cli
def test_pools_beyond_the_rate_that_aws_allows_are_all_made_once(program: PoolProgram) -> None:
    program.emulator.limit_rate(20, 5)
    for number in range(30):
        program.declare(f"desks-{number}")
    up = program.stack.up(**AT_ONCE)
    assert up.ok, up.text
    assert len(program.emulator.pools()) == 30
    destroy = program.stack.destroy(**AT_ONCE)
    assert destroy.ok, destroy.text
    assert program.emulator.pools() == []


def test_a_lost_answer_counts_where_botocore_made_the_next_attempt_which_aws_throttled(
    program: PoolProgram,
) -> None:
    stack = program.stack.with_environment(AWS_MAX_ATTEMPTS="2")
    program.declare("desks", pool_name="desks")
    program.emulator.fail("CreateWorkspacesPool", Fault.dropped_after())
    program.emulator.fail("CreateWorkspacesPool", Fault.throttling(), skip=1)
    assert not stack.up().ok
    assert stack.resource("desks")["id"] == program.emulator.pool("desks")["PoolId"]


def _requests(program: PoolProgram, outcome: Outcome) -> Counter[str]:
    """The requests of an operation that ended in success, by operation of the API."""
    assert outcome.ok, outcome.text
    calls = Counter(call.operation for call in program.emulator.calls)
    program.emulator.clear_calls()
    return calls


def _but_looks(requests: Counter[str]) -> dict[str, int]:
    return {operation: times for operation, times in requests.items() if operation != LOOK}


def _shared(count: int, times: int = 1) -> int:
    """The most looks, 25 pools each, where not all pools come at the same moment."""
    return times * (1 if count == 1 else 3 * math.ceil(count / 25) + 1)
