"""Runs the cells of the kill and the fault table, and prints what they came to.

PYTHONPATH=tests python -m faults.table [--world host|cli] [--only TEXT] [--sample N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import time
import traceback
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed

from faults.broken_calls import FaultCell, fault_cells
from faults.choice import choose
from faults.kills import KillCell, kill_cells
from faults.meetings import MeetingCell, meeting_cells
from faults.scenarios import Findings
from support.program import WorldName

Cell = KillCell | FaultCell | MeetingCell
Results = dict[Cell, dict[WorldName, Findings]]

# How many kills and faults also run on the CLI; each takes it some ten seconds.
_KILLS_ON_THE_CLI, _FAULTS_ON_THE_CLI = 40, 30
_NO_CLI = "Nothing ran on the Pulumi CLI: there is no `pulumi` on the PATH."


def _try(cell: Cell, world: WorldName) -> Findings:
    try:
        return cell.attempt(world)
    except Exception:  # the table goes on, and shows it
        return Findings([traceback.format_exc()])


def _run(cells: dict[WorldName, list[Cell]], workers: int) -> Results:
    results: Results = defaultdict(dict)
    # Every cell's emulated AWS is in the process of the cell: a fork would share its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        running = {
            pool.submit(_try, cell, world): (cell, world)
            for world, chosen in cells.items()
            for cell in chosen
        }
        for done in as_completed(running):
            cell, world = running[done]
            findings = results[cell][world] = done.result()
            ending = "FAILED" if findings.problems else cell.ending
            print(f"{ending:10} {world}: {cell}", flush=True)
            for problem in findings.problems:
                print(f"           {problem}", flush=True)
    return results


_COLUMNS = ("cells", "converged", "explained", "FAILED", "lost", "doubled", "others touched")


def _print_totals(results: Results, worlds: list[WorldName]) -> None:
    totals: dict[str, dict[WorldName, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for cell, found in results.items():
        for world, findings in found.items():
            total = totals[cell.kind][world]
            total.update(["cells", "FAILED" if findings.problems else cell.ending])
            total.update(findings.counts)
    print(f"\n{' / '.join(worlds):20}" + "".join(f"{column:>17}" for column in _COLUMNS))
    for kind, total_of in sorted(totals.items()):
        counts = [[str(total_of[world][column]) for world in worlds] for column in _COLUMNS]
        print(f"{kind:20}" + "".join(f"{' / '.join(count):>17}" for count in counts))


def _print_differences(results: Results) -> int:
    """Print the cells whose course is another on the CLI; returns their number."""
    both = {cell: found for cell, found in results.items() if len(found) == 2}
    different = 0
    for cell, found in both.items():
        if found["host"].course != found["cli"].course:
            different += 1
            print(f"Not alike: {cell}: host {found['host'].course}, cli {found['cli'].course}")
    if both:
        print(f"{len(both) - different} of the {len(both)} cells that ran on both went alike.")
    return different


def _chosen(worlds: list[WorldName], only: str, sample: int | None) -> dict[WorldName, list[Cell]]:
    kills, faults, meetings = (
        [cell for cell in cells() if only in str(cell)]
        for cells in (kill_cells, fault_cells, meeting_cells)
    )
    if sample:
        return dict.fromkeys(worlds, choose([*kills, *faults], sample))
    some = [*choose(kills, _KILLS_ON_THE_CLI), *choose(faults, _FAULTS_ON_THE_CLI)]
    # Two stacks and two backends meet on the CLI in tests/lifecycle.
    return {world: some if world == "cli" else [*kills, *faults, *meetings] for world in worlds}


def main() -> int:
    """Run the cells and print them with their totals; 1 if one failed, or went another way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=["host", "cli"], help="only in this one")
    parser.add_argument("--only", default="", metavar="TEXT", help="cells whose name has this text")
    parser.add_argument("--sample", type=int, metavar="N", help="N cells by chance, in each world")
    parser.add_argument("--workers", type=int, default=3 * (os.cpu_count() or 1))
    given = parser.parse_args()
    worlds: list[WorldName] = [given.world] if given.world else ["host", "cli"]
    no_cli = "cli" in worlds and shutil.which("pulumi") is None
    if no_cli and (given.world or os.environ.get("CI", "").lower() not in ("", "0", "false")):
        parser.error(_NO_CLI)
    if no_cli:
        worlds.remove("cli")
    cells = _chosen(worlds, given.only, given.sample)
    started = time.monotonic()
    print(f"{sum(map(len, cells.values()))} cells, {given.workers} at a time.", flush=True)
    results = _run(cells, given.workers)
    _print_totals(results, worlds)
    different = _print_differences(results)
    print(f"It took {(time.monotonic() - started) / 60:.1f} minutes.")
    if no_cli:
        print(_NO_CLI)
    failed = any(findings.problems for found in results.values() for findings in found.values())
    return 1 if failed or different else 0


if __name__ == "__main__":
    raise SystemExit(main())
