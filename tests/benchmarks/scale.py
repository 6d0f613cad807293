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
MOST = {"CPU ms": 20, "KB": 100, "requests": 4}

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


def costs(part: dict[str, Any], count: int, operation: str) -> dict[str, float]:
    """What a pool costs: the plugin's CPU and memory less those of doing nothing, and requests."""
    runs = runs_of(part)
    pools, floor = runs[POOLS.name, count], runs[NO_OP.name, count]
    return {
        "CPU ms": 1000 / count * (pools.cpu_seconds[operation] - floor.cpu_seconds[operation]),
        "KB": 1024 / count * (pools.memory_mib[operation] - floor.memory_mib[operation]),
        "requests": sum(pools.calls[operation].values()) / count,
    }


def counts_of(part: dict[str, Any]) -> list[int]:
    """The numbers of pools that were measured."""
    return sorted({count for _, count in runs_of(part)})


def promises(part: dict[str, Any]) -> Iterator[Promise]:
    """What is promised of the most pools, and of how a pool's cost grows with their number."""
    *others, most = counts_of(part)
    of_most = {operation: costs(part, most, operation) for operation in OPERATIONS}
    for name, limit in MOST.items():
        for operation, cost in of_most.items():
            yield Promise(f"{name} a pool of `{operation}` of {most}", cost[name], limit)
        for count in others[-1:]:
            grown = max(
                cost[name] - costs(part, count, operation)[name]
                for operation, cost in of_most.items()
            )
            what = f"{name} that a pool costs more among {most} than among {count}"
            yield Promise(what, grown, limit / 10)
