"""A resource's life: which calls its provider gets, with what, in which order."""

from __future__ import annotations

from typing import Any

A = {"name": "a", "size": 1, "checked": True}


def kinds(calls: list[dict[str, Any]]) -> list[str]:
    return [call["call"] for call in calls]


def test_a_new_resource_is_checked_and_created(world: Any) -> None:
    world.program("a = R('a', name='a', size=1)\npulumi.export('out', a.out)")
    result = world.stack.up()
    assert world.calls() == [
        {"call": "check", "olds": {}, "news": {"name": "a", "size": 1}},
        {"call": "create", "props": A, "timeout": 0},
    ]
    assert result.summary.resource_changes == {"create": 2}
    assert result.outputs["out"].value == "out-a"
    assert world.resources()["a"]["outputs"]["out"] == "out-a"


def test_an_unchanged_resource_is_checked_and_compared_and_left_alone(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.stack.up()
    world.calls()
    result = world.stack.up(expect_no_changes=True)
    assert world.calls() == [
        {"call": "check", "olds": A, "news": {"name": "a", "size": 1}},
        {
            "call": "diff",
            "id": "id-a",
            "olds": {**A, "out": "out-a"},
            "news": A,
            "ignore": [],
            "old_inputs": A,
        },
    ]
    assert result.summary.resource_changes == {"same": 2}


def test_a_changed_resource_is_updated_in_place(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.stack.up()
    world.calls()
    world.program("R('a', name='a', size=2)")
    assert world.stack.up().summary.resource_changes == {"update": 1, "same": 1}
    calls = world.calls()
    assert kinds(calls) == ["check", "diff", "update"]
    assert calls[-1] == {
        "call": "update",
        "id": "id-a",
        "olds": {**A, "out": "out-a"},
        "news": {**A, "size": 2},
    }
    assert world.resources()["a"]["inputs"]["size"] == 2


def test_a_resource_that_is_not_declared_any_more_is_deleted(world: Any) -> None:
    world.program("R('a', name='a')")
    world.stack.up()
    world.calls()
    world.program("")
    assert world.stack.up().summary.resource_changes == {"delete": 1, "same": 1}
    assert world.calls() == [{"call": "delete", "id": "id-a"}]
    assert world.resources() == {}


def test_destroy_deletes_dependents_first(world: Any) -> None:
    world.program(
        """
        a = R('a', name='a')
        b = R('b', name=a.out)
        R('c', name='c', opts=Opts(depends_on=[b]))
        """
    )
    world.stack.up()
    world.calls()
    assert world.stack.destroy().summary.resource_changes == {"delete": 4}
    assert [call["id"] for call in world.calls()] == ["id-c", "id-out-a", "id-a"]
    assert world.stack.export_stack().deployment.get("resources", []) == []


def test_a_preview_calls_nothing_that_changes_anything(world: Any) -> None:
    world.program("a = R('a', name='a')\nR('b', name=a.out, size=a.id)")
    result = world.stack.preview()
    assert result.change_summary == {"create": 3}
    assert world.calls() == [
        {"call": "check", "olds": {}, "news": {"name": "a"}},
        {"call": "check", "olds": {}, "news": {"name": "<unknown>", "size": "<unknown>"}},
    ]
    assert world.resources() == {}


def test_a_preview_of_an_update_knows_the_inputs_but_not_the_outputs(world: Any) -> None:
    world.program("a = R('a', name='a')\nR('b', name='b', size=a.out)")
    world.stack.up()
    world.calls()
    world.program("a = R('a', name='a', size=2)\nR('b', name='b', size=a.out)")
    assert world.stack.preview().change_summary == {"same": 1, "update": 2}
    assert world.calls("check")[-1]["news"] == {"name": "b", "size": "<unknown>"}


def test_expect_no_changes_fails_with_its_own_exit_code(world: Any) -> None:
    world.program("R('a', name='a')")
    assert world.fails(lambda: world.stack.preview(expect_no_changes=True))[1] == 7
    assert world.fails(lambda: world.stack.up(expect_no_changes=True))[1] == 7
    world.stack.preview(expect_no_changes=True)


def test_a_diff_that_is_not_known_is_decided_by_the_inputs(world: Any) -> None:
    world.program("R('a', name='a', nodiff=True)")
    world.stack.up()
    assert world.stack.up().summary.resource_changes == {"same": 2}
    world.program("R('a', name='b', nodiff=True)")
    assert world.stack.up().summary.resource_changes == {"same": 1, "update": 1}


def test_refresh_counts_only_what_the_inputs_tell(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.stack.up()
    world.calls()
    world.orders(**{"id-a": {"outs": {"sessions": 3}}})
    assert world.stack.refresh(expect_no_changes=True).summary.resource_changes == {"same": 2}
    calls = world.calls()
    assert kinds(calls) == ["read", "diff"]
    assert calls[0]["props"] == {**A, "out": "out-a"}
    assert world.resources()["a"]["outputs"]["sessions"] == 3
    world.orders(**{"id-a": {"inputs": {"size": 5}, "outs": {"size": 5}}})
    assert world.stack.refresh().summary.resource_changes == {"same": 1, "update": 1}
    calls = world.calls("diff")
    assert calls[0]["old_inputs"]["size"] == 5
    assert calls[0]["news"]["size"] == 1
    assert world.stack.preview().change_summary == {"same": 1, "update": 1}


def test_refresh_forgets_what_is_gone(world: Any) -> None:
    world.program("a = R('a', name='a')\nR('b', name='b', opts=Opts(depends_on=[a]))")
    world.stack.up()
    world.orders(**{"id-a": None})
    assert world.stack.refresh().summary.resource_changes == {"delete": 1, "same": 2}
    assert list(world.resources()) == ["b"]
    world.calls()
    assert world.stack.up().summary.resource_changes == {"create": 1, "same": 2}
    assert kinds(world.calls("create", "update", "delete")) == ["create"]


def test_up_with_refresh_sees_drift_and_repairs_it(world: Any) -> None:
    world.program("R('a', name='a', size=1)")
    world.stack.up()
    world.orders(**{"id-a": {"inputs": {"size": 5}, "outs": {"size": 5}}})
    world.calls()
    result = world.stack.up(refresh=True)
    assert kinds(world.calls()) == ["read", "diff", "check", "diff", "update"]
    assert result.summary.resource_changes == {"same": 1, "update": 1}


def test_independent_resources_are_made_at_once(world: Any) -> None:
    # Each waits until the others have begun, so it only ends if they run together.
    world.program(
        """
        for name in 'abcd':
            R(name, name=name)
        """
    )
    (world.folder / "recorder.py").write_text(
        (world.folder / "recorder.py")
        .read_text()
        .replace("        self.obey(props, 'create')", "")
        .replace(
            'note("create", props=props, timeout=request.timeout)',
            'note("create", props=props, timeout=request.timeout); together()',
        )
        + "\n\ndef together():\n"
        "    deadline = time.time() + 20\n"
        "    while open(os.environ['CALLS']).read().count('\"create\"') < 4:\n"
        "        assert time.time() < deadline, 'not together'\n"
        "        time.sleep(0.01)\n"
    )
    world.stack.up(parallel=8)
    assert len(world.resources()) == 4


def test_one_at_a_time_is_possible(world: Any) -> None:
    world.program("R('a', name='a')\nR('b', name='b')")
    world.stack.up(parallel=1)
    assert sorted(kinds(world.calls())) == ["check", "check", "create", "create"]
