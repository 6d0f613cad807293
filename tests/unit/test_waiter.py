"""The poller: looks are shared, everyone is told, and a failure reaches whoever looked."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_workspaces_pool.messages import format_duration
from pulumi_workspaces_pool.waiter import BATCH, AllPools, Poller


class Account:
    """Pools that can be described, and the record of the calls."""

    def __init__(self, pool_ids: Sequence[str]) -> None:
        self.pool_ids = set(pool_ids)
        self.calls: list[list[str]] = []
        self.failure: Exception | None = None

        self.wrong: dict[str, Exception] = {}

    def describe(self, pool_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | Exception]:
        self.calls.append(list(pool_ids))
        if self.failure:
            raise self.failure
        found = {pool_id: {"PoolId": pool_id} for pool_id in pool_ids if pool_id in self.pool_ids}
        return {**found, **self.wrong}


def test_a_hundred_looks_at_once_are_four_calls() -> None:
    ids = [f"wspool-{number:09}" for number in range(4 * BATCH)]
    account = Account(ids)
    poller = Poller(account.describe)
    together = threading.Barrier(len(ids))

    def look(pool_id: str) -> Any:
        together.wait()
        return poller.look(pool_id)

    with ThreadPoolExecutor(len(ids)) as threads:
        found = list(threads.map(look, ids))
    assert [pool["PoolId"] for pool in found] == ids
    assert len(account.calls) == 4
    assert all(len(call) <= BATCH for call in account.calls)


def test_a_list_of_the_whole_account_answers_all_who_wait() -> None:
    ids = [f"wspool-{number:09}" for number in range(4 * BATCH)]
    gone = set(ids[::2])
    calls: list[Sequence[str]] = []

    def describe(pool_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | Exception]:
        calls.append(pool_ids)
        return AllPools({pool_id: {"PoolId": pool_id} for pool_id in ids if pool_id not in gone})

    poller = Poller(describe)
    together = threading.Barrier(len(ids))

    def look(pool_id: str) -> Any:
        together.wait()
        return poller.look(pool_id)

    with ThreadPoolExecutor(len(ids)) as threads:
        found = dict(zip(ids, threads.map(look, ids), strict=True))
    assert {pool_id for pool_id, pool in found.items() if pool is None} == gone
    assert len(calls) < 4


def test_what_is_wrong_with_one_id_is_no_others_failure() -> None:
    account = Account(["wspool-1"])
    account.wrong["desks"] = ValueError("no id")
    poller = Poller(account.describe)
    with ThreadPoolExecutor(2) as threads:
        right, wrong = (threads.submit(poller.look, pool_id) for pool_id in ("wspool-1", "desks"))
        assert right.result() == {"PoolId": "wspool-1"}
        with pytest.raises(ValueError, match="no id"):
            wrong.result()


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


def test_many_who_look_at_one_pool_share_one_call() -> None:
    account = Account(["wspool-1"])
    poller = Poller(account.describe)
    together = threading.Barrier(50)

    def look(_number: int) -> Any:
        together.wait()
        return poller.look("wspool-1")

    with ThreadPoolExecutor(50) as threads:
        assert all(threads.map(look, range(50)))
    assert account.calls == [["wspool-1"]]


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


def test_a_pool_that_is_not_there_is_none() -> None:
    assert Poller(Account([]).describe).look("wspool-1") is None


def test_a_failure_reaches_whoever_looked_and_the_next_look_works() -> None:
    account = Account(["wspool-1"])
    poller = Poller(account.describe)
    account.failure = RuntimeError("no answer")
    with pytest.raises(RuntimeError, match="no answer"):
        poller.look("wspool-1")
    account.failure = None
    assert poller.look("wspool-1")


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
