"""What an engine asks for, of one pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .configuration import Settings
from .ownership import Claims, Owner
from .waiter import Reporter

Properties = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What an engine asks for.

    Attributes:
        owner: the resource that the pool is, or is to be, of.
        settings: how to reach AWS.
        reporter: hears of the operation while it runs.
        claims: which resource of this run has which pool.
        inputs: the checked inputs of the program; for a read or a delete what the state has.
        old_inputs: the inputs in the state; None where they are not known.
        outputs: the outputs in the state; empty for a new pool, and for one that is only looked at.
        timeout: seconds that the operation may take; 0 for the default.
    """

    owner: Owner
    settings: Settings
    reporter: Reporter
    claims: Claims
    inputs: Properties
    old_inputs: Properties | None = None
    outputs: Properties = field(default_factory=dict)
    timeout: float = 0
