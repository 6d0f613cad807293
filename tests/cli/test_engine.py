"""What the provider expects of the Pulumi engine, so that a CLI that differs is noticed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import World


def test_check_sees_no_olds_of_a_new_resource_and_diff_the_inputs_of_an_old_one(
    world: World,
) -> None:
    world.up('R("a", size=1)')
    check, create = world.calls("check", "create")
    assert check["olds"] == {}
    assert create["props"] == {"name": "a", "size": 1, "checked": True}
    state = world.state()["a"]
    assert (state["id"], state["outputs"]["out"]) == ("id-a", "whole")

    world.up('R("a", size=1)')
    check, diff = world.calls("check", "diff", "create", "update")
    assert check["olds"] == {"name": "a", "size": 1, "checked": True}
    assert diff["old_inputs"] == check["olds"]
    assert diff["olds"]["out"] == "whole"


def test_a_failed_check_is_shown_by_its_property_and_nothing_is_called(world: World) -> None:
    shown = world.up('R("a", size=0)', ok=False)
    assert "size value" in shown
    assert "is too small" in shown
    assert world.calls() == []


def test_a_replacement_is_checked_again_without_olds_and_created_before_the_delete(
    world: World,
) -> None:
    world.up('R("a", name="one")')
    world.kinds()
    world.up('R("a", name="two")')
    calls = world.calls("check", "create", "delete")
    assert [call["call"] for call in calls] == ["check", "check", "create", "delete"]
    assert (calls[0]["olds"]["name"], calls[1]["olds"]) == ("one", {})
    assert calls[3]["id"] == "id-one"


def test_delete_before_replace_deletes_first(world: World) -> None:
    world.up('R("a", name="one")')
    world.calls()
    world.up('R("a", Opts(delete_before_replace=True), name="two")')
    assert [call["call"] for call in world.calls()] == ["delete", "create"]


def test_replace_by_urn_neither_diffs_nor_shows_the_olds(world: World) -> None:
    world.up('R("a")')
    urn = world.stack.urn("a")
    world.calls()
    world.up('R("a")', replace=[urn])
    calls = world.calls("check", "diff", "create", "delete")
    assert [call["call"] for call in calls] == ["check", "create", "delete"]
    assert calls[0]["olds"] == {}


def test_a_diff_left_open_is_decided_by_the_inputs(world: World) -> None:
    world.up('R("a", unsure=True, size=1)')
    world.calls()
    world.up('R("a", unsure=True, size=1)')
    assert world.calls() == []
    world.up('R("a", unsure=True, size=2)')
    assert [call["call"] for call in world.calls()] == ["update"]
    world.up('R("a", Opts(replace_on_changes=["size"]), unsure=True, size=3)')
    assert [call["call"] for call in world.calls()] == ["create", "delete"]


def test_ignored_changes_are_undone_before_the_check(world: World) -> None:
    world.up('R("a", size=1)')
    world.calls()
    world.up('R("a", Opts(ignore_changes=["size"]), size=2)')
    (check,) = world.calls("check", "update")
    assert check["news"]["size"] == 1


def test_a_partial_failure_of_create_is_kept_and_the_next_up_calls_update(world: World) -> None:
    world.orders(**{"create:a": "partly"})
    shown = world.up('R("a", size=1)', ok=False)
    assert "create of a is half done" in shown
    state = world.state()["a"]
    assert (state["id"], state["outputs"]["out"]) == ("id-a", "half")
    assert state["initErrors"] == ["create of a is half done"]
    world.orders()
    world.calls()
    world.up(f'R("a", size={state["inputs"]["size"]!r})')
    assert [call["call"] for call in world.calls()] == ["update"]
    assert not world.state()["a"].get("initErrors")
    world.up(f'R("a", size={state["inputs"]["size"]!r})')
    assert world.calls() == []


def test_a_partial_failure_of_update_leaves_the_old_inputs_and_is_gone_on_with(
    world: World,
) -> None:
    world.up('R("a", size=1)')
    world.orders(**{"update:a": "partly"})
    world.up('R("a", size=2)', ok=False)
    state = world.state()["a"]
    assert (state["outputs"]["out"], len(state["initErrors"])) == ("half", 1)
    assert state["inputs"]["size"] == 1, "what was not reached is no input yet"
    world.orders()
    world.calls()
    world.up('R("a", size=2)')
    assert [call["call"] for call in world.calls()] == ["update"]
    assert world.state()["a"]["inputs"]["size"] == 2


@pytest.mark.parametrize(
    ("order", "program"),
    [("create:b", 'R("a", size=1)\nR("b")'), ("update:a", 'R("a", size=2)'), ("delete:a", "")],
)
def test_a_refused_step_leaves_the_state_and_its_message_is_shown_alone(
    world: World, order: str, program: str
) -> None:
    world.up('R("a", size=1)')
    before = world.state()
    world.orders(**{order: "fail"})
    call, _, name = order.partition(":")
    shown = world.up(program, ok=False)
    assert f"{call} of {name} was refused" in shown
    after = world.state()
    assert after.keys() == before.keys()
    assert after["a"]["outputs"] == before["a"]["outputs"]
    assert after["a"]["inputs"] == before["a"]["inputs"]


def test_what_could_not_be_deleted_after_a_replacement_is_deleted_by_the_next_run(
    world: World,
) -> None:
    world.up('R("a", name="one")')
    world.orders(**{"delete:one": "fail"})
    world.up('R("a", name="two")', ok=False)
    state = world.state()
    assert (state["a"]["id"], state["a!"]["id"]) == ("id-two", "id-one")
    world.orders()
    world.calls()
    world.up('R("a", name="two")')
    assert [(call["call"], call["id"]) for call in world.calls()] == [("delete", "id-one")]


def test_a_replacement_whose_create_failed_keeps_the_old_resource(world: World) -> None:
    world.up('R("a", name="one")')
    world.orders(**{"create:two": "fail"})
    world.up('R("a", name="two")', ok=False)
    assert {name: entry["id"] for name, entry in world.state().items()} == {"a": "id-one"}
    world.orders()
    world.calls()
    world.up('R("a", name="two")')
    assert [call["call"] for call in world.calls()] == ["create", "delete"]


def test_a_refresh_stores_what_was_read_and_drops_what_is_gone(world: World) -> None:
    world.up('R("a", size=1)\nR("b")')
    world.orders(**{"read:id-a": {"out": "moved"}})
    assert world.stack.refresh().changes == {"same": 3}, "outputs alone are no drift"
    assert world.state()["a"]["outputs"]["out"] == "moved"
    world.orders(**{"read:id-a": {"inputs": {"size": 9}}, "read:id-b": None})
    assert world.stack.refresh().changes == {"same": 1, "update": 1, "delete": 1}
    assert world.state().keys() == {"a"}
    assert world.state()["a"]["inputs"]["size"] == 9
    world.orders()
    world.calls()
    world.up('R("a", size=1)\nR("b")')
    assert sorted(call["call"] for call in world.calls()) == ["create", "update"]


def test_custom_timeouts_reach_the_provider_in_seconds(world: World) -> None:
    world.up('R("a", Opts(custom_timeouts=CustomTimeouts(create="1m30s")))')
    assert world.calls()[0]["timeout"] == 90


def test_a_resource_can_be_read_without_being_managed(world: World) -> None:
    world.up('R("a", Opts(id="id-theirs"))')
    (read,) = world.calls("read", "create")
    assert (read["id"], read["inputs"]) == ("id-theirs", {"name": "a"})
    assert world.state()["a"]["external"]
    world.stack.destroy()
    assert world.calls() == []


def test_an_alias_carries_the_resource_over_without_a_call(world: World) -> None:
    world.up('R("a", name="same")')
    world.calls()
    world.up('R("b", Opts(aliases=[Alias(name="a")]), name="same")')
    assert world.calls() == []
    assert {name: entry["id"] for name, entry in world.state().items()} == {"b": "id-same"}


def test_what_is_retained_or_deleted_with_another_is_not_deleted(world: World) -> None:
    world.up('a = R("a")\nR("b", Opts(deleted_with=a))\nR("c", Opts(retain_on_delete=True))')
    world.calls()
    assert world.stack.destroy().ok
    assert [call["id"] for call in world.calls()] == ["id-a"]


def test_nothing_new_begins_after_a_failure(world: World) -> None:
    world.orders(**{"create:a": "fail"})
    world.up('a = R("a")\nR("b", Opts(depends_on=[a]))', ok=False)
    assert [call["props"]["name"] for call in world.calls()] == ["a"]


def test_a_plugin_that_dies_fails_the_run_and_leaves_the_state(world: World) -> None:
    world.up('R("a", size=1)')
    world.orders(**{"update:a": "die"})
    world.up('R("a", size=2)', ok=False)
    assert world.state()["a"]["inputs"]["size"] == 1
    world.orders()
    world.up('R("a", size=2)')
    assert world.state()["a"]["inputs"]["size"] == 2


def test_secrets_and_configuration_arrive_plain_and_secrets_stay_secret(world: World) -> None:
    world.stack.set_config("proj:greeting", "hello-there", secret=True)
    shown = world.up('R("a", size=Output.secret("hidden-size"))\n')
    configure, create = world.calls("configure", "create")[-2:]
    assert configure["greeting"] == "hello-there"
    assert create["props"]["size"] == "hidden-size"
    assert "hidden-size" not in shown
    secret: dict[str, Any] = world.state()["a"]["outputs"]["size"]
    assert json.loads(secret["plaintext"]) == "hidden-size", "an export shows it on request only"
