"""The secrets of a program, kept out of what a person reads.

The engine sends them to a dynamic provider as plain as everything else, so the program names the
inputs that have some. (`redaction` is about credentials, which no program declares.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from google.protobuf import struct_pb2

SECRETS_KEY = "__secrets"
"""The input that names those inputs; the engine shows nothing whose name begins so."""

# What is shorter may be part of any word, so it is masked only where it stands alone, in quotes.
_SHORT = 5


def secret_texts(requested: Iterable[struct_pb2.Struct]) -> frozenset[str]:
    """Return all texts in those properties of a request that have secrets.

    Args:
        requested: the request's inputs and outputs, old and new.
    """
    structs: list[Any] = list(requested)
    named = (struct[SECRETS_KEY] for struct in structs if SECRETS_KEY in struct.fields)
    names = {name for names in named for name in names}
    return frozenset(
        text
        for struct in structs
        for name in names & {*struct}
        for text in _texts(struct[name], with_keys=name == "tags")
    )


def masked(text: str, secrets: Collection[str]) -> str:
    """Return a text for a person with "[secret]" where a secret stood."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORT:
            text = text.replace(secret, "[secret]")
        elif secret:
            text = text.replace(f'"{secret}"', '"[secret]"')
    return text


def _texts(value: Any, *, with_keys: bool) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, struct_pb2.Struct):
        # The keys of a map are the program's own; those of an object everybody knows.
        yield from value if with_keys else ()
        for key in value:
            yield from _texts(value[key], with_keys=with_keys)
