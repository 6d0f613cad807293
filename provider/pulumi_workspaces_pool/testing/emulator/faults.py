"""What can go wrong with a call that AWS would have answered, and which calls it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "error", "access_denied", "dropped_before", "dropped_after", "refused", "stale", "state"
]


@dataclass(frozen=True)
class Fault:
    """Something that a call meets instead of, or on top of, its ordinary answer.

    Make one with the class methods. `Emulator.fail` says which calls meet it.

    Attributes:
        kind: What happens.
        code: The AWS error code answered; for access_denied the action.
        message: The message answered.
        status: The HTTP status answered.
        state: The pool state answered, where that is the fault.
    """

    kind: Kind
    code: str = ""
    message: str = ""
    status: int = 400
    state: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no fault."""
        if self.kind not in get_args(Kind):
            raise ValueError(f"a fault is one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        if self.status not in range(400, 600):
            raise ValueError(f"the status of an error is 400 to 599, not {self.status!r}")

    @classmethod
    def error(cls, code: str, message: str, status: int = 400) -> Fault:
        """The call has no effect and is answered with any AWS error.

        Args:
            code: AWS's error code, such as ResourceNotFoundException.
            message: The message.
            status: The HTTP status, 400 to 599.
        """
        return cls("error", code, message, status)

    @classmethod
    def throttling(cls) -> Fault:
        """The call has no effect: too many requests (ThrottlingException, HTTP 400)."""
        return cls.error("ThrottlingException", "Rate exceeded")

    @classmethod
    def server_error(cls, status: int = 500) -> Fault:
        """The call has no effect: AWS has a problem.

        Args:
            status: 500 (InternalServerError) or 503 (ServiceUnavailable).

        Raises:
            ValueError: The status is another.
        """
        errors = {
            500: ("InternalServerError", "An internal error occurred. Try again."),
            503: ("ServiceUnavailable", "The service is temporarily unavailable. Try again."),
        }
        if status not in errors:
            raise ValueError(f"server_error is 500 or 503, not {status}")
        return cls.error(*errors[status], status)

    @classmethod
    def access_denied(cls, action: str) -> Fault:
        """The call has no effect: no policy allows it (AccessDeniedException, HTTP 400).

        Args:
            action: The IAM action that is missing, with or without `workspaces:`.
        """
        return cls("access_denied", "workspaces:" + action.removeprefix("workspaces:"))

    @classmethod
    def dropped_before(cls) -> Fault:
        """The connection is closed without an answer; the call has no effect."""
        return cls("dropped_before")

    @classmethod
    def dropped_after(cls) -> Fault:
        """The connection is closed without an answer; the call took effect."""
        return cls("dropped_after")

    @classmethod
    def refused(cls) -> Fault:
        """Nobody seems to listen; the call has no effect.

        In-process this is botocore's EndpointConnectionError. A server that listens cannot refuse
        a connection, so there it closes the connection without an answer.
        """
        return cls("refused")

    @classmethod
    def stale(cls) -> Fault:
        """A read is answered as before the last write to each pool."""
        return cls("stale")

    @classmethod
    def unexpected_state(cls, state: str) -> Fault:
        """Pools in the answer show another state than they have.

        Args:
            state: Any text; AWS's own are not required.
        """
        return cls("state", state=state)


@dataclass
class PlannedFault:
    """A fault with the calls that are to meet it."""

    operation: str
    fault: Fault
    times: int
    skip: int

    def meets(self, operation: str) -> bool:
        """Whether a call of the operation meets the fault; counts the calls that it skips."""
        if self.operation not in ("*", operation) or self.times < 1:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return True
