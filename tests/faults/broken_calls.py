"""The fault table: whatever a call to AWS meets, nothing is lost, and the error is one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faults.scenarios import RESOURCE, SCENARIOS, SECRET_KEY, Cell, Findings, run, said, trial
from pulumi_workspaces_pool.testing.emulator import Fault
from support.memory_stack import MemoryStack
from support.outcomes import Outcome
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
_OF_READS = ("stale read", "unexpected state")

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

    def __str__(self) -> str:
        """The cell as the table and the tests name it."""
        often = "lasting" if self.lasting else "once"
        where = f"{self.position + 1} {self.call}"
        return f"{self.scenario.name}, {self.fault} {often} at {where}"


def fault_cells() -> Iterator[FaultCell]:
    """All cells of the table."""
    for scenario in SCENARIOS:
        for position, call in enumerate(scenario.calls):
            for fault in FAULTS:
                if fault not in _OF_READS:
                    yield FaultCell(scenario, position, fault, lasting=False)
                    yield FaultCell(scenario, position, fault, lasting=True)
                elif call == "DescribeWorkspacesPools" or (
                    fault == "stale read" and call.startswith("Describe")
                ):
                    yield FaultCell(scenario, position, fault, lasting=False)


def try_fault(cell: FaultCell, world: WorldName) -> Findings:
    """Run a cell from an empty stack to a converged one; gives what is not as it should be."""
    findings = Findings()
    scenario = cell.scenario
    # The CLI's clock is not to be turned.
    options = {"opts": _TIMEOUTS} if cell.lasting and world == "cli" else {}
    naming = scenario.namings[0]
    with trial(findings, world, scenario, naming, **options) as program:
        skip = scenario.calls[: cell.position].count(cell.call)
        times = _FOREVER if cell.lasting else 1
        program.emulator.fail(cell.call, FAULTS[cell.fault], times=times, skip=skip)
        if cell.lasting:
            _hasten(program.stack)
        outcome = run(program.stack, scenario)
        program.stack.on_line = lambda _line: None
        program.emulator.clear_faults()
        findings.note(outcome, program)
        _expect_plain_words(findings, outcome)
        if cell.lasting:
            findings.expect(not outcome.ok, f"a lasting fault is hidden: {said(outcome)}")
            named = _NAMED_POOL.search(outcome.text)
            findings.expect(named is not None, f"no sentence about the pool: {said(outcome)}")
            if RESOURCE in program.pools:
                program.change(RESOURCE, opts=None)
        else:
            findings.expect(outcome.ok, f"a passing fault is not hidden: {said(outcome)}")
    return findings


def _hasten(stack: TriedStack) -> None:
    """Let the deadline pass as soon as an operation waits for an AWS that does not answer."""

    def turn(line: str) -> None:
        if _HELD_UP.search(line) and isinstance(stack, MemoryStack):
            stack.turn_clock(_AN_HOUR)

    stack.on_line = turn


def _expect_plain_words(findings: Findings, outcome: Outcome) -> None:
    for alien in ("Traceback", SECRET_KEY, "a fault in pulumi-workspaces-pool"):
        findings.expect(alien not in outcome.text, f"{alien} is shown: {said(outcome)}")
