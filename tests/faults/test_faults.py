"""Break any call: a passing fault is hidden, a lasting one explained, and nothing is lost."""

from __future__ import annotations

import pytest

from faults.broken_calls import FaultCell, fault_cells, try_fault
from faults.choice import parametrize
from faults.scenarios import WorldName


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize(metafunc, fault_cells(), {"host": 16, "cli": 1})


def test_a_fault_is_hidden_or_explained_and_the_next_run_converges(
    cell: FaultCell, world: WorldName
) -> None:
    assert try_fault(cell, world).problems == []
