"""Property values: between protobuf structs, the state file and plain Python.

In memory a property map is a ``dict`` of ``None``, ``bool``, ``float``, ``str``, ``list`` and
``dict``, with three additions: `Secret`, `UNKNOWN` and (only while a registration is taken in)
`OutputValue`. Assets, archives and resource references stay the tagged objects that they are on
the wire: no part of an engine looks into them.

Follows https://pulumi-developer-docs.readthedocs.io/latest/developer-docs/providers/implementers-guide.html
and, for the tags, ``pulumi.runtime.rpc``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 a tag of the protocol
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

_UNKNOWN_TAGS = frozenset(
    {
        rpc.UNKNOWN,
        # Unknown bools, numbers, arrays, assets, archives and objects have tags of their own.
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)

Properties: TypeAlias = dict[str, Any]


class Unknown:
    """The type of `UNKNOWN`: a value that only an update will bring."""

    def __repr__(self) -> str:
        """Show it as the display does."""
        return "[unknown]"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is encrypted in the state and never shown."""

    value: Any

    def __repr__(self) -> str:
        """Never the value."""
        return "[secret]"


@dataclass(frozen=True)
class OutputValue:
    """A value together with the resources that it came from."""

    value: Any
    secret: bool = False
    dependencies: frozenset[str] = field(default_factory=frozenset)


# -- the wire ---------------------------------------------------------------------------------


def from_struct(struct: struct_pb2.Struct | None) -> Properties:
    """Take a property map off the wire."""
    if struct is None:
        return {}
    return {key: from_value(value) for key, value in struct.fields.items()}


def from_value(value: struct_pb2.Value) -> Any:
    """Take one property value off the wire."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_object(value.struct_value)
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_TAGS else value.string_value
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    return None


def _from_object(struct: struct_pb2.Struct) -> Any:
    plain = from_struct(struct)
    signature = plain.get(SIGNATURE)
    if signature == SECRET_SIGNATURE:
        return secret(plain.get("value"))
    if signature == OUTPUT_SIGNATURE:
        return OutputValue(
            plain.get("value", UNKNOWN),
            bool(plain.get("secret", False)),
            frozenset(plain.get("dependencies") or ()),
        )
    return plain


def to_struct(properties: Mapping[str, Any], *, secrets: bool) -> struct_pb2.Struct:
    """Put a property map on the wire.

    Args:
        properties: the map.
        secrets: whether the other side understands secrets; without, they go as plain values.
    """
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        struct.fields[key].CopyFrom(to_value(value, secrets=secrets))
    return struct


def to_value(value: Any, *, secrets: bool) -> struct_pb2.Value:
    """Put one property value on the wire; see `to_struct`."""
    if isinstance(value, Secret):
        if not secrets:
            return to_value(value.value, secrets=False)
        return _tagged(SECRET_SIGNATURE, {"value": value.value}, secrets)
    if isinstance(value, OutputValue):
        return _output_value(value, secrets)
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=rpc.UNKNOWN)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(value, secrets=secrets))
    if isinstance(value, list):
        items = [to_value(item, secrets=secrets) for item in value]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=value)
    return struct_pb2.Value(string_value=value)


def _output_value(value: OutputValue, secrets: bool) -> struct_pb2.Value:
    body: Properties = {}
    if value.value is not UNKNOWN:
        body["value"] = value.value
    if value.secret:
        body["secret"] = True
    if value.dependencies:
        body["dependencies"] = sorted(value.dependencies)
    return _tagged(OUTPUT_SIGNATURE, body, secrets)


def _tagged(signature: str, body: Properties, secrets: bool) -> struct_pb2.Value:
    return struct_pb2.Value(struct_value=to_struct({SIGNATURE: signature, **body}, secrets=secrets))


# -- the state file ---------------------------------------------------------------------------


def to_state(value: Any, encrypt: Callable[[str], str]) -> Any:
    """Turn a property value into what a deployment file holds.

    Args:
        value: the value.
        encrypt: turns a secret's JSON into a ciphertext.
    """
    if isinstance(value, Secret):
        plain = json.dumps(to_state(value.value, encrypt))
        return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": encrypt(plain)}
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: to_state(value[key], encrypt) for key in sorted(value)}
    if isinstance(value, list):
        return [to_state(item, encrypt) for item in value]
    return _integral(value)


def _integral(value: Any) -> Any:
    # Every number on the wire is a double; a file says 1, not 1.0.
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def from_state(value: Any, decrypt: Callable[[str], str]) -> Any:
    """Turn what a deployment file holds into a property value.

    Args:
        value: the JSON value.
        decrypt: turns a ciphertext into the secret's JSON.
    """
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET_SIGNATURE:
            plain = value["plaintext"] if "plaintext" in value else decrypt(value["ciphertext"])
            return secret(from_state(json.loads(plain), decrypt))
        return {key: from_state(item, decrypt) for key, item in value.items()}
    if isinstance(value, list):
        return [from_state(item, decrypt) for item in value]
    if isinstance(value, str) and value in _UNKNOWN_TAGS:
        return UNKNOWN
    return value


def with_plain_secrets(value: Any, decrypt: Callable[[str], str]) -> Any:
    """Replace the ciphertexts in a piece of a deployment file by plain texts."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET_SIGNATURE and "ciphertext" in value:
            return {SIGNATURE: SECRET_SIGNATURE, "plaintext": decrypt(value["ciphertext"])}
        return {key: with_plain_secrets(item, decrypt) for key, item in value.items()}
    if isinstance(value, list):
        return [with_plain_secrets(item, decrypt) for item in value]
    return value


