"""A pool is gone only where that is proved: no answer and no other account is taken for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from faults.scenarios import SECRET_KEY, Program, TriedStack, bench
from support.answering import answering
from support.memory_stack import MemoryStack
from support.outcomes import Outcome

THEIRS = "111122223333"
OURS = "123456789012"
NO_ANSWERS = {
    "a page of HTML": b"<html><body>Please sign in</body></html>",
    "an empty object": b"{}",
    "nothing": b"",
    "JSON that is cut off": b'{"WorkspacesPools": [{"PoolId": "wspool-1',
    "a list": b"[]",
    "a number": b"1",
    "null for the pools": b'{"WorkspacesPools": null}',
    "a pool without its fields": b'{"WorkspacesPools": [{"PoolId": "wspool-000000000"}]}',
    "text for the pools": b'{"WorkspacesPools": "none"}',
}


@pytest.fixture
def managed(tmp_path: Path) -> Iterator[Program]:
    """A program with a pool."""
    with bench("host", tmp_path) as found:
        found.declare("desks", pool_name="desks")
        up = found.stack.up()
        assert up.ok, up.text
        found.emulator.clear_calls()
        yield found


def destroy(_program: Program, stack: TriedStack) -> Outcome:
    return stack.destroy()


def refresh(_program: Program, stack: TriedStack) -> Outcome:
    return stack.refresh()


def change(**arguments: Any) -> Callable[[Program, TriedStack], Outcome]:
    def run(program: Program, stack: TriedStack) -> Outcome:
        program.change("desks", **arguments)
        return stack.up()

    return run


OPERATIONS = {
    "destroy": destroy,
    "refresh": refresh,
    "a description": change(description="Changed"),
    "a tag": change(tags={"Team": "design"}),
    "a stop": change(desired_state="STOPPED"),
    "a bundle": change(bundle_id="wsb-other0001"),
    "a new name": change(pool_name="others"),
}


def of_another_account(program: Program, **variables: str) -> TriedStack:
    """The stack, for whose run somebody has signed in to another account."""
    assert isinstance(program.stack, MemoryStack)
    environment = program.stack._environment
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key=SECRET_KEY,
    )
    role = f"arn:aws:iam::{THEIRS}:role/deploy"
    given = sts.assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
    return program.stack.with_environment(
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
        AWS_SESSION_TOKEN=given["SessionToken"],
        **variables,
    )


def expect_kept(program: Program, outcome: Outcome) -> None:
    """The pool is there, in the state and on AWS, alone and as it was."""
    assert not outcome.ok, outcome.text
    assert "Traceback" not in outcome.text
    assert "a fault in" not in outcome.text
    assert {pool["PoolName"] for pool in program.emulator.pools()} == {"desks", "somebody-elses"}
    assert program.emulator.pool("desks")["State"] == "RUNNING"
    assert program.stack.resource("desks")["id"] == program.emulator.pool("desks")["PoolId"]
    assert [call.operation for call in program.emulator.writes()] == []


@contextmanager
def refused() -> Iterator[str]:
    """A service that refuses every call."""
    said = b"<Error><Code>AccessDenied</Code><Message>No.</Message></Error>"
    denied = b"<ErrorResponse>" + said + b"</ErrorResponse>"
    with answering(lambda _headers: denied, 403) as url:
        yield url


@pytest.mark.parametrize("operation", OPERATIONS)
def test_in_another_account_the_pool_is_not_gone_and_both_accounts_are_named(
    managed: Program, operation: str
) -> None:
    outcome = OPERATIONS[operation](managed, of_another_account(managed))
    expect_kept(managed, outcome)
    assert (
        f"belongs to account {OURS}, but this run reaches AWS as account {THEIRS}" in outcome.text
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_where_sts_refuses_nobody_can_tell_so_nothing_is_believed(
    managed: Program, operation: str
) -> None:
    with refused() as sts:
        stack = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts)
        outcome = OPERATIONS[operation](managed, stack)
    expect_kept(managed, outcome)
    assert "aws:skipRequestingAccountId" in outcome.text


@pytest.mark.parametrize("operation", OPERATIONS)
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


@pytest.mark.parametrize(
    ("answer", "operation"),
    [
        *((answer, "destroy") for answer in NO_ANSWERS),
        *((answer, "refresh") for answer in list(NO_ANSWERS)[:4]),
        *(("a page of HTML", name) for name in OPERATIONS if name.startswith("a ")),
    ],
)
def test_an_answer_that_is_none_is_not_taken_for_gone(
    managed: Program, answer: str, operation: str
) -> None:
    with answering(lambda _headers: NO_ANSWERS[answer]) as url:
        stack = managed.stack.with_environment(
            AWS_ENDPOINT_URL_WORKSPACES=url, AWS_MAX_ATTEMPTS="1"
        )
        outcome = OPERATIONS[operation](managed, stack)
    expect_kept(managed, outcome)
    assert "aws:endpoints" in outcome.text


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
