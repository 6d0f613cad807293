"""Requests are checked against the shapes of the service model, and refused in AWS's words."""

import json
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from .conftest import refused

MODEL = get_session().get_service_model("workspaces")
POOL_OPERATIONS = sorted(name for name in MODEL.operation_names if "WorkspacesPool" in name)


def create_raw(aws: Any, client: Any, **members: Any) -> None:
    """Create a pool with members that botocore's own serializer would not let pass."""

    def change(request: Any, **_: object) -> None:
        request.data = json.dumps({**json.loads(request.body), **members})

    client.meta.events.register("before-sign.workspaces.CreateWorkspacesPool", change)
    client.create_workspaces_pool(**aws.request())


@pytest.mark.parametrize(
    ("member", "value", "where", "constraint"),
    [
        ("PoolName", "-x", "poolName", "regular expression pattern: ^[A-Za-z0-9]"),
        ("PoolName", "x" * 65, "poolName", "regular expression pattern"),
        ("Description", "", "description", "length greater than or equal to 1"),
        ("Description", "x" * 256, "description", "length less than or equal to 255"),
        ("Description", "a\n", "description", "regular expression pattern"),
        ("DirectoryId", "d-1", "directoryId", "length greater than or equal to 10"),
        ("BundleId", "bundle", "bundleId", "regular expression pattern"),
        ("Capacity", {}, "capacity.desiredUserSessions", "must not be null"),
        (
            "Capacity",
            {"DesiredUserSessions": -1},
            "capacity.desiredUserSessions",
            "value greater than or equal to 0",
        ),
        (
            "TimeoutSettings",
            {"MaxUserDurationInSeconds": 599},
            "timeoutSettings.maxUserDurationInSeconds",
            "value greater than or equal to 600",
        ),
        (
            "TimeoutSettings",
            {"DisconnectTimeoutInSeconds": 36001},
            "timeoutSettings.disconnectTimeoutInSeconds",
            "value less than or equal to 36000",
        ),
        ("RunningMode", "SOMETIMES", "runningMode", "enum value set: [AUTO_STOP, ALWAYS_ON]"),
        ("Tags", [{"Key": "a"}, {"Key": ""}], "tags.2.member.key", "length greater than"),
        ("Tags", [{"Value": "a"}], "tags.1.member.key", "must not be null"),
        ("PoolName", None, "poolName", "must not be null"),
    ],
)
def test_a_member_that_misses_a_constraint_is_named(
    aws: Any, client: Any, member: str, value: Any, where: str, constraint: str
) -> None:
    sentence = f"at '{where}' failed to satisfy constraint: Member must"
    with refused("ValidationException", sentence, constraint):
        create_raw(aws, client, **{member: value})
    assert aws.emulator.pools() == []


def test_all_violations_are_told_at_once(client: Any) -> None:
    with refused("ValidationException", "5 validation errors detected: "):
        client.create_workspaces_pool(PoolName="-", Description="&")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Description", 5),
        ("Capacity", "2"),
        ("Tags", {}),
        ("Capacity", {"DesiredUserSessions": True}),
    ],
)
def test_a_member_of_the_wrong_type_is_refused(
    client: Any, aws: Any, member: str, value: Any
) -> None:
    with refused("SerializationException", member[0].lower() + member[1:]):
        create_raw(aws, client, **{member: value})


def test_null_is_as_good_as_left_out_and_unknown_members_are_ignored(client: Any, aws: Any) -> None:
    create_raw(aws, client, Unknown=1, RunningMode=None, Tags=None)
    assert aws.emulator.pool("pool")["RunningMode"] == "AUTO_STOP"
    assert "Unknown" not in aws.emulator.pool("pool")


@pytest.mark.parametrize("operation", POOL_OPERATIONS)
def test_every_pool_operation_checks_its_request(aws: Any, operation: str) -> None:
    shape: Any = MODEL.operation_model(operation).input_shape
    call = getattr(aws.client(), xform_name(operation))
    if shape.required_members:
        with refused("ValidationException"):
            call()
    for member, name in (("PoolId", "poolId"), ("SessionId", "sessionId"), ("Limit", "limit")):
        if member in shape.members:
            with refused("ValidationException", f"'{name}'"):
                call(**{member: 0 if member == "Limit" else "wrong"})
