"""Properties <-> API fields, and what a program can set, derived from botocore's model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone
from typing import TYPE_CHECKING, Any

from . import validation
from .cached import cached_once
from .ownership import is_own_tag

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape, StructureShape

Properties = dict[str, Any]

# What AWS does where an optional argument is left out. AWS documents AUTO_STOP and DISABLED; the
# timeouts are those of AppStream fleets, on which pools are built: the API has no way to ask for
# "the default".
DEFAULTS: Properties = {
    "runningMode": "AUTO_STOP",
    "applicationSettings": {"status": "DISABLED"},
    "timeoutSettings": {
        "disconnectTimeoutInSeconds": 900,
        "idleDisconnectTimeoutInSeconds": 0,
        "maxUserDurationInSeconds": 57600,
    },
}

# AWS allows 50 tags a pool; one is kept free for this provider's own marker.
MAX_TAGS = 49

# What a program can set beyond the fields of CreateWorkspacesPool, in botocore's own notation, so
# that one validator serves all of it.
_OWN_SHAPES: dict[str, Any] = {
    "DesiredState": {"type": "string", "enum": ["RUNNING", "STOPPED"]},
    "PoolRole": {
        "type": "structure",
        "members": {
            "RoleArn": {"shape": "PoolRoleArn"},
            "ExternalId": {"shape": "PoolRoleExternalId"},
            "SessionName": {"shape": "PoolRoleSessionName"},
        },
        "required": ["RoleArn"],
    },
    # As AssumeRole of the STS API has them.
    "PoolRoleArn": {
        "type": "string",
        "min": 20,
        "max": 2048,
        "pattern": "^arn:[a-z-]+:iam::[0-9]{12}:role/[!-~]+$",
    },
    "PoolRoleExternalId": {
        "type": "string",
        "min": 2,
        "max": 1224,
        "pattern": r"^[A-Za-z0-9_+=,.@:/\-]*$",
    },
    "PoolRoleSessionName": {
        "type": "string",
        "min": 2,
        "max": 64,
        "pattern": r"^[A-Za-z0-9_+=,.@-]*$",
    },
    "Region": {"type": "string", "pattern": "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$"},
    "TagMap": {
        "type": "map",
        "key": {"shape": "TagKey"},
        "value": {"shape": "TagValue"},
        "max": MAX_TAGS,
    },
}
_OWN_MEMBERS: dict[str, Any] = {
    "Tags": {"shape": "TagMap"},
    "DesiredState": {"shape": "DesiredState"},
    "DisconnectActiveSessions": {"shape": "BooleanObject"},
    "AdoptPoolId": {"shape": "WorkspacesPoolId"},
    "AssumeRole": {"shape": "PoolRole"},
    "Region": {"shape": "Region"},
}
_PROGRAM_INPUTS = "WorkspacesPoolProgramInputs"

Problem = validation.Problem
property_name = validation.property_name


@cached_once
def service_model() -> ServiceModel:
    """Load botocore's model of the WorkSpaces API, with this provider's own inputs beside it.

    Returns:
        The model, whose shape `WorkspacesPoolProgramInputs` is all that a program can set.
    """
    # A program that only declares pools must not pay for botocore.
    from botocore.loaders import Loader  # noqa: PLC0415
    from botocore.model import ServiceModel  # noqa: PLC0415

    # `load_service_model` would first look through all of AWS's services.
    loader = Loader()
    version = loader.list_api_versions("workspaces", "service-2")[-1]
    description = loader.load_data(f"workspaces/{version}/service-2")
    create = description["shapes"]["CreateWorkspacesPoolRequest"]
    inputs = {
        "type": "structure",
        "members": {**create["members"], **_OWN_MEMBERS},
        # A name that is left out is an automatic one.
        "required": [member for member in create["required"] if member != "PoolName"],
    }
    shapes = {**description["shapes"], **_OWN_SHAPES, _PROGRAM_INPUTS: inputs}
    return ServiceModel({**description, "shapes": shapes}, "workspaces")


def input_names() -> list[str]:
    """List every property that a program can set."""
    return [property_name(member) for member in _inputs_shape().members]


def updatable_names() -> list[str]:
    """List the properties that UpdateWorkspacesPool changes in place."""
    members = _operation_input("UpdateWorkspacesPool").members
    return [property_name(member) for member in members if member != "PoolId"]


def is_updatable(name: str) -> bool:
    """Tell whether UpdateWorkspacesPool changes a property in place.

    Args:
        name: the property's name.

    Returns:
        False also for what is this provider's own, such as `desiredState`.
    """
    # What is known without the API's model does without it: loading that takes a while.
    own = {property_name(member) for member in _OWN_MEMBERS}
    return name not in own and name in updatable_names()


def is_pool_id(value: str) -> bool:
    """Tell whether a text has the form of a pool's id."""
    return not list(validation.value_problems(service_model().shape_for("WorkspacesPoolId"), value))


