"""`make bench`: measures all ways to have many pools side by side, and shows the figures."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from .measure import PARALLEL, Run, import_seconds, run_script, run_stacks
from .programs import AS_SHIPPED, NO_OP, POOLS
from .report import promises, show, write


def main() -> int:
    """Measure; the exit code is 1 where a promise is not kept."""
    arguments = _arguments()
    console = Console(width=140)
    # An installed package is compiled; one that may not be would be, in every process, anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    runs: list[Run] = []
    for count in arguments.counts:
        runs.append(run_script(count, arguments.creating))
        console.print(f"{count} of each ...")
        runs.extend(run_stacks((NO_OP, POOLS, AS_SHIPPED), count, arguments.creating))
    plain = import_seconds("pulumi.dynamic")
    cost = import_seconds("pulumi.dynamic, pulumi_workspaces_pool") - plain
    plugin = import_seconds("pulumi.dynamic, pulumi_workspaces_pool.provider, boto3") - plain
    most = max(arguments.counts)
    kept = promises(runs, most, arguments.creating, cost)
    show(console, runs, kept)
    console.print(
        f"Importing takes {plain * 1000:.0f} ms for pulumi.dynamic alone, {cost * 1000:.1f} ms "
        f"more with this package, {plugin * 1000:.0f} ms more with all that the plugin loads."
    )
    settings = {
        "creating": arguments.creating,
        "parallel": PARALLEL,
        "import_cost": cost,
        "plugin_import_cost": plugin,
    }
    write(arguments.output, runs, settings)
    console.print(f"Written to {arguments.output}: figures.json, up.png")
    return 0 if all(promise.kept for promise in kept) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--creating", type=float, default=5.0, help="seconds a creation takes")
    parser.add_argument("--output", type=Path, default=Path(".build/bench"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
