"""Properties in the form of Pulumi's protocol, and back."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format, struct_pb2

Properties = dict[str, Any]


def to_struct(values: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def to_properties(struct: struct_pb2.Struct) -> Properties:
    values: Properties = json_format.MessageToDict(struct)
    return values
