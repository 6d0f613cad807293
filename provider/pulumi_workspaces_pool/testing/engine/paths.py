"""Property paths, and what ``ignore_changes`` and ``replace_on_changes`` do with them.

Follows https://www.pulumi.com/docs/iac/concepts/options/ignorechanges/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from .values import Properties, Secret, secret

_STEP = re.compile(
    r"""\.?(?P<name>[^.\[\]"]+)|\[(?P<index>\d+|\*)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]"""
)


def parse_path(text: str) -> list[str | int]:
    """Take a property path apart.

    Args:
        text: such as ``root.nested["a.b"][0]``.

    Returns:
        Keys and indices; ``*`` stays as it is. Nothing if it is no path.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if not match:
            return []
        if match["index"] is not None:
            steps.append("*" if match["index"] == "*" else int(match["index"]))
        else:
            quoted = match["quoted"]
            steps.append(match["name"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = match.end()
    return steps


def covers(path: str, other: str) -> bool:
    """Whether a path is another one, or leads to it."""
    steps, others = parse_path(path), parse_path(other)
    return len(others) >= len(steps) and all(
        step in ("*", other) for step, other in zip(steps, others, strict=False)
    )


def ignore_changes(
    inputs: Properties, old_inputs: Properties, paths: Iterable[str]
) -> tuple[Properties, list[str]]:
    """Set the inputs at some paths back to what they were.

    Args:
        inputs: the new inputs; they are left alone.
        old_inputs: the old ones.
        paths: the paths.

    Returns:
        The inputs, and the paths that cannot be ignored: what they are in was added or removed.
    """
    kept: Properties = _copy(inputs)
    invalid = []
    for path in paths:
        steps = parse_path(path)
        if steps and not _reset(old_inputs, kept, steps, marked=False):
            invalid.append(path)
    return kept, invalid


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return Secret(_copy(value.value)) if isinstance(value, Secret) else value


def _reset(old: Any, new: Any, steps: Sequence[Any], *, marked: bool) -> bool:
    """Reset what a path leads to; `marked` is whether it is in a secret in the old value only."""
    marked = (marked or isinstance(old, Secret)) and not isinstance(new, Secret)
    old = old.value if isinstance(old, Secret) else old
    new = new.value if isinstance(new, Secret) else new
    step, rest = steps[0], steps[1:]
    if step == "*":
        return _reset_all(old, new, rest, marked=marked)
    container: type[Any] = list if isinstance(step, int) else dict
    if not rest:
        return _reset_last(old, new, step, container, marked=marked)
    if not isinstance(old, container) or not isinstance(new, container):
        return not isinstance(old, container) and not isinstance(new, container)
    if not _has(old, step) and not _has(new, step):
        return container is dict
    if not _has(old, step) or not _has(new, step):
        # An object that was added may still hold nothing that is to be ignored.
        return (
            container is dict and _has(new, step) and _reset(None, new[step], rest, marked=marked)
        )
    return _reset(old[step], new[step], rest, marked=marked)


def _reset_last(old: Any, new: Any, step: Any, container: type, *, marked: bool) -> bool:
    if container is dict:
        if isinstance(old, dict) and step in old:
            if not isinstance(new, dict):
                return False
            new[step] = secret(old[step]) if marked else old[step]
        elif isinstance(new, dict):
            new.pop(step, None)
        return True
    if isinstance(old, list) != isinstance(new, list):
        return False
    if not isinstance(old, list) or (not _has(old, step) and not _has(new, step)):
        return True
    if not _has(old, step) or not _has(new, step):
        return False
    new[step] = secret(old[step]) if marked else old[step]
    return True


def _reset_all(old: Any, new: Any, rest: Sequence[Any], *, marked: bool) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        if rest:
            return all(
                key in new and _reset(old[key], new[key], rest, marked=marked) for key in old
            )
        new.clear()
        new.update({key: secret(value) if marked else value for key, value in old.items()})
        return True
    if isinstance(old, list) and isinstance(new, list):
        for index in range(min(len(old), len(new))):
            if not rest:
                new[index] = secret(old[index]) if marked else old[index]
            elif not _reset(old[index], new[index], rest, marked=marked):
                return False
        return len(old) == len(new)
    return not rest and isinstance(new, (dict, list))


def _has(container: Any, step: Any) -> bool:
    if isinstance(container, list):
        return bool(0 <= step < len(container))
    return step in container
