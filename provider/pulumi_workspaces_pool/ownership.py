"""Whose pool it is: the markers of unfinished work, the owner's tag, and automatic names."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

CREATING = "pulumi-workspaces-pool:creating"
"""The tag of a pool from its creation until the engine's state knows it; the value is the owner."""
RESTARTING = "pulumi-workspaces-pool:restarting"
"""The tag of a pool that was stopped for a change, and is to be started again."""
OWNER = "pulumi-workspaces-pool:owner"
"""The tag of an adopted pool; its state holds the same value."""
RESERVED_TAG_PREFIXES = ("aws:", "pulumi-workspaces-pool:")

Alias = str | tuple[str | None, str | None, str | None]
"""A URN, or the stack, project and name, each None where it is the resource's own."""

_NAMES_TO_TRY = 20
_MAX_NAME = 64
_SUFFIX = 7
_MAX_TAG_VALUE = 255
_OWNER_TAG = re.compile("([^/]*)/([^/]*)/(.*)/[0-9a-f]{16}(?:/[0-9a-f]{8})?")


@dataclass(frozen=True)
class Owner:
    """The resource of a Pulumi program that a pool belongs to.

    Attributes:
        urn: the resource's URN.
        organization: the organization of the stack.
        backend: the backend that keeps the stack; where it cannot be named, something unique, so
            that nothing is taken for this resource's.
        aliases: the URNs that the resource had before.
    """

    urn: str
    organization: str
    backend: str
    aliases: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, urn: str, backend: str, organization: str, aliases: tuple[Alias, ...] = ()
    ) -> Owner:
        """Return the owner that a resource is."""
        return cls(urn, organization, backend, tuple(_renamed(urn, alias) for alias in aliases))

    @property
    def marker(self) -> str:
        """The value of this resource's tags: readable, unique to it, legal as a tag."""
        stack, project, name = _parts(self.urn)
        return _tag_value(f"{project}/{stack}/{name}", self._digest("")[:16])

    @property
    def formers(self) -> list[Owner]:
        """The same resource under each of its aliases."""
        return [replace(self, urn=urn, aliases=()) for urn in self.aliases]

    def recognizes(self, marker: str | None) -> bool:
        """Return whether a marker is this resource's, by whatever name it had."""
        return marker in [owner.marker for owner in (self, *self.formers)]

    def new_adoption(self) -> str:
        """Return a value for the owner's tag that no adoption has had before."""
        return _tag_value(self.marker, uuid.uuid4().hex[:8])

    def has_adopted(self, owner_tag: str) -> bool:
        """Return whether the owner's tag of a pool is of an adoption by this resource."""
        unique = owner_tag.rpartition("/")[2]
        owners = (self, *self.formers)
        return owner_tag in [_tag_value(owner.marker, unique) for owner in owners]

    def automatic_name(self, attempt: int) -> str:
        """Return `<logical name>-<7 hex>`, for a pool whose program gave it no name.

        It depends on the resource and the attempt (0, or more where names are taken) alone, so that
        a run after an interrupted one looks in the same places.
        """
        legal = re.sub(r"[^A-Za-z0-9_.-]", "-", name_in(self.urn)).lstrip("_.-") or "pool"
        return f"{legal[: _MAX_NAME - _SUFFIX - 1]}-{self._digest(f'#{attempt}')[:_SUFFIX]}"

    def automatic_names(self) -> list[str]:
        """Return the names to try, in order, for a pool whose program gave it no name."""
        return [self.automatic_name(attempt) for attempt in range(_NAMES_TO_TRY)]

    def _digest(self, salt: str) -> str:
        identity = (self.backend, self.organization, self.urn)
        return hashlib.sha256("\n".join(identity).encode() + salt.encode()).hexdigest()


def is_own_tag(key: str) -> bool:
    """Return whether a tag is one of this provider's."""
    return key in (CREATING, RESTARTING, OWNER)


def has_changed_hands(tags: Mapping[str, str], owner_tag: str | None) -> bool:
    """Return whether another resource has adopted a pool since, by its tags on AWS.

    Args:
        tags: the tags.
        owner_tag: what the resource's state has of them; None for a pool that it created itself.
    """
    return tags.get(OWNER, owner_tag) != owner_tag


def describe_owner(value: str) -> str:
    """Return what a person reads of the value of a marker or an owner's tag."""
    found = _OWNER_TAG.fullmatch(value)
    if found is None:
        return f'"{value}"'
    project, stack, name = found.groups()
    return f'the resource "{name}" of stack {stack} of project {project}'


class Claims:
    """The pools that the resources of one run have or adopt: one pool has one resource."""

    def __init__(self) -> None:
        """Begin with a run that claims nothing."""
        self._lock = threading.Lock()
        self._declared: set[str] = set()
        self._holders: dict[str, str] = {}
        self._adopting: dict[str, str] = {}

    def declare(self, urn: str) -> None:
        """Note that the program declares a resource: only such a one can claim a pool."""
        self._declared.add(urn)

    def hold(self, pool_id: str, urn: str) -> str | None:
        """Claim a pool for a resource; returns the URN of another that has claimed it before."""
        if urn not in self._declared:
            return None
        with self._lock:
            holder = self._holders.setdefault(pool_id, urn)
        return None if holder == urn else holder

    def begin_adoption(self, pool_id: str, urn: str) -> str | None:
        """Claim a pool, as `hold` does, for a new resource that adopts it."""
        holder = self.hold(pool_id, urn)
        if holder is None:
            self._adopting[pool_id] = urn
        return holder

    def end_adoption(self, pool_id: str) -> None:
        """Note that an adoption has taken place."""
        self._adopting.pop(pool_id, None)

    def is_to_be_adopted(self, pool_id: str) -> bool:
        """Return whether a new resource of this run adopts the pool later on."""
        return pool_id in self._adopting


def _tag_value(readable: str, unique: str) -> str:
    legal = re.sub(r"[^A-Za-z0-9+=._:/@ -]", "-", readable)
    return f"{legal[: _MAX_TAG_VALUE - len(unique) - 1]}/{unique}"


def _renamed(urn: str, alias: Alias) -> str:
    """The URN that an alias of a resource stands for."""
    if isinstance(alias, str):
        return alias
    kind = urn.split("::", 3)[2]
    stack, project, name = (given or own for given, own in zip(alias, _parts(urn), strict=True))
    return f"urn:pulumi:{stack}::{project}::{kind}::{name}"


def name_in(urn: str) -> str:
    """Return the logical name in a URN."""
    return _parts(urn)[2]


def _parts(urn: str) -> tuple[str, str, str]:
    """The stack, the project and the logical name in a URN (a name may contain "::")."""
    stack, project, _, name = urn.split("::", 3)
    return stack.rpartition(":")[2], project, name
