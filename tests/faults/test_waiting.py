"""A wait that takes too long fails in a sentence, and the next run goes on where it ended."""

from __future__ import annotations

from typing import Any

import pytest

from faults.scenarios import Program
from pulumi_workspaces_pool.testing.emulator import Fault
from support.memory_stack import MemoryStack
from support.outcomes import Outcome

SHORT = {"custom_timeouts": {"create": "2s", "update": "2s", "delete": "2s"}}
AN_HOUR = 3600.0


def _late(program: Program, state: str) -> None:
    """Let the time be up as soon as the pool is seen in a state."""

    def turn(line: str) -> None:
        if f"{state} for" in line and isinstance(program.stack, MemoryStack):
            program.stack.turn_clock(AN_HOUR)

    program.stack.on_line = turn


def _options(program: Program) -> dict[str, Any]:
    """Short timeouts where the clock is not to be turned."""
    return {} if isinstance(program.stack, MemoryStack) else SHORT


def _refuse(outcome: Outcome, reason: str) -> None:
    assert not outcome.ok
    assert not outcome.ok
    assert reason in outcome.text
    assert "Traceback" not in outcome.text


def _finish(program: Program) -> list[str]:
    """Let the pool go on, run again, and give the writes that this took."""
    program.stack.on_line = lambda _line: None
    program.emulator.release("desks")
    program.emulator.clear_calls()
    up = program.stack.up()
    assert up.ok, up.text
    writes = [operation for operation, _ in program.write_calls()]
    assert program.stack.up().changes == {"same": 2}
    assert program.emulator.pool("desks")["Tags"] == {}
    return writes


def test_a_creation_that_takes_too_long_is_finished_by_the_next_up(program: Program) -> None:
    emulator = program.emulator
    full = [("SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES", "Subnet subnet-1 is full.")]
    emulator.hold_next_creation()
    emulator.on("CreateWorkspacesPool", "after", lambda _: emulator.set_errors("desks", full))
    program.declare("desks", pool_name="desks", opts=_options(program))
    _late(program, "CREATING")
    up = program.stack.up()
    held = emulator.pool("desks")
    _refuse(up, f'The pool "desks" ({held["PoolId"]}) is still CREATING after ')
    assert (
        "SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES (Subnet subnet-1 is full): free addresses in the "
        "directory's subnets or use larger ones"
    ) in up.text
    assert "CREATING for" in up.text, "the wait shows its progress"
    assert program.stack.resource("desks")["id"] == held["PoolId"]
    emulator.set_errors("desks", [])
    assert "CreateWorkspacesPool" not in _finish(program)
    assert [pool["PoolId"] for pool in emulator.pools()] == [held["PoolId"]]


@pytest.mark.parametrize(
    ("earlier", "change", "stuck", "left"),
    [
        ({}, {"description": "Changed"}, "UPDATING", []),
        ({}, {"desired_state": "STOPPED"}, "STOPPING", []),
        ({"desired_state": "STOPPED"}, {"desired_state": "RUNNING"}, "STARTING", []),
        (
            {},
            {"running_mode": "ALWAYS_ON"},
            "STOPPING",
            ["UpdateWorkspacesPool", "DeleteTags"],
        ),
    ],
    ids=["update", "stop", "start", "running mode"],
)
def test_a_change_that_takes_too_long_is_finished_by_the_next_up(
    program: Program,
    earlier: dict[str, Any],
    change: dict[str, Any],
    stuck: str,
    left: list[str],
) -> None:
    program.declare("desks", pool_name="desks", opts=_options(program), **earlier)
    assert program.stack.up().ok
    program.emulator.hold("desks")
    program.change("desks", **change)
    _late(program, stuck)
    up = program.stack.up()
    pool = program.emulator.pool("desks")
    _refuse(up, f'The pool "desks" ({pool["PoolId"]}) is still {stuck} after ')
    assert "run `pulumi up` again to go on waiting, or raise custom_timeouts" in up.text
    assert program.stack.resource("desks")["id"] == pool["PoolId"]
    assert _finish(program) == left
    assert program.emulator.pool("desks")["State"] == change.get("desired_state", "RUNNING")


def test_a_deletion_that_takes_too_long_is_finished_by_the_next_destroy(
    program: Program,
) -> None:
    program.declare("desks", pool_name="desks", opts=_options(program))
    assert program.stack.up().ok
    hook = program.emulator.on(
        "TerminateWorkspacesPool", "before", lambda _: program.emulator.hold("desks")
    )
    _late(program, "DELETING")
    destroy = program.stack.destroy()
    program.stack.on_line = lambda _line: None
    hook.cancel()
    pool = program.emulator.pool("desks")
    _refuse(destroy, f'The pool "desks" ({pool["PoolId"]}) is still DELETING after ')
    assert program.stack.resource("desks")["id"] == pool["PoolId"]
    program.emulator.release("desks")
    program.emulator.clear_calls()
    assert program.stack.destroy().ok
    assert program.emulator.writes() == [], "it is waited for, not deleted twice"
    assert program.emulator.pools() == []


def test_reads_that_lag_behind_writes_are_tolerated(program: Program) -> None:
    program.declare("desks", pool_name="desks")
    program.emulator.stale_reads(4)
    up = program.stack.up()
    assert up.ok, up.text
    program.change("desks", description="Changed", running_mode="ALWAYS_ON")
    program.emulator.fail("DescribeWorkspacesPools", Fault.stale(), times=3, skip=1)
    up = program.stack.up()
    assert up.ok, up.text
    pool = program.emulator.pool("desks")
    assert (pool["Description"], pool["RunningMode"], pool["State"]) == (
        "Changed",
        "ALWAYS_ON",
        "RUNNING",
    )
    assert len(program.emulator.pools()) == 1


def test_what_was_taken_away_is_not_believed_to_be_there_by_a_read_that_lags(
    program: Program,
) -> None:
    group = {"status": "ENABLED", "settings_group": "shop"}
    program.declare("desks", pool_name="desks", application_settings=group)
    assert program.stack.up().ok
    program.change("desks", application_settings={"status": "ENABLED"})
    hook = program.emulator.on(
        "UpdateWorkspacesPool", "after", lambda _call: program.emulator.stale_reads(1)
    )
    assert program.stack.up().ok
    hook.cancel()
    assert "SettingsGroup" not in program.emulator.pool("desks")["ApplicationSettings"]
    program.change("desks", application_settings=group)
    up = program.stack.up()
    assert up.changes == {"update": 1, "same": 1}, up.text
    assert program.emulator.pool("desks")["ApplicationSettings"]["SettingsGroup"] == "shop"


def test_a_pool_that_looks_ready_before_it_takes_changes_is_not_stopped_for_them(
    program: Program,
) -> None:
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    program.emulator.clear_calls()
    program.change("desks", description="Changed")
    busy = Fault.error("InvalidResourceStateException", "The pool is not in a valid state.")
    program.emulator.fail("UpdateWorkspacesPool", busy, times=3)
    up = program.stack.up()
    assert up.ok, up.text
    assert {operation for operation, _ in program.write_calls()} == {"UpdateWorkspacesPool"}
