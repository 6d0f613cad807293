"""Pools, and other ways to have them, on an AWS that takes some requests a second and no more."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pulumi_workspaces_pool.testing.emulator import Timing
from pulumi_workspaces_pool.testing.stacks import StackUnderTest

from .limits import CHANGING, FIVE, TWO, Limit
from .measure import PARALLEL, Promise, Run, emulated, run_script, run_stacks
from .programs import AS_SHIPPED, NO_OP, POOLS

OPERATIONS = ("up", "up again", "update", "refresh", "destroy")
MOST = 1.15

# How long AWS itself takes; boto3's scripts look after as many seconds as a creation takes.
_TIMING = Timing(creating=5, starting=4, stopping=4, updating=2, deleting=3)
_WAITS = {"up": _TIMING.creating, "update": _TIMING.updating, "destroy": _TIMING.deleting}
# Dynamic resources as shipped come 4 at a time: a hundred of them would take minutes.
_AS_SHIPPED_COUNT = 20


@dataclass
class Figure:
    """One operation under a limit.

    Attributes:
        allowed: the least seconds that the limit and AWS's own waits allow; of what needs no
            request, the no-op stack's time.
        calls: the requests that AWS accepted, by operation.
        throttled: those that it refused.
        sides: the seconds of each of two stacks side by side.
    """

    limit: str
    program: str
    operation: str
    count: int
    seconds: float
    allowed: float
    calls: dict[str, int]
    throttled: dict[str, int]
    sides: Sequence[float] = ()

    @property
    def ratio(self) -> float:
        return self.seconds / self.allowed


def measure(count: int) -> dict[str, Any]:
    """Measure a number of pools under each limit: the figures, for JSON."""
    figures: list[Figure] = []
    for limit in (FIVE, TWO):
        figures += _stacks(limit, count, OPERATIONS)
    figures += _stacks(CHANGING, count, ["up"])
    figures += _side_by_side(FIVE, count // 2)
    script = run_script(count, _TIMING, _TIMING.creating, FIVE)
    figures += _figures(FIVE, script, ["up"])
    few, operations = min(count, _AS_SHIPPED_COUNT), ("up", "destroy")
    shipped = run_stacks([AS_SHIPPED], few, _TIMING, operations, limit=FIVE)[0]
    figures += _figures(FIVE, shipped, operations)
    return {"timing": asdict(_TIMING), "figures": [asdict(figure) for figure in figures]}


def figures_of(part: dict[str, Any]) -> list[Figure]:
    """The figures from JSON."""
    return [Figure(**figure) for figure in part["figures"]]


def promises(part: dict[str, Any]) -> Iterator[Promise]:
    """What is promised of an operation under a limit."""
    for figure in figures_of(part):
        if figure.program == POOLS.name:
            stacks = f"two stacks of {figure.count}" if figure.sides else f"{figure.count} pools"
            what = f"`{figure.operation}` of {stacks} at {figure.limit}, in times of the least"
            yield Promise(what, figure.ratio, MOST)


def _stacks(limit: Limit, count: int, operations: Sequence[str]) -> Iterator[Figure]:
    floor, pools = run_stacks((NO_OP, POOLS), count, _TIMING, operations, limit=limit)
    for figure in _figures(limit, pools, operations):
        if figure.operation == "up again" or not figure.allowed:
            figure.allowed = floor.seconds[figure.operation]
        yield figure


def _figures(limit: Limit, run: Run, operations: Iterable[str]) -> Iterator[Figure]:
    for operation in operations:
        yield Figure(
            limit.name,
            run.program,
            operation,
            run.count,
            run.seconds[operation],
            _allowed(limit, operation, run.count),
            run.calls[operation],
            run.throttled[operation],
        )


def _allowed(limit: Limit, operation: str, count: int) -> float:
    """A pool needs one request that no other shares: a write, or a read of its tags."""
    return limit.seconds(count) + _WAITS.get(operation, 0)


def _side_by_side(limit: Limit, count: int) -> Iterator[Figure]:
    """Two stacks in two processes, in one account."""
    with tempfile.TemporaryDirectory() as folder, emulated(_TIMING) as (emulator, environment):
        for operation in ("up", "destroy"):
            run = Run(POOLS.name, count)
            emulator.clear_calls()
            with limit.applied(emulator), ProcessPoolExecutor(2, get_context("spawn")) as processes:
                side = partial(_side, Path(folder), count, operation, environment)
                sides = list(processes.map(side, ("one", "two")))
            run.seconds[operation] = max(sides)
            run.count_calls(operation, emulator)
            for figure in _figures(limit, run, [operation]):
                figure.allowed = _allowed(limit, operation, 2 * count)
                figure.sides = sides
                yield figure


def _side(
    folder: Path, count: int, operation: str, environment: dict[str, str], name: str
) -> float:
    """The seconds of an operation of one of the stacks, in the process that this runs in."""
    project, state = POOLS.write(folder / name / "project", count), folder / name / "state"
    stack = StackUnderTest(project, state=state, name=name, environment=environment)
    started = time.perf_counter()
    getattr(stack, operation)(parallel=PARALLEL)
    return time.perf_counter() - started
