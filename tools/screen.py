"""How the demo looks: colours in a terminal, plain lines in a log."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

_PLAIN_WIDTH = 100
_WIDEST = 110
_TYPE = re.compile(r"[\w-]+:[\w/-]+:(?=\w+ )")
_OFF = ("", "0", "false")
_STATE = re.compile(r"\b(CREATING|STARTING|STOPPING|UPDATING|DELETING) for \w+")
# The sign that the CLI puts before a resource that they do something with.
_COLOURS = {"+": "green", "~": "yellow", "-": "red"}


class Screen:
    """Shows chapters, commands, their output, and what was found right or wrong."""

    def __init__(self) -> None:
        """Show on standard output, in colours or in plain lines."""
        self._plain = is_plain()
        if self._plain:
            self._console = Console(color_system=None, highlight=False, width=_PLAIN_WIDTH)
        else:
            self._console = Console(highlight=False)
            self._console.width = min(self._console.width, _WIDEST)
        self._good, self._bad = ("ok:", "NOT OK:") if self._plain else ("✓", "✗")
        self._edge = "  | " if self._plain else "  │ "

    def title(self, text: str, lines: Iterable[str]) -> None:
        """Show what this is, and some lines about it."""
        if self._plain:
            for line in (text, *lines):
                self._line(line, "")
        else:
            self._console.print(Panel("\n".join(lines), title=f"[bold]{text}[/]", padding=(1, 2)))

    def chapter(self, title: str, sentence: str) -> None:
        """Begin a chapter; the sentence says what is shown in it."""
        self._line("", "")
        if self._plain:
            self._line(f"== {title}", "")
        else:
            self._console.print(Rule(f"[bold cyan]{title}[/]", style="cyan", align="left"))
        self._line(sentence, "")

    def command(self, text: str) -> None:
        """Show a command that a person would type."""
        self._line(f"$ {text}", "bold")

    def output(self, line: str) -> None:
        """Show a line of a command's output."""
        shown = Text(self._edge, style="dim")
        if not self._plain:
            line = _TYPE.sub("", line, count=1)  # a resource's whole type is half a line
        shown.append(line, style=_COLOURS.get(line.strip()[:1], "dim"))
        shown.highlight_regex(_STATE, "bold cyan")
        self._console.print(shown, soft_wrap=True)

    def kept(self, promise: str) -> None:
        """Show something that was checked and is as it should be."""
        self._line(f"{self._good} {promise}", "green")

    def broken(self, sentence: str) -> None:
        """Show something that is not as it should be."""
        self._line(f"{self._bad} {sentence}", "bold red")

    def note(self, text: str) -> None:
        """Show a remark."""
        self._line(text, "dim")

    def working(self, text: str) -> contextlib.AbstractContextManager[object]:
        """Show that something is under way, as long as the context lasts."""
        if self._plain:
            return contextlib.nullcontext()
        return self._console.status(f"[dim]{text}[/]", spinner="dots")

    def counts(self, title: str, columns: Sequence[str], rows: Mapping[str, Sequence[int]]) -> None:
        """Show a table of counts.

        Args:
            title: what is counted.
            columns: where it was counted.
            rows: the counts by what they are of, one for each column.
        """
        if self._plain:
            table = Table(box=box.ASCII2)
        else:  # as narrow as 80 columns want it
            table = Table(box=box.SIMPLE, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column("")
        for column in (*columns, "all"):
            table.add_column(column, justify="right")
        for name, counts in rows.items():
            table.add_row(name, *(str(count or "") for count in (*counts, sum(counts))))
        table.add_section()
        totals = [sum(column) for column in zip(*rows.values(), strict=True)] or [0] * len(columns)
        table.add_row("all", *map(str, (*totals, sum(totals))), style="bold")
        self._line("", "")
        self._line(title, "bold cyan")
        self._console.print(table)

    def _line(self, text: str, style: str) -> None:
        self._console.print(Text(text, style=style), soft_wrap=self._plain)


def is_plain() -> bool:
    """Return whether to show plain lines: in a log, in CI, or where a person wants no colours."""
    return (
        not sys.stdout.isatty()
        or os.environ.get("TERM") == "dumb"
        or "NO_COLOR" in os.environ
        or os.environ.get("CI", "").lower() not in _OFF
        or "utf" not in (sys.stdout.encoding or "").lower()
    )