def problems(news: Properties, unknown: object = None) -> list[Problem]:
    """Check all inputs against the rules of the API, without calling it.

    Args:
        news: the inputs, by property name.
        unknown: the value that stands for "not known yet"; it is never a problem.

    Returns:
        Every wrong input with its property path and the rule it broke; empty if all are right.
    """
    return list(validation.value_problems(_inputs_shape(), news, unknown=unknown))


def problems_of(given: Properties) -> list[Problem]:
    """Check those inputs that are given, or a `poolId`, as `problems` checks all of them."""
    shapes = {property_name(member): shape for member, shape in _inputs_shape().members.items()}
    shapes["poolId"] = shapes["adoptPoolId"]
    found = (validation.value_problems(shapes[name], given[name], name) for name in given)
    return [problem for of_one in found for problem in of_one]


def to_api(operation: str, properties: Properties) -> dict[str, Any]:
    """Turn properties into the parameters of an API operation.

    Args:
        operation: the API operation, such as `UpdateWorkspacesPool`.
        properties: by property name; those that the operation does not take are left out. A nested
            None, which takes a member away, stays one.

    Returns:
        The parameters.
    """
    shape = _operation_input(operation)
    known = {name: value for name, value in properties.items() if value is not None}
    parameters: dict[str, Any] = _fields(shape, {k: v for k, v in known.items() if k != "tags"})
    if "Tags" in shape.members and known.get("tags"):
        parameters["Tags"] = tags_to_api(known["tags"])
    return parameters


def tags_to_api(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Turn a map of tags into the API's list of them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_from_api(tags: list[dict[str, str]]) -> dict[str, str]:
    """Turn the API's list of tags into a map."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def from_api(pool: Mapping[str, Any]) -> Properties:
    """Turn a pool as the API shows it into properties.

    Args:
        pool: a `WorkspacesPool` of the API.

    Returns:
        Every field that the API shows, and `capacity` as a program declares it.
    """
    shape = service_model().shape_for("WorkspacesPool")
    properties: Properties = _properties(shape, pool)
    properties.setdefault("errors", [])
    status = properties.get("capacityStatus", {})
    if "desiredUserSessions" in status:
        properties["capacity"] = {"desiredUserSessions": status["desiredUserSessions"]}
    return properties


def account_of(arn: object) -> str | None:
    """Read the account id in an ARN.

    Args:
        arn: the ARN of a pool or a role.

    Returns:
        The account's 12 digits, or None where the value is no ARN.
    """
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[4] if len(parts) > 5 else None


def program_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Keep the tags that a program can own: none of AWS's, none of this provider's markers."""
    return {
        key: value
        for key, value in tags.items()
        if not key.startswith("aws:") and not is_own_tag(key)
    }


def _inputs_shape() -> StructureShape:
    shape: Any = service_model().shape_for(_PROGRAM_INPUTS)
    return shape  # type: ignore[no-any-return]  # shape_for is typed for any kind of shape


def _operation_input(operation: str) -> StructureShape:
    shape = service_model().operation_model(operation).input_shape
    if shape is None:
        raise KeyError(operation)
    return shape


def _fields(shape: Shape, value: Any) -> Any:
    """Rename properties to API fields, all the way down; a nested None is kept."""
    if value is None or shape.type_name != "structure":
        return int(value) if value is not None and shape.type_name == "integer" else value
    members = shape.members  # type: ignore[attr-defined]  # a structure has members
    return {
        member: _fields(child, value[property_name(member)])
        for member, child in members.items()
        if property_name(member) in value
    }


def _properties(shape: Shape, value: Any) -> Any:
    """Rename API fields to properties, all the way down."""
    if shape.type_name == "structure":
        members = shape.members  # type: ignore[attr-defined]  # a structure has members
        return {
            property_name(member): _properties(child, value[member])
            for member, child in members.items()
            if value.get(member) is not None
        }
    if shape.type_name == "list":
        return [_properties(shape.member, item) for item in value]  # type: ignore[attr-defined]  # a list has a member
    if shape.type_name == "timestamp":
        # botocore gives it in the time zone of the machine.
        return value.astimezone(timezone.utc).isoformat()
    return value
