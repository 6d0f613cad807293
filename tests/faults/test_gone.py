"""A pool is gone only where that is proved: no answer and no other account is taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.meetings import (
    NO_ANSWERS,
    OPERATIONS,
    OURS,
    THEIRS,
    of_another_account,
    refused,
)
from faults.scenarios import Program, bench
from support.answering import answering
from support.memory_stack import MemoryStack
from support.outcomes import Outcome


@pytest.fixture
def managed(tmp_path: Path) -> Iterator[Program]:
    """A program with a pool."""
    with bench("host", tmp_path) as found:
        found.declare("desks", pool_name="desks")
        up = found.stack.up()
        assert up.ok, up.text
        found.emulator.clear_calls()
        yield found


def expect_kept(program: Program, outcome: Outcome) -> None:
    """The pool is there, in the state and on AWS, alone and as it was."""
    assert not outcome.ok, outcome.text
    assert "Traceback" not in outcome.text
    assert "a fault in" not in outcome.text
    assert {pool["PoolName"] for pool in program.emulator.pools()} == {"desks", "somebody-elses"}
    assert program.emulator.pool("desks")["State"] == "RUNNING"
    assert program.stack.resource("desks")["id"] == program.emulator.pool("desks")["PoolId"]
    assert [call.operation for call in program.emulator.writes()] == []


@pytest.mark.parametrize("operation", ["refresh", "destroy", "a description"])
def test_in_another_account_the_pool_is_not_gone_and_both_accounts_are_named(
    managed: Program, operation: str
) -> None:
    outcome = OPERATIONS[operation](managed, of_another_account(managed))
    expect_kept(managed, outcome)
    assert (
        f"belongs to account {OURS}, but this run reaches AWS as account {THEIRS}" in outcome.text
    )


@pytest.mark.parametrize("operation", ["refresh", "destroy", "a description"])
def test_where_sts_refuses_nobody_can_tell_so_nothing_is_believed(
    managed: Program, operation: str
) -> None:
    with refused() as sts:
        stack = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts)
        outcome = OPERATIONS[operation](managed, stack)
    expect_kept(managed, outcome)
    assert "aws:skipRequestingAccountId" in outcome.text


@pytest.mark.parametrize("operation", ["refresh", "destroy", "a description"])
def test_where_sts_refuses_the_account_of_another_pool_tells(
    managed: Program, operation: str
) -> None:
    managed.emulator.add_pool("theirs", account=THEIRS)
    with refused() as sts:
        stack = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts)
        outcome = OPERATIONS[operation](managed, stack)
    assert f"reaches AWS as account {THEIRS}" in outcome.text
    assert not outcome.ok
    ours = {pool["PoolName"] for pool in managed.emulator.pools(account=OURS)}
    assert ours == {"desks", "somebody-elses"}


def test_what_answers_without_being_aws_is_called_that(managed: Program) -> None:
    with answering(lambda _headers: NO_ANSWERS["a page of HTML"]) as url:
        environment = {"AWS_ENDPOINT_URL_WORKSPACES": url, "AWS_MAX_ATTEMPTS": "1"}
        outcome = managed.stack.with_environment(**environment).refresh()
    expect_kept(managed, outcome)
    assert (
        "what answered DescribeWorkspacesPools is not AWS (it sent no WorkspacesPools); check the "
        "network, a proxy on the way and aws:endpoints"
    ) in outcome.text


@pytest.mark.parametrize("operation", ["destroy", "refresh"])
def test_a_pool_that_is_gone_is_gone_where_the_account_is_its_own(
    managed: Program, operation: str
) -> None:
    managed.emulator.remove("desks")
    with ExitStack() as context:
        sts = context.enter_context(refused())
        stack = managed.stack.with_environment(AWS_ENDPOINT_URL_STS=sts)
        outcome = OPERATIONS[operation](managed, stack)
    assert outcome.ok, outcome.text
    assert managed.stack.resources() == []


def test_consent_believes_without_an_account(managed: Program) -> None:
    assert isinstance(managed.stack, MemoryStack)
    managed.stack._config["aws:skipRequestingAccountId"] = "true"
    with refused() as sts:
        outcome = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts).refresh()
    assert outcome.ok, outcome.text
    assert managed.stack.resources() == []
