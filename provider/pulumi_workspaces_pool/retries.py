"""Calls made again: while AWS throttles them until the deadline, while it fails for a while."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from . import messages
from .errors import AwsError
from .waiter import CANCEL_PAUSE, SHORT_OUTAGE, Clock, Deadline, Reporter

T = TypeVar("T")

# Of an operation that AWS throttles so many calls are under way at once. The others wait in front
# of botocore's limiter, where they can be cancelled and no signature grows old.
_AT_ONCE = 8
# The pauses between attempts grow up to these (seconds): botocore's limiter, where it is on, does
# the rest for calls that are throttled.
_FIRST_PAUSE, _THROTTLED_PAUSE, _FAILED_PAUSE = 0.1, 2.0, 5.0


class Retries:
    """The calls of one operation of the API, whoever makes them in this process.

    botocore's own retries are not used for them unless they are configured: its quota allows a
    client 35 retries in all, which a hundred pools use up in a moment of trouble.
    """

    def __init__(self, operation: str, clock: Clock, configured: Callable[[], bool]) -> None:
        """Make calls of an operation, such as `CreateWorkspacesPool`.

        Args:
            operation: the operation.
            clock: the clock to go by.
            configured: returns whether retries are botocore's, as somebody has configured them.
        """
        self._operation = operation
        self._clock = clock
        self._configured = configured
        self._changed = threading.Condition()
        self._under_way = 0
        self._throttled = False

    def call(self, send: Callable[[], T], deadline: Deadline, reporter: Reporter) -> T:
        """Make a call, again where that may help: a throttled one until the deadline.

        The error of the last attempt is `in_doubt` if an attempt may have had an effect.
        """
        with self._turn(deadline, reporter):
            return self._until_answered(send, deadline, reporter)

    def _until_answered(self, send: Callable[[], T], deadline: Deadline, reporter: Reporter) -> T:
        failing_since: float | None = None
        pause = _FIRST_PAUSE
        while True:
            try:
                return send()
            except AwsError as error:
                if not self._may_help(error):
                    raise
                if error.is_throttled:
                    self._throttled = True
                    late = deadline.expired
                    reporter.progress(messages.throttled(self._operation))
                else:
                    failing_since = failing_since or self._clock.now()
                    late = deadline.expired or self._clock.now() - failing_since >= SHORT_OUTAGE
                    reporter.progress(messages.no_answer(self._operation, error.code))
                if late or reporter.cancelled():
                    error.in_doubt = failing_since is not None
                    raise
                longest = _THROTTLED_PAUSE if error.is_throttled else _FAILED_PAUSE
            # Jitter spreads load; it keeps no secret.
            self._clock.sleep(min(pause, longest) * random.uniform(0.5, 1))  # noqa: S311
            pause = min(pause * 2, _FAILED_PAUSE)

    def _may_help(self, error: AwsError) -> bool:
        """Whether another attempt may succeed, and is ours to make."""
        return (
            error.operation == self._operation
            and error.is_transient
            and not error.is_not_of_aws
            and not self._configured()
        )

    @contextlib.contextmanager
    def _turn(self, deadline: Deadline, reporter: Reporter) -> Iterator[None]:
        while not self._enter():
            reporter.progress(messages.throttled(self._operation))
            if deadline.expired or reporter.cancelled():
                raise AwsError(self._operation, "ThrottlingException", "Rate exceeded")
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def _enter(self) -> bool:
        """Be under way, unless too many others are for a while."""
        with self._changed:
            if self._is_full():
                self._clock.wait(self._changed, CANCEL_PAUSE)
            if self._is_full():
                return False
            self._under_way += 1
            return True

    def _is_full(self) -> bool:
        return self._throttled and self._under_way >= _AT_ONCE
