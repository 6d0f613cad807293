"""A creation whose marker could not be taken off, so that the pool looks like one nobody knows."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import Fault
from support.memory_stack import MemoryStack
from support.program import Program

_DENIED = Fault.access_denied("DeleteTags")


def _declare(program: Program, **arguments: Any) -> None:
    """Declare a pool for whose creation no answer is waited for long."""
    opts = {}
    if isinstance(program.stack, MemoryStack):
        turn_clock = partial(program.stack.turn_clock, 60.0)
        for operation in ("CreateTags", "CreateWorkspacesPool"):
            program.emulator.on(operation, "before", lambda _call: turn_clock())
    else:
        opts = {"custom_timeouts": {"create": "2s"}}
    program.declare("desks", opts=opts, **arguments)


@pytest.mark.parametrize("name", [None, "desks"], ids=["automatic name", "fixed name"])
@pytest.mark.parametrize(
    "trouble",
    [None, ("DeleteTags", _DENIED), ("CreateTags", Fault.dropped_after())],
    ids=["no more trouble", "denied again", "no answer to the owner's tag"],
)
def test_a_replacement_keeps_the_pool_that_it_takes_for_an_interrupted_creation(
    program: Program, trouble: tuple[str, Fault] | None, name: str | None
) -> None:
    _declare(program, pool_name=name)
    program.emulator.fail("DeleteTags", _DENIED, times=1000)
    program.stack.up().expect_failure()
    program.emulator.clear_faults()
    (pool,) = program.emulator.pools()
    if trouble:
        program.emulator.fail(*trouble, times=1000)
    up = program.stack.up(replace=[program.stack.urn("desks")])
    assert up.ok is (trouble is None), up.text
    program.emulator.clear_faults()
    program.stack.up().expect()
    assert [held["PoolId"] for held in program.emulator.pools()] == [pool["PoolId"]]
    assert program.stack.resource("desks")["id"] == pool["PoolId"]
    program.stack.refresh().expect(same=2)
    program.stack.up().expect(same=2)
    program.stack.destroy().expect()
    assert program.emulator.pools() == []


@pytest.mark.parametrize("room", [0, 1])
def test_an_interrupted_creation_is_finished_whether_or_not_there_is_room_for_the_owners_tag(
    program: Program, room: int
) -> None:
    tags = {f"key{number}": "value" for number in range(49 - room)}
    _declare(program, tags=tags)
    program.emulator.fail("CreateWorkspacesPool", Fault.dropped_after(), times=1000)
    program.emulator.fail("DescribeWorkspacesPools", Fault.access_denied("Describe"), times=1000)
    program.stack.up().expect_failure()
    assert len(program.emulator.pools()) == 1
    program.emulator.clear_faults()
    program.stack.up().expect()
    (pool,) = program.emulator.pools()
    assert program.stack.resource("desks")["id"] == pool["PoolId"]
    assert tags.items() <= pool["Tags"].items()
    assert len(pool["Tags"]) == 49
    program.stack.destroy().expect()
    assert program.emulator.pools() == []
