"""Which cells of the tables run with every test run; the others run with `-m slow`."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from typing import Any, TypeVar

import pytest

Cell = TypeVar("Cell")

_SEED = 20240607


def choose(cells: list[Cell], count: int) -> list[Cell]:
    """Choose so many cells: one by chance of each part of the table, the same ones each time."""
    parts = min(count, len(cells))
    bounds = [len(cells) * number // max(1, parts) for number in range(parts + 1)]
    chance = random.Random(_SEED)  # noqa: S311  # no secret
    return [cells[chance.randrange(*part)] for part in itertools.pairwise(bounds)]


def some_of(cells: Iterable[Any], usual: int) -> list[Any]:
    """The cells as parameters of a test, of which so many are not slow."""
    found = list(cells)
    chosen = choose(found, usual)
    return [
        pytest.param(cell, id=str(cell), marks=() if cell in chosen else pytest.mark.slow)
        for cell in found
    ]
