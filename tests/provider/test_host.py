"""The seam to the dynamic host: what the installed SDK lets us do, and what is left without it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_workspaces_pool.host import _WATCH_PAUSE, KNOWN_VERSIONS
from pulumi_workspaces_pool.ownership import CREATING
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.dynamic_host import URN, DynamicHost, Refusal
from support.seams import BlindProvider, HastyProvider, SeamProvider

MANY = 40
STOPPED_POOL = {
    "description": "Desks",
    "bundleId": "wsb-emulated1",
    "directoryId": "wsd-emulated1",
    "capacity": {"desiredUserSessions": 1},
    "desiredState": "STOPPED",
    "region": "us-east-1",
}
Hosts = Callable[[Any], AbstractContextManager[DynamicHost]]


@pytest.fixture
def host_of() -> Hosts:
    """A host with a provider of `support.seams`."""

    @contextmanager
    def start(provider: Any) -> Iterator[DynamicHost]:
        tests = str(Path(__file__).parents[1])
        path = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
        serialized = serialize_provider(provider)
        with DynamicHost({"PYTHONPATH": path}, provider=serialized) as host:
            yield host

    return start


def test_a_failure_is_a_sentence_alone(host_of: Hosts) -> None:
    with host_of(SeamProvider()) as host:
        assert host.create({"fail": "fire"}) == Refusal("A sentence about fire")


def test_the_urn_and_the_timeout_are_there(host_of: Hosts) -> None:
    with host_of(SeamProvider()) as host:
        made = host.create({"last": True, "wanted": 1}, timeout=90)
        assert made == {"urn": URN, "timeout": 90}


def test_more_than_four_operations_run_at_once(host_of: Hosts) -> None:
    with host_of(SeamProvider()) as host, ThreadPoolExecutor(MANY) as threads:
        inputs = [{"wanted": MANY, "last": number == 0} for number in range(MANY)]
        assert all(isinstance(made, dict) for made in threads.map(host.create, inputs))


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


def test_the_process_ends_soon_after_its_engine(host_of: Hosts) -> None:
    with host_of(HastyProvider()) as host:
        assert isinstance(host.create({"last": True, "wanted": 1}), dict)
        # Who asks again has had an answer.
        assert host.asked.acquire(timeout=60)
        assert host.asked.acquire(timeout=60)
        host.stop_engine()
        host.process.wait(timeout=60)


def test_an_engine_is_looked_after_more_than_twice_a_minute() -> None:
    assert _WATCH_PAUSE < 30


def test_an_unknown_host_is_refused_by_the_version_of_pulumi(host_of: Hosts) -> None:
    with host_of(BlindProvider()) as host:
        refusal = host.create({"last": True, "wanted": 1})
        assert isinstance(refusal, Refusal)
        assert f"the Python package pulumi {version('pulumi')}" in refusal.message
        assert f"install pulumi {KNOWN_VERSIONS}" in refusal.message
