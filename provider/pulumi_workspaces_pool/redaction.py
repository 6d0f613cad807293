"""Credentials, kept out of whatever a person may read."""

from __future__ import annotations

import re
from urllib.parse import quote

_ACCESS_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_concealed: set[str] = set()


def conceal(secret: str | None) -> None:
    """Keep a credential out of every message from now on.

    Args:
        secret: an access key id, secret key or session token; None or a short string is ignored.
    """
    if secret and len(secret) >= 8:
        # As it is, and as a URL has it.
        _concealed.update((secret, quote(secret, safe=""), quote(secret)))


def forget_concealed() -> None:
    """Drop the credentials seen so far, for a process that runs one program after another."""
    _concealed.clear()


def redact(text: str) -> str:
    """Take every known credential and everything shaped like an access key id out of a text.

    Args:
        text: any text.

    Returns:
        The text with `[concealed]` where a credential stood.
    """
    for secret in sorted(_concealed.copy(), key=len, reverse=True):
        text = text.replace(secret, "[concealed]")
    return _ACCESS_KEY_ID.sub("[concealed]", text)
