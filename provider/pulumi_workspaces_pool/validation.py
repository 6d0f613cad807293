"""Checks of values against the API's shapes, each wrong value with the one rule that it broke."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .ownership import RESERVED_TAG_PREFIXES

if TYPE_CHECKING:
    from botocore.model import Shape

LARGEST = 2**53
"""Whole numbers beyond it are others once the engine has stored them."""

# What stands for a value that the engine cannot carry, followed by what it is ... The engine shows
# it beside the problem.
_UNUSABLE = "unusable in Pulumi: "
# ... or by the rule that it broke.
_REFUSED = "refused by pulumi-workspaces-pool: it "
_KINDS: dict[type, str] = {str: "a string", list: "a list", Mapping: "an object", bytes: "bytes"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Problem(NamedTuple):
    """A wrong input: the property's path, and the rule it broke."""

    path: str
    reason: str


def unusable(value: object) -> str:
    """Return the text that stands for a value which the engine cannot carry."""
    return _UNUSABLE + kind_of(value)


def refused(reason: str) -> str:
    """Return the text that stands for a value which broke a rule before it came to the engine."""
    return _REFUSED + reason


def kind_of(value: object) -> str:
    """Return what a person calls a value, such as "a whole number"."""
    if isinstance(value, str) and value.startswith(_UNUSABLE):
        return value.removeprefix(_UNUSABLE)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        return "a number beyond 2**53"
    if isinstance(value, (int, float)):
        return _kind_of_number(value)
    for kind, called in _KINDS.items():
        if isinstance(value, kind):
            return called
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def value_problems(
    shape: Shape, value: object, path: str = "", unknown: object = None
) -> Iterator[Problem]:
    """Check a value against a shape of the API.

    Args:
        shape: the shape, of botocore's model.
        value: by property names; what `unusable` and `refused` return stands for a wrong one.
        path: the property path of the value.
        unknown: the value that stands for "not known yet"; it is never a problem.

    Yields:
        Every wrong value with its property path and the rule it broke.
    """
    if unknown is not None and value == unknown:
        return
    if isinstance(value, str) and value.startswith(_REFUSED):
        yield Problem(path, value.removeprefix(_REFUSED))
        return
    checker = {
        "structure": _structure_problems,
        "map": _map_problems,
        "string": _string_problems,
        "integer": _integer_problems,
        "boolean": _boolean_problems,
    }[shape.type_name]
    yield from checker(shape, value, path, unknown)


def nearest(name: str, known: list[str]) -> str:
    """Return "; did you mean ...?" with the known name that is nearest, or nothing.

    Args:
        name: what was written, in Python's spelling or in the engine's.
        known: the known names, in the engine's spelling; the answer is in Python's.
    """
    names = {snake_case(each): each for each in known}
    near = difflib.get_close_matches(snake_case(name), names, n=1)
    near = near or [each for each in names if each.startswith(snake_case(name))]
    # What is sent in Python's spelling comes from a transform, which gives the engine's.
    return f"; did you mean {names[name] if name in names else near[0]}?" if near else ""


def snake_case(name: str) -> str:
    """Return a property's name as Python spells it."""
    return re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _structure_problems(shape: Any, value: Any, path: str, unknown: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, f"must be an object, but is {kind_of(value)}")
        return
    members = {property_name(member): child for member, child in shape.members.items()}
    for key in sorted(value.keys() - members.keys()):
        if str(value[key]).startswith(_REFUSED):
            yield from value_problems(shape, value[key], _join(path, key))
        else:
            reason = "is not a property of a pool" + nearest(key, list(members))
            yield Problem(_join(path, key), reason)
    required = {property_name(member) for member in shape.required_members}
    for name, child in members.items():
        given = value.get(name)
        if given is not None:
            yield from value_problems(child, given, _join(path, name), unknown)
        elif name in required:
            yield Problem(_join(path, name), "is required, but is missing")


def _map_problems(shape: Any, value: Any, path: str, unknown: object) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, f"must be a map of strings, but is {kind_of(value)}")
        return
    if len(value) > shape.metadata["max"]:
        yield Problem(path, f"must have at most {shape.metadata['max']} tags, but has {len(value)}")
    for key, item in value.items():
        item_path = f"{path}[{_quoted(key)}]"
        for problem in value_problems(shape.key, key, item_path):
            yield Problem(item_path, f"has a key that {problem.reason}")
        # AWS's own prefix is reserved in any case.
        if key.lower().startswith(RESERVED_TAG_PREFIXES):
            reserved = " and ".join(RESERVED_TAG_PREFIXES)
            yield Problem(item_path, f"has a key that starts with a reserved prefix: {reserved}")
        yield from value_problems(shape.value, item, item_path, unknown)


def _string_problems(shape: Shape, value: Any, path: str, _unknown: object) -> Iterator[Problem]:
    if not isinstance(value, str) or value.startswith(_UNUSABLE):
        yield Problem(path, f"must be a string, but is {kind_of(value)}")
    elif reason := _broken_rule(shape.metadata, value):
        yield Problem(path, reason)


def _broken_rule(rules: Mapping[str, Any], text: str) -> str | None:
    least, most = rules.get("min", 0), rules.get("max")
    span = f"{least} to {most}" if most is not None else f"at least {least}"
    wrong_length = f"must have {span} characters, but has {len(text)}"
    if "enum" in rules and text not in rules["enum"]:
        return f"must be one of {', '.join(rules['enum'])}"
    if (most is not None and len(text) > most) or len(text) < min(least, 1):
        return wrong_length
    # Of a text that is short and breaks the pattern, the pattern says more.
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        return f"must match the pattern {rules['pattern']}"
    if len(text) < least:
        return wrong_length
    if control := _CONTROL.search(text):
        return f"must have no control characters, but has {_quoted(control[0])}"
    return None


def _integer_problems(shape: Shape, value: Any, path: str, _unknown: object) -> Iterator[Problem]:
    whole = kind_of(value) == "a whole number"
    if not whole:
        yield Problem(path, f"must be a whole number, but is {kind_of(value)}")
        return
    least, most = shape.metadata.get("min", -LARGEST), shape.metadata.get("max")
    if not least <= value <= (LARGEST if most is None else most):
        span = f"from {least} to {most}" if most is not None else f"at least {least}"
        yield Problem(path, f"must be {span}, but is {int(value)}")


def _boolean_problems(_shape: Shape, value: Any, path: str, _unknown: object) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(path, f"must be true or false, but is {kind_of(value)}")


def _kind_of_number(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinity"
    if not float(value).is_integer():
        return "a fraction"
    return "a whole number" if -LARGEST <= value <= LARGEST else "a number beyond 2**53"


def property_name(member: str) -> str:
    """Return the property's name of an API field, such as `poolName` for `PoolName`."""
    return member[0].lower() + member[1:]


def _join(path: str, key: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key)
    step = key if plain else f"[{_quoted(key)}]"
    return f"{path}.{step}" if path and plain else f"{path}{step}"


def _quoted(text: str) -> str:
    """A text on one line, as a property path has it."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in quoted)
