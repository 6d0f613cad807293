"""AWS's API, called with properties as programs write them: its service models say the rest."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping
from typing import Any

import boto3
from botocore import xform_name
from botocore.model import ServiceModel, Shape

from support.structs import Properties


class Aws:
    """AWS in one region."""

    def __init__(self, region: str | None) -> None:
        self._region = region
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = boto3.client(service, region_name=self._region)  # type: ignore[call-overload]  # the name is a variable
            return self._clients[service]

    def members(self, service: str, operation: str) -> Mapping[str, Shape]:
        """The members of an operation's request, by name."""
        models: ServiceModel = self.client(service).meta.service_model
        shape = models.operation_model(operation).input_shape
        return shape.members if shape else {}

    def call(self, service: str, operation: str, properties: Properties) -> Properties:
        """Call an operation with members in the form of programs; gives its answer."""
        members = self.members(service, operation)
        request = {name: _as_request(value, members[name]) for name, value in properties.items()}
        answer: Properties = getattr(self.client(service), xform_name(operation))(**request)
        return answer


def member_of(
    members: Collection[str], key: str, names: Mapping[str, tuple[str, ...]]
) -> str | None:
    """The member, perhaps a plural, for a property: `subnetIds` is SubnetIds; None: there is none.

    `names` has other names for some properties.
    """
    for name in names.get(key, (_capital(key),)):
        for member in (name, f"{name}s"):
            if member in members:
                return member
    return None


def shown_as(known: Any, shown: Any) -> Any:
    """What AWS shows, in the form in which a program wrote it, and without what that left out."""
    if isinstance(known, dict):
        if isinstance(shown, list):  # tags, dimensions
            return {item.get("Key") or item["Name"]: item["Value"] for item in shown}
        return {key: shown_as(value, shown.get(_capital(key))) for key, value in known.items()}
    if isinstance(known, list) and len(known) == len(shown):
        if all(value in shown for value in known):
            return known  # in any order
        return [shown_as(*pair) for pair in zip(known, shown, strict=True)]
    if isinstance(known, str) and isinstance(shown, dict):  # a policy document
        return known if json.loads(known) == shown else json.dumps(shown)
    return f"{shown:g}" if isinstance(known, str) and isinstance(shown, float) else shown


def _as_request(value: Any, shape: Any) -> Any:
    """A property as a request takes it."""
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            return {"Value": value}
        named = {_capital(key): item for key, item in value.items()}
        return {name: _as_request(item, shape.members[name]) for name, item in named.items()}
    if shape.type_name == "list":
        if isinstance(value, dict):  # tags, dimensions
            return [dict(zip(shape.member.members, pair, strict=True)) for pair in value.items()]
        values = value if isinstance(value, list) else [value]
        return [_as_request(item, shape.member) for item in values]
    if shape.type_name in ("integer", "long"):
        return int(value)
    return float(value) if shape.type_name in ("double", "float") else value


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
