"""What the provider expects of the Pulumi engine, so that a CLI that differs is noticed."""

from __future__ import annotations

import re

import pytest

from .conftest import World

pytestmark = pytest.mark.needs_cli

UNCHANGED = """
R("unchanged", Opts(custom_timeouts=CustomTimeouts(create="1m30s")), size=Output.secret("hush"))
R("open", unsure=True, size=1)
R("by-urn")
R("theirs", Opts(id="id-theirs"))
"""
FIRST = f"""{UNCHANGED}
R("changed", size=1)
R("open-changed", unsure=True, size=1)
R("ignored", size=1, tags={{"x": 1, "y": 1}})
R("old-name", name="aliased")
R("replaced", name="one")
R("deleted-first", name="three")
R("on-changes", unsure=True, size=1)
"""
SECOND = f"""{UNCHANGED}
changed = R("changed", size=2)
R("open-changed", unsure=True, size=2)
R("ignored", Opts(ignore_changes=["size", "tags.x"]), size=2, tags={{"x": 2, "y": 2}})
R("new-name", Opts(aliases=[Alias(name="old-name")]), name="aliased")
R("replaced", name="two")
R("deleted-first", Opts(delete_before_replace=True), name="four")
R("on-changes", Opts(replace_on_changes=["size"]), unsure=True, size=2)
R("dependent", Opts(deleted_with=changed), size=changed.out)
R("retained", Opts(retain_on_delete=True))
"""
CALLS_OF_SECOND = {
    "unchanged": "check diff",
    "open": "check diff",
    "by-urn": "check create delete",
    "theirs": "read",
    "changed": "check diff update",
    "open-changed": "check diff update",
    "ignored": "check diff update",
    "new-name": "check diff",
    "replaced": "check diff check create delete",
    "deleted-first": "check diff check delete create",
    "on-changes": "check diff check create delete",
}


def test_the_calls_of_a_life(world: World, subtests: pytest.Subtests) -> None:
    world.stack.set_config("greeting", "hello", secret=True)
    first = world.run("up", FIRST, orders={"create changed": "talk"})
    preview = world.run("preview", SECOND)
    second = world.run("up", SECOND, replace=[world.stack.urn("by-urn")])
    destroy = world.run("destroy")

    with subtests.test("a new resource is checked without olds and created"):
        assert first.call("check", "changed")["olds"] == {}
        created = first.call("create", "changed")["props"]
        assert created == {"name": "changed", "size": 1, "checked": True}
    with subtests.test("an old one is checked with its old inputs, and diffed with them"):
        inputs = {"name": "unchanged", "size": "hush", "checked": True}
        assert second.call("check", "unchanged")["olds"] == inputs
        diff = second.call("diff", "unchanged")
        assert (diff["old_inputs"], diff["olds"]) == (inputs, {**inputs, "out": "whole"})
    for name, kinds in CALLS_OF_SECOND.items():
        with subtests.test("an old one gets its calls in this order", name=name):
            assert " ".join(second.kinds(name)) == kinds
    for name in ("replaced", "deleted-first", "by-urn", "on-changes"):
        with subtests.test("a replacement is checked without olds before it is made", name=name):
            assert second.call("check", name)["olds"] == {}
    with subtests.test("a preview only looks, and does not know the outputs of what changes"):
        assert {call["kind"] for call in preview.calls} == {"check", "diff", "read"}
        assert preview.call("check", "dependent")["news"]["size"] == "<unknown>"
    with subtests.test("ignored changes are undone before the check"):
        news = second.call("check", "ignored")["news"]
        assert news == {"name": "ignored", "size": 1, "tags": {"x": 1, "y": 2}}
    with subtests.test("an alias carries the resource over under its new URN"):
        assert second.state["new-name"]["id"] == first.state["old-name"]["id"]
        assert "old-name" not in second.state
    with subtests.test("a custom timeout arrives in seconds"):
        assert first.call("create", "unchanged")["timeout"] == 90
    with subtests.test("configuration and secrets arrive plain, and stay secret in the state"):
        created = first.call("create", "unchanged")
        assert (created["greeting"], created["props"]["size"]) == ("hello", "hush")
        assert first.state["unchanged"]["outputs"]["size"]["plaintext"] == '"hush"'
        assert "hush" not in first.text
    with subtests.test("progress and warnings are shown on the resource"):
        assert re.search(r"Resource changed creating \(\d+s\) is on its way", first.text)
        assert "(changed):\n    warning: is odd" in first.text
    with subtests.test("what has only an id is read by its inputs, and is not managed"):
        read = first.call("read", "theirs")
        assert (read["id"], read["props"]) == ("id-theirs", {"name": "theirs"})
        assert destroy.kinds("theirs") == []
    with subtests.test("what is retained, or goes with another, is not deleted"):
        assert destroy.kinds("changed") == ["delete"]
        assert destroy.kinds("dependent") == destroy.kinds("retained") == []


