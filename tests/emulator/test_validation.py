"""Requests are checked against the shapes of the service model, and refused in AWS's words."""

import json
from typing import Any

import pytest
from botocore.model import Shape
from botocore.session import get_session
from moto.workspaces.exceptions import ValidationException

from pulumi_workspaces_pool.testing.emulator.validation import validate

MODEL = get_session().get_service_model("workspaces")
POOL_OPERATIONS = sorted(name for name in MODEL.operation_names if "WorkspacesPool" in name)


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
    aws: Any, client: Any, refused: Any, member: str, value: Any, where: str, constraint: str
) -> None:
    with refused("ValidationException") as refusal:
        request = {**aws.request(), member: value}
        client.create_workspaces_pool(
            **{name: item for name, item in request.items() if item is not None}
        )
    assert refusal.status == 400
    assert f"at '{where}' failed to satisfy constraint: Member must" in refusal.message
    assert constraint in refusal.message
    assert aws.emulator.pools() == []


def test_all_violations_are_told_at_once(client: Any, refused: Any) -> None:
    with refused("ValidationException") as refusal:
        client.create_workspaces_pool(PoolName="-", Description="&")
    assert refusal.message.startswith("5 validation errors detected: ")


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
    client: Any, aws: Any, refused: Any, member: str, value: Any
) -> None:
    def send_raw(request: Any, **_: object) -> None:
        body = json.loads(request.body)
        body[member] = value
        request.data = json.dumps(body)

    client.meta.events.register("before-sign.workspaces.CreateWorkspacesPool", send_raw)
    with refused("SerializationException") as refusal:
        client.create_workspaces_pool(**aws.request())
    assert refusal.status == 400
    assert member[0].lower() + member[1:] in refusal.message


def input_shape(operation: str) -> Shape:
    shape = MODEL.operation_model(operation).input_shape
    assert shape is not None
    return shape


def test_members_that_the_shape_does_not_have_are_ignored() -> None:
    request = {"PoolId": "wspool-012345678", "Unknown": 1}
    assert validate(input_shape("StartWorkspacesPool"), request) == request


def test_null_is_as_good_as_left_out() -> None:
    shape = input_shape("DescribeWorkspacesPools")
    assert validate(shape, {"PoolIds": None, "Filters": None}) == {}


@pytest.mark.parametrize("operation", POOL_OPERATIONS)
def test_every_pool_operation_checks_its_request(aws: Any, refused: Any, operation: str) -> None:
    client = aws.client()
    shape = client.meta.service_model.operation_model(operation).input_shape
    method = _python_name(operation)
    if shape.required_members:
        with refused("ValidationException"):
            getattr(client, method)()
    for member, name in (("PoolId", "poolId"), ("SessionId", "sessionId"), ("Limit", "limit")):
        if member in shape.members:
            with refused("ValidationException") as refusal:
                getattr(client, method)(**{member: 0 if member == "Limit" else "wrong"})
            assert f"'{name}'" in refusal.message


def _python_name(operation: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")


def test_a_trailing_newline_does_not_slip_through_a_pattern() -> None:
    with pytest.raises(ValidationException):
        validate(input_shape("StartWorkspacesPool"), {"PoolId": "wspool-012345678\n"})
