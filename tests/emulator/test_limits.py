"""Limits on requests: which calls are let through, by a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pulumi_workspaces_pool.testing.emulator import Fault, emulated_pools

from .conftest import Aws, refused


class Clock:
    """A clock that goes on when it is told to."""

    seconds = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aws(clock: Clock) -> Iterator[Aws]:
    with emulated_pools(clock=clock) as emulator:
        yield Aws(emulator, None)


@pytest.fixture
def client(aws: Aws) -> Any:
    return aws.client(checked=False)


def let_through(client: Any, operation: str = "describe_workspaces_pools", count: int = 20) -> int:
    """How many of so many calls in a row are let through."""
    answered = 0
    for _ in range(count):
        try:
            getattr(client, operation)()
            answered += 1
        except ClientError as error:
            if "(ThrottlingException)" not in str(error) or "Rate exceeded" not in str(error):
                raise
    return answered


def test_a_burst_is_let_through_and_then_the_rate(aws: Aws, client: Any, clock: Clock) -> None:
    aws.emulator.limit_rate(5, burst=10)
    assert let_through(client) == 10
    assert let_through(client) == 0
    clock.seconds += 1
    assert let_through(client) == 5
    clock.seconds += 3600
    assert let_through(client) == 10
    throttled = [call for call in aws.emulator.calls if call.throttled]
    assert len(throttled) == 80 - 25
    assert {(call.status, call.error) for call in throttled} == {(400, "ThrottlingException")}


def test_a_throttled_call_has_no_effect_and_meets_no_fault(aws: Aws, client: Any) -> None:
    aws.emulator.limit_rate(0, burst=1)
    aws.create(client, "first")
    aws.emulator.fail("CreateWorkspacesPool", Fault.server_error())
    with refused("ThrottlingException"):
        aws.create(client, "second")
    assert [pool["PoolName"] for pool in aws.emulator.pools()] == ["first"]
    aws.emulator.limit_rate(None)
    with refused("InternalServerError"):
        aws.create(client, "second")


def test_each_operation_region_and_account_has_a_bucket(aws: Aws, client: Any) -> None:
    aws.emulator.limit_rate(5, burst=10)
    assert let_through(client) == 10
    assert let_through(client, "describe_workspace_bundles") == 10
    assert let_through(aws.client(region="eu-west-1", checked=False)) == 10
    other = aws.access_key_of("210987654321")
    assert let_through(aws.client(access_key=other, checked=False)) == 10


def test_one_operation_can_have_a_limit_of_its_own(aws: Aws, client: Any) -> None:
    aws.emulator.limit_rate(5, burst=10)
    aws.emulator.limit_rate(1, burst=2, operation="DescribeWorkspacesPools")
    assert let_through(client) == 2
    assert let_through(client, "describe_workspace_bundles") == 10
    aws.emulator.limit_rate(None, operation="DescribeWorkspacesPools")
    assert let_through(client) == 20
    aws.emulator.limit_rate(1, burst=3, operation="DescribeWorkspacesPools")
    assert let_through(client) == 3
    aws.emulator.limit_rate(None)
    assert let_through(client) == 20


def test_a_limit_changes_from_now_on(aws: Aws, client: Any, clock: Clock) -> None:
    aws.emulator.limit_rate(5, burst=10)
    assert let_through(client) == 10
    clock.seconds += 1
    aws.emulator.limit_rate(2, burst=20)
    clock.seconds += 1
    assert let_through(client) == 5 + 2
    clock.seconds += 10
    aws.emulator.limit_rate(2, burst=4)
    assert let_through(client) == 4
