"""Writes docs/performance.md, with its plot, from what `make bench` measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import limited, scale, ways
from .measure import PLAIN, Promise
from .programs import AS_SHIPPED, NO_OP, POOLS

FOLDER = Path(".build/bench")
FIGURES, PAGE, PLOT = "figures.json", "performance.md", "performance.png"
PARTS: dict[str, Any] = {"ways": ways, "limited": limited, "scale": scale}

_NAMES = {
    PLAIN: "boto3 script with a thread per pool",
    POOLS.name: "`WorkspacesPool`",
    NO_OP.name: "dynamic resources with as many outputs that do nothing: the cost of Pulumi itself",
    AS_SHIPPED.name: "dynamic resources as they are usually written",
}

_HEAD = """# Performance

[README](../README.md) · [Configuration](configuration.md) · [Operating](operating.md) ·
[Testing](testing.md) · **Performance**

A hundred pools take about the time of one. All pools of an account and region that wait or are read
share DescribeWorkspacesPools calls, 25 pools each, and the number of concurrent operations is
limited by `--parallel` alone rather than by the 4 threads of Pulumi's dynamic provider host.

A waiting pool is polled after another tenth of the time it has waited, at least every 15 seconds.

![seconds, ratios to the limit and CPU by the number of pools](performance.png)
"""

_WAYS = """
## Time

Seconds of `pulumi up --parallel {parallel}`, with a creation that takes {creating:g} s on emulated
AWS.

{machine}

{table}

The script is the lower bound: it has no engine and no state.

## Cost of {count} pools

{promises}
| AWS calls of `up` | {calls} | |
| MiB of memory of the plugin | {memory:.0f} | |
| ms that the imports of the plugin's process add there, boto3 included | {plugin:.0f} | |
"""

_LIMITED = """
## When AWS limits requests

AWS keeps a bucket of requests for each operation, account and Region. So does emulated AWS here.
Of its own it takes {timing}.

{machine}

"Least" is what the limit alone allows: one request a pool (CreateWorkspacesPool,
UpdateWorkspacesPool, DescribeTags or TerminateWorkspacesPool) less the burst, divided by the rate,
and the time that AWS itself takes. `up` again needs no request: its least is the time of resources
that do nothing. The start of the Pulumi CLI is in what is measured. The ratio is to be at most
{most}.

{table}

Of what is above the least, about a second is botocore's limiter, which allows half a request a
second after the first call that AWS throttles, and takes three seconds to learn the rate. The CLI
and the program take one or two more. A run of 20 s has as much of both as one of a minute.

Side by side in one account, {sides}.
The script looks at its pools every {pause:g} s, and has botocore's adaptive limiter for each
operation. What is usually written makes 4 at a time.
"""

_SCALE = """
## A thousand pools

CPU and memory of the plugin a pool, less those of resources that do nothing: at most {cpu} ms and
{kb} KB for {count} pools, with {requests} requests, and hardly more a pool than for fewer. The
fixed costs, such as the import of boto3, are part of them. `--parallel` is the number of pools, at
most {parallel}, and the CLI writes its state once, at the end (`PULUMI_SKIP_CHECKPOINTS`).

{machine}

{table}

The resources that do nothing are made to share one serialized provider here, as pools do: with the
SDK alone, a program of some hundred dynamic resources ends in a RecursionError.
"""

_FOOT = """
## Measuring

