"""A thousand pools: what of the CPU time and the memory is ours rather than Pulumi's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pulumi_workspaces_pool.testing.emulator import Timing

from .measure import Promise, Run, run_stacks
from .programs import MANY_NO_OP, NO_OP, POOLS
from .ways import runs_of

OPERATIONS = ("up", "up again", "refresh", "destroy")
MOST_CPU_MS = 20
MOST_KB = 100
MOST_REQUESTS = 4

# More at once than a machine has use for make only the engine slower.
_MOST_PARALLEL = 250
_TIMING = Timing(creating=5)
# A backend of files would be written anew, as a whole, at each step of each resource.
_AT_THE_END = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}


def measure(counts: Sequence[int]) -> dict[str, Any]:
    """Measure each number of pools beside as many resources that do nothing, for JSON."""
    runs: list[Run] = []
    for count in counts:
        parallel = min(count, _MOST_PARALLEL)
        programs = (MANY_NO_OP, POOLS)
        runs += run_stacks(
            programs, count, _TIMING, OPERATIONS, parallel=parallel, variables=_AT_THE_END
        )
    return {"parallel": _MOST_PARALLEL, "runs": [asdict(run) for run in runs]}


def cpu_ms(part: dict[str, Any], count: int, operation: str) -> float:
    """The CPU time of the plugin a pool, less that of a resource that does nothing."""
    pools, floor = (run.cpu_seconds[operation] for run in _pair(part, count))
    return (pools - floor) * 1000 / count


def memory_kb(part: dict[str, Any], count: int, operation: str) -> float:
    """The memory of the plugin a pool, less that of a resource that does nothing."""
    pools, floor = (run.memory_mib[operation] for run in _pair(part, count))
    return (pools - floor) * 1024 / count


def requests(part: dict[str, Any], count: int, operation: str) -> float:
    """The AWS calls a pool."""
    return sum(_pair(part, count)[0].calls[operation].values()) / count


def _pair(part: dict[str, Any], count: int) -> tuple[Run, Run]:
    runs = runs_of(part)
    return runs[POOLS.name, count], runs[NO_OP.name, count]


def counts_of(part: dict[str, Any]) -> list[int]:
    """The numbers of pools that were measured."""
    return sorted({count for _, count in runs_of(part)})


def promises(part: dict[str, Any]) -> Iterator[Promise]:
    """What is promised of the most pools, and of how a pool's cost grows with their number."""
    *others, most = counts_of(part)
    for name, figure, limit in (
        ("CPU ms", cpu_ms, MOST_CPU_MS),
        ("KB", memory_kb, MOST_KB),
        ("requests", requests, MOST_REQUESTS),
    ):
        costs = {operation: figure(part, most, operation) for operation in OPERATIONS}
        for operation, cost in costs.items():
            yield Promise(f"{name} a pool of `{operation}` of {most}", cost, limit)
        for count in others[-1:]:
            grown = max(cost - figure(part, count, name) for name, cost in costs.items())
            what = f"{name} that a pool costs more among {most} than among {count}"
            yield Promise(what, grown, limit / 10)
