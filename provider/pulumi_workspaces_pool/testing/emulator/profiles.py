"""A person's AWS profile, kept out of moto's way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


@contextmanager
def no_profile() -> Iterator[None]:
    """Let boto3 make sessions that take no profile from the environment.

    moto makes some when it is imported, only to list AWS's regions; where the profile that the
    environment names does not exist on this machine, importing it would fail.
    """
    aside = {name: os.environ.pop(name) for name in _VARIABLES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(aside)
