"""Pools beside the other ways to have them, with an AWS that takes every request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pulumi_workspaces_pool.testing.emulator import Timing

from .measure import PARALLEL, Promise, Run, import_seconds, run_script, run_stacks
from .programs import AS_SHIPPED, NO_OP, POOLS

OPERATIONS = ("up", "up again", "preview", "refresh", "destroy")
_ROUNDS = 5


def measure(counts: Sequence[int], creating: float) -> dict[str, Any]:
    """Measure each way with each number of pools.

    Args:
        counts: the numbers.
        creating: how long a creation takes, in seconds; every other transition takes no time.

    Returns:
        The figures, for JSON.
    """
    runs: list[Run] = []
    timing = Timing(creating=creating)
    for count in counts:
        runs.append(run_script(count, timing, pause=0.5))
        programs = (NO_OP, POOLS, AS_SHIPPED)
        runs += run_stacks(programs, count, timing, OPERATIONS, rounds=_ROUNDS)
    plain = import_seconds("pulumi.dynamic")
    package = import_seconds("pulumi.dynamic, pulumi_workspaces_pool")
    plugin = import_seconds("pulumi.dynamic, pulumi_workspaces_pool.provider, boto3")
    return {
        "creating": creating,
        "parallel": PARALLEL,
        "import_cost": package - plain,
        "plugin_import_cost": plugin - plain,
        "runs": [asdict(run) for run in runs],
    }


def runs_of(part: dict[str, Any]) -> dict[tuple[str, int], Run]:
    """The runs among figures from JSON, by program and count."""
    runs = [Run(**run) for run in part["runs"]]
    return {(run.program, run.count): run for run in runs}


def promises(part: dict[str, Any]) -> Iterator[Promise]:
    """What is promised of the most pools that were measured."""
    runs = runs_of(part)
    count = max(count for _, count in runs)
    pools, floor = runs[POOLS.name, count], runs[NO_OP.name, count]
    describes = pools.calls["up"]["DescribeWorkspacesPools"]
    again = pools.seconds["up again"] / floor.seconds["up again"]
    added = (pools.seconds["up"] - floor.seconds["up"]) / part["creating"]
    refreshing = pools.calls["refresh"]["DescribeWorkspacesPools"]
    yield Promise(f"`up` of {count}, less the no-op stack's, in creation times", added, 1.3)
    looked_at = describes / pools.ids_described
    yield Promise("DescribeWorkspacesPools calls of that `up`, per pool described", looked_at, 0.05)
    yield Promise("`up` again, in times of the no-op stack's", again, 1.1)
    yield Promise("AWS calls of that `up`", sum(pools.calls["up again"].values()), 0)
    yield Promise("DescribeWorkspacesPools calls of a `refresh`", refreshing, -(-count // 25))
    yield Promise("bytes of `__provider` in the state, per pool", pools.provider_bytes, 200)
    yield Promise("ms that the import adds to `import pulumi`", part["import_cost"] * 1000, 30)
