"""The kill table: whoever is killed, before or after any call, the next run puts it right."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import psutil

from faults.scenarios import (
    RESOURCE,
    SCENARIOS,
    Cell,
    Findings,
    Naming,
    own_pools,
    run,
    said,
    trial,
)
from pulumi_workspaces_pool.testing.emulator import Call, Emulator, Fault
from support.outcomes import Outcome
from support.processes import Victim, kill
from support.program import Program, TriedStack, WorldName

Moment = Literal["before", "after"]

# AWS clients send it with every call, so the calls of the killed run are known from later ones.
_KILLED_RUN = "killed-run"


@dataclass(frozen=True)
class KillCell(Cell):
    """A kill at a call.

    Attributes:
        naming: how the pool gets its name.
        moment: before the call took effect, or after, its answer not yet sent.
        victim: what is killed: the process of the dynamic provider; everything that runs; or the
            engine alone, which leaves the provider, with this call under way, to itself.
        renamed: whether the resource has a new name, and an alias, when the next run begins.
    """

    naming: Naming
    moment: Moment
    victim: Victim
    renamed: bool = False

    def __str__(self) -> str:
        """The cell as the table and the tests name it."""
        where = f"{self.moment} {self.position + 1} {self.call}"
        then = ", then renamed" if self.renamed else ""
        return f"{self.scenario.name}, {self.naming} name, {self.victim} {where}{then}"

    @property
    def is_the_exception(self) -> bool:
        """Whether the marker is off, and the engine cannot have saved the pool yet."""
        creates = self.scenario.calls[0] == "CreateWorkspacesPool"
        takes_marker_off = creates and self.position == len(self.scenario.calls) - 1
        # A call that is under way is not recalled by the engine's end.
        return takes_marker_off and (self.moment == "after" or self.victim == "engine")


def kill_cells() -> Iterator[KillCell]:
    """All cells of the table."""
    for scenario in SCENARIOS:
        positions = range(len(scenario.calls))
        rest = (positions, get_args(Moment), get_args(Victim))
        for naming, position, moment, victim in itertools.product(scenario.namings, *rest):
            cell = KillCell(scenario, position, naming, moment, victim)
            yield cell
            if scenario.verb == "up" and victim == "everything" and not cell.is_the_exception:
                yield replace(cell, renamed=True)


def try_kill(cell: KillCell, world: WorldName) -> Findings:
    """Run a cell from an empty stack to a converged one; gives what is not as it should be."""
    findings = Findings()
    killing = _Killing(cell)
    try:
        with trial(findings, world, cell.scenario, cell.naming) as program:
            killed = killing.run(program)
            findings.note(killed, program)
            findings.expect(not killed.ok, f"the killed run succeeds: {killed.text}")
            if cell.renamed:
                _rename(program)
            if cell.is_the_exception:
                _expect_explanation(findings, program, cell.naming)
    finally:
        killing.clean_up()
    late = killing.late_writes
    findings.expect(not late, f"without an engine the provider went on: {late}")
    return findings


def _rename(program: Program) -> None:
    """Give the resource another name, and the old one as its alias."""
    arguments = program.pools.pop(RESOURCE)
    opts = {**arguments.get("opts", {}), "aliases": [RESOURCE]}
    program.declare(f"new-{RESOURCE}", **{**arguments, "opts": opts})


def _expect_explanation(findings: Findings, program: Program, naming: Naming) -> None:
    """The next `up` names the pool that nobody knows any more; then do what it advises."""
    (unknown,) = own_pools(program)
    label = f'pool "{unknown["PoolName"]}" ({unknown["PoolId"]})'
    up = program.stack.up()
    findings.expect(label in up.text, f"{label} is not named: {said(up)}")
    findings.expect("Traceback" not in up.text, f"a traceback: {said(up)}")
    if naming == "fixed":
        adopt = f'adopt_pool_id="{unknown["PoolId"]}"'
        findings.expect(not up.ok, f"the next up succeeds: {said(up)}")
        findings.expect(adopt in up.text, f"it does not say how to adopt the pool: {said(up)}")
        findings.expect(own_pools(program) == [unknown], "the pool was touched")
        program.change(RESOURCE, adopt_pool_id=unknown["PoolId"])
    else:
        findings.expect(up.ok, f"the next up fails: {said(up)}")
        advice = "can be adopted with adopt_pool_id"
        findings.expect(advice in up.text, f"it does not say what to do: {said(up)}")
        findings.expect(program.emulator.pool(unknown["PoolId"]) == unknown, "it was touched")
        program.emulator.remove(unknown["PoolId"])


class _Killing:
    """One run in which somebody is killed at a call."""

    def __init__(self, cell: KillCell) -> None:
        self.late_writes: list[str] = []
        self._cell = cell
        self._calls = 0
        self._strikes = False
        self._done = threading.Event()
        self._left: list[psutil.Process] = []

    def run(self, program: Program) -> Outcome:
        """Run the operation until it has ended, one way or the other.

        Raises:
            LookupError: the operation makes no such call.
        """
        stack = program.stack.with_environment(AWS_SDK_UA_APP_ID=_KILLED_RUN)
        strike = partial(self._strike_at_the_call, program.emulator, stack)
        hook = program.emulator.on("*", self._cell.moment, strike)
        outcome = run(stack, self._cell.scenario)
        hook.cancel()
        if not self._strikes:
            raise LookupError(f"there is no such call: {outcome.text}")
        self._done.wait()
        return outcome

    def _strike_at_the_call(self, emulator: Emulator, stack: TriedStack, call: Call) -> None:
        self._calls += 1
        if self._calls != self._cell.position + 1 or call.operation != self._cell.call:
            return
        self._strikes = True
        try:
            self._left = stack.kill(self._cell.victim)
            emulator.on("*", "before", self._note_late_write)
            if self._cell.moment == "before" and self._cell.victim != "engine":
                emulator.fail("*", Fault.dropped_before())
        finally:
            self._done.set()

    def _note_late_write(self, call: Call) -> None:
        if _KILLED_RUN in call.user_agent and not call.operation.startswith("Describe"):
            self.late_writes.append(call.operation)

    def clean_up(self) -> None:
        """End what the killed run left behind."""
        kill(self._left)
