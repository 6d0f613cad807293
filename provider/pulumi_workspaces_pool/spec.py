"""Properties <-> API fields, and validation, derived from botocore's model of the API."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from .cached import cached_once
from .ownership import RESERVED_TAG_PREFIXES, is_own_tag

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
        "pattern": "^arn:[a-z-]+:iam::[0-9]{12}:role/.+$",
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


class Problem(NamedTuple):
    """A wrong input: the property's path, and the rule it broke."""

    path: str
    reason: str


def property_name(member: str) -> str:
    """Name the property of an API field.

    Args:
        member: the field's name in the API, such as `PoolName`.

    Returns:
        The property's name in the state, such as `poolName`.
    """
    return member[0].lower() + member[1:]


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
    return not list(_string_problems(service_model().shape_for("WorkspacesPoolId"), value, "", 0))


def problems(news: Properties, unknown: object = None) -> list[Problem]:
    """Check all inputs against the rules of the API, without calling it.

    Args:
        news: the inputs, by property name.
        unknown: the value that stands for "not known yet"; it is never a problem.

    Returns:
        Every wrong input with its property path and the rule it broke; empty if all are right.
    """
    return list(_structure_problems(_inputs_shape(), news, "", unknown))


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


def _value_problems(shape: Shape, value: Any, path: str, unknown: object) -> Iterator[Problem]:
    if unknown is not None and value == unknown:
        return
    checker = {
        "structure": _structure_problems,
        "map": _map_problems,
        "string": _string_problems,
        "integer": _integer_problems,
        "boolean": _boolean_problems,
    }[shape.type_name]
    yield from checker(shape, value, path, unknown)


def _structure_problems(shape: Any, value: Any, path: str, unknown: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, f"must be an object, but is {_kind(value)}")
        return
    members = {property_name(member): child for member, child in shape.members.items()}
    for key in sorted(value.keys() - members.keys()):
        yield Problem(_join(path, key), _unknown_key(key, list(members)))
    required = {property_name(member) for member in shape.required_members}
    for name, child in members.items():
        given = value.get(name)
        if given is not None:
            yield from _value_problems(child, given, _join(path, name), unknown)
        elif name in required:
            yield Problem(_join(path, name), "is required, but is missing")


def _map_problems(shape: Any, value: Any, path: str, unknown: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, f"must be a map of strings, but is {_kind(value)}")
        return
    if len(value) > shape.metadata["max"]:
        yield Problem(path, f"must have at most {shape.metadata['max']} tags, but has {len(value)}")
    for key, item in value.items():
        item_path = f"{path}[{_quoted(key)}]"
        for problem in _value_problems(shape.key, key, item_path, unknown):
            yield Problem(item_path, f"has a key that {problem.reason}")
        if key.startswith(RESERVED_TAG_PREFIXES):
            yield Problem(item_path, f"has a key that starts with a reserved prefix: {_reserved()}")
        yield from _value_problems(shape.value, item, item_path, unknown)


def _string_problems(shape: Shape, value: Any, path: str, _unknown: object) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(path, f"must be a string, but is {_kind(value)}")
        return
    rules = shape.metadata
    if "enum" in rules and value not in rules["enum"]:
        yield Problem(path, f"must be one of {', '.join(rules['enum'])}")
    least, most = rules.get("min", 0), rules.get("max")
    if len(value) < least or (most is not None and len(value) > most):
        span = f"{least} to {most}" if most is not None else f"at least {least}"
        yield Problem(path, f"must have {span} characters, but has {len(value)}")
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        yield Problem(path, f"must match the pattern {rules['pattern']}")


def _integer_problems(shape: Shape, value: Any, path: str, _unknown: object) -> Iterator[Problem]:
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    if not whole:
        yield Problem(path, f"must be a whole number, but is {_kind(value)}")
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and value < least) or (most is not None and value > most):
        span = f"from {least} to {most}" if most is not None else f"at least {least}"
        yield Problem(path, f"must be {span}, but is {int(value)}")


def _boolean_problems(_shape: Shape, value: Any, path: str, _unknown: object) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(path, f"must be true or false, but is {_kind(value)}")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a whole number" if value == int(value) else "a fraction"
    names = {str: "a string", list: "a list", dict: "an object", type(None): "nothing"}
    return names.get(type(value), f"a {type(value).__name__}")


def _unknown_key(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return "is not a property of a pool" + (f"; did you mean {near[0]}?" if near else "")


def _join(path: str, key: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key)
    step = key if plain else f"[{_quoted(key)}]"
    return f"{path}.{step}" if path and plain else f"{path}{step}"


def _quoted(key: object) -> str:
    return '"' + str(key).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _reserved() -> str:
    return " and ".join(RESERVED_TAG_PREFIXES)
