"""Credentials, kept out of whatever a person may read."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_ACCESS_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_URL_USER = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_LEAST = 8
_concealed: set[str] = set()


def conceal(secret: str | None) -> None:
    """Keep a credential, unless it is short, out of every message from now on, line by line too."""
    for text in (secret, secret.strip(), *secret.splitlines()) if secret else ():
        if len(text) >= _LEAST:
            _concealed.update(forms(text))


def forms(text: str) -> Iterator[str]:
    """Return a text as it is, and as code, a header, a URL or a body may quote it."""
    raw = text.encode()
    yield from (text, repr(text)[1:-1], repr(raw)[2:-1], json.dumps(text)[1:-1])
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    yield from (encode(raw).decode().rstrip("=") for encode in (b64encode, urlsafe_b64encode))


def forget_concealed() -> None:
    """Drop the credentials seen so far, for a process that runs one program after another."""
    _concealed.clear()


def redact(text: str) -> str:
    """Take every known credential, and what is shaped like one, such as a URL's user, out of it."""
    for secret in sorted(_concealed.copy(), key=len, reverse=True):
        text = text.replace(secret, "[concealed]")
    return _URL_USER.sub("[concealed]", _ACCESS_KEY_ID.sub("[concealed]", text))
