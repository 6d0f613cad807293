"""The kill table: whoever is killed, before or after any call, the next run puts it right."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from faults.scenarios import (
    RESOURCE,
    SCENARIOS,
    Findings,
    Naming,
    Scenario,
    begin,
    bench,
    converge,
    foreign_pool,
    own_pools,
    said,
)
from pulumi_workspaces_pool.testing.emulator import Call, Fault
from pulumi_workspaces_pool.testing.stacks import CLI, LOCAL, EngineName
from support.processes import (
    all_processes,
    descendants,
    dynamic_hosts,
    has_ended,
    kill,
    kill_family,
    until,
)
from support.program import PoolProgram

Victim = Literal["plugin", "everything", "engine"]
Moment = Literal["before", "after"]

# AWS clients send it with every call, so the calls of the killed run are known from later ones.
_KILLED_RUN = "killed-run"


@dataclass(frozen=True)
class KillCell:
    """One field of the table.

    Attributes:
        engine: the engine.
        scenario: the operation.
        naming: how its pool gets its name.
        position: which of its calls, from 0.
        moment: before that call took effect, or after, its answer not yet sent.
        victim: what is killed: the process of the dynamic provider; everything that runs; or the
            engine alone, which leaves the provider, with this call under way, to itself.
    """

    engine: EngineName
    scenario: Scenario
    naming: Naming
    position: int
    moment: Moment
    victim: Victim

    @property
    def call(self) -> str:
        """The call that the kill is at."""
        return self.scenario.calls[self.position]

    def __str__(self) -> str:
        """The cell as the table and the tests name it."""
        where = f"{self.moment} {self.position + 1} {self.call}"
        return f"{self.engine}: {self.scenario.name}, {self.naming} name, {self.victim} {where}"

    @property
    def is_the_exception(self) -> bool:
        """Whether the marker is off, and the engine cannot have saved the pool yet."""
        creates = self.scenario.calls[0] == "CreateWorkspacesPool"
        takes_marker_off = creates and self.position == len(self.scenario.calls) - 1
        # A call that is under way is not recalled by the engine's end.
        return takes_marker_off and (self.moment == "after" or self.victim == "engine")


def kill_cells(engine: EngineName) -> Iterator[KillCell]:
    """All cells of the table on one engine."""
    # The local engine's processes all end with it, so that nothing is left to itself.
    victims: dict[EngineName, tuple[Victim, ...]] = {
        LOCAL: ("plugin", "everything"),
        CLI: ("plugin", "everything", "engine"),
    }
    moments: tuple[Moment, ...] = ("before", "after")
    for scenario in SCENARIOS:
        for naming in scenario.namings:
            for position in range(len(scenario.calls)):
                for moment in moments:
                    for victim in victims[engine]:
                        yield KillCell(engine, scenario, naming, position, moment, victim)


def try_kill(cell: KillCell) -> Findings:
    """Run a cell from an empty stack to a converged one.

    Args:
        cell: the cell.

    Returns:
        What is not as it should be.
    """
    with tempfile.TemporaryDirectory() as folder, bench(cell.engine, Path(folder)) as program:
        begin(program, cell.scenario, cell.naming)
        foreign = foreign_pool(program)
        killing = _Killing(program, cell, Path(folder) / "output")
        try:
            killing.run()
            if not killing.has_struck:
                return Findings([f"there is no such call: {killing.output()}"])
            findings = Findings()
            if cell.is_the_exception:
                _expect_explanation(findings, program, cell.naming)
            converge(findings, program, cell.scenario, foreign)
            late = killing.late_writes
            findings.expect(not late, f"without an engine the provider went on: {late}")
            return findings
        finally:
            killing.clean_up()


def _expect_explanation(findings: Findings, program: PoolProgram, naming: Naming) -> None:
    """The next `up` names the pool that nobody knows any more; then do what it advises."""
    (unknown,) = own_pools(program)
    label = f'pool "{unknown["PoolName"]}" ({unknown["PoolId"]})'
    up = program.stack.up()
    findings.expect(label in up.text, f"{label} is not named: {said(up)}")
    findings.expect("Traceback" not in up.text, f"a traceback: {said(up)}")
    if naming == "fixed":
        adopt = f'adopt_pool_id="{unknown["PoolId"]}"'
        findings.expect(up.exit_code not in (0, None), f"the next up succeeds: {said(up)}")
        findings.expect(adopt in up.text, f"it does not say how to adopt the pool: {said(up)}")
        findings.expect(own_pools(program) == [unknown], "the pool was touched")
        program.change(RESOURCE, adopt_pool_id=unknown["PoolId"])
    else:
        findings.expect(up.ok, f"the next up fails: {said(up)}")
        advice = "delete it, or adopt it with adopt_pool_id"
        findings.expect(advice in up.text, f"it does not say what to do: {said(up)}")
        findings.expect(program.emulator.pool(unknown["PoolId"]) == unknown, "it was touched")
        program.emulator.remove(unknown["PoolId"])


class _Killing:
    """One run in a process of its own, in which somebody is killed at a call."""

    def __init__(self, program: PoolProgram, cell: KillCell, output: Path) -> None:
        self.has_struck = False
        self.late_writes: list[str] = []
        self._program = program
        self._cell = cell
        self._output = output
        self._calls = 0
        self._started = threading.Event()
        self._done = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._family: dict[int, str] = {}

    def run(self) -> None:
        """Run the operation until it has ended, one way or the other."""
        stack = self._program.stack
        self._program.emulator.on("*", self._cell.moment, self._strike_at_the_call)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                stack.command(self._cell.scenario.verb, "--yes", "--skip-preview"),
                cwd=stack.folder,
                env={**stack.environment, "AWS_SDK_UA_APP_ID": _KILLED_RUN},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            self._started.set()
            self._process.wait()
        if self.has_struck:
            self._done.wait()
        if stack.engine == CLI and self._cell.victim != "plugin":
            cancel = stack.command("cancel", "--yes")
            subprocess.run(
                cancel, cwd=stack.folder, env=stack.environment, capture_output=True, check=True
            )

    def _strike_at_the_call(self, call: Call) -> None:
        if _KILLED_RUN not in call.user_agent:
            return
        self._calls += 1
        if self._calls != self._cell.position + 1 or call.operation != self._cell.call:
            return
        self._started.wait()
        assert self._process is not None
        self.has_struck = True
        self._strike(self._process.pid)
        self._program.emulator.on("*", "before", self._note_late_write)
        if self._cell.moment == "before" and self._cell.victim != "engine":
            self._program.emulator.fail("*", Fault.dropped_before())
        self._done.set()

    def _strike(self, engine: int) -> None:
        self._family = descendants(engine)
        if self._cell.victim == "plugin":
            hosts = dynamic_hosts(engine)
            for host in hosts:
                kill(host)
            until(lambda: all(has_ended(host) for host in hosts), "the plugin has ended")
        if self._cell.victim == "everything":
            kill_family(engine)
            until(lambda: all(map(has_ended, self._family)), "everything has ended")
        if self._cell.victim == "engine":
            kill(engine)
            until(lambda: has_ended(engine), "the engine has ended")

    def _note_late_write(self, call: Call) -> None:
        if _KILLED_RUN in call.user_agent and not call.operation.startswith("Describe"):
            self.late_writes.append(call.operation)

    def output(self) -> str:
        """What the run printed."""
        return self._output.read_text(errors="replace")

    def clean_up(self) -> None:
        """End what the killed run left behind."""
        left = self._family.items() & all_processes().items()
        for pid, _ in left:
            kill(pid)
        if self._process is not None and self._process.poll() is None:
            kill_family(self._process.pid)
            self._process.wait()
