"""Break or kill at any call: nothing is lost, and the next run ends as the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.broken_calls import FaultCell, fault_cells, try_fault
from faults.choice import some_of
from faults.kills import KillCell, kill_cells, try_kill
from faults.scenarios import SCENARIOS, Scenario, begin, bench, run


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_tables_know_every_call_of_an_operation(scenario: Scenario, tmp_path: Path) -> None:
    with bench("host", tmp_path) as program:
        begin(program, scenario, scenario.namings[0])
        outcome = run(program.stack, scenario)
        assert outcome.ok, outcome.text
        assert [call.operation for call in program.emulator.calls] == list(scenario.calls)


@pytest.mark.parametrize("cell", some_of(fault_cells(), 16))
def test_a_fault_is_hidden_or_explained_and_the_next_run_converges(cell: FaultCell) -> None:
    assert try_fault(cell, "host").problems == []


@pytest.mark.parametrize("cell", some_of(kill_cells(), 12))
def test_after_a_kill_the_next_run_converges_or_explains(cell: KillCell) -> None:
    assert try_kill(cell, "host").problems == []


# `make faults` tries more of them there.
@pytest.mark.needs_cli
@pytest.mark.parametrize("cell", some_of(kill_cells(), 2))
def test_after_a_kill_of_the_cli_the_next_run_converges_or_explains(cell: KillCell) -> None:
    assert try_kill(cell, "cli").problems == []
