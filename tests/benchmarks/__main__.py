"""`make bench`: measures all ways to have many pools side by side, and shows the figures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from pulumi_workspaces_pool.testing.stacks import EngineName, engines_found

from .measure import PARALLEL, Run, import_seconds, run_script, run_stack
from .programs import AS_SHIPPED, NO_OP, POOLS
from .report import Promise, promises, show, write


def main() -> int:
    """Measure; the exit code is 1 where a promise is not kept."""
    arguments = _arguments()
    console = Console(width=140)
    engines: list[EngineName] = [arguments.engine] if arguments.engine else engines_found()
    runs: list[Run] = []
    for count in arguments.counts:
        runs.append(run_script(count, arguments.creating))
        for engine in engines:
            for program in (NO_OP, POOLS, AS_SHIPPED):
                console.print(f"{program.name} x {count} on the {engine} engine ...")
                runs.append(run_stack(engine, program, count, arguments.creating))
    cost = import_seconds("pulumi, pulumi_workspaces_pool") - import_seconds("pulumi")
    most = max(arguments.counts)
    kept: dict[str, list[Promise]] = {
        engine: promises(runs, engine, most, arguments.creating, cost) for engine in engines
    }
    show(console, runs, kept)
    settings = {"creating": arguments.creating, "parallel": PARALLEL, "import_cost": cost}
    write(arguments.output, runs, settings)
    console.print(f"Written to {arguments.output}: figures.json, up.png")
    return 0 if all(promise.kept for found in kept.values() for promise in found) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--engine", choices=("local", "cli"), help="all that are found otherwise")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--creating", type=float, default=5.0, help="seconds a creation takes")
    parser.add_argument("--output", type=Path, default=Path(".build/bench"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
