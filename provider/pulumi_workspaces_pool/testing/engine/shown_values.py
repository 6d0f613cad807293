"""Property values as a run's display shows them: a stack's outputs, and what changed in them.

The layout is that of the Pulumi CLI: a sign before what was added, changed or taken away, and one
line for every element of what is nested.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc

from .values import Properties, Secret, Unknown, equal, plain

_STEP = 4


def outputs_lines(olds: Properties | None, news: Properties, *, preview: bool) -> list[str]:
    """A stack's outputs, line by line.

    Args:
        olds: its outputs before the run; None if there was no stack.
        news: its outputs now.
        preview: whether only changes are shown; what is not known yet is no change then.
    """
    after = _concealed(news)
    if olds is None:
        shown = {key: value for key, value in after.items() if not _empty(value)}
        return list(_object(shown, _STEP, ""))
    before = _concealed(olds)
    signs = {key: _sign(before, after, key) for key in sorted({*before, *after})}
    if preview:
        for key, value in after.items():
            if signs[key] == "~" and isinstance(value, Unknown):
                del signs[key]
    width = _width(signs)
    lines: list[str] = []
    for key, sign in signs.items():
        if (sign or not preview) and not (sign == "" and _empty(after[key])):
            title = _Title(f"{key.ljust(width)}: ", _STEP)
            lines += _changed(title, sign, before.get(key), after.get(key), _STEP)
    return lines


def masked(value: Any) -> Any:
    """A value as JSON, without its secrets and without what is not known."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return plain(value)


@dataclass(frozen=True)
class _Title:
    """What stands before a value, and how far to the right."""

    text: str
    indent: int

    def line(self, value: str, sign: str) -> str:
        """The value's first line."""
        return _line(f"{self.text}{value}", self.indent, sign)


def _concealed(value: Any) -> Any:
    # Nobody is shown whether it is another secret now.
    if isinstance(value, Secret):
        return Secret(None)
    if isinstance(value, Mapping):
        return {key: _concealed(item) for key, item in value.items()}
    return [_concealed(item) for item in value] if isinstance(value, list) else value


def _sign(olds: Mapping[Any, Any], news: Mapping[Any, Any], key: Any) -> str:
    if key not in olds:
        return "+"
    if key not in news:
        return "-"
    return "" if equal(olds[key], news[key]) else "~"


def _changed(title: _Title, sign: str, old: Any, new: Any, indent: int) -> Iterator[str]:
    """Show one property before and after; `indent` is that of the line which closes it."""
    if sign != "~":
        yield from _property(title, old if sign == "-" else new, indent, sign)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield title.line("{", sign)
        signs = {key: _sign(old, new, key) for key in sorted({*old, *new})}
        for key, its_sign in signs.items():
            if its_sign or not _empty(new[key]):
                member = _Title(f"{key.ljust(_width(signs))}: ", indent + _STEP)
                yield from _changed(member, its_sign, old.get(key), new.get(key), indent + _STEP)
        yield _line("}", indent)
    elif isinstance(old, list) and isinstance(new, list):
        yield title.line("[", sign)
        before, after = dict(enumerate(old)), dict(enumerate(new))
        for key in {**before, **after}:
            member = _Title(f"[{key}]: ", indent + _STEP)
            its_sign = _sign(before, after, key)
            yield from _changed(
                member, its_sign, before.get(key), after.get(key), indent + 2 * _STEP
            )
        yield _line("]", indent)
    elif _nested(old) or _nested(new) or _empty(old) or _empty(new):
        # There is no arrow between what has different shapes.
        if not _empty(old):
            yield from _property(title, old, indent, "-")
        if not _empty(new):
            yield from _property(title, new, indent, "+")
    else:
        yield title.line(f"{_scalar(old)} => {_scalar(new)}", sign)


def _property(title: _Title, value: Any, indent: int, sign: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield title.line("{", sign)
        yield from _object(value, indent + _STEP, sign)
        yield _line("}", indent)
    elif isinstance(value, list) and value:
        yield title.line("[", sign)
        for index, item in enumerate(value):
            member = _Title(f"{' ' * _STEP}[{index}]: ", indent)
            yield from _property(member, item, indent + _STEP, sign)
        yield _line("]", indent)
    else:
        yield title.line(_scalar(value), sign)


def _object(value: Mapping[str, Any], indent: int, sign: str) -> Iterator[str]:
    keys = sorted(key for key in value if not key.startswith("__"))
    for key in keys:
        title = _Title(f"{key.ljust(_width(keys))}: ", indent)
        yield from _property(title, value[key], indent, sign)


def _line(text: str, indent: int, sign: str = "") -> str:
    return f"{' ' * (indent - 2)}{sign:<2}{text}"


def _width(keys: Iterable[str]) -> int:
    return max(map(len, keys), default=0)


def _nested(value: Any) -> bool:
    return isinstance(value, (Mapping, list)) and bool(value)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _scalar(value: Any) -> str:
    if isinstance(value, (Secret, Unknown)):
        return repr(value)
    return "<null>" if value is None else json.dumps(plain(value), ensure_ascii=False)
