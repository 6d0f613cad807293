"""Shows the figures: the promises kept or not, a table, a JSON file and a plot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from .measure import OPERATIONS, PLAIN, Run
from .programs import AS_SHIPPED, NO_OP, POOLS


@dataclass(frozen=True)
class Promise:
    """A figure that is not to exceed a limit.

    Attributes:
        what: what the figure is.
        figure: its value.
        limit: the most that it may be.
    """

    what: str
    figure: float
    limit: float

    @property
    def kept(self) -> bool:
        """Whether the figure is within the limit."""
        return self.figure <= self.limit


def promises(runs: Sequence[Run], count: int, creating: float, import_cost: float) -> list[Promise]:
    """What is promised of many pools.

    Args:
        runs: all runs.
        count: the number of pools that the promises are about.
        creating: the emulated creation time in seconds.
        import_cost: what importing the package adds to `import pulumi`, in seconds.

    Returns:
        The promises, kept or not.
    """
    found = {(run.program, run.count): run for run in runs}
    pools, floor = found[POOLS.name, count], found[NO_OP.name, count]
    describes = pools.calls["up"]["DescribeWorkspacesPools"]
    again = pools.seconds["up again"] / floor.seconds["up again"]
    added = (pools.seconds["up"] - floor.seconds["up"]) / creating
    refreshing = pools.calls["refresh"]["DescribeWorkspacesPools"]
    return [
        Promise(f"up of {count}, less the no-op stack's, in creation times", added, 1.3),
        Promise("describe calls of up, per pool looked at", describes / pools.ids_described, 0.05),
        Promise("API calls of up again", sum(pools.calls["up again"].values()), 0),
        Promise("up again, in times of the no-op stack's", again, 1.1),
        Promise(f"describe calls of a refresh of {count}", refreshing, 4),
        Promise("bytes of __provider in the state", pools.provider_bytes, 200),
        Promise("milliseconds that the import adds to import pulumi", import_cost * 1000, 30),
    ]


def show(console: Console, runs: Sequence[Run], kept: Sequence[Promise]) -> None:
    """Print the figures and the promises as tables."""
    table = Table(title="Seconds (API calls)")
    for column in ("program", "N", *OPERATIONS, "state B", "plugin MiB"):
        table.add_column(column, justify="left" if column == "program" else "right")
    for run in runs:
        cells = [_cell(run, operation) for operation in OPERATIONS]
        rest = [str(run.state_bytes or ""), f"{run.plugin_memory_mib:.0f}"]
        table.add_row(run.program, str(run.count), *cells, *rest)
    console.print(table)
    promised = Table(title="Promises")
    for column in ("what", "figure", "at most", "kept"):
        promised.add_column(column, justify="left" if column == "what" else "right")
    for promise in kept:
        answer = "yes" if promise.kept else "NO"
        figure, limit = f"{promise.figure:.3g}", f"{promise.limit:.3g}"
        promised.add_row(promise.what, figure, limit, answer)
    console.print(promised)


def write(folder: Path, runs: Sequence[Run], settings: dict[str, Any]) -> None:
    """Write the figures as JSON and as a plot.

    Args:
        folder: where to, made if need be.
        runs: the figures.
        settings: what they were measured with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {**settings, "runs": [run.as_json() for run in runs]}
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    _plot(folder / "up.png", runs)


def _cell(run: Run, operation: str) -> str:
    if operation not in run.seconds:
        return ""
    return f"{run.seconds[operation]:.2f} ({sum(run.calls[operation].values())})"


def _plot(path: Path, runs: Sequence[Run]) -> None:
    import matplotlib as mpl  # noqa: PLC0415  # slow to import, and needed just here

    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415  # after the choice of a backend

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for program in (PLAIN, NO_OP.name, POOLS.name, AS_SHIPPED.name):
        chosen = [run for run in runs if run.program == program]
        style = "-" if program == POOLS.name else "--"
        counts, seconds = [run.count for run in chosen], [run.seconds["up"] for run in chosen]
        axes.plot(counts, seconds, style, marker="o", label=program)
    axes.set(xscale="log", yscale="log", xlabel="pools", ylabel="seconds of `pulumi up`")
    axes.set_title("Time to create pools")
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
