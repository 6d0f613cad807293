"""What can fail, as data; `messages` has the sentence for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Pool = Mapping[str, Any]
"""A pool as the API shows it (type WorkspacesPool)."""

NO_ANSWER = "NoAnswer"
"""The code of an answer that is not of the form of AWS's."""
NOT_SENT = "NotSentError"
"""The code of what failed before a call was sent, where botocore has no error for it."""
MALFORMED = "MalformedCredentialsError"
"""The code of credentials that cannot be in a request."""
_THROTTLED = (
    "Throttl",
    "TooManyRequests",
    "RequestThrottled",
    "RequestLimitExceeded",
    "SlowDown",
    "429",
)
_TRANSIENT = (
    *_THROTTLED,
    NO_ANSWER,
    "InternalServer",
    "InternalFailure",
    "ServiceUnavailable",
    "RequestTimeout",
    # botocore gives the HTTP status where an answer has no code of its own.
    "500",
    "502",
    "503",
    "504",
)
_CONNECTION_FAILURES = ("ConnectionError", "TimeoutError", "ConnectionClosedError", "SSLError")


@dataclass(frozen=True)
class Label:
    """What is known of which pool an error is about: its name and its id."""

    name: str | None = None
    pool_id: str | None = None

    @classmethod
    def of(cls, pool: Pool) -> Label:
        """Return the label of a pool that AWS shows."""
        return cls(pool["PoolName"], pool["PoolId"])


class AbandonedError(Exception):
    """No engine is left to report to, or to record what comes of an operation."""


class PoolError(Exception):
    """A failure that a person can act on.

    Attributes:
        label: the pool that it is about, where known.
        data: what else its sentence names, by the words of `messages`.
    """

    def __init__(self, label: Label | None = None, **data: Any) -> None:
        """Keep what is known; the arguments are the attributes."""
        super().__init__(label, data)
        self.label = label
        self.data = data


# What the core itself looks into has attributes of its own.


@dataclass(eq=False)
class AwsError(PoolError):
    """AWS refused a call, or could not be reached.

    Attributes:
        operation: the API operation, such as `CreateWorkspacesPool`.
        code: AWS's error code, or the name of botocore's exception where no answer came.
        detail: what AWS said.
        label: the pool that the call was for, where known.
        doing: what was being done with the pool, such as "created".
        answered: whether AWS answered, rather than nothing was sent or nothing came back.
        in_doubt: whether the call may have had an effect all the same.
        status: the HTTP status of the answer; 0 where none is known.
    """

    operation: str
    code: str
    detail: str
    label: Label | None = None
    doing: str = "reached"
    answered: bool = True
    in_doubt: bool = False
    status: int = 0

    def about(self, label: Label, doing: str) -> AwsError:
        """Return the same error for a pool and what was being done with it, unless it has both."""
        return self if self.label else replace(self, label=label, doing=doing)

    @property
    def is_transient(self) -> bool:
        """Whether the same call may well succeed a little later."""
        return self.code.startswith(_TRANSIENT) or self.status >= 500 or self.is_connection_failure

    @property
    def is_throttled(self) -> bool:
        """Whether AWS has taken too many calls of the operation to take this one."""
        return self.code.startswith(_THROTTLED)

    @property
    def is_not_of_aws(self) -> bool:
        """Whether what answers is not AWS, or is not trusted: a person has to see to that."""
        return self.code in (NO_ANSWER, "SSLError")

    @property
    def is_connection_failure(self) -> bool:
        """Whether no answer came."""
        return self.code.endswith(_CONNECTION_FAILURES)


@dataclass(eq=False)
class PartialFailureError(PoolError):
    """The pool exists, but is not where it should be: the engine keeps it and fails.

    Attributes:
        pool_id: the pool's id.
        outputs: its outputs as far as they are known.
        inputs: the inputs that it has reached.
        cause: why it is not where it should be.
    """

    pool_id: str
    outputs: dict[str, Any]
    inputs: dict[str, Any]
    cause: Exception


@dataclass(eq=False)
class AnswerLostError(PoolError):
    """No answer came to the creation of a pool, which exists; `cause` says why."""

    pool: Pool
    cause: AwsError


@dataclass(eq=False)
class NameTakenError(PoolError):
    """Another pool has the name."""

    pool: Pool


@dataclass(eq=False)
class PoolGoneError(PoolError):
    """The pool is not there, or is being deleted, though this run did not ask for it."""

    label: Label
    state: str


@dataclass(eq=False)
class CancelledError(PoolError):
    """The run was told to end while the pool was waited for; `command` goes on with it."""

    label: Label
    state: str
    command: str = "pulumi up"


@dataclass(eq=False)
class TimedOutError(PoolError):
    """A wait took longer than the operation may: `waited` seconds; `command` goes on with it."""

    label: Label
    state: str
    waited: float
    pool_errors: list[Mapping[str, Any]]
    command: str = "pulumi up"


@dataclass(eq=False)
class ChangedHandsError(PoolError):
    """Another resource, `owner_tag`, has adopted the pool since."""

    label: Label
    owner_tag: str


# Names and ids


class FixedNameError(PoolError):
    """An adopted pool has another name than the program gives it."""


class NoFreeNameError(PoolError):
    """All automatic names are taken."""


class NotAPoolIdError(PoolError):
    """A text cannot be a pool's id."""


class NotFoundError(PoolError):
    """A pool that the program looks at does not exist."""


class NothingToAdoptError(PoolError):
    """A pool that the program adopts does not exist."""


class UncertainCreationError(PoolError):
    """No answer came to the creation of a pool, and whether it exists could not be asked."""


class WrongInputsError(PoolError):
    """What a read is given is wrong."""


# Whose pool it is


class AlreadyManagesError(PoolError):
    """A resource that has a pool is to adopt another."""


class ClaimedError(PoolError):
    """Two resources of one program want the same pool."""


class ReplacedByItselfError(PoolError):
    """An adopted pool would be deleted to make room for a resource that adopts it."""


class UnfinishedElsewhereError(PoolError):
    """A pool that is to be adopted is being created by another resource."""


class UnprovenGoneError(PoolError):
    """The pool is not shown, and the account of the credentials could not be asked."""


class WrongAccountError(PoolError):
    """The pool belongs to another account than the credentials."""


# Changes and waits


class SessionsActiveError(PoolError):
    """Users are connected, so the pool was not stopped or deleted."""


class StoppedWithErrorsError(PoolError):
    """A new pool stopped with errors of its own."""


class UnfinishedError(PoolError):
    """A run that created the pool or stopped it for a change was interrupted."""


class UnshownChangeError(PoolError):
    """AWS accepted a change and does not show it."""


class WentBackError(PoolError):
    """A start or a stop that AWS accepted did not lead there."""


# Configuration and host


class ConfigurationError(PoolError):
    """The value of a configuration key is not what it should be."""


class ForbiddenAccountError(PoolError):
    """The run reaches AWS as an account that the configuration does not allow."""


class NoRegionError(PoolError):
    """There is no region, neither declared nor configured nor in the environment."""


class RefusedKeyError(PoolError):
    """A configuration key of pulumi_aws cannot be honoured."""


class UnknownHostError(PoolError):
    """The dynamic host of the installed pulumi is not as this package knows it."""


class UnknownKeyError(PoolError):
    """The configuration has a key that pulumi_aws does not have."""
