"""Smithy's RPC v2 CBOR, which newer AWS SDKs speak; by botocore's parser and serializer."""

from typing import Any

from botocore.model import Shape, ShapeResolver
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import CBORSerializer

_parser: Any = RpcV2CBORParser()  # typed without the methods that are used here

ERRORS = (MemoryError, OverflowError)  # a length that no request has
HEADERS = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}

_SHAPES: Any = {  # not a service's, so not in the form that botocore's types have
    "Text": {"type": "string"},
    "Texts": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
}
_TEXTS = ShapeResolver(_SHAPES).get_shape_by_name("Texts")


def decoded(body: bytes) -> Any:
    """The data item that a request's body holds; errors are botocore's, Python's and `ERRORS`."""
    return _parser._initial_body_parse(body)


def encoded(answer: dict[str, Any], shape: Shape | None) -> bytes:
    """An answer in the form of its shape, and an error, all texts, in that of none."""
    serialized = bytearray()
    serializer: Any = _Serializer()
    serializer._serialize_data_item(serialized, answer, shape or _TEXTS)
    return bytes(serialized)


class _Serializer(CBORSerializer):
    def _serialize_type_structure(
        self, serialized: bytearray, value: dict[str, Any], shape: Any, key: Any
    ) -> None:
        known = {name: item for name, item in value.items() if name in shape.members}
        super()._serialize_type_structure(serialized, known, shape, key)  # type: ignore[misc]

    def _serialize_type_timestamp(
        self, serialized: bytearray, value: float, shape: Any, key: Any
    ) -> None:
        serialized.extend(b"\xc1")  # the tag of a time in seconds
        self._serialize_type_double(serialized, value, shape, key)  # type: ignore[attr-defined]
