"""Ctrl-C ends every wait at once, with the pool kept; the next run goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from faults.scenarios import Program


@dataclass(frozen=True)
class Interrupted:
    """An operation that waits when it is cancelled.

    Attributes:
        during: the operation of AWS after which the pool does not move on.
        shown: the state that the wait shows.
        arguments: what the program changes; None: the stack is destroyed.
        exists: whether there is a pool before.
        left: the operations that are left for the next run.
    """

    during: str
    shown: str
    arguments: dict[str, Any] | None = field(default_factory=dict)
    exists: bool = True
    left: tuple[str, ...] = ()


WAITS = {
    "create": Interrupted("CreateWorkspacesPool", "CREATING", exists=False),
    "update": Interrupted("UpdateWorkspacesPool", "UPDATING", {"description": "Changed"}),
    "stop": Interrupted("StopWorkspacesPool", "STOPPING", {"desired_state": "STOPPED"}),
    "running mode": Interrupted(
        "StopWorkspacesPool",
        "STOPPING",
        {"running_mode": "ALWAYS_ON"},
        left=("UpdateWorkspacesPool", "DeleteTags"),
    ),
    "destroy": Interrupted("TerminateWorkspacesPool", "DELETING", None),
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_cancelled_wait_ends_with_the_pool_kept_and_the_next_run_goes_on(
    program: Program, wait: str
) -> None:
    waiting, emulator = WAITS[wait], program.emulator
    program.declare("desks", pool_name="desks")
    if waiting.exists:
        assert program.stack.up().ok
        hook = emulator.on(waiting.during, "before", lambda _call: emulator.hold("desks"))
    else:
        emulator.hold_next_creation()
    cancelled = False

    def interrupt(line: str) -> None:
        nonlocal cancelled
        if f"{waiting.shown} for" in line and not cancelled:
            cancelled = True
            program.stack.cancel()

    program.stack.on_line = interrupt
    if waiting.arguments is None:
        outcome = program.stack.destroy()
    else:
        program.change("desks", **waiting.arguments)
        outcome = program.stack.up()
    program.stack.on_line = lambda _line: None
    if waiting.exists:
        hook.cancel()
    assert cancelled
    assert not outcome.ok
    command = "pulumi destroy" if waiting.arguments is None else "pulumi up"
    pool = emulator.pool("desks")
    assert (
        f'The run was cancelled while the pool "desks" ({pool["PoolId"]}) was still '
        f"{waiting.shown}; run `{command}` to go on."
    ) in outcome.text
    assert "Traceback" not in outcome.text
    assert program.stack.resource("desks")["id"] == pool["PoolId"]

    emulator.release("desks")
    emulator.clear_calls()
    again = program.stack.destroy() if waiting.arguments is None else program.stack.up()
    assert again.ok, again.text
    assert tuple(operation for operation, _ in program.write_calls()) == waiting.left
    if waiting.arguments is None:
        assert emulator.pools() == []
    else:
        assert program.stack.up().changes == {"same": 2}
