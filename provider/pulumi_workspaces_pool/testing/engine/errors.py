"""What the engine says when something cannot go on: one sentence, never a traceback."""

from __future__ import annotations

from enum import Enum


class EngineError(Exception):
    """A run cannot start or go on; the message is shown to the person as it is."""


class BailError(Exception):
    """A run has failed and everything that there is to say has been said already."""


class Status(Enum):
    """What is known of a resource after a provider's call failed."""

    OK = "ok"
    """The provider refused; the resource is as it was."""
    PARTIAL = "partial"
    """The resource exists, but did not come up as asked for."""
    UNKNOWN = "unknown"
    """Nobody knows."""


class StepError(Exception):
    """A step's call to its provider failed."""

    def __init__(self, message: str, status: Status = Status.OK) -> None:
        """Say what went wrong.

        Args:
            message: what is shown under the resource.
            status: what is known of the resource now.
        """
        super().__init__(message)
        self.status = status


class ProtectedError(StepError):
    """A resource that is marked for protection would be deleted."""
