"""What goes wrong: what is shown, what is kept, and how the next run goes on."""

from __future__ import annotations

from typing import Any


def kinds(calls: list[dict[str, Any]]) -> list[str]:
    return [call["call"] for call in calls]


def test_a_refused_input_fails_the_preview_and_the_update(world: Any) -> None:
    world.program("R('a', name='a', size=0)")
    for action in (world.stack.preview, world.stack.up):
        shown, code = world.fails(action)
        assert code == 1
        assert "property size value {0} has a problem: too small" in shown
        assert kinds(world.calls()) == ["check"]
    assert world.resources() == {}


def test_the_providers_message_is_shown_alone(world: Any) -> None:
    world.program("R('a', name='a')")
    world.orders(**{"create:a": "fail"})
    shown, code = world.fails(world.stack.up)
    assert code == 1
    assert "error: create of a went wrong\n" in shown
    assert "Traceback" not in shown.split("pulumi-python:dynamic:Resource (a):")[1]
    assert world.resources() == {}


def test_nothing_new_begins_after_a_failure(world: Any) -> None:
    world.program("a = R('a', name='a')\nR('b', name=a.out)")
    world.orders(**{"create:a": "fail"})
    world.fails(world.stack.up)
    assert kinds(world.calls()) == ["check", "create"]


def test_a_resource_that_came_up_only_partly_is_kept_and_updated_next_time(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.orders(**{"create:a": "partly"})
    shown, code = world.fails(world.stack.up)
    assert code == 1
    assert "create of a never came up" in shown
    kept = world.resources()["a"]
    assert kept["id"] == "id-a"
    assert kept["outputs"]["out"] == "half"
    assert kept["initErrors"] == ["create of a never came up"]
    world.orders()
    world.calls()
    assert world.stack.preview().change_summary == {"same": 1, "update": 1}
    world.calls()
    assert world.stack.up().summary.resource_changes == {"same": 1, "update": 1}
    assert kinds(world.calls()) == ["check", "diff", "update"]
    assert "initErrors" not in world.resources()["a"]


def test_an_update_that_worked_only_partly_keeps_the_old_inputs(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.stack.up()
    world.program("R('a', name='a', size=2)")
    world.orders(**{"update:a": "partly"})
    world.fails(world.stack.up)
    kept = world.resources()["a"]
    assert kept["inputs"]["size"] == 1
    assert kept["outputs"]["size"] == 2
    assert kept["initErrors"] == ["update of a never came up"]


def test_a_refresh_forgets_that_a_resource_did_not_come_up(world: Any) -> None:
    world.program("R('a', name='a')")
    world.orders(**{"create:a": "partly"})
    world.fails(world.stack.up)
    world.orders()
    world.stack.refresh()
    assert "initErrors" not in world.resources()["a"]


def test_a_failed_update_leaves_the_state_as_it_was(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.stack.up()
    world.program("R('a', name='a', size=2)")
    world.orders(**{"update:a": "fail"})
    world.fails(world.stack.up)
    assert world.resources()["a"]["inputs"]["size"] == 1


def test_a_failed_delete_keeps_the_resource(world: Any) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.orders(**{"delete:a": "fail"})
    shown, code = world.fails(world.stack.destroy)
    assert code == 1
    assert "delete of a went wrong" in shown
    assert list(world.resources()) == ["a"]


def test_an_exception_of_the_program_shows_the_programs_own_lines(world: Any) -> None:
    world.program("R('a', name='a')\nraise ValueError('boom')")
    shown, code = world.fails(world.stack.up)
    assert code == 1
    assert "Program failed with an unhandled exception" in shown
    assert "ValueError: boom" in shown
    assert "run_path" not in shown
    assert list(world.resources()) == ["a"]


def test_a_run_error_is_shown_without_a_traceback(world: Any) -> None:
    world.program("print('hello')\npulumi.warn('careful')\nraise pulumi.RunError('no')")
    shown, code = world.fails(world.stack.up)
    assert code == 1
    assert "error: no\n" in shown
    assert "warning: careful" in shown
    assert "hello" in shown
    assert "Traceback" not in shown


def test_a_failed_program_deletes_nothing(world: Any) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.calls()
    world.program("raise pulumi.RunError('no')")
    world.fails(world.stack.up)
    assert world.calls("delete") == []
    assert list(world.resources()) == ["a"]


def test_a_name_that_is_used_twice_is_refused(world: Any) -> None:
    world.program("R('a', name='a')\nR('a', name='b')")
    shown, code = world.fails(world.stack.up)
    assert code == 1
    assert f"Duplicate resource URN '{world.urn('a')}'; try giving it a unique name" in shown


def test_an_error_that_is_only_logged_does_not_fail_the_run(world: Any) -> None:
    world.program("a = R('a', name='a')\npulumi.error('bad thing', a)")
    result = world.stack.up()
    assert "error: bad thing" in result.stdout
    assert "1 errored" in result.stdout


def test_a_plugin_that_dies_fails_the_run_and_not_the_engine(world: Any) -> None:
    world.program("R('a', name='a')")
    world.orders(**{"create:a": "die"})
    assert world.fails(world.stack.up)[1] == 1
    assert world.resources() == {}
    state = world.stack.export_stack().deployment
    assert state.get("pending_operations", []) == []
    world.orders()
    world.stack.up()
    assert list(world.resources()) == ["a"]


def test_outputs_are_kept_when_a_run_fails(world: Any) -> None:
    world.program("pulumi.export('x', 1)\npulumi.export('y', 2)")
    world.stack.up()
    world.program("a = R('a', name='a')\npulumi.export('x', 3)\npulumi.export('y', a.out)")
    world.orders(**{"create:a": "fail"})
    world.fails(world.stack.up)
    assert world.stack.outputs()["y"].value == 2
    world.orders()
    world.program("pulumi.export('x', 3)")
    world.stack.up()
    assert {key: value.value for key, value in world.stack.outputs().items()} == {"x": 3}