`make bench` runs the benchmarks on the Pulumi CLI, which takes about half an hour, and fails if a
figure exceeds its limit. It writes `figures.json`, this page and the plot to `.build/bench`;
`make performance` writes the page and the plot to `docs`. `make bench BENCH="--only limited"`
measures one part (`ways`, `limited`, `scale`) and keeps the figures of the others;
`BENCH="--only ways --counts 1 10 --creating 20"` measures fewer pools, which take 20 s to create.
"""


def page(figures: dict[str, Any]) -> str:
    """The page of those parts that were measured."""
    sections = {"ways": _ways, "limited": _limited, "scale": _scale}
    parts = [section(figures[part]) for part, section in sections.items() if part in figures]
    return "".join([_HEAD, *parts, _FOOT])


def plot(figures: dict[str, Any], path: Path) -> None:
    """Draw those parts that were measured."""
    import matplotlib as mpl  # noqa: PLC0415  # slow to import, and needed just here

    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415  # after the choice of a backend

    draw = {"ways": _draw_ways, "limited": _draw_limited, "scale": _draw_scale}
    drawn = [part for part in draw if part in figures]
    figure, axes = pyplot.subplots(1, len(drawn), figsize=(6 * len(drawn), 4.5), squeeze=False)
    for part, its_axes in zip(drawn, axes[0], strict=True):
        draw[part](its_axes, figures[part])
        its_axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def _ways(part: dict[str, Any]) -> str:
    runs = ways.runs_of(part)
    counts = sorted({count for _, count in runs})
    rows = (
        [_NAMES[program], *(f"{runs[program, count].seconds['up']:.3g}" for count in counts)]
        for program in (PLAIN, POOLS.name, NO_OP.name, AS_SHIPPED.name)
    )
    most = runs[POOLS.name, counts[-1]]
    return _WAYS.format(
        parallel=part["parallel"],
        creating=part["creating"],
        machine=_machine(part),
        table=_table(["pools", *map(str, counts)], rows),
        count=counts[-1],
        promises=_promises(ways.promises(part)),
        calls=sum(most.calls["up"].values()),
        memory=max(most.memory_mib.values()),
        plugin=part["plugin_import_cost"] * 1000,
    )


def _limited(part: dict[str, Any]) -> str:
    figures = limited.figures_of(part)
    columns = ["limit", "", "seconds", "least", "ratio", "requests"]
    rows = (
        [
            figure.limit,
            f"`{figure.operation}`, {_what(figure)}",
            f"{figure.seconds:.1f}",
            f"{figure.allowed:.1f}",
            f"{figure.ratio:.2f}" + ("" if _is_kept(figure) else " (exceeded)"),
            _calls(figure),
        ]
        for figure in figures
    )
    timing = [f"{seconds:g} s for {name}" for name, seconds in part["timing"].items()]
    return _LIMITED.format(
        timing=", ".join(timing),
        machine=_machine(part),
        most=limited.MOST,
        table=_table(columns, rows),
        sides=" and ".join(_sides(figures)),
        pause=part["timing"]["creating"],
    )


def _is_kept(figure: limited.Figure) -> bool:
    return figure.program != POOLS.name or figure.ratio <= limited.MOST


def _what(figure: limited.Figure) -> str:
    if figure.sides:
        return f"two stacks of {figure.count} pools"
    names = {PLAIN: " (boto3 script)", AS_SHIPPED.name: " (as usually written)"}
    return f"{figure.count} pools{names.get(figure.program, '')}"


def _calls(figure: limited.Figure) -> str:
    calls = [
        f"{figure.calls.get(name, 0)} {name}"
        + (f" ({figure.throttled[name]} throttled)" if name in figure.throttled else "")
        for name in sorted({**figure.calls, **figure.throttled})
    ]
    return ", ".join(calls) or "none"


def _sides(figures: Iterable[limited.Figure]) -> Iterator[str]:
    for figure in figures:
        if figure.sides:
            quick, slow = sorted(figure.sides)
            yield f"`{figure.operation}` took one stack {quick / slow:.2f} of the time of the other"


def _scale(part: dict[str, Any]) -> str:
    runs = ways.runs_of(part)
    counts = scale.counts_of(part)
    columns = ["", "pools", "seconds", "doing nothing", *(f"{name} a pool" for name in scale.MOST)]
    rows = (
        [
            f"`{operation}`",
            f"{count:,}",
            f"{runs[POOLS.name, count].seconds[operation]:.1f}",
            f"{runs[NO_OP.name, count].seconds[operation]:.1f}",
            f"{cost['CPU ms']:.1f}",
            f"{cost['KB']:.0f}",
            f"{cost['requests']:.2f}",
        ]
        for operation in scale.OPERATIONS
        for count in counts
        for cost in [scale.costs(part, count, operation)]
    )
    return _SCALE.format(
        cpu=scale.MOST["CPU ms"],
        kb=scale.MOST["KB"],
        requests=scale.MOST["requests"],
        count=f"{counts[-1]:,}",
        parallel=part["parallel"],
        machine=_machine(part),
        table=_table(columns, rows),
    )


def _machine(part: dict[str, Any]) -> str:
    text = "Measured {date}: {cores} cores, {system}, Python {python}, Pulumi CLI {cli}."
    return text.format(**part["machine"])


def _promises(promises: Iterable[Promise]) -> str:
    rows = (
        [
            promise.what,
            f"{promise.figure:.3g}",
            f"{promise.limit:.3g}" + ("" if promise.kept else " (exceeded in this run)"),
        ]
        for promise in promises
    )
    return _table(["", "measured", "at most"], rows)


def _table(columns: list[str], rows: Iterable[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def _draw_ways(axes: Any, part: dict[str, Any]) -> None:
    runs = ways.runs_of(part)
    for program in (PLAIN, NO_OP.name, POOLS.name, AS_SHIPPED.name):
        counts = [count for its_program, count in runs if its_program == program]
        style = "-" if program == POOLS.name else "--"
        seconds = [runs[program, count].seconds["up"] for count in counts]
        axes.plot(counts, seconds, style, marker="o", label=program)
    axes.set(xscale="log", yscale="log", xlabel="pools", ylabel="seconds of `pulumi up`")
    axes.set_title("Time to create pools")


def _draw_limited(axes: Any, part: dict[str, Any]) -> None:
    figures = limited.figures_of(part)
    names = [
        f"{figure.operation}, {'two stacks' if figure.sides else figure.program}, {figure.limit}"
        for figure in figures
    ]
    axes.barh(names, [figure.ratio for figure in figures])
    axes.axvline(limited.MOST, color="black", linestyle="--", label=f"{limited.MOST}")
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize="x-small")
    axes.set(xscale="log", xlabel="seconds in times of the least")
    axes.set_title("Time under a limit")


def _draw_scale(axes: Any, part: dict[str, Any]) -> None:
    counts = scale.counts_of(part)
    for operation in scale.OPERATIONS:
        own = [scale.costs(part, count, operation)["CPU ms"] for count in counts]
        axes.plot(counts, own, marker="o", label=operation)
    axes.axhline(scale.MOST["CPU ms"], color="black", linestyle="--")
    axes.set(xscale="log", xlabel="pools", ylabel="CPU ms a pool", ylim=0)
    axes.set_title("The plugin's CPU, less that of resources that do nothing")


def main() -> int:
    """Copy the page of a whole benchmark to docs."""
    try:
        figures = json.loads((FOLDER / FIGURES).read_text())
    except FileNotFoundError:
        figures = {}
    if missing := PARTS.keys() - figures.keys():
        missed = ", ".join(sorted(missing))
        print(f"docs/performance.md needs figures of {missed}: run `make bench`.", file=sys.stderr)
        return 1
    Path("docs", PAGE).write_text(page(figures), encoding="utf-8")
    plot(figures, Path("docs", PLOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
