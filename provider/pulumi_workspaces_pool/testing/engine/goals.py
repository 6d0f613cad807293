"""What a program asks for: registrations, reads and outputs."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from .state import Resource
from .values import Properties


@dataclass(frozen=True)
class Alias:
    """Another name that a resource may have in the state: a URN, or what differs in it."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass
class Goal:
    """What a resource shall be.

    Options that a program can leave unsaid are None then.
    """

    type: str
    name: str
    custom: bool
    properties: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replace_with: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    deleted_with: str = ""


@dataclass(eq=False)
class Registration:
    """A program registers a resource."""

    goal: Goal
    done: Future[Resource] = field(default_factory=Future)


@dataclass(eq=False)
class ReadRequest:
    """A program reads a resource that it does not manage."""

    type: str
    name: str
    id: Any
    parent: str
    provider: str
    properties: Properties
    dependencies: list[str]
    additional_secret_outputs: list[str]
    done: Future[Resource] = field(default_factory=Future)


@dataclass(eq=False)
class OutputsRequest:
    """A component tells its outputs."""

    urn: str
    outputs: Properties
    done: Future[None] = field(default_factory=Future)
