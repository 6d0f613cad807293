"""The kill table: whoever is killed, before or after any call, the next run puts it right."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import get_args

import psutil

from faults.scenarios import RESOURCE, SCENARIOS, Cell, Findings, Naming, own_pools, said
from pulumi_workspaces_pool.testing.emulator import Emulator
from pulumi_workspaces_pool.testing.emulator.control import Call, ConnectionDroppedError, Moment
from support import processes
from support.processes import Victim
from support.program import Program, TriedStack, WorldName

# AWS clients send it with every call, so the calls of the killed run are known from later ones.
_KILLED_RUN = "killed-run"


@dataclass(frozen=True)
class Kill:
    """What is killed at which call of an operation, counted from 1.

    Attributes:
        victim: what is killed: the process of the dynamic provider; everything that runs; or the
            engine alone, which leaves the provider, with this call under way, to itself.
        at: the number of the call.
        moment: before the call took effect, or after, its answer not yet sent.
    """

    victim: Victim
    at: int
    moment: Moment

    @contextmanager
    def during(self, stack: TriedStack, emulator: Emulator, strike: Strike) -> Iterator[None]:
        """Kill at the call, if the context makes so many of them, and note what came of it."""
        numbers = itertools.count(1)

        def look(call: Call) -> None:
            if next(numbers) != self.at:
                return
            strike.call = call.operation
            try:
                strike.left = stack.kill(self.victim)
            finally:
                strike.done.set()
            if self.moment == "before" and self.victim != "engine":
                raise ConnectionDroppedError(refused=False)

        hook = emulator.on("*", self.moment, look)
        yield
        hook.cancel()
        if strike.call:
            strike.done.wait()


@dataclass
class Strike:
    """What came of a kill: the call that it hit, and the processes that are left to themselves."""

    call: str | None = None
    left: list[psutil.Process] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class KillCell(Cell):
    """A kill at a call.

    Attributes:
        naming: how the pool gets its name.
        moment: as of `Kill`.
        victim: as of `Kill`.
        renamed: whether the resource has a new name, and an alias, when the next run begins.
    """

    naming: Naming
    moment: Moment
    victim: Victim
    renamed: bool = False

    def __str__(self) -> str:
        where = f"{self.moment} {self.position + 1} {self.call}"
        then = ", then renamed" if self.renamed else ""
        return f"{self.scenario.name}, {self.naming} name, {self.victim} {where}{then}"

    @property
    def kind(self) -> str:
        return f"kills of {self.victim}"

    @property
    def ending(self) -> str:
        return "explained" if self.is_the_exception else "converged"

    @property
    def is_the_exception(self) -> bool:
        """Whether the marker is off, and the engine cannot have saved the pool yet."""
        creates = self.scenario.calls[0] == "CreateWorkspacesPool"
        takes_marker_off = creates and self.position == len(self.scenario.calls) - 1
        # A call that is under way is not recalled by the engine's end.
        return takes_marker_off and (self.moment == "after" or self.victim == "engine")

    def attempt(self, world: WorldName) -> Findings:
        """Run it from an empty stack to a converged one; gives what is not as it should be."""
        late_writes: list[str] = []
        strike = Strike()

        def note_late_write(call: Call) -> None:
            writes = not call.operation.startswith("Describe")
            if strike.call and writes and _KILLED_RUN in call.user_agent:
                late_writes.append(call.operation)

        try:
            with self.trial(world, self.naming) as (findings, program):
                stack = program.stack.with_environment(AWS_SDK_UA_APP_ID=_KILLED_RUN)
                # It hears of each call before the strike does.
                program.emulator.on("*", "before", note_late_write)
                kill = Kill(self.victim, self.position + 1, self.moment)
                with kill.during(stack, program.emulator, strike):
                    killed = self.scenario.run(stack)
                assert strike.call == self.call, f"{strike.call} was hit: {killed.text}"
                findings.note(killed, program)
                findings.expect(not killed.ok, f"the killed run succeeds: {killed.text}")
                if self.renamed:
                    _rename(program)
                if self.is_the_exception:
                    _expect_explanation(findings, program, self.naming)
        finally:
            processes.kill(strike.left)
        findings.expect(not late_writes, f"without an engine the provider went on: {late_writes}")
        return findings


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


def _rename(program: Program) -> None:
    """Give the resource another name, and the old one as its alias."""
    arguments = program.pools.pop(RESOURCE)
    opts = {**arguments.get("opts", {}), "aliases": [RESOURCE]}
    program.declare(f"new-{RESOURCE}", **{**arguments, "opts": opts})


def _expect_explanation(findings: Findings, program: Program, naming: Naming) -> None:
    """The next `up` names the pool that nobody knows any more; then do what it advises."""
    (unknown,) = own_pools(program)
    up = program.stack.up()
    is_fixed = naming == "fixed"
    adopt = f'adopt_pool_id="{unknown["PoolId"]}"'
    advice = adopt if is_fixed else "can be adopted with adopt_pool_id"
    for told in (f'pool "{unknown["PoolName"]}" ({unknown["PoolId"]})', advice):
        findings.expect(told in up.text, f"{told} is not said: {said(up)}")
    findings.expect("Traceback" not in up.text, f"a traceback: {said(up)}")
    findings.expect(up.ok != is_fixed, f"the next up ends otherwise: {said(up)}")
    findings.expect(program.emulator.pool(unknown["PoolId"]) == unknown, "it was touched")
    if is_fixed:
        findings.expect(own_pools(program) == [unknown], "there is another pool")
        program.change(RESOURCE, adopt_pool_id=unknown["PoolId"])
    else:
        program.emulator.remove(unknown["PoolId"])
