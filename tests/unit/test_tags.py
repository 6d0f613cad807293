"""Tags of the stack in states of before `tagsAll`, whose inputs have the default tags."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_workspaces_pool import changes
from pulumi_workspaces_pool.tags import TagRules

BEFORE = {"tags": {"Team": "design", "Cost": "42"}}


@pytest.mark.parametrize(
    ("declared", "defaults", "tags", "removed"),
    [
        ({"tags": {"Team": "design"}}, {"Cost": "42"}, {}, []),
        ({"tags": {"Team": "design"}}, {"Cost": "43"}, {"Cost": "43"}, []),
        ({"tags": {"Team": "design"}}, {}, {}, ["Cost"]),
        ({}, {"Cost": "42"}, {}, ["Team"]),
        ({}, {}, {}, ["Cost", "Team"]),
    ],
)
def test_a_state_with_default_tags_in_its_inputs_goes_on(
    declared: dict[str, Any],
    defaults: dict[str, str],
    tags: dict[str, str],
    removed: list[str],
) -> None:
    found = changes.diff(declared, BEFORE, BEFORE, TagRules(defaults))
    assert (found.tags, found.removed_tags) == (tags, removed)


def test_without_tags_of_its_own_a_pool_loses_what_it_had_by_default_and_no_more() -> None:
    olds = {"tags": {"Theirs": "x"}, "tagsAll": {"Theirs": "x", "Cost": "42"}}
    found = changes.diff({}, {}, olds, TagRules())
    assert (found.tags, found.removed_tags) == ({}, ["Cost"])


def test_a_default_tag_of_before_is_no_tag_of_the_program_until_it_is_removed() -> None:
    held = {"Team": "design", "Cost": "42"}
    olds = {"tags": {"Team": "design"}, "tagsAll": held}
    for rules in (TagRules({"Cost": "43"}), TagRules()):
        assert rules.without_defaults(held, {"Team": "design"}, olds) == {"Team": "design"}
    by_hand = {**held, "Cost": "by hand"}
    assert TagRules({"Cost": "42"}).without_defaults(by_hand, None, olds) == by_hand
