"""What a program declares, in a form that reaches the provider whatever it is.

The SDK answers a value that it cannot send with a traceback and drops one of two spellings. So what
is wrong in that way is sent as a text that says so, and the provider's check refuses it, by its
path and with everything else that is wrong.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from functools import partial
from typing import Any

from pulumi import Output
from pulumi.output import Unknown

from .validation import LARGEST, kind_of, refused, snake_case, unusable

# Pulumi's own mark of an object that stands for something else, such as a secret or an asset.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_LARGEST_SENT = 1e300


def camel_case(name: str) -> str:
    """Return the engine's name for a property, such as `poolId` for `pool_id`."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


def inputs_for_engine(arguments: Mapping[str, Any], objects: Mapping[str, type]) -> dict[str, Any]:
    """Return arguments of which the SDK can send every one.

    Args:
        arguments: by name, plain, awaitable or outputs, at any depth.
        objects: the arguments that are objects, each with its input type.

    Returns:
        The same arguments; in place of each value that cannot be sent, one that check refuses.
    """
    return {
        name: _now_or_later(partial(_object, input_type=objects[name]), value)
        if name in objects
        else _now_or_later(_map if name == "tags" else _plain, value)
        for name, value in arguments.items()
    }


def secret_names(
    arguments: Mapping[str, Any], configured: Collection[str] = ()
) -> Awaitable[list[str] | None] | list[str] | None:
    """Return the names of the properties that have secrets, which a provider is not told.

    Args:
        arguments: what `inputs_for_engine` returned.
        configured: names to add: what is a secret of the stack's configuration.

    Returns:
        The names, to be awaited if outputs are among the arguments; None if there are none.
    """
    later = {camel_case(name): value for name, value in arguments.items() if _has_output(value)}
    return _SecretNames(later, configured) if later else [*configured] or None


class _SecretNames(Awaitable["list[str] | None"]):
    """Found out when the SDK asks: a program that fails before that leaves no coroutine behind."""

    def __init__(self, arguments: Mapping[str, Any], configured: Collection[str]) -> None:
        self._arguments = arguments
        self._configured = configured

    def __await__(self) -> Generator[Any, None, list[str] | None]:
        return self._found().__await__()

    async def _found(self) -> list[str] | None:
        found = [
            name
            for name, value in self._arguments.items()
            if await Output.from_input(value).is_secret()
        ]
        return [*found, *self._configured] or None


def _has_output(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_output, value.values()))
    return isinstance(value, Output) or inspect.isawaitable(value)


def in_pythons_spelling(properties: Mapping[Any, Any], known: Collection[str]) -> dict[str, Any]:
    """Return properties by their names in Python, as a transformation may give them in either.

    Args:
        properties: those of a transformation's result, in which None is left out.
        known: the names in Python; others are left as they are.

    Returns:
        The same properties; in place of what is given twice or has no name, one that check refuses.
    """
    named: dict[str, str] = {}
    found: dict[str, Any] = {}
    for key, value in properties.items():
        name, fault = _key(key)
        python = snake_case(name) if snake_case(name) in known else name
        if value is None or fault:
            found.setdefault(python, refused(fault) if fault else None)
        elif python in named:
            found[python] = refused(f"is given twice, as {named[python]} and as {name}")
        else:
            named[python], found[python] = name, value
    return found


def id_for_engine(value: Any) -> Any:
    """Return what is given as a pool's id, of which the SDK can send only a text.

    An id that is a secret is one no more: Pulumi knows no secret ids.
    """
    sent = _now_or_later(
        lambda given: given if isinstance(given, str) and given else f"<{kind_of(given)}>", value
    )
    return Output.unsecret(sent) if isinstance(sent, Output) else sent


def _now_or_later(convert: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, Output):
        return value.apply(partial(_now_or_later, convert))
    if inspect.isawaitable(value):
        # A future, unlike a coroutine, can be awaited more than once.
        return asyncio.ensure_future(_awaited(convert, value))
    return convert(value)


async def _awaited(convert: Callable[[Any], Any], value: Awaitable[Any]) -> Any:
    return _now_or_later(convert, await value)


def _plain(value: Any) -> Any:
    """A text, number or boolean; anything else belongs nowhere."""
    if value is None or isinstance(value, (bool, Unknown)):
        return value
    if isinstance(value, str):
        # Enumerations are often texts; the plain text is sent.
        return str.__str__(value) if _is_unicode(value) else refused("must be valid Unicode")
    if isinstance(value, (int, float)) and -_LARGEST_SENT < value < _LARGEST_SENT:
        return value
    return unusable(value)


def _object(value: Any, input_type: type) -> Any:
    if isinstance(value, input_type):
        members = {name: item for name, item in vars(value).items() if item is not None}
        sent = _members(members)
        return value if _is_same(sent, members) else sent
    return _members(value) if isinstance(value, Mapping) else _plain(value)


def _members(value: Mapping[Any, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    spellings: dict[str, str] = {}
    for key in value:
        name, fault = _key(key)
        first = spellings.setdefault(camel_case(name), name)
        if first != name:
            sent[first] = refused(f"is given twice, as {first} and as {name}")
        elif name not in sent:
            sent[name] = refused(fault) if fault else _now_or_later(_plain, value[key])
    return sent


def _map(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return _plain(value)
    sent: dict[str, Any] = {}
    for key in value:
        name, fault = _key(key)
        if fault or name not in sent:
            sent[name] = refused(fault) if fault else _now_or_later(_plain, value[key])
    return sent


def _key(key: Any) -> tuple[str, str]:
    """The key that is sent for a key, and what is wrong with it."""
    if not isinstance(key, str):
        is_number = isinstance(key, (int, float)) and -LARGEST <= key <= LARGEST
        named = str(key) if is_number else f"<{type(key).__name__}>"
        return named, f"has a key that must be a string, but is {kind_of(key)}"
    if not _is_unicode(key):
        return key.encode(errors="replace").decode(), "has a key that must be valid Unicode"
    if key == _SIGNATURE:
        return "<signature>", "has a key that Pulumi keeps for itself"
    return str.__str__(key), ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_same(sent: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return sent.keys() == given.keys() and all(sent[name] is given[name] for name in given)