def test_what_a_failed_step_leaves(world: World, subtests: pytest.Subtests) -> None:
    before = world.run(
        "up",
        'for name in ("updated", "half-updated", "dropped"): R(name, size=1)\n'
        'for name in ("create-fails", "delete-fails"): R(name, name="old")',
    )
    program = (
        'for name in ("updated", "half-updated", "created", "half-created"): R(name, size=2)\n'
        'for name in ("create-fails", "delete-fails"): R(name, name="new")'
    )
    refused = ("create created", "update updated", "delete dropped")
    orders = dict.fromkeys((*refused, "create create-fails", "delete delete-fails"), "fail")
    orders |= dict.fromkeys(("create half-created", "update half-updated"), "fail partly")
    failed = world.run("up", program, orders=orders, ok=False, continue_on_error=True)
    after = world.run("up", program)

    for step in refused:
        with subtests.test("its message is shown alone, and the state is as before", step=step):
            kind, name = step.split()
            assert f"({name}):\n    error: the {kind} of {name} was refused\n\n" in failed.text
            assert failed.state.get(name) == before.state.get(name)
    for name, size in {"half-created": 2, "half-updated": 1}.items():
        with subtests.test("a partial failure keeps its id and outputs, not its inputs", name=name):
            held = failed.state[name]
            assert (held["id"], held["outputs"]["out"]) == (f"id-{name}", "half")
            assert held["inputs"]["size"] == size
            assert held["initErrors"]
    with subtests.test("after a partial failure an update follows, even without a difference"):
        assert after.call("diff", "half-created")["changed"] == []
        assert after.kinds("half-created") == ["check", "diff", "update"]
        assert "initErrors" not in after.state["half-created"]
    with subtests.test("a replacement whose create failed is made by the next run"):
        assert failed.state["create-fails"]["id"] == "id-old"
        assert after.kinds("create-fails")[-2:] == ["create", "delete"]
    with subtests.test("what a replacement could not delete is deleted by the next run"):
        ids = [failed.state[name]["id"] for name in ("delete-fails", "delete-fails (old)")]
        assert ids == ["id-new", "id-old"]
        assert after.call("delete", "delete-fails")["id"] == "id-old"


def test_what_a_refresh_stores(world: World, subtests: pytest.Subtests) -> None:
    program = 'for name in ("moved", "drifted", "gone", "cured", "unfinished"): R(name, size=1)'
    partly = {"create cured": "fail partly"}
    world.run("up", program, orders=partly, ok=False, continue_on_error=True)
    found = {
        "read moved": {"out": "moved"},
        "read drifted": {"inputs": {"size": 9}},
        "read gone": "gone",
        "read unfinished": "fail partly",
    }
    refresh = world.run("refresh", program, orders=found)
    after = world.run("up", program)

    with subtests.test("outputs are stored, and are no drift"):
        assert refresh.state["moved"]["outputs"]["out"] == "moved"
        assert after.kinds("moved") == ["check", "diff"]
    with subtests.test("inputs are stored, counted as a change and put back"):
        assert refresh.state["drifted"]["inputs"]["size"] == 9
        assert refresh.changes == {"same": 3, "update": 2, "delete": 1}
        assert after.kinds("drifted") == ["check", "diff", "update"]
    with subtests.test("what is gone is dropped and created again"):
        assert "gone" not in refresh.state
        assert after.kinds("gone") == ["check", "create"]
    with subtests.test("what reads well is not partly failed any more"):
        assert "initErrors" not in refresh.state["cured"]
        assert after.kinds("cured") == ["check", "diff"]
    with subtests.test("a read that fails partly warns, and an update follows"):
        assert "the read of unfinished is half done" in refresh.text
        held = refresh.state["unfinished"]
        assert (held["outputs"]["out"], held["inputs"]["size"]) == ("half", "reached")
        assert after.kinds("unfinished") == ["check", "diff", "update"]


def test_nothing_new_begins_after_a_failure(world: World) -> None:
    up = world.run("up", 'R("b", size=R("a").out)', orders={"create a": "fail"}, ok=False)
    assert [call["name"] for call in up.calls if call["kind"] == "create"] == ["a"]


def test_the_run_after_a_killed_engine_creates_and_after_a_dead_plugin_updates(
    world: World,
) -> None:
    world.run("up", 'R("a", size=1)', orders={"create a": "kill the engine"}, ok=False)
    world.stack.stack.cancel()
    state = world.stack.stack.export_stack().deployment or {}
    assert [operation["type"] for operation in state["pending_operations"]] == ["creating"]
    assert world.run("up", 'R("a", size=1)').kinds("a") == ["check", "create"]
    died = world.run("up", 'R("a", size=2)', orders={"update a": "die"}, ok=False)
    assert died.state["a"]["inputs"]["size"] == 1
    assert world.run("up", 'R("a", size=2)').kinds("a") == ["check", "diff", "update"]
