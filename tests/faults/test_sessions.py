"""A pool in use is left to its users, unless the program says that they may be disconnected."""

from __future__ import annotations

from typing import Any

import pytest

from support.outcomes import Outcome
from support.program import PoolProgram

NEEDS_A_STOP: dict[str, dict[str, Any]] = {
    "stop": {"desired_state": "STOPPED"},
    "running mode": {"running_mode": "ALWAYS_ON"},
    "destroy": {},
}


def _run(program: PoolProgram, what: str) -> Outcome:
    program.change("desks", **NEEDS_A_STOP[what])
    program.emulator.clear_calls()
    return program.stack.destroy() if what == "destroy" else program.stack.up()


@pytest.mark.parametrize(
    ("what", "count", "number"),
    [
        ("stop", 1, "1 user session"),
        ("running mode", 2, "2 user sessions"),
        ("destroy", 3, "3 user sessions"),
    ],
)
def test_a_pool_in_use_is_neither_stopped_nor_changed_nor_deleted(
    program: PoolProgram, what: str, count: int, number: str
) -> None:
    program.declare("desks", pool_name="desks", tags={"Team": "design"})
    program.stack.up().expect()
    program.emulator.open_sessions("desks", count)
    before = program.emulator.pool("desks")
    done = "deleted" if what == "destroy" else "stopped"
    _run(program, what).expect_failure(
        f'The pool "desks" ({before["PoolId"]}) has {number} active, so it was not {done}; wait '
        "until its users have left, or set disconnect_active_sessions=True to end their sessions."
    )
    assert program.emulator.writes() == []
    assert program.emulator.pool("desks") == before

    program.emulator.close_sessions("desks")
    _run(program, what).expect()


@pytest.mark.parametrize("what", NEEDS_A_STOP)
def test_sessions_are_ended_one_by_one_where_the_program_says_so(
    program: PoolProgram, what: str
) -> None:
    program.declare("desks", pool_name="desks", disconnect_active_sessions=True)
    program.stack.up().expect()
    sessions = program.emulator.open_sessions("desks", 3)
    outcome = _run(program, what).expect()
    ended = [
        parameters["SessionId"]
        for operation, parameters in program.write_calls()
        if operation == "TerminateWorkspacesPoolSession"
    ]
    assert sorted(ended) == sorted(sessions), "each once"
    assert "ending user session 1 of 3" in outcome.text


def test_a_change_that_needs_no_stop_leaves_users_alone(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks")
    program.stack.up().expect()
    program.emulator.open_sessions("desks", 2)
    program.change("desks", description="Changed", capacity={"desired_user_sessions": 5})
    program.stack.up().expect()
    assert program.emulator.pool("desks")["CapacityStatus"]["ActiveUserSessions"] == 2


def test_users_that_leave_by_themselves_meanwhile_are_no_error(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks", disconnect_active_sessions=True)
    program.stack.up().expect()
    program.emulator.open_sessions("desks", 2)
    emulator = program.emulator
    emulator.on(
        "TerminateWorkspacesPoolSession", "before", lambda _: emulator.close_sessions("desks")
    )
    program.stack.destroy().expect()
    assert program.emulator.pools() == []