# -- looking and comparing --------------------------------------------------------------------


def secret(value: Any) -> Secret:
    """Make a value secret, once."""
    return value if isinstance(value, Secret) else Secret(value)


def plain(value: Any) -> Any:
    """The value without its secrets' and outputs' wrappings, all the way down."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, OutputValue):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return _integral(value)


def contains(value: Any, kind: type) -> bool:
    """Whether a value of this kind (`Secret`, `Unknown`) is anywhere inside."""
    if isinstance(value, kind):
        return True
    if isinstance(value, (Secret, OutputValue)):
        return contains(value.value, kind)
    if isinstance(value, Mapping):
        return any(contains(item, kind) for item in value.values())
    if isinstance(value, list):
        return any(contains(item, kind) for item in value)
    return False


def equal(one: Any, other: Any) -> bool:
    """Whether two property values are the same, where ``True`` is not ``1``."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, Secret) and isinstance(other, Secret):
        return equal(one.value, other.value)
    return bool(one == other)


def changed_keys(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The properties that differ, where a null is as good as no property at all."""
    return [
        key
        for key in sorted({*olds, *news})
        if not equal(_without_nulls(olds.get(key)), _without_nulls(news.get(key)))
    ]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        items = ((key, _without_nulls(item)) for key, item in value.items())
        return {key: item for key, item in items if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def annotate_secrets(outs: Properties, ins: Mapping[str, Any]) -> None:
    """Mark in place what came out of a provider as secret where what went in was.

    A provider that does not accept secrets gets plain values; this gives the marks back.
    """
    for key, value in ins.items():
        if key not in outs:
            continue
        out = outs[key]
        if isinstance(out, dict) and isinstance(value, dict):
            annotate_secrets(out, value)
        elif not isinstance(out, Secret) and contains(value, Secret):
            outs[key] = Secret(out)


# -- output values ----------------------------------------------------------------------------


def with_dependencies(value: Any, dependencies: Iterable[str]) -> Any:
    """Make a property an `OutputValue` that remembers its resources, for a transform to see."""
    urns = frozenset(dependencies)
    if isinstance(value, OutputValue):
        return OutputValue(value.value, value.secret, value.dependencies | urns)
    if isinstance(value, Secret):
        return OutputValue(value.value, True, urns)
    return OutputValue(value, False, urns) if urns or value is UNKNOWN else value


def without_outputs(value: Any) -> Any:
    """Turn every `OutputValue` inside into a plain, secret or unknown value."""
    if isinstance(value, OutputValue):
        inner = without_outputs(value.value)
        return secret(inner) if value.secret else inner
    if isinstance(value, Secret):
        return secret(without_outputs(value.value))
    if isinstance(value, Mapping):
        return {key: without_outputs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_outputs(item) for item in value]
    return value


def output_dependencies(value: Any) -> set[str]:
    """The URNs that every `OutputValue` inside depends on."""
    if isinstance(value, OutputValue):
        return set(value.dependencies) | output_dependencies(value.value)
    if isinstance(value, Secret):
        return output_dependencies(value.value)
    if isinstance(value, Mapping):
        return set().union(*(output_dependencies(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(output_dependencies(item) for item in value))
    return set()
