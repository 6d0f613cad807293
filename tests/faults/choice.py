"""Which cells of the tables run with every test run; the others run with `-m slow`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import pytest

from pulumi_workspaces_pool.testing.stacks import CLI, LOCAL, EngineName, engines_found

Cell = TypeVar("Cell")

_SEED = 20240607


def choose(cells: list[Cell], count: int) -> list[Cell]:
    """Choose so many cells by chance, the same ones each time."""
    return random.Random(_SEED).sample(cells, min(count, len(cells)))  # noqa: S311  # no secret


def parametrize(
    metafunc: pytest.Metafunc,
    cells: Callable[[EngineName], Iterable[Cell]],
    usual: Mapping[EngineName, int],
) -> None:
    """Give a test its cells on the engines that this run uses.

    Args:
        metafunc: the test, which has a parameter `cell`.
        cells: all the cells on an engine.
        usual: how many of them run in every test run; the others are marked slow.
    """
    engines: dict[str, list[EngineName]] = {"local": [LOCAL], "cli": [CLI]}
    option = str(metafunc.config.getoption("--pulumi-engine"))
    given = []
    for engine in engines.get(option) or engines_found():
        found = list(cells(engine))
        chosen = choose(found, usual[engine])
        for cell in found:
            marks = [] if cell in chosen else [pytest.mark.slow]
            given.append(pytest.param(cell, id=str(cell), marks=marks))
    metafunc.parametrize("cell", given)
