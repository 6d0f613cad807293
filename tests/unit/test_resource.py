"""A pool is declared as any resource of a Pulumi package, and mypy knows what its arguments are."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from pulumi_workspaces_pool import (
    ApplicationSettingsArgs,
    CapacityArgs,
    TimeoutSettingsArgs,
    WorkspacesPool,
    WorkspacesPoolArgs,
)
from support.declared import requests_of

CAPACITY = CapacityArgs(desired_user_sessions=1)
GIVEN: dict[str, Any] = {
    "description": "Desks",
    "bundle_id": "wsb-1",
    "directory_id": "wsd-1",
    "capacity": CAPACITY,
}
ARGS = WorkspacesPoolArgs(**GIVEN)
OPTIONS = pulumi.ResourceOptions(protect=True)
Declared = list[tuple[Mapping[str, Any], pulumi.ResourceOptions]]


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Declared:
    """The inputs and the options that reach the SDK."""
    seen: Declared = []

    def register(pool: Any, _provider: Any, _name: str, inputs: Any, opts: Any) -> None:
        pool._providers = {}
        seen.append((inputs, opts))

    monkeypatch.setattr(pulumi.dynamic.Resource, "__init__", register)
    return seen


def test_every_form_of_a_declaration_says_the_same(declared: Declared) -> None:
    WorkspacesPool("desks", ARGS, OPTIONS)
    WorkspacesPool("desks", args=ARGS, opts=OPTIONS)
    WorkspacesPool("desks", OPTIONS, **GIVEN)
    WorkspacesPool("desks", **GIVEN, opts=OPTIONS)
    for inputs, opts in declared:
        assert {key: value for key, value in inputs.items() if value is not None} == GIVEN
        assert opts.protect
    assert len(declared) == 4


def test_a_wrong_declaration_is_refused_by_the_name_of_the_argument(declared: Declared) -> None:
    with pytest.raises(TypeError, match="capacity"):
        WorkspacesPool("desks", description="", bundle_id="", directory_id="")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="bundle"):
        WorkspacesPool("desks", ARGS, bundle="")  # type: ignore[call-overload]
    assert declared == []


def test_a_thousand_pools_are_pickled_as_one_is() -> None:
    before = vars(pickle._Pickler)["_batch_setitems"]
    assert len(requests_of(lambda: [WorkspacesPool(f"desks-{n}", ARGS) for n in range(3)])) == 3
    assert vars(pickle._Pickler)["_batch_setitems"] is before


def test_typed_arguments_are_given_by_keyword() -> None:
    assert ApplicationSettingsArgs(status="ENABLED").settings_group is None
    assert TimeoutSettingsArgs(max_user_duration_in_seconds=600).max_user_duration_in_seconds == 600
    with pytest.raises(TypeError):
        CapacityArgs(1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        ApplicationSettingsArgs(settings_group="desks")  # type: ignore[call-arg]
