"""The poller: looks are shared, everyone is told, and a failure reaches whoever looked."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import pytest

from pulumi_workspaces_pool.client import Aws
from pulumi_workspaces_pool.configuration import Settings
from pulumi_workspaces_pool.errors import AwsError
from pulumi_workspaces_pool.messages import format_duration
from pulumi_workspaces_pool.pools import Pools
from pulumi_workspaces_pool.waiter import BATCH, AllPools, Clock, Describe, Poller


class Account:
    """Pools that can be described, and the record of the calls."""

    def __init__(self, pool_ids: Sequence[str]) -> None:
        self.pool_ids = set(pool_ids)
        self.calls: list[list[str]] = []

    def describe(self, pool_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | Exception]:
        self.calls.append(list(pool_ids))
        return {id_: {"PoolId": id_} for id_ in pool_ids if id_ in self.pool_ids}


IDS = [f"wspool-{number:09}" for number in range(100)]


class Together(Clock):
    """A clock by which no look is due before so many are there."""

    def __init__(self, describe: Describe, count: int) -> None:
        self.poller = Poller(describe, self)
        self._count = count
        self._began: float | None = None

    def now(self) -> float:
        if self._began is None and len(self.poller._looks) == self._count:
            self._began = time.monotonic()
        if self._began is not None:
            return time.monotonic() - self._began
        return -1.0 if threading.current_thread().name == "pool-poller" else 0.0


def look_at_once(describe: Describe, pool_ids: Sequence[str]) -> list[Any]:
    """What as many threads see that look at the same moment, each for one of the pools."""
    poller = Together(describe, len(pool_ids)).poller
    with ThreadPoolExecutor(len(pool_ids)) as threads:
        return list(threads.map(poller.look, pool_ids))


def test_a_hundred_looks_at_once_are_four_calls() -> None:
    account = Account(IDS)
    assert look_at_once(account.describe, IDS) == [{"PoolId": pool_id} for pool_id in IDS]
    assert len(account.calls) == 4
    assert all(len(call) <= BATCH for call in account.calls)


def test_many_who_look_at_one_pool_share_one_call() -> None:
    account = Account(["wspool-1"])
    assert all(look_at_once(account.describe, ["wspool-1"] * 50))
    assert account.calls == [["wspool-1"]]


def test_a_list_of_the_whole_account_answers_all_who_wait() -> None:
    account = Account(IDS[1::2])
    shown = account.describe(IDS)
    account.calls.clear()

    def describe(pool_ids: Sequence[str]) -> AllPools:
        account.describe(pool_ids)
        return AllPools(shown)

    assert look_at_once(describe, IDS) == [shown.get(pool_id) for pool_id in IDS]
    assert len(account.calls) == 1


class Strict(Aws):
    """Refuses every call that names the first pool."""

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        if IDS[0] in parameters["PoolIds"]:
            raise AwsError(operation, "AccessDeniedException", "Not this one.")
        return {"WorkspacesPools": [_pool(pool_id) for pool_id in parameters["PoolIds"]]}


def _pool(pool_id: str) -> dict[str, str]:
    return {"PoolId": pool_id, "PoolName": "desks", "State": "RUNNING"}


def test_a_pool_that_may_not_be_described_fails_alone() -> None:
    pools = Pools(Strict(Settings(), "us-east-1"))
    with ThreadPoolExecutor(6) as threads:
        denied, *others = [threads.submit(pools.find, pool_id) for pool_id in IDS[:6]]
        with pytest.raises(AwsError, match="Not this one"):
            denied.result()
        assert [other.result() for other in others] == [_pool(pool_id) for pool_id in IDS[1:6]]


def test_a_failure_reaches_whoever_looked_and_the_next_look_works() -> None:
    pool = {"PoolId": "wspool-1"}
    poller = Poller(Mock(side_effect=[RuntimeError("no answer"), {"wspool-1": pool}]))
    with pytest.raises(RuntimeError, match="no answer"):
        poller.look("wspool-1")
    assert poller.look("wspool-1") == pool


def test_where_no_thread_can_start_a_look_fails_and_the_next_one_may_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poller = Poller(Account(["wspool-1"]).describe)
    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", _cannot_start)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            poller.look("wspool-1")
    assert poller.look("wspool-1") == {"PoolId": "wspool-1"}


def _cannot_start(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_later_look_rides_along_with_one_that_is_due() -> None:
    account = Account(["wspool-1", "wspool-2"])
    poller = Poller(account.describe)
    with ThreadPoolExecutor(1) as threads:
        later = threads.submit(poller.look_later, "wspool-2", 1000.0)
        while not poller._looks:
            pass
        assert poller.look("wspool-1")
        assert later.result(timeout=10) == {"PoolId": "wspool-2"}
    assert len(account.calls) == 1


def test_the_thread_that_calls_ends_when_nobody_waits() -> None:
    poller = Poller(Account(["wspool-1"]).describe)
    poller.look("wspool-1")
    for thread in threading.enumerate():
        if thread.name == "pool-poller":
            thread.join(timeout=10)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0s"), (59.4, "59s"), (60, "1m00s"), (130, "2m10s")]
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert format_duration(seconds) == said
