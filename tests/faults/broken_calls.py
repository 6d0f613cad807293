"""The fault table: whatever a call to AWS meets, nothing is lost, and the error is one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faults.scenarios import RESOURCE, SCENARIOS, Cell, Findings, said
from pulumi_workspaces_pool.testing.emulator import Fault
from support.memory_stack import MemoryStack
from support.program import TriedStack, WorldName

FAULTS = {
    "throttling": Fault.throttling(),
    "error 500": Fault.server_error(500),
    "error 503": Fault.server_error(503),
    "refused connection": Fault.refused(),
    "connection dropped before": Fault.dropped_before(),
    "connection dropped after": Fault.dropped_after(),
    "stale read": Fault.stale(),
    "unexpected state": Fault.unexpected_state("REPAIRING"),
}
# Those of reads alone, by the operations that meet them.
_OF_READS = {"stale read": "Describe", "unexpected state": "DescribeWorkspacesPools"}

_TIMEOUTS = {"custom_timeouts": {"create": "3s", "update": "3s", "delete": "3s"}}
_AN_HOUR = 3600.0
_FOREVER = 1000
_HELD_UP = re.compile(r"AWS (does not answer|limits the rate)")

_NAMED_POOL = re.compile(
    r'The pool ("[\w.-]+"|of resource "desks"|wspool-\w+)'
    r"( \(wspool-\w+\))? (could not be [\w ]+:|is still|is) .*; .*\."
)


@dataclass(frozen=True)
class FaultCell(Cell):
    """A call that meets a fault; a lasting one is met by later calls of the same kind as well."""

    fault: str
    lasting: bool
    kind = "faults"
    ending = "converged"

    def __str__(self) -> str:
        often = "lasting" if self.lasting else "once"
        where = f"{self.position + 1} {self.call}"
        return f"{self.scenario.name}, {self.fault} {often} at {where}"

    def attempt(self, world: WorldName) -> Findings:
        """Run it from an empty stack to a converged one; gives what is not as it should be."""
        # The CLI's clock is not to be turned.
        options = {"opts": _TIMEOUTS} if self.lasting and world == "cli" else {}
        with self.trial(world, self.scenario.namings[0], **options) as (findings, program):
            skip = self.scenario.calls[: self.position].count(self.call)
            times = _FOREVER if self.lasting else 1
            program.emulator.fail(self.call, FAULTS[self.fault], times=times, skip=skip)
            if self.lasting:
                _hasten(program.stack)
            outcome = self.scenario.run(program.stack)
            program.stack.on_line = lambda _line: None
            program.emulator.clear_faults()
            findings.note(outcome, program)
            findings.expect_plain_words(outcome)
            if self.lasting:
                findings.expect(not outcome.ok, f"a lasting fault is hidden: {said(outcome)}")
                named = _NAMED_POOL.search(outcome.text)
                findings.expect(named is not None, f"no sentence about the pool: {said(outcome)}")
                if RESOURCE in program.pools:
                    program.change(RESOURCE, opts=None)
            else:
                findings.expect(outcome.ok, f"a passing fault is not hidden: {said(outcome)}")
        return findings


def fault_cells() -> Iterator[FaultCell]:
    """All cells of the table."""
    for scenario in SCENARIOS:
        for position, call in enumerate(scenario.calls):
            for fault in FAULTS:
                if call.startswith(_OF_READS.get(fault, "")):
                    yield FaultCell(scenario, position, fault, lasting=False)
                if fault not in _OF_READS:
                    yield FaultCell(scenario, position, fault, lasting=True)


def _hasten(stack: TriedStack) -> None:
    """Let the deadline pass as soon as an operation waits for an AWS that does not answer."""

    def turn(line: str) -> None:
        if _HELD_UP.search(line) and isinstance(stack, MemoryStack):
            stack.turn_clock(_AN_HOUR)

    stack.on_line = turn
