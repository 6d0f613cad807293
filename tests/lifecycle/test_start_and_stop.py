"""Start and stop: what the program desires is kept, and a change that needs a stop restarts."""

from __future__ import annotations

import pytest

from support.program import PoolProgram


@pytest.mark.needs_cli
def test_a_pool_is_stopped_and_started_as_the_program_desires(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks", desired_state="STOPPED")
    assert program.stack.up().ok
    assert program.emulator.pool("desks")["State"] == "STOPPED"
    for desired in ("RUNNING", "STOPPED"):
        program.change("desks", desired_state=desired)
        up = program.stack.up()
        assert up.changes == {"update": 1, "same": 1}, up.text
        assert program.emulator.pool("desks")["State"] == desired
    program.change("desks", desired_state=None)
    assert program.stack.up().changes == {"same": 2}
    assert program.emulator.pool("desks")["State"] == "STOPPED"


@pytest.mark.parametrize("always_on_can_stop", [True, False])
def test_a_new_running_mode_stops_a_running_pool_changes_it_and_starts_it_again(
    program: PoolProgram, always_on_can_stop: bool
) -> None:
    program.emulator.always_on_can_stop = always_on_can_stop
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    program.emulator.clear_calls()
    program.change("desks", running_mode="ALWAYS_ON", description="And more")
    up = program.stack.up()
    assert up.ok, up.text
    calls = program.write_calls()
    assert [operation for operation, _ in calls] == [
        "CreateTags",
        "StopWorkspacesPool",
        "UpdateWorkspacesPool",
        *(["StartWorkspacesPool"] if always_on_can_stop else []),
        "DeleteTags",
    ]
    assert calls[2][1].keys() == {"PoolId", "RunningMode", "Description"}
    pool = program.emulator.pool("desks")
    assert (pool["State"], pool["RunningMode"], pool["Tags"]) == ("RUNNING", "ALWAYS_ON", {})


def test_a_new_running_mode_leaves_a_stopped_pool_stopped(program: PoolProgram) -> None:
    program.emulator.always_on_can_stop = True
    program.emulator.state_after_creation = "STOPPED"
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    program.emulator.clear_calls()
    program.change("desks", running_mode="ALWAYS_ON")
    assert program.stack.up().ok
    assert [operation for operation, _ in program.write_calls()] == ["UpdateWorkspacesPool"]
    assert program.emulator.pool("desks")["State"] == "STOPPED"


@pytest.mark.parametrize("state_after_creation", ["RUNNING", "STOPPED"])
def test_a_field_that_aws_changes_only_on_a_stopped_pool_is_changed_all_the_same(
    program: PoolProgram, state_after_creation: str
) -> None:
    program.emulator.state_after_creation = state_after_creation
    program.emulator.update_requires_stopped = frozenset({"RunningMode", "BundleId"})
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    program.change("desks", bundle_id=program.emulator.other_bundle_id)
    up = program.stack.up()
    assert up.ok, up.text
    pool = program.emulator.pool("desks")
    assert pool["BundleId"] == program.emulator.other_bundle_id
    assert (pool["State"], pool["Tags"]) == (state_after_creation, {})
