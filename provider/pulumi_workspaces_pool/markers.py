"""The tags and names by which an interrupted run is recognised and finished."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

CREATING = "pulumi-workspaces-pool:creating"
RESTARTING = "pulumi-workspaces-pool:restarting"
RESERVED_TAG_PREFIXES = ("aws:", "pulumi-workspaces-pool:")

_ATTEMPTS = 20
_MAX_NAME = 64
_SUFFIX = 7
_MAX_TAG_VALUE = 255


class Owner(NamedTuple):
    """The resource of a Pulumi program that a pool belongs to.

    Attributes:
        stack: the stack's name.
        project: the project's name.
        name: the resource's logical name.
        urn: all that tells it from any other resource.
    """

    stack: str
    project: str
    name: str
    urn: str

    @property
    def marker(self) -> str:
        """The value of the marker tags: readable, unique to the resource, legal as a tag."""
        readable = re.sub(r"[^A-Za-z0-9+=._:/@ -]", "-", f"{self.project}/{self.stack}/{self.name}")
        digest = hashlib.sha256(self.urn.encode()).hexdigest()[:16]
        return f"{readable[: _MAX_TAG_VALUE - len(digest) - 1]}/{digest}"

    def automatic_name(self, attempt: int) -> str:
        """Name a pool whose program gave it no name.

        The name depends on the resource and the attempt alone, so that a run after an interrupted
        one looks in the same places.

        Args:
            attempt: 0 for the first choice, 1 for the next where that one is taken, and so on.

        Returns:
            `<logical name>-<7 hex>`, at most 64 characters, as AWS allows them.
        """
        seed = f"{self.urn}#{attempt}".encode()
        suffix = hashlib.sha256(seed).hexdigest()[:_SUFFIX]
        legal = re.sub(r"[^A-Za-z0-9_.-]", "-", self.name).lstrip("_.-") or "pool"
        return f"{legal[: _MAX_NAME - _SUFFIX - 1]}-{suffix}"

    def automatic_names(self) -> list[str]:
        """The names to try, in order, for a pool whose program gave it no name."""
        return [self.automatic_name(attempt) for attempt in range(_ATTEMPTS)]


def is_own_tag(key: str) -> bool:
    """Tell whether a tag is one of this provider's markers."""
    return key in (CREATING, RESTARTING)
