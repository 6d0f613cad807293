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
    for number in range(count):
        program.declare(f"desks-{number}")

    def expect(outcome: Outcome, *once_for_each_pool: str, times: int = 2) -> None:
        outcome.expect()
        calls = Counter(call.operation for call in program.emulator.calls)
        program.emulator.clear_calls()
        # 25 pools each, where not all pools come at the same moment.
        assert calls.pop(LOOK) <= times * (1 if count == 1 else 3 * math.ceil(count / 25) + 1)
        assert calls == dict.fromkeys(once_for_each_pool, count)

    stack = program.stack
    expect(stack.up(**AT_ONCE), "CreateWorkspacesPool", "DeleteTags")
    stack.up(**AT_ONCE).expect(same=count + 1)
    assert program.emulator.calls == []
    for number in range(count):
        program.change(f"desks-{number}", description="Changed")
    expect(stack.up(**AT_ONCE), "DescribeTags", "UpdateWorkspacesPool")
    expect(stack.refresh(**AT_ONCE), "DescribeTags", times=1)
    sessions = "DescribeWorkspacesPoolSessions"
    expect(stack.destroy(**AT_ONCE), "DescribeTags", sessions, "TerminateWorkspacesPool")


def test_the_users_of_a_stopped_pool_are_not_asked_for(program: PoolProgram) -> None:
    program.create("desks", desired_state="STOPPED")
    program.stack.destroy().expect()
    called = {call.operation for call in program.emulator.calls}
    assert "DescribeWorkspacesPoolSessions" not in called


@pytest.mark.needs_cli
def test_pools_beyond_the_rate_that_aws_allows_are_all_made_once(program: PoolProgram) -> None:
    program.emulator.limit_rate(20, 5)
    for number in range(30):
        program.declare(f"desks-{number}")
    up = program.stack.up(**AT_ONCE).expect()
    assert "AWS limits the rate of CreateWorkspacesPool" in up.text
    assert len(program.emulator.pools()) == 30
    program.stack.destroy(**AT_ONCE).expect()
    assert program.emulator.pools() == []


def test_a_lost_answer_counts_where_botocore_made_the_next_attempt_which_aws_throttled(
    program: PoolProgram,
) -> None:
    stack = program.stack.with_environment(AWS_MAX_ATTEMPTS="2")
    program.declare("desks", pool_name="desks")
    program.emulator.fail("CreateWorkspacesPool", Fault.dropped_after())
    program.emulator.fail("CreateWorkspacesPool", Fault.throttling(), skip=1)
    stack.up().expect_failure()
    assert stack.resource("desks")["id"] == program.emulator.pool("desks")["PoolId"]
