"""Runs all cells of the kill and the fault table on the engines found, and prints them.

PYTHONPATH=tests python -m faults.table [--engine local|cli] [--only TEXT] [--sample N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
import traceback
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from faults.broken_calls import FaultCell, fault_cells, try_fault
from faults.choice import choose
from faults.kills import KillCell, kill_cells, try_kill
from faults.scenarios import Findings
from pulumi_workspaces_pool.testing.stacks import CLI, EngineName, engines_found

Cell = KillCell | FaultCell
Result = tuple[Cell, Findings]

# How many faults the CLI meets: it starts slowly, and the provider under it is the same.
_FAULTS_ON_THE_CLI = 60


def _cells(engine: EngineName) -> list[Cell]:
    faults = list(fault_cells(engine))
    return [
        *kill_cells(engine),
        *(choose(faults, _FAULTS_ON_THE_CLI) if engine == CLI else faults),
    ]


def _try(cell: Cell) -> Findings:
    try:
        return try_kill(cell) if isinstance(cell, KillCell) else try_fault(cell)
    except Exception:  # the table goes on, and shows it
        return Findings([traceback.format_exc()])


def _end(cell: Cell, findings: Findings) -> str:
    if findings.problems:
        return "FAILED"
    explained = isinstance(cell, KillCell) and cell.is_the_exception
    return "explained" if explained else "converged"


def _run(cells: list[Cell], workers: int) -> list[Result]:
    os.environ.setdefault("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    results: list[Result] = []
    # Every cell's emulated AWS is in the process of the cell: a fork would share its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        running: dict[Future[Findings], Cell] = {pool.submit(_try, cell): cell for cell in cells}
        for done in as_completed(running):
            cell, findings = running[done], done.result()
            results.append((cell, findings))
            print(f"{_end(cell, findings):10} {cell}", flush=True)
            for problem in findings.problems:
                print(f"           {problem}", flush=True)
    return results


def _print_totals(results: list[Result]) -> None:
    columns = ("cells", "converged", "explained", "FAILED", "lost", "doubled", "foreign touched")
    print("\n" + "table".ljust(16) + "".join(column.rjust(17) for column in columns))
    keys = {(cell.engine, _kind(cell)) for cell, _ in results}
    for key in sorted(keys):
        of_kind = [result for result in results if (result[0].engine, _kind(result[0])) == key]
        ends = [_end(cell, findings) for cell, findings in of_kind]
        counts = [
            len(of_kind),
            *(ends.count(end) for end in ("converged", "explained", "FAILED")),
            sum(findings.lost for _, findings in of_kind),
            sum(findings.doubled for _, findings in of_kind),
            sum(findings.foreign_touched for _, findings in of_kind),
        ]
        print(f"{key[1]}, {key[0]}".ljust(16) + "".join(str(count).rjust(17) for count in counts))


def _kind(cell: Cell) -> str:
    return "kills" if isinstance(cell, KillCell) else "faults"


def main() -> int:
    """Run the cells and print them with their totals.

    Returns:
        The exit code: 1 if a cell failed.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=engines_found(), help="only this one")
    parser.add_argument("--only", default="", metavar="TEXT", help="cells whose name has this text")
    parser.add_argument("--sample", type=int, metavar="N", help="N cells of each engine, by chance")
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    given = parser.parse_args()
    cells: list[Cell] = []
    for engine in [given.engine] if given.engine else engines_found():
        found = [cell for cell in _cells(engine) if given.only in str(cell)]
        cells += choose(found, given.sample) if given.sample else found
    started = time.monotonic()
    print(f"{len(cells)} cells, {given.workers} at a time.", flush=True)
    results = _run(cells, given.workers)
    _print_totals(results)
    print(f"\nIt took {(time.monotonic() - started) / 60:.0f} minutes.")
    return 1 if any(findings.problems for _, findings in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
