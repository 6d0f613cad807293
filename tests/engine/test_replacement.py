"""Replacement in both orders, and what goes with it."""

from __future__ import annotations

from typing import Any


def doings(world: Any) -> list[str]:
    """What was done, as ``create id-a``."""
    calls = world.calls("create", "update", "delete")
    return [f"{call['call']} {call.get('id') or 'id-' + call['props']['name']}" for call in calls]


def test_a_replacement_is_checked_again_without_olds_and_created_before_the_delete(
    world: Any,
) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.calls()
    world.program("R('a', name='b')")
    assert world.stack.preview().change_summary == {"replace": 1, "same": 1}
    world.calls()
    assert world.stack.up().summary.resource_changes == {"replace": 1, "same": 1}
    calls = world.calls()
    assert [call["call"] for call in calls] == ["check", "diff", "check", "create", "delete"]
    assert calls[2]["olds"] == {}
    assert calls[4]["id"] == "id-a"
    assert world.resources()["a"]["id"] == "id-b"


def test_delete_before_replace_by_the_provider_takes_the_dependents_along(world: Any) -> None:
    program = """
        a = R('a', name='{name}', before=True)
        b = R('b', name=a.out, before=True)
        R('c', name='c', size=a.out)
        """
    world.program(program.format(name="a"))
    world.stack.up()
    world.calls()
    world.program(program.format(name="z"))
    result = world.stack.up()
    done = doings(world)
    assert done[:3] == ["delete id-out-a", "delete id-a", "create id-z"]
    assert sorted(done[3:]) == ["create id-out-z", "update id-c"]
    assert result.summary.resource_changes == {"replace": 2, "same": 1, "update": 1}


def test_delete_before_replace_by_the_program(world: Any) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.calls()
    world.program("R('a', name='b', opts=Opts(delete_before_replace=True))")
    world.stack.up()
    assert doings(world) == ["delete id-a", "create id-b"]


def test_a_dependent_that_left_the_program_is_deleted_once(world: Any) -> None:
    world.program("a = R('a', name='a', before=True)\nR('b', name=a.out)")
    world.stack.up()
    world.calls()
    world.program("a = R('a', name='z', before=True)")
    world.stack.up()
    assert doings(world) == ["delete id-out-a", "delete id-a", "create id-z"]
    assert list(world.resources()) == ["a"]


def test_replace_by_urn_neither_compares_nor_shows_the_olds(world: Any) -> None:
    world.program("R('a', name='a')\nR('b', name='b')")
    world.stack.up()
    world.calls()
    result = world.stack.up(replace=[world.urn("a")], parallel=1)
    calls = world.calls()
    of_a = [
        c for c in calls if "a" in (c.get("news", {}).get("name"), c.get("props", {}).get("name"))
    ]
    assert [call["call"] for call in of_a] == ["check", "create"]
    assert of_a[0]["olds"] == {}
    assert result.summary.resource_changes == {"replace": 1, "same": 2}
    shown, code = world.fails(lambda: world.stack.up(replace=["urn:pulumi:dev::proj::x:y:Z::n"]))
    assert "could not be found in the stack" in shown
    assert code == 1


def test_replace_on_changes_needs_a_diff_that_names_the_property(world: Any) -> None:
    program = "R('a', name='a', nodiff=True, size={}, opts=Opts(replace_on_changes=['size']))"
    world.program(program.format(1))
    world.stack.up()
    world.program(program.format(2))
    assert world.stack.up().summary.resource_changes == {"replace": 1, "same": 1}


def test_what_could_not_be_deleted_is_deleted_by_the_next_run(world: Any) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.program("R('a', name='b')")
    world.orders(**{"delete:a": "fail"})
    shown, code = world.fails(world.stack.up)
    assert code == 1
    assert "delete of a went wrong" in shown
    assert world.pending_deletes() == ["id-a"]
    world.orders()
    world.calls()
    world.stack.up()
    assert doings(world) == ["delete id-a"]
    assert world.pending_deletes() == []


def test_a_replacement_whose_create_failed_is_finished_by_the_next_run(world: Any) -> None:
    world.program("R('a', name='a', before=True)")
    world.stack.up()
    world.program("R('a', name='b', before=True)")
    world.orders(**{"create:b": "fail"})
    world.fails(world.stack.up)
    assert world.resources()["a"]["pendingReplacement"] is True
    world.orders()
    world.calls()
    world.stack.up()
    assert doings(world) == ["create id-b"]
    assert "pendingReplacement" not in world.resources()["a"]


def test_a_pending_replacement_that_left_the_program_is_forgotten(world: Any) -> None:
    world.program("R('a', name='a', before=True)")
    world.stack.up()
    world.program("R('a', name='b', before=True)")
    world.orders(**{"create:b": "fail"})
    world.fails(world.stack.up)
    world.program("")
    world.calls()
    world.stack.up()
    assert doings(world) == []
    assert world.resources() == {}


def test_a_resource_deleted_with_another_is_replaced_with_it(world: Any) -> None:
    program = """
        a = R('a', name='{name}', before=True)
        R('b', name='b', opts=Opts(deleted_with=a))
        """
    world.program(program.format(name="a"))
    world.stack.up()
    world.calls()
    world.program(program.format(name="z"))
    world.stack.up()
    assert doings(world) == ["delete id-a", "create id-z", "create id-b"]


def test_a_replacement_trigger_replaces(world: Any) -> None:
    world.program("R('a', name='a', opts=Opts(replacement_trigger='1'))")
    world.stack.up()
    world.calls()
    world.program("R('a', name='a', opts=Opts(replacement_trigger='2'))")
    result = world.stack.up()
    assert "diff" not in [call["call"] for call in world.calls()]
    assert result.summary.resource_changes == {"replace": 1, "same": 1}
