"""Properties <-> API fields, and what a program can set, derived from botocore's model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timezone
from typing import TYPE_CHECKING, Any

from . import validation
from .cached import cached_once
from .ownership import is_own_tag

if TYPE_CHECKING:
    from botocore.model import ServiceModel

Properties = dict[str, Any]
Problem = validation.Problem
property_name = validation.property_name

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


def _text(least: int, most: int, pattern: str) -> dict[str, Any]:
    return {"type": "string", "min": least, "max": most, "pattern": pattern}


# What a program can set beyond the fields of CreateWorkspacesPool, in botocore's own notation, so
# that one validator serves all of it.
_OWN_MEMBERS: dict[str, Any] = {
    "Tags": {"shape": "TagMap"},
    "DesiredState": {"shape": "DesiredState"},
    "DisconnectActiveSessions": {"shape": "BooleanObject"},
    "AdoptPoolId": {"shape": "WorkspacesPoolId"},
    "AssumeRole": {"shape": "PoolRole"},
    "Region": {"shape": "Region"},
}
_TAG = {"key": {"shape": "TagKey"}, "value": {"shape": "TagValue"}}
_ROLE_MEMBERS = {
    "RoleArn": {"shape": "PoolRoleArn"},
    "ExternalId": {"shape": "PoolRoleExternalId"},
    "SessionName": {"shape": "PoolRoleSessionName"},
}
_OWN_SHAPES: dict[str, Any] = {
    "TagMap": {"type": "map", **_TAG, "max": MAX_TAGS},
    "DesiredState": {"type": "string", "enum": ["RUNNING", "STOPPED"]},
    "Region": {"type": "string", "pattern": "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$"},
    # As AssumeRole of the STS API has them.
    "PoolRole": {"type": "structure", "members": _ROLE_MEMBERS, "required": ["RoleArn"]},
    "PoolRoleArn": _text(20, 2048, "^arn:[a-z-]+:iam::[0-9]{12}:role/[!-~]+$"),
    "PoolRoleExternalId": _text(2, 1224, r"^[A-Za-z0-9_+=,.@:/\-]*$"),
    "PoolRoleSessionName": _text(2, 64, r"^[A-Za-z0-9_+=,.@-]*$"),
}
_PROGRAM_INPUTS = "WorkspacesPoolProgramInputs"


@cached_once
def service_model() -> ServiceModel:
    """Return botocore's model of the WorkSpaces API, with all that a program can set as a shape."""
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
    return [property_name(member) for member in _shape(_PROGRAM_INPUTS).members]


def updatable_names() -> list[str]:
    """List the properties that UpdateWorkspacesPool changes in place."""
    members = _input_of("UpdateWorkspacesPool").members
    return [property_name(member) for member in members if member != "PoolId"]


def is_updatable(name: str) -> bool:
    """Return whether UpdateWorkspacesPool changes a property in place."""
    # What is known without the API's model does without it: loading that takes a while.
    own = {property_name(member) for member in _OWN_MEMBERS}
    return name not in own and name in updatable_names()


def is_pool_id(value: str) -> bool:
    """Return whether a text has the form of a pool's id."""
    return not problems_of({"poolId": value})


def problems(inputs: Properties, unknown: object = None) -> list[Problem]:
    """Check all inputs of a program against the rules of the API, without calling it.

    Args:
        inputs: by property name.
        unknown: the value that stands for "not known yet"; it is never a problem.

    Returns:
        Every wrong input with its property path and the rule it broke; empty if all are right.
    """
    return list(validation.value_problems(_shape(_PROGRAM_INPUTS), inputs, unknown=unknown))


def problems_of(given: Properties) -> list[Problem]:
    """Check those inputs that are given, or a `poolId`, as `problems` checks all of them."""
    shapes = {property_name(name): shape for name, shape in _shape(_PROGRAM_INPUTS).members.items()}
    shapes["poolId"] = shapes["adoptPoolId"]
    return [
        problem
        for name, value in given.items()
        for problem in validation.value_problems(shapes[name], value, name)
    ]


def to_api(operation: str, properties: Properties) -> dict[str, Any]:
    """Return the parameters of an API operation, such as `UpdateWorkspacesPool`.

    Args:
        operation: the operation.
        properties: by property name; those that the operation does not take are left out. A nested
            None, which takes a member away, stays one.
    """
    known = {name: value for name, value in properties.items() if value is not None}
    if "tags" in known:
        known["tags"] = tags_to_api(known["tags"])
    parameters: dict[str, Any] = _to_fields(_input_of(operation), known)
    return parameters


def tags_to_api(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Turn a map of tags into the API's list of them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_from_api(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Turn the API's list of tags into a map."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def from_api(pool: Mapping[str, Any]) -> Properties:
    """Return a pool of the API as properties, with `capacity` as a program declares it."""
    properties: Properties = {"errors": [], **_to_properties(_shape("WorkspacesPool"), pool)}
    status = properties.get("capacityStatus", {})
    if "desiredUserSessions" in status:
        properties["capacity"] = {"desiredUserSessions": status["desiredUserSessions"]}
    return properties


def account_of(arn: object) -> str | None:
    """Return the account id in the ARN of a pool or a role; None for what is no ARN."""
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[4] if len(parts) > 5 else None


def program_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Keep the tags that a program can own: none of AWS's, none of this provider's markers."""
    return {
        key: value
        for key, value in tags.items()
        if not key.startswith("aws:") and not is_own_tag(key)
    }


# A shape is of the class that its type has in botocore, which its stubs cannot tell: hence Any.


def _shape(name: str) -> Any:
    return service_model().shape_for(name)


def _input_of(operation: str) -> Any:
    return service_model().operation_model(operation).input_shape


def _to_fields(shape: Any, value: Any) -> Any:
    """Rename properties to API fields, all the way down; a nested None is kept."""
    if value is not None and shape.type_name == "integer":
        return int(value)
    if value is None or shape.type_name != "structure":
        return value
    return {
        member: _to_fields(child, value[property_name(member)])
        for member, child in shape.members.items()
        if property_name(member) in value
    }


def _to_properties(shape: Any, value: Any) -> Any:
    """Rename API fields to properties, all the way down."""
    if shape.type_name == "structure":
        return {
            property_name(member): _to_properties(child, value[member])
            for member, child in shape.members.items()
            if value.get(member) is not None
        }
    if shape.type_name == "list":
        return [_to_properties(shape.member, item) for item in value]
    if shape.type_name == "timestamp":
        # botocore gives it in the time zone of the machine.
        return value.astimezone(timezone.utc).isoformat()
    return value
