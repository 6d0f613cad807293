"""A pool of others is taken over on request only, and then never replaced by itself."""

from __future__ import annotations

import threading

import pytest

from pulumi_workspaces_pool.ownership import OWNER
from pulumi_workspaces_pool.testing.emulator import Fault
from support.program import PoolProgram


def _tags_of_others(program: PoolProgram, pool_id: str) -> dict[str, str]:
    """A pool's tags but for that of its owner, which must be there."""
    tags = dict(program.emulator.pool(pool_id)["Tags"])
    assert tags.pop(OWNER)
    return tags


@pytest.mark.needs_cli
def test_a_pool_is_taken_over_changed_in_place_and_from_then_on_like_any_other(
    program: PoolProgram,
) -> None:
    pool_id = program.emulator.add_pool("theirs", Tags={"Owner": "somebody"})
    program.declare("desks", adopt_pool_id=pool_id, description="Ours now")
    program.stack.up().expect()
    writes = dict(program.write_calls())
    assert "CreateWorkspacesPool" not in writes
    assert writes["UpdateWorkspacesPool"] == {
        "PoolId": pool_id,
        "Description": "Ours now",
        "Capacity": {"DesiredUserSessions": 2},
    }
    assert program.stack.resource("desks")["id"] == pool_id
    assert program.stack.resource("desks")["outputs"]["poolName"] == "theirs"
    assert _tags_of_others(program, pool_id) == {"Owner": "somebody"}
    program.stack.up().expect(same=2)

    program.emulator.clear_calls()
    program.change("desks", adopt_pool_id=None)
    program.stack.up().expect(same=2)
    assert program.emulator.calls == []
    program.change("desks", pool_name="ours")
    program.stack.up().expect()
    assert [pool["PoolName"] for pool in program.emulator.pools()] == ["ours"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"adopt_pool_id": "{id}", "pool_name": "desks"},
            (
                'The pool "theirs" ({id}) cannot be adopted under the name "desks"; a pool keeps '
                'its name, so set pool_name="theirs" or leave it out.'
            ),
        ),
        (
            {"adopt_pool_id": "wspool-000000000"},
            (
                "The pool wspool-000000000 does not exist in us-east-1, so it cannot be adopted; "
                "correct adopt_pool_id or the region, or take it away to create a pool."
            ),
        ),
    ],
    ids=["another name", "no such pool"],
)
def test_what_cannot_be_adopted_is_said(
    program: PoolProgram, arguments: dict[str, str], said: str
) -> None:
    pool_id = program.emulator.add_pool("theirs")
    program.declare("desks", **{key: text.format(id=pool_id) for key, text in arguments.items()})
    program.stack.up().expect_failure(said.format(id=pool_id))
    assert program.emulator.writes() == []


def test_the_programs_tags_are_the_pools_also_where_they_could_not_be_read_at_first(
    program: PoolProgram,
) -> None:
    pool_id = program.emulator.add_pool("theirs", Tags={"Owner": "somebody", "Team": "old"})
    program.declare("desks", adopt_pool_id=pool_id, tags={"Team": "design"})
    program.emulator.fail("DescribeTags", Fault.access_denied("DescribeTags"), times=1000)
    program.stack.up().expect_failure()
    program.emulator.clear_faults()
    program.stack.up().expect()
    assert _tags_of_others(program, pool_id) == {"Team": "design"}
    program.stack.up().expect(same=2)


@pytest.mark.needs_cli
def test_a_replacement_by_itself_deletes_nothing(program: PoolProgram) -> None:
    pool_id = program.emulator.add_pool("theirs")
    program.declare("desks", adopt_pool_id=pool_id)
    program.stack.up().expect()
    before = program.emulator.pool(pool_id)
    up = program.stack.up(replace=[program.stack.urn("desks")]).expect()
    assert f'({pool_id}) was not deleted: the resource "desks" of stack' in up.text
    assert {**program.emulator.pool(pool_id), "Tags": before["Tags"]} == before
    assert program.stack.resource("desks")["id"] == pool_id
    program.stack.up().expect(same=2)

    program.change("desks", adopt_pool_id=None)
    program.stack.up(replace=[program.stack.urn("desks")]).expect()
    (pool,) = program.emulator.pools()
    assert pool["PoolId"] == program.stack.resource("desks")["id"] != pool_id


def test_a_replacement_by_itself_is_refused_where_the_deletion_comes_first(
    program: PoolProgram,
) -> None:
    pool_id = program.emulator.add_pool("theirs")
    program.declare("desks", adopt_pool_id=pool_id, opts={"delete_before_replace": True})
    program.stack.up().expect()
    program.emulator.clear_calls()
    program.stack.up(replace=[program.stack.urn("desks")]).expect_failure(
        "take adopt_pool_id away first"
    )
    program.stack.up().expect(same=2)
    program.change("desks", pool_name="ours", opts={})
    program.stack.up().expect_failure('cannot be adopted under the name "ours"')
    assert program.emulator.writes() == []


@pytest.mark.parametrize("still_declared", [True, False])
def test_a_pool_that_moved_in_a_run_that_failed_is_kept_by_the_next(
    program: PoolProgram, still_declared: bool
) -> None:
    program.declare("desks", pool_name="desks")
    program.stack.up().expect()
    pool_id = program.stack.resource("desks")["id"]
    program.pools.clear()
    program.declare("renamed", pool_name="desks", description="Pool desks", adopt_pool_id=pool_id)
    program.declare("other", pool_name="other")
    adopted = threading.Event()
    program.emulator.on("DeleteTags", "after", lambda _call: adopted.set())
    program.emulator.on("CreateWorkspacesPool", "before", lambda _call: adopted.wait(20))
    program.emulator.fail("CreateWorkspacesPool", Fault.access_denied("CreateWorkspacesPool"))
    program.stack.up().expect_failure()
    held = [entry["id"] for entry in program.stack.resources() if entry.get("id") == pool_id]
    assert len(held) == 2, "the failed run deleted nothing, so two resources have the pool"

    if not still_declared:
        program.change("renamed", adopt_pool_id=None)
    up = program.stack.up().expect()
    assert f'({pool_id}) was not deleted: the resource "renamed" of stack' in up.text
    assert program.emulator.pool("desks")["PoolId"] == pool_id
    program.stack.up().expect(same=3)
    program.stack.destroy().expect()
    assert program.emulator.pools() == []


def test_a_managed_pool_does_not_adopt_another(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks")
    program.stack.up().expect()
    other = program.emulator.add_pool("theirs")
    program.emulator.clear_calls()
    program.change("desks", adopt_pool_id=other)
    program.stack.up().expect_failure(
        f"cannot adopt {other}; declare another resource for that pool"
    )
    assert program.emulator.writes() == []


def test_a_taken_name_shows_who_has_it_and_how_to_adopt_it(program: PoolProgram) -> None:
    marker = {"pulumi-workspaces-pool:creating": "another/stack/desks/0123456789abcdef"}
    for name, tags in (("unmarked", {}), ("marked-by-others", marker)):
        pool_id = program.emulator.add_pool(name, Tags=tags)
        before = program.emulator.pool(pool_id)
        program.declare("desks", pool_name=name)
        program.stack.up().expect_failure(
            f'The name is taken: pool "{name}" ({pool_id}) is RUNNING',
            f'set adopt_pool_id="{pool_id}" to manage it here',
        )
        assert program.emulator.pool(pool_id) == before

    program.change("desks", adopt_pool_id=pool_id)
    program.stack.up().expect()
    assert program.stack.resource("desks")["id"] == pool_id
