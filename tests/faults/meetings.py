"""The table of meetings: a pool that is another's by now, or that AWS does not show as it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import boto3

from faults.scenarios import FOREIGN, SECRET_KEY, Findings, bench, said
from support.answering import answering
from support.dynamic_host import BACKEND
from support.memory_stack import MemoryStack
from support.outcomes import Outcome
from support.program import Program, TriedStack, WorldName

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

_AGAIN = "again after a failed run"
CHANGES: dict[str, dict[str, Any]] = {
    "a description": {"description": "Changed"},
    "a tag": {"tags": {"Team": "design"}},
    "a stop": {"desired_state": "STOPPED"},
    "a bundle": {"bundle_id": "wsb-other0001"},
    "a new name": {"pool_name": "others"},
    "a new name, deleted first": {"pool_name": "others", "opts": {"delete_before_replace": True}},
    _AGAIN: {"description": "Changed"},
}
OPERATIONS = ("destroy", "taken out", "refresh", *CHANGES)


def operate(program: Program, stack: TriedStack, operation: str) -> Outcome:
    """Run one of the operations on the program's pool."""
    if operation == "destroy":
        return stack.destroy()
    if operation == "refresh":
        return stack.refresh()
    if operation == "taken out":
        program.pools.clear()
        program.write()
    else:
        program.change("desks", **CHANGES[operation])
    if operation == _AGAIN:
        stack.up()
    return stack.up()


def _hosted(program: Program) -> MemoryStack:
    assert isinstance(program.stack, MemoryStack)
    return program.stack


def of_another_account(program: Program, **variables: str) -> TriedStack:
    """The stack, for whose run somebody has signed in to another account."""
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=_hosted(program).environment["AWS_ENDPOINT_URL"],
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


def refused() -> AbstractContextManager[str]:
    """A service that refuses every call; its URL."""
    said = b"<Error><Code>AccessDenied</Code><Message>No.</Message></Error>"
    denied = b"<ErrorResponse>" + said + b"</ErrorResponse>"
    return answering(lambda _headers: denied, 403)


Meeting = Callable[[Program], AbstractContextManager[TriedStack]]


def _changed_hands(program: Program) -> AbstractContextManager[TriedStack]:
    """Another stack adopts the pool."""
    stack = _hosted(program)
    adopting = {**program.pools["desks"], "adopt_pool_id": stack.resource("desks")["id"]}
    other = MemoryStack(lambda: {"rooms": adopting}, stack.environment, name="other")
    up = other.up()
    assert up.ok, up.text
    return nullcontext(stack)


def _two_backends(program: Program) -> AbstractContextManager[TriedStack]:
    """Another backend has a stack of the same names, whose state is not this one's."""
    stack = _hosted(program)
    environment = {**stack.environment, "PULUMI_BACKEND_URL": f"{BACKEND}-of-others"}
    return nullcontext(MemoryStack(stack.declared, environment, name=stack.name))


@contextmanager
def _sts_refused(program: Program) -> Iterator[TriedStack]:
    with refused() as sts:
        yield of_another_account(program, AWS_ENDPOINT_URL_STS=sts)


def _answers(answer: bytes) -> Meeting:
    @contextmanager
    def meet(program: Program) -> Iterator[TriedStack]:
        with answering(lambda _headers: answer) as url:
            variables = {"AWS_ENDPOINT_URL_WORKSPACES": url, "AWS_MAX_ATTEMPTS": "1"}
            yield program.stack.with_environment(**variables)

    return meet


MEETINGS: dict[str, Meeting] = {
    "changed hands": _changed_hands,
    "two backends": _two_backends,
    "another account": lambda program: nullcontext(of_another_account(program)),
    "another account, STS refuses": _sts_refused,
    **{f"answered with {name}": _answers(answer) for name, answer in NO_ANSWERS.items()},
}

# What a person reads where nothing can be done.
SENTENCES = {
    "another account": (f"belongs to account {OURS}, but this run reaches AWS as account {THEIRS}"),
    "another account, STS refuses": "aws:skipRequestingAccountId",
    "answered with a page of HTML": "is not AWS (it sent no WorkspacesPool",
}


@dataclass(frozen=True)
class MeetingCell:
    """An operation that meets a pool which is not to be touched."""

    meeting: str
    operation: str
    kind = "meetings"
    ending = "converged"

    def __str__(self) -> str:
        return f"{self.meeting}, {self.operation}"

    def attempt(self, world: WorldName) -> Findings:
        """Run it; gives what is not as it should be: the pool is there, RUNNING and unchanged."""
        findings = Findings()
        with bench(world) as program:
            emulator = program.emulator
            program.declare("desks", pool_name="desks")
            up = program.stack.up()
            findings.expect(up.ok, f"the first up fails: {said(up)}")
            with MEETINGS[self.meeting](program) as stack:
                foreign, before = emulator.pool(FOREIGN), emulator.pool("desks")
                emulator.clear_calls()
                outcome = operate(program, stack, self.operation)
            findings.note(outcome, program)
            findings.expect_plain_words(outcome)
            sentence = SENTENCES.get(self.meeting, "")
            findings.expect(sentence in outcome.text, f"{sentence!r} is not said: {said(outcome)}")
            after = {pool["PoolId"]: pool for pool in emulator.pools(account=OURS)}
            lost = before["PoolId"] not in after
            findings.count("lost", int(lost), f"the pool is gone: {said(outcome)}")
            touched = after.get(before["PoolId"]) != before or emulator.pool(FOREIGN) != foreign
            findings.count("others touched", int(touched), f"it was touched: {said(outcome)}")
            if "account" in self.meeting or "answered" in self.meeting:
                findings.expect(not outcome.ok, f"it succeeds: {said(outcome)}")
                known = [entry["id"] for entry in program.stack.resources()]
                findings.expect(before["PoolId"] in known, f"the state forgot it: {said(outcome)}")
                findings.count("doubled", len(emulator.pools()) - 2, "there are other pools")
        return findings


def meeting_cells() -> Iterator[MeetingCell]:
    """All cells of the table."""
    return itertools.starmap(MeetingCell, itertools.product(MEETINGS, OPERATIONS))
