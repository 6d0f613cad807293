"""A pool is declared as any resource of a Pulumi package."""

from __future__ import annotations

import pickle
from typing import Any, get_origin

import pulumi
import pytest

from pulumi_workspaces_pool import (
    ApplicationSettingsArgs,
    CapacityArgs,
    WorkspacesPool,
    WorkspacesPoolArgs,
)
from support.declared import requests_of

GIVEN: dict[str, Any] = {
    "description": "Desks",
    "bundle_id": "wsb-1",
    "directory_id": "wsd-1",
    "capacity": CapacityArgs(desired_user_sessions=1),
}
ARGS = WorkspacesPoolArgs(**GIVEN)
OPTIONS = pulumi.ResourceOptions(protect=True)


def test_every_form_of_a_declaration_says_the_same() -> None:
    def program() -> None:
        WorkspacesPool("a", ARGS, OPTIONS)
        WorkspacesPool("b", args=ARGS, opts=OPTIONS)
        WorkspacesPool("c", OPTIONS, **GIVEN)
        WorkspacesPool("d", **GIVEN, opts=OPTIONS)

    requests = requests_of(program)
    assert [request.protect for request in requests] == [True] * 4
    assert [request.object for request in requests] == [requests[0].object] * 4


def test_a_wrong_declaration_is_refused_by_the_name_of_the_argument() -> None:
    with pytest.raises(TypeError, match="capacity"):
        WorkspacesPool("desks", description="", bundle_id="", directory_id="")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="bundle"):
        WorkspacesPool("desks", ARGS, bundle="")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="or opts alone"):
        WorkspacesPool("desks", OPTIONS, OPTIONS, **GIVEN)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="status"):
        ApplicationSettingsArgs(settings_group="desks")  # type: ignore[call-arg]


def test_every_output_is_typed_as_one() -> None:
    origins: set[Any] = {get_origin(kind) for kind in WorkspacesPool.__annotations__.values()}
    assert origins == {pulumi.Output}


def test_a_thousand_pools_are_pickled_as_one_is() -> None:
    before = vars(pickle._Pickler)["_batch_setitems"]
    assert len(requests_of(lambda: [WorkspacesPool(f"desks-{n}", ARGS) for n in range(3)])) == 3
    assert vars(pickle._Pickler)["_batch_setitems"] is before
