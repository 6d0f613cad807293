"""The secrets of a program, kept out of what a person reads.

The engine sends them to a dynamic provider as plain as everything else, so the program names the
inputs that have some. (`redaction` is about credentials, which no program declares.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from .redaction import forms

SECRETS_KEY = "__secrets"
"""The input that names those inputs; the engine shows nothing whose name begins so."""
DEFAULT_TAGS = "aws:defaultTags"
"""Stands among those names where the stack's configuration has it as a secret."""

# Outputs of which no program gives all, so that they may show an input of another name.
_AWS_OWN = ("poolId", "poolArn", "applicationSettings", "state", "errors")
# Outputs that show an input of another name always.
_SHOWN_IN = {"capacityStatus": "capacity"}
_MASK = "[secret]"
# What is shorter may be part of any word, so it is masked only where it is a word of its own ...
_LONG = 5
# ... and what is shorter still only where a sentence quotes a value.
_WORD = 3


@dataclass(frozen=True)
class Secrets:
    """What of a call's properties is secret.

    Attributes:
        names: the inputs that have secrets.
        texts: the secrets in them, and in the outputs of these names: numbers as they are printed.
    """

    names: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    @classmethod
    def among(cls, requested: Iterable[struct_pb2.Struct]) -> Secrets:
        """Return the secrets among a request's inputs and outputs, old and new."""
        structs: list[Any] = list(requested)
        named = (struct[SECRETS_KEY] for struct in structs if SECRETS_KEY in struct.fields)
        names = frozenset(name for names in named for name in names)
        found = (
            text
            for struct in structs
            for name in names & {*struct}
            for text in texts_in(struct[name], with_keys=name == "tags")
        )
        return cls(names, frozenset(found))

    def with_texts(self, texts: Iterable[str]) -> Secrets:
        """Return the same secrets and some that are in no property."""
        return Secrets(self.names, self.texts.union(texts))

    def mask(self, text: str) -> str:
        """Return a text for a person with "[secret]" where a secret stood."""
        secrets = sorted(filter(None, self.texts), key=len, reverse=True)
        patterns = [_pattern(secret) for secret in secrets]
        return re.sub("|".join(patterns), _MASK, text) if patterns else text

    def marked(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return outputs, as secrets those that show one under another name than its input's.

        The engine itself marks an output that has the name of a secret input.
        """
        return {
            name: rpc.wrap_rpc_secret(value) if self._is_shown_in(name, value) else value
            for name, value in outputs.items()
        }

    def _is_shown_in(self, name: str, value: Any) -> bool:
        if name in self.names:
            return False
        texts = texts_in(value) if name in _AWS_OWN else ()
        return _SHOWN_IN.get(name) in self.names or any(self.mask(text) != text for text in texts)


def _pattern(secret: str) -> str:
    """What a secret looks like in a sentence."""
    if len(secret) >= _LONG and not _is_number(secret):
        return "|".join(map(re.escape, sorted(forms(secret), key=len, reverse=True)))
    text = re.escape(secret)
    if len(secret) >= _WORD:
        return rf"(?<![^\W_]){text}(?![^\W_])"
    quoted = rf"""(?<=["'`]){text}(?=["'`])"""
    return rf"{quoted}|(?<=\bis ){text}(?!\w)" if _is_number(secret) else quoted


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def texts_in(value: Any, *, with_keys: bool = False) -> Iterator[str]:
    """Return all texts in a value, and its numbers as they are printed."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(int(value) if float(value).is_integer() else value)
    elif isinstance(value, (Mapping, struct_pb2.Struct)):
        # The keys of a map are the program's own; those of an object everybody knows.
        yield from value if with_keys else ()
        for key in value:
            yield from texts_in(value[key], with_keys=with_keys)
    elif isinstance(value, (list, struct_pb2.ListValue)):
        for item in value:
            yield from texts_in(item, with_keys=with_keys)
