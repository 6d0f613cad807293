"""The seam to the dynamic host: what the installed SDK lets us do, and what is left without it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_workspaces_pool.host import _WATCH_PAUSE, KNOWN_VERSIONS
from pulumi_workspaces_pool.ownership import CREATING
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.dynamic_host import DynamicHost, Refusal
from support.seams import BlindProvider, HastyProvider

MANY = 40
STOPPED_POOL = {
    "description": "Desks",
    "bundleId": "wsb-emulated1",
    "directoryId": "wsd-emulated1",
    "capacity": {"desiredUserSessions": 1},
    "desiredState": "STOPPED",
    "region": "us-east-1",
}


@contextmanager
def host_of(provider: Any) -> Iterator[DynamicHost]:
    """A host with a provider of `support.seams`."""
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    with (
        EmulatorServer() as aws,
        DynamicHost(
            {**aws.environment(), "PYTHONPATH": path}, provider=serialize_provider(provider)
        ) as host,
    ):
        yield host


def test_more_than_four_operations_run_at_once() -> None:
    together = threading.Barrier(MANY)
    with EmulatorServer() as aws, DynamicHost(aws.environment()) as host:
        aws.emulator.on("CreateWorkspacesPool", "before", lambda _call: together.wait(60))
        pools = [{**STOPPED_POOL, "poolName": f"desks-{number}"} for number in range(MANY)]
        with ThreadPoolExecutor(MANY) as threads:
            assert all(isinstance(made, dict) for made in threads.map(host.create, pools))


def test_nothing_is_written_any_more_once_the_engine_is_gone() -> None:
    with EmulatorServer() as aws, DynamicHost(aws.environment()) as host:
        aws.emulator.on("DescribeWorkspacesPools", "after", lambda _call: host.stop_engine())
        assert isinstance(host.create(STOPPED_POOL), Refusal)
        assert [call.operation for call in aws.emulator.writes()] == ["CreateWorkspacesPool"]
        (pool,) = aws.emulator.pools()
        assert CREATING in pool["Tags"], "the next run knows the pool by its marker"


def test_an_engine_that_was_never_reached_is_not_taken_for_gone() -> None:
    with EmulatorServer() as aws, DynamicHost(aws.environment()) as host:
        host.stop_engine()
        assert isinstance(host.create(STOPPED_POOL), dict)


def test_the_process_ends_soon_after_its_engine() -> None:
    with host_of(HastyProvider()) as host:
        assert isinstance(host.create(STOPPED_POOL), dict)
        # Who asks again has had an answer.
        assert host.asked.acquire(timeout=60)
        assert host.asked.acquire(timeout=60)
        host.stop_engine()
        host.process.wait(timeout=60)


def test_an_engine_is_looked_after_more_than_twice_a_minute() -> None:
    assert _WATCH_PAUSE < 30


def test_an_unknown_host_is_refused_by_the_version_of_pulumi() -> None:
    with host_of(BlindProvider()) as host:
        refusal = host.create(STOPPED_POOL)
        assert isinstance(refusal, Refusal)
        assert f"the Python package pulumi {version('pulumi')}" in refusal.message
        assert f"install pulumi {KNOWN_VERSIONS}" in refusal.message
