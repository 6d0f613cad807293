"""Start and stop: what the program desires is kept, and a change that needs a stop restarts."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import itemgetter

import pytest

from support.memory_stack import MemoryStack
from support.program import PoolProgram, Program

# What follows where AWS refuses a change of a pool that runs; the tags mark what is unfinished.
STOPPED_FOR_A_CHANGE = [
    "CreateTags",
    "StopWorkspacesPool",
    "UpdateWorkspacesPool",
    "StartWorkspacesPool",
    "DeleteTags",
]


@pytest.mark.needs_cli
def test_a_pool_is_stopped_and_started_as_the_program_desires(program: PoolProgram) -> None:
    program.create("desks", pool_name="desks", desired_state="STOPPED")
    assert program.emulator.pool("desks")["State"] == "STOPPED"
    for desired in ("RUNNING", "STOPPED"):
        program.update("desks", desired_state=desired).expect(update=1, same=1)
        assert program.emulator.pool("desks")["State"] == desired
    program.update("desks", desired_state=None).expect(same=2)
    assert program.emulator.pool("desks")["State"] == "STOPPED"


@pytest.mark.parametrize("always_on_can_stop", [True, False])
def test_a_new_running_mode_stops_a_running_pool_changes_it_and_starts_it_again(
    program: PoolProgram, always_on_can_stop: bool
) -> None:
    program.emulator.always_on_can_stop = always_on_can_stop
    program.create("desks", pool_name="desks")
    program.update("desks", running_mode="ALWAYS_ON", description="And more").expect()
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
    program.create("desks", pool_name="desks")
    program.update("desks", running_mode="ALWAYS_ON").expect()
    assert [operation for operation, _ in program.write_calls()] == ["UpdateWorkspacesPool"]
    assert program.emulator.pool("desks")["State"] == "STOPPED"


@pytest.mark.parametrize(
    ("field", "argument", "state"),
    [
        ("BundleId", "bundle_id", "RUNNING"),
        ("BundleId", "bundle_id", "STOPPED"),
        ("DirectoryId", "directory_id", "RUNNING"),
    ],
)
def test_a_field_that_aws_changes_only_on_a_stopped_pool_is_changed_all_the_same(
    program: Program, field: str, argument: str, state: str
) -> None:
    program.emulator.state_after_creation = state
    program.emulator.update_requires_stopped = frozenset({"RunningMode", field})
    program.create("desks", pool_name="desks")
    value = getattr(program.emulator, f"other_{argument}")
    if isinstance(program.stack, MemoryStack):
        # AWS is asked again for a while before the pool is stopped.
        turn_clock = partial(program.stack.turn_clock, 5.0)
        program.emulator.on("UpdateWorkspacesPool", "after", lambda _call: turn_clock())
    program.update("desks", **{argument: value}).expect()
    operations = [operation for operation, _ in groupby(program.write_calls(), itemgetter(0))]
    assert operations == [
        "UpdateWorkspacesPool",
        *(STOPPED_FOR_A_CHANGE if state == "RUNNING" else []),
    ]
    pool = program.emulator.pool("desks")
    assert (pool[field], pool["State"], pool["Tags"]) == (value, state, {})
