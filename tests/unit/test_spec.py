"""The mapping follows botocore's model: a field that AWS adds shows up here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from botocore.model import StructureShape
from pulumi import _types

from pulumi_workspaces_pool import WorkspacesPool, WorkspacesPoolArgs, lookups, spec


def test_every_field_of_the_api_is_an_argument_or_an_output_of_the_resource() -> None:
    arguments = set(_types.input_type_py_to_pulumi_names(WorkspacesPoolArgs).values())
    outputs = set(_types.resource_py_to_pulumi_names(WorkspacesPool).values())
    updatable = _properties("UpdateWorkspacesPoolRequest") - {"poolId"}
    assert _properties("CreateWorkspacesPoolRequest") <= arguments == set(spec.input_names())
    assert updatable == set(spec.updatable_names()) <= arguments
    assert _properties("WorkspacesPool") <= outputs


def test_every_nested_field_has_a_typed_argument_or_output() -> None:
    arguments = _types.input_type_types(WorkspacesPoolArgs)
    outputs = _types.resource_types(WorkspacesPool)
    for shape, typed, names in (
        ("Capacity", arguments["capacity"], _types.input_type_types),
        ("ApplicationSettingsRequest", arguments["applicationSettings"], _types.input_type_types),
        ("TimeoutSettings", arguments["timeoutSettings"], _types.input_type_types),
        ("CapacityStatus", outputs["capacityStatus"], _types.output_type_types),
        ("ApplicationSettingsResponse", outputs["applicationSettings"], _types.output_type_types),
        ("TimeoutSettings", outputs["timeoutSettings"], _types.output_type_types),
    ):
        assert _properties(shape) == set(names(_types.unwrap_optional_type(typed))), shape


def test_a_described_pool_becomes_properties() -> None:
    pool = {
        "PoolId": "wspool-1a2b3c4d5",
        "CapacityStatus": {"DesiredUserSessions": 3, "ActiveUserSessions": 0},
        "CreatedAt": datetime(2026, 1, 2, 2, tzinfo=timezone(timedelta(hours=2))),
        "ApplicationSettings": {"Status": "ENABLED", "S3BucketName": "bucket"},
        "Errors": [{"ErrorCode": "IMAGE_NOT_FOUND"}],
    }
    assert spec.from_api(pool) == {
        "poolId": "wspool-1a2b3c4d5",
        "capacityStatus": {"desiredUserSessions": 3, "activeUserSessions": 0},
        "capacity": {"desiredUserSessions": 3},
        "createdAt": "2026-01-02T00:00:00+00:00",
        "applicationSettings": {"status": "ENABLED", "s3BucketName": "bucket"},
        "errors": [{"errorCode": "IMAGE_NOT_FOUND"}],
    }


def test_a_lookup_leaves_out_what_only_a_newer_api_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = {"capacityStatus": {"desiredUserSessions": 1, "futureUserSessions": 9}, "future": 1}
    monkeypatch.setattr(spec, "from_api", lambda _pool: newer)
    found = lookups._result({"PoolId": "wspool-1a2b3c4d5"}, {}, "us-east-1")
    assert found.capacity_status.desired_user_sessions == 1
    assert found.description is None


def _properties(shape_name: str) -> set[str]:
    shape = spec.service_model().shape_for(shape_name)
    assert isinstance(shape, StructureShape)
    return {spec.property_name(member) for member in shape.members}
