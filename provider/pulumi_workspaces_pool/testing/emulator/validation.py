"""Checks a request against the shapes of botocore's service model, as AWS does before acting."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, Shape, StringShape, StructureShape
from moto.workspaces.exceptions import ValidationException

from .exceptions import SerializationException

_PYTHON_TYPES: dict[str, type] = {"structure": dict, "list": list, "string": str, "boolean": bool}
_PYTHON_TYPES.update(dict.fromkeys(("integer", "long"), int))
_INTEGERS = range(-(2**31), 2**31)


def validate(shape: Shape, value: Any) -> Any:
    """The request without its null members, which is in accord with its operation's input shape.

    Members that the shape does not have are left alone: AWS ignores them. A wrong type is a
    SerializationException; a ValidationException names every constraint that is missed.
    """
    value = typed(shape, value)
    violations = list(_violations(shape, value, ""))
    if violations:
        count = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected"
        raise ValidationException(f"{count}: {'; '.join(violations)}")
    return value


def typed(shape: Shape, value: Any) -> Any:
    """As `validate`, but only for the types: what moto's own operations are checked for."""
    value = _without_nulls(value)
    _check_types(shape, value, "")
    return value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _check_types(shape: Shape, value: Any, path: str) -> None:
    expected = _PYTHON_TYPES.get(shape.type_name, object)
    if (
        not isinstance(value, expected)
        or (expected is int and isinstance(value, bool))
        or (shape.type_name == "integer" and value not in _INTEGERS)
    ):
        raise SerializationException(
            f"The value at '{path}' can not be converted to {shape.type_name}."
        )
    for member, item, name in _children(shape, value):
        _check_types(member, item, _join(path, name))


def _children(shape: Shape, value: Any) -> Iterator[tuple[Shape, Any, str]]:
    """The members of a structure or list that are given, with AWS's way to name them."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if name in value:
                yield member, value[name], _first_lower(name)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value, start=1):
            yield shape.member, item, f"{index}.member"


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name in shape.metadata.get("required", []):
            if name not in value:
                yield _violation("null", _join(path, _first_lower(name)), "must not be null")
    for constraint in _constraints(shape, value):
        yield _violation(f"'{value}'", path, constraint)
    for member, item, name in _children(shape, value):
        yield from _violations(member, item, _join(path, name))


def _constraints(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints of this shape that the value misses, in AWS's words."""
    size, measured = (len(value), "length") if hasattr(value, "__len__") else (value, "value")
    if "min" in shape.metadata and size < shape.metadata["min"]:
        yield f"must have {measured} greater than or equal to {shape.metadata['min']}"
    if "max" in shape.metadata and size > shape.metadata["max"]:
        yield f"must have {measured} less than or equal to {shape.metadata['max']}"
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"must satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield f"must satisfy regular expression pattern: {pattern}"


def _violation(value: str, path: str, constraint: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: Member {constraint}"


def _first_lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
