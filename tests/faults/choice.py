"""Which cells of the tables run with every test run; the others run with `-m slow`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import TypeVar

import pytest

from faults.scenarios import WorldName

Cell = TypeVar("Cell")

_SEED = 20240607


def choose(cells: list[Cell], count: int) -> list[Cell]:
    """Choose so many cells by chance, the same ones each time."""
    return random.Random(_SEED).sample(cells, min(count, len(cells)))  # noqa: S311  # no secret


def parametrize(
    metafunc: pytest.Metafunc, cells: Iterable[Cell], usual: Mapping[WorldName, int]
) -> None:
    """Give a test its cells in both worlds.

    Args:
        metafunc: the test, which may have the parameters `cell` and `world`.
        cells: all the cells.
        usual: how many of them run in every test run; the others are marked slow.
    """
    if "cell" not in metafunc.fixturenames:
        return
    given, found = [], list(cells)
    for world, count in usual.items():
        chosen = choose(found, count)
        of_the_world = [pytest.mark.needs_cli] if world == "cli" else []
        for cell in found:
            marks = of_the_world if cell in chosen else [*of_the_world, pytest.mark.slow]
            given.append(pytest.param(cell, world, id=f"{world}: {cell}", marks=marks))
    metafunc.parametrize(("cell", "world"), given)
