"""What AWS must hold of a pool, told from the program and from what others did: no provider code.

The fields of a pool are those that DescribeWorkspacesPools shows, with its tags, its state and the
capacity that it is to have.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_workspaces_pool.ownership import OWNER

Arguments = dict[str, Any]
Fields = dict[str, Any]

HOME_REGION = "us-east-1"

# What AWS does where a program says nothing.
AWS_DEFAULTS: Fields = {
    "RunningMode": "AUTO_STOP",
    "ApplicationSettings": {"Status": "DISABLED"},
    "TimeoutSettings": {
        "DisconnectTimeoutInSeconds": 900,
        "IdleDisconnectTimeoutInSeconds": 0,
        "MaxUserDurationInSeconds": 57600,
    },
    "Tags": {},
    "State": "RUNNING",
}
# Arguments of one value each, and the field of each.
_PLAIN = {
    "description": "Description",
    "bundle_id": "BundleId",
    "directory_id": "DirectoryId",
    "running_mode": "RunningMode",
    "desired_state": "State",
}
_NESTED = {
    "application_settings": "ApplicationSettings",
    "timeout_settings": "TimeoutSettings",
}
_REPLACING = ("pool_name", "region")


@dataclass(frozen=True)
class Held:
    """A pool as the model believes it to be; a field of None is anybody's guess."""

    pool_id: str
    pool_name: str
    region: str
    fields: Fields


def held(pool: Mapping[str, Any]) -> Held:
    """A pool as the emulator shows it."""
    settings = {**pool["ApplicationSettings"]}
    settings.pop("S3BucketName", None)
    fields = {
        **{field: pool[field] for field in _PLAIN.values()},
        "Capacity": pool["CapacityStatus"]["DesiredUserSessions"],
        "ApplicationSettings": settings,
        "TimeoutSettings": dict(pool["TimeoutSettings"]),
        "Tags": program_tags(pool["Tags"]),
    }
    return Held(pool["PoolId"], pool["PoolName"], pool["PoolArn"].split(":")[3], fields)


def program_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags but for those of AWS and of the pool's owner."""
    return {key: tags[key] for key in tags if key != OWNER and not key.startswith("aws:")}


def ignores_capacity(arguments: Arguments) -> bool:
    """Whether the program leaves the capacity to auto scaling."""
    return "capacity" in arguments.get("opts", {}).get("ignore_changes", [])


def created(arguments: Arguments) -> Fields:
    """The fields of a pool that is made by these arguments."""
    fields = edited(copy.deepcopy(AWS_DEFAULTS), {}, arguments)
    # What a replaced pool was scaled to may be kept or not.
    fields["Capacity"] = None if ignores_capacity(arguments) else _capacity(arguments)
    return fields


def edited(fields: Fields, before: Arguments, after: Arguments) -> Fields:
    """The fields of a pool whose arguments changed; what was never set stays as it is."""
    result = copy.deepcopy(fields)
    for argument, field in _PLAIN.items():
        if argument in after:
            result[field] = after[argument]
        elif argument == "running_mode" and argument in before:
            result[field] = AWS_DEFAULTS[field]
    if not ignores_capacity(after):
        result["Capacity"] = _capacity(after)
    if "tags" in after or "tags" in before:
        result["Tags"] = dict(after.get("tags", {}))
    if "application_settings" in after:
        _edit_application_settings(result, before, after)
    elif "application_settings" in before:
        result["ApplicationSettings"] = AWS_DEFAULTS["ApplicationSettings"]
    _edit_timeouts(result, before, after)
    return result


def _edit_application_settings(result: Fields, before: Arguments, after: Arguments) -> None:
    declared = _members(after["application_settings"])
    taken_away = _members(before.get("application_settings", {})).keys() - declared.keys()
    # Where all that is declared is there already, nothing is sent, and what else is there stays.
    if taken_away or not result["ApplicationSettings"].items() >= declared.items():
        result["ApplicationSettings"] = declared


def _edit_timeouts(result: Fields, before: Arguments, after: Arguments) -> None:
    earlier = _members(before.get("timeout_settings", {}))
    taken_away = {key: AWS_DEFAULTS["TimeoutSettings"][key] for key in earlier}
    declared = _members(after.get("timeout_settings", {}))
    result["TimeoutSettings"] = {**result["TimeoutSettings"], **taken_away, **declared}


def drifted(fields: Fields, drift: Fields, arguments: Arguments) -> Fields:
    """The fields that a pool comes to after somebody else changed some, and Pulumi looked."""
    result = {**fields, **drift}
    if "tags" not in arguments:
        result["Tags"] = {**fields["Tags"], **drift.get("Tags", {})}
    return edited(result, {}, arguments)


def declares(arguments: Arguments, field: str, value: Any) -> bool:
    """Whether the program says all that there is to say of a field with such a value."""
    if field == "Capacity":
        return not ignores_capacity(arguments)
    argument = {**_PLAIN, **_NESTED, "tags": "Tags"}
    declared = next(arguments.get(name) for name, its in argument.items() if its == field)
    if field in _NESTED.values():
        return bool(_members(declared or {}).keys() >= value.keys())
    return declared is not None


def replaces(known: Held, arguments: Arguments) -> bool:
    """Whether only another pool can be what the program says."""
    now = {"pool_name": known.pool_name, "region": known.region}
    return any(arguments.get(name, now[name]) != now[name] for name in _REPLACING)


def differences(expected: Fields, found: Fields) -> dict[str, tuple[Any, Any]]:
    """What is not as it should be: the value that should be, and the one that is."""
    return {
        name: (value, found[name])
        for name, value in expected.items()
        if value is not None and value != found[name]
    }


def _capacity(arguments: Arguments) -> int:
    return int(arguments["capacity"]["desired_user_sessions"])


def _members(nested: Mapping[str, Any]) -> Fields:
    """An argument's members, by the names that AWS gives them."""
    return {
        "".join(part.title() for part in name.split("_")): value for name, value in nested.items()
    }
