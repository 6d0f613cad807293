"""Kill the provider, the engine or both at any call: the next run ends as the program says."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.choice import parametrize
from faults.kills import KillCell, kill_cells, try_kill
from faults.scenarios import SCENARIOS, Scenario, WorldName, begin, bench, run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize(metafunc, kill_cells(), {"host": 12, "cli": 2})


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_tables_know_every_call_of_an_operation(scenario: Scenario, tmp_path: Path) -> None:
    with bench("host", tmp_path) as program:
        begin(program, scenario, scenario.namings[0])
        outcome = run(program.stack, scenario)
        assert outcome.ok, outcome.text
        assert [call.operation for call in program.emulator.calls] == list(scenario.calls)


def test_after_a_kill_the_next_run_converges_or_explains(cell: KillCell, world: WorldName) -> None:
    assert try_kill(cell, world).problems == []
