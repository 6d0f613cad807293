"""Stacks made before pools had owners go on as they are.

`earlier_states.jsonl` has a line for each of them, exported then: what the program declared, the
pools on AWS, and the deployment of the stack.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from support.program import PoolProgram

pytestmark = pytest.mark.needs_cli

_LINES = Path(__file__).with_name("earlier_states.jsonl").read_text("utf-8").splitlines()
STATES: dict[str, Any] = {state["name"]: state for state in map(json.loads, _LINES)}
_KEPT_BY_AWS = (
    "Description",
    "Tags",
    "ApplicationSettings",
    "TimeoutSettings",
    "RunningMode",
    "Errors",
)


def restore(program: PoolProgram, name: str) -> str:
    """Let the stack, the program and AWS be as they were; returns the pool's id."""
    state = STATES[name]
    deployment, declared = json.dumps(state["deployment"]), json.dumps(state["declared"])
    (pool,) = state["pools"]
    fields = {field: pool[field] for field in _KEPT_BY_AWS if field in pool}
    capacity = {"DesiredUserSessions": pool["CapacityStatus"]["DesiredUserSessions"]}
    pool_id = program.emulator.add_pool(pool["PoolName"], Capacity=capacity, **fields)
    program.pools = json.loads(declared.replace(pool["PoolId"], pool_id))
    program.write()
    restored = json.loads(deployment.replace(pool["PoolId"], pool_id))
    program.stack.stack.import_stack(automation.Deployment(3, restored))
    program.emulator.clear_calls()
    return pool_id


@pytest.mark.parametrize("name", ["plain", "adopted", "automatic"])
def test_a_stack_in_order_has_no_diff_and_is_destroyed_whole(
    program: PoolProgram, name: str
) -> None:
    pool_id = restore(program, name)
    before = program.emulator.pool(pool_id)
    program.stack.up().expect(same=2)
    program.stack.refresh().expect(same=2)
    assert program.emulator.writes() == []
    assert program.emulator.pool(pool_id) == before
    program.stack.destroy().expect()
    assert program.emulator.pools() == []


@pytest.mark.parametrize("name", ["failed", "unfinished"])
def test_a_stack_whose_last_run_failed_is_finished_with_the_same_pool(
    program: PoolProgram, name: str
) -> None:
    pool_id = restore(program, name)
    program.stack.up().expect(update=1, same=1)
    assert program.stack.resource("desks")["id"] == pool_id
    (pool,) = program.emulator.pools()
    assert (pool["Description"], pool["Tags"]) == (
        program.pools["desks"]["description"],
        program.pools["desks"].get("tags", {}),
    )
    program.stack.up().expect(same=2)


def test_a_creation_that_was_killed_then_ends_in_how_to_adopt_its_pool(
    program: PoolProgram,
) -> None:
    pool_id = restore(program, "interrupted")
    program.stack.up().expect_failure(
        f'pool "desks" ({pool_id}) is RUNNING', f'set adopt_pool_id="{pool_id}" to manage it here'
    )
    program.update("desks", adopt_pool_id=pool_id).expect()
    program.stack.up().expect(same=2)
    assert len(program.emulator.pools()) == 1
