"""Calls that are made again: for how long, who hears of it, and how many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_workspaces_pool.errors import AwsError
from pulumi_workspaces_pool.retries import Retries
from pulumi_workspaces_pool.waiter import SHORT_OUTAGE, Clock, Deadline
from support.turned_clock import Listener, TurnedClock

CREATE = "CreateWorkspacesPool"
THROTTLED, DOWN = "ThrottlingException", "ServiceUnavailableException"
HALF_AN_HOUR = 1800.0


class Calling:
    """Somebody who makes a call by a clock that is turned.

    Attributes:
        attempts: at which second each attempt was made.
    """

    def __init__(self, configured: bool = False) -> None:
        self.clock = TurnedClock()
        self.listener = Listener()
        self.deadline = Deadline.after(HALF_AN_HOUR, self.clock)
        self.attempts: list[float] = []
        self._retries = Retries(CREATE, self.clock, lambda: configured)
        self._started = self.clock.now()

    def call(self, refusal: Callable[[float], str | None], operation: str = CREATE) -> str:
        """Call what refuses with an error code by the second, if it refuses."""

        def send() -> str:
            self.attempts.append(self.clock.now() - self._started)
            code = refusal(self.attempts[-1])
            if code:
                raise AwsError(operation, code, "Not now.")
            return "pool"

        return self._retries.call(send, self.deadline, self.listener)


@pytest.mark.parametrize("code", [THROTTLED, "TooManyRequestsException", "RequestLimitExceeded"])
def test_a_call_that_is_only_throttled_ends_in_success_and_says_what_it_waits_for(
    code: str,
) -> None:
    calling = Calling()
    assert calling.call(lambda second: code if second < HALF_AN_HOUR - 60 else None) == "pool"
    assert set(calling.listener.lines) == {f"AWS limits the rate of {CREATE}"}


def test_a_call_that_is_throttled_until_the_deadline_fails_with_what_aws_said() -> None:
    calling = Calling()
    with pytest.raises(AwsError, match=THROTTLED) as failed:
        calling.call(lambda _second: THROTTLED)
    assert not failed.value.in_doubt
    assert HALF_AN_HOUR <= calling.attempts[-1] <= HALF_AN_HOUR + 5


@pytest.mark.parametrize("code", [DOWN, "EndpointConnectionError", "ReadTimeoutError", "503"])
def test_an_aws_that_fails_is_called_again_for_half_a_minute(code: str) -> None:
    calling = Calling()
    assert calling.call(lambda second: code if second < SHORT_OUTAGE - 10 else None) == "pool"
    assert calling.listener.lines[-1] == f"{CREATE}; AWS does not answer ({code})"
    gone = Calling()
    with pytest.raises(AwsError) as failed:
        gone.call(lambda _second: code)
    assert failed.value.in_doubt
    assert SHORT_OUTAGE <= gone.attempts[-1] <= SHORT_OUTAGE + 5
    assert len(gone.attempts) < 20


def test_what_was_throttled_in_the_end_is_in_doubt_where_an_answer_was_lost_before() -> None:
    calling = Calling()
    with pytest.raises(AwsError, match=THROTTLED) as failed:
        calling.call(lambda second: "ConnectionClosedError" if second < 1 else THROTTLED)
    assert failed.value.in_doubt


@pytest.mark.parametrize(
    ("code", "operation", "configured", "cancelled"),
    [
        pytest.param("AccessDeniedException", CREATE, False, False, id="for want of a permission"),
        pytest.param("NoAnswer", CREATE, False, False, id="something else answers"),
        pytest.param("SSLError", CREATE, False, False, id="what answers is not trusted"),
        pytest.param(THROTTLED, "AssumeRole", False, False, id="the sign-in failed"),
        pytest.param(THROTTLED, CREATE, True, False, id="retries are configured, so botocore's"),
        pytest.param(THROTTLED, CREATE, False, True, id="cancelled when throttled"),
        pytest.param(DOWN, CREATE, False, True, id="cancelled when AWS is down"),
    ],
)
def test_a_call_is_not_made_again_where_that_helps_nobody(
    code: str, operation: str, configured: bool, cancelled: bool
) -> None:
    calling = Calling(configured)
    calling.listener.ended = cancelled
    with pytest.raises(AwsError, match=code):
        calling.call(lambda _second: code, operation)
    assert calling.attempts == [0.0]


def test_once_aws_throttles_an_operation_few_of_its_calls_are_under_way_at_once() -> None:
    retries, listener = Retries(CREATE, Clock(), lambda: False), Listener()
    deadline = Deadline.after(HALF_AN_HOUR, Clock())
    throttled, lock = threading.Event(), threading.Lock()
    under_way = most = 0

    def first() -> None:
        if not throttled.is_set():
            throttled.set()
            raise AwsError(CREATE, THROTTLED, "Rate exceeded")

    def send() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait(0.01)
        with lock:
            under_way -= 1

    full = threading.Event()
    retries.call(first, deadline, listener)
    with ThreadPoolExecutor(50) as threads:
        for made in [threads.submit(retries.call, send, deadline, listener) for _ in range(50)]:
            made.result()
    assert 1 < most <= 8


def test_whoever_waits_for_a_turn_can_be_cancelled() -> None:
    retries = Retries(CREATE, TurnedClock(), lambda: False)
    listener, cancelled = Listener(), Listener()
    cancelled.ended = True
    deadline = Deadline.after(HALF_AN_HOUR, TurnedClock())
    answered, refused = threading.Event(), threading.Event()

    def throttled_then_held() -> None:
        if not refused.is_set():
            refused.set()
            raise AwsError(CREATE, THROTTLED, "Rate exceeded")
        answered.wait()

    with ThreadPoolExecutor(50) as threads:
        held = [threads.submit(retries.call, throttled_then_held, deadline, listener)]
        refused.wait()
        for _ in range(30):
            held.append(threads.submit(retries.call, throttled_then_held, deadline, listener))
        while listener.lines.count(f"AWS limits the rate of {CREATE}") < 10:
            pass
        with pytest.raises(AwsError, match=THROTTLED):
            retries.call(answered.wait, deadline, cancelled)
        answered.set()
        for call in held:
            call.result()
