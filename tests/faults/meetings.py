"""The table of meetings: a pool that is another's by now, or that AWS does not show as it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
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


def destroy(_program: Program, stack: TriedStack) -> Outcome:
    return stack.destroy()


def refresh(_program: Program, stack: TriedStack) -> Outcome:
    return stack.refresh()


def change(**arguments: Any) -> Callable[[Program, TriedStack], Outcome]:
    def run(program: Program, stack: TriedStack) -> Outcome:
        program.change("desks", **arguments)
        return stack.up()

    return run


def take_out(program: Program, stack: TriedStack) -> Outcome:
    program.pools.clear()
    program.write()
    return stack.up()


def go_on(program: Program, stack: TriedStack) -> Outcome:
    change(description="Changed")(program, stack)
    return stack.up()


OPERATIONS = {
    "destroy": destroy,
    "taken out": take_out,
    "refresh": refresh,
    "a description": change(description="Changed"),
    "a tag": change(tags={"Team": "design"}),
    "a stop": change(desired_state="STOPPED"),
    "a bundle": change(bundle_id="wsb-other0001"),
    "a new name": change(pool_name="others"),
    "a new name, deleted first": change(pool_name="others", opts={"delete_before_replace": True}),
    "again after a failed run": go_on,
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


@contextmanager
def refused() -> Iterator[str]:
    """A service that refuses every call."""
    said = b"<Error><Code>AccessDenied</Code><Message>No.</Message></Error>"
    denied = b"<ErrorResponse>" + said + b"</ErrorResponse>"
    with answering(lambda _headers: denied, 403) as url:
        yield url


Meet = Callable[[Program, ExitStack], TriedStack]


def _changed_hands(program: Program, _context: ExitStack) -> TriedStack:
    """Another stack adopts the pool."""
    stack = program.stack
    assert isinstance(stack, MemoryStack)
    pool_id = stack.resource("desks")["id"]
    adopting = {**program.pools["desks"], "adopt_pool_id": pool_id}
    environment = stack._environment
    other = MemoryStack(lambda: {"rooms": adopting}, environment, name="other")
    up = other.up()
    assert up.ok, up.text
    return stack


def _two_backends(program: Program, _context: ExitStack) -> TriedStack:
    """Another backend has a stack of the same names, whose state is not this one's."""
    stack = program.stack
    assert isinstance(stack, MemoryStack)
    environment = {**stack._environment, "PULUMI_BACKEND_URL": f"{BACKEND}-of-others"}
    return MemoryStack(stack._declared, environment, name=stack.name)


def _other_account(program: Program, _context: ExitStack) -> TriedStack:
    return of_another_account(program)


def _sts_refused(program: Program, context: ExitStack) -> TriedStack:
    sts = context.enter_context(refused())
    return of_another_account(program, AWS_ENDPOINT_URL_STS=sts)


def _answers(answer: str) -> Meet:
    def meet(program: Program, context: ExitStack) -> TriedStack:
        url = context.enter_context(answering(lambda _headers: NO_ANSWERS[answer]))
        return program.stack.with_environment(AWS_ENDPOINT_URL_WORKSPACES=url, AWS_MAX_ATTEMPTS="1")

    return meet


MEETINGS: dict[str, Meet] = {
    "changed hands": _changed_hands,
    "two backends": _two_backends,
    "another account": _other_account,
    "another account, STS refuses": _sts_refused,
    **{f"answered with {answer}": _answers(answer) for answer in NO_ANSWERS},
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

    def __str__(self) -> str:
        """The cell as the table and the tests name it."""
        return f"{self.meeting}, {self.operation}"


def meeting_cells() -> Iterator[MeetingCell]:
    """All cells of the table."""
    return itertools.starmap(MeetingCell, itertools.product(MEETINGS, OPERATIONS))


def try_meeting(cell: MeetingCell, world: WorldName = "host") -> Findings:
    """Run a cell; gives what is not as it should be: the pool is there, RUNNING and unchanged."""
    findings = Findings()
    with (
        TemporaryDirectory() as folder,
        bench(world, Path(folder)) as program,
        ExitStack() as context,
    ):
        emulator = program.emulator
        program.declare("desks", pool_name="desks")
        up = program.stack.up()
        findings.expect(up.ok, f"the first up fails: {said(up)}")
        stack = MEETINGS[cell.meeting](program, context)
        foreign, before = emulator.pool(FOREIGN), emulator.pool("desks")
        emulator.clear_calls()
        outcome = OPERATIONS[cell.operation](program, stack)
        findings.note(outcome, program)
        for alien in ("Traceback", "a fault in pulumi-workspaces-pool"):
            findings.expect(alien not in outcome.text, f"{alien} is shown: {said(outcome)}")
        sentence = SENTENCES.get(cell.meeting, "")
        findings.expect(sentence in outcome.text, f"{sentence!r} is not said: {said(outcome)}")
        after = {pool["PoolId"]: pool for pool in emulator.pools(account=OURS)}
        findings.lost = int(before["PoolId"] not in after)
        unchanged = after.get(before["PoolId"]) == before and emulator.pool(FOREIGN) == foreign
        findings.foreign_touched = int(not unchanged)
        findings.expect(unchanged, f"the pool was touched: {said(outcome)}")
        if "account" in cell.meeting or "answered" in cell.meeting:
            findings.expect(not outcome.ok, f"it succeeds: {said(outcome)}")
            known = [entry["id"] for entry in program.stack.resources()]
            findings.expect(before["PoolId"] in known, f"the state forgot it: {said(outcome)}")
            findings.doubled = len(emulator.pools()) - 2
            findings.expect(not findings.doubled, "there are other pools")
    return findings
