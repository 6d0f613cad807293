"""What a run shows: plain lines as they happen, then diagnostics, outputs and a summary.

The text is that of the Pulumi CLI without a terminal, so that what looks for a line in one finds
it in the other.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc

from .rows import DEBUG, ERROR, INFO, SEVERITIES, SIGNS, WARNING, Row
from .shown_values import masked, outputs_lines
from .state import Resource
from .steps import Step
from .urns import STACK_TYPE, is_provider_type, qualified_type, urn_name, urn_type
from .values import Properties

__all__ = ["DEBUG", "ERROR", "INFO", "WARNING", "Diagnostic", "Display", "is_internal"]

_PREFIXES = {WARNING: "warning: ", ERROR: "error: "}
_PAST = {"create": "created", "update": "updated", "delete": "deleted", "replace": "replaced"}
_TITLES = {
    "preview": "Previewing update ({})",
    "up": "Updating ({})",
    "destroy": "Destroying ({})",
    "preview-destroy": "Previewing destroy ({})",
    "refresh": "Refreshing ({})",
    "preview-refresh": "Previewing refresh ({})",
}


@dataclass(frozen=True)
class Diagnostic:
    """Something that was said about a resource."""

    severity: int
    message: str
    urn: str

    @property
    def text(self) -> str:
        """The message, with a word before it that says how bad it is."""
        return f"{_PREFIXES.get(self.severity, '')}{self.message}"


class Display:
    """Shows one run."""

    def __init__(
        self, write: Callable[[str], None], kind: str, stack: str, *, quiet: bool = False
    ) -> None:
        """Begin with the title.

        Args:
            write: takes the text, line by line.
            kind: ``preview``, ``up``, ``destroy``, ``refresh``, or the preview of one of these.
            stack: the stack's name.
            quiet: show nothing: the run is shown as JSON at its end.
        """
        self._write = write
        self._quiet = quiet
        self._guard = threading.RLock()
        self._begun = time.monotonic()
        self._stack_urn = ""
        self._rows: dict[str, Row] = {}
        self._errored: set[str] = set()
        self.preview = kind.startswith("preview")
        self.diagnostics: list[Diagnostic] = []
        self.counts: Counter[str] = Counter()
        self.steps: list[dict[str, Any]] = []
        self.line(f"{_TITLES[kind].format(stack)}:")

    def line(self, text: str = "") -> None:
        """Show one line."""
        if not self._quiet:
            with self._guard:
                self._write(text)

    def use_stack(self, urn: str) -> None:
        """Say which resource stands for the stack: what belongs to no other is shown there."""
        self._stack_urn = urn

    # -- as it happens --

    def begins(self, step: Step) -> None:
        """A step begins."""
        if is_internal(step):
            return
        if step.op in ("read", "read-replacement"):
            # A read changes nothing, so it is no row of its own.
            if step.op == "read":
                text = f"read {urn_type(step.urn)} {urn_name(step.urn)}"
                self.say(INFO, text, "", ephemeral=True)
            return
        with self._guard:
            row = self._row(step.urn)
            row.begins(step)
            if step.op != "same" or not row.is_stack:
                self._show(row)

    def succeeded(self, step: Step, *, op: str, counts: bool) -> None:
        """A step was done.

        Args:
            step: the step.
            op: the operation that it came to: its own, or what a refresh found.
            counts: whether it is one of those that the summary counts.
        """
        if is_internal(step):
            return
        with self._guard:
            if counts:
                self.counts[op] += 1
            self._record(step)
            if step.op in ("read", "read-replacement"):
                return
            if self.preview or step.resource.custom or step.op in ("refresh", "delete"):
                self._ended(step, op)

    def has_outputs(self, step: Step) -> None:
        """A component, which was there since its step, has told its outputs."""
        with self._guard:
            self._ended(step, step.op)

    def _ended(self, step: Step, op: str) -> None:
        row = self._row(step.urn)
        refreshed = row.op == "refresh"
        row.ends(step, op)
        if refreshed or (not self.preview and step.resource.custom and op != "same"):
            self._show(row)

    def failed(self, step: Step, message: str) -> None:
        """A step failed."""
        with self._guard:
            self.say(ERROR, f"Preview failed: {message}" if self.preview else message, step.urn)
            if not self.preview:
                row = self._row(step.urn)
                row.failed = True
                self._show(row)

    def say(self, severity: int, message: str, urn: str, *, ephemeral: bool = False) -> None:
        """Show a message under a resource.

        Args:
            severity: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
            message: what there is to say.
            urn: the resource; the stack if it is empty.
            ephemeral: whether it is a status that the next one replaces.
        """
        if severity == DEBUG or not message.strip():
            return
        said = Diagnostic(severity, message.rstrip("\n"), urn or self._stack_urn)
        with self._guard:
            row = self._row(said.urn)
            row.says(severity, said.text, ephemeral=ephemeral)
            self._show(row)
            if ephemeral:
                return
            self.diagnostics.append(said)
            if severity == ERROR:
                self._errored.add(said.urn)

    def _row(self, urn: str) -> Row:
        if urn not in self._rows:
            is_stack = not urn or qualified_type(urn) == STACK_TYPE
            self._rows[urn] = Row(urn, is_stack, self.preview, hidden=not is_stack)
        return self._rows[urn]

    def _show(self, row: Row) -> None:
        if not row.hidden:
            self.line(row.text())

    # -- at the end --

    def finish(
        self, olds: Properties | None, news: Properties | None, *, show_outputs: bool
    ) -> None:
        """Show what is shown at the end.

        Args:
            olds: the stack's outputs before the run, or None where there was no stack.
            news: the stack's outputs now, or None where the program told none.
            show_outputs: whether they are of interest.
        """
        self._finish_rows()
        self._show_diagnostics()
        lines = outputs_lines(olds, news or {}, preview=self.preview)
        if show_outputs and news is not None and lines:
            self.line("Outputs:")
            for line in lines:
                self.line(line)
            self.line()
        self._summarise()

    def as_json(self, config: Mapping[str, str], outputs: Properties | None) -> str:
        """The run as ``pulumi preview --json`` shows it."""
        shown = {
            "config": dict(config),
            "steps": self.steps,
            "diagnostics": [
                {"urn": item.urn, "message": item.message, "severity": SEVERITIES[item.severity]}
                for item in self.diagnostics
            ],
            "outputs": {key: masked(value) for key, value in (outputs or {}).items()},
            "duration": int((time.monotonic() - self._begun) * 1e9),
            "changeSummary": dict(self.counts),
        }
        return json.dumps({key: value for key, value in shown.items() if value != []}, indent=4)

    def _finish_rows(self) -> None:
        stack = self._row(self._stack_urn)
        others = [row for row in self._rows.values() if row is not stack]
        going_on = [row for row in (*others, stack) if not row.done]
        for row in self._rows.values():
            row.over = True
        for row in going_on:
            self._show(row)

    def _show_diagnostics(self) -> None:
        if self.diagnostics:
            self.line("Diagnostics:")
        for urn in dict.fromkeys(item.urn for item in self.diagnostics):
            self.line(f"  {urn_type(urn)} ({urn_name(urn)}):")
            for item in self.diagnostics:
                if item.urn == urn:
                    self.line(f"    {item.text}".replace("\n", "\n    "))
            self.line()

    def _summarise(self) -> None:
        self.line("Resources:")
        changes = {op: self.counts[op] for op in _PAST if self.counts[op]}
        for op, count in changes.items():
            done = f"to {op}" if self.preview else _PAST[op]
            self.line(f"    {SIGNS[op]:<2}{count} {done}")
        pieces = [f"{sum(changes.values())} changes"] if len(changes) > 1 else []
        if self.counts["same"]:
            pieces.append(f"{self.counts['same']} unchanged")
        if pieces:
            self.line(f"    {'. '.join(pieces)}")
        if self._errored:
            self.line(f"    {len(self._errored)} errored")
        self.line()
        if not self.preview:
            minutes, seconds = divmod(math.ceil(time.monotonic() - self._begun), 60)
            self.line(f"Duration: {f'{minutes}m' if minutes else ''}{seconds}s")
            self.line()

    def _record(self, step: Step) -> None:
        entry: dict[str, Any] = {"op": step.op, "urn": step.urn}
        for name, resource in (("oldState", step.old), ("newState", step.new)):
            if resource is not None:
                entry[name] = _summary(resource)
        if step.diff.changed or step.diff.detailed:
            entry["diffReasons"] = step.diff.changed or list(step.diff.detailed)
        if step.diff.replaces:
            entry["replaceReasons"] = step.diff.replaces
        entry["detailedDiff"] = {
            path: {"kind": kind.lower().replace("_", "-"), "inputDiff": True}
            for path, kind in step.diff.detailed.items()
        } or None
        self.steps.append(entry)


def is_internal(step: Step) -> bool:
    """Whether a step is the engine's own affair: a default provider, or tidying up."""
    default = is_provider_type(step.resource.type) and urn_name(step.urn).startswith("default")
    return default or step.op == "remove-pending-replace"


def _summary(resource: Resource) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "urn": resource.urn,
        "custom": resource.custom,
        "type": resource.type,
    }
    optional = {
        "id": resource.id if isinstance(resource.id, str) else rpc.UNKNOWN,
        "inputs": masked(resource.inputs),
        "outputs": masked(resource.outputs),
        "parent": resource.parent,
        "provider": resource.provider,
        "protect": resource.protect,
        "initErrors": resource.init_errors,
    }
    return {**summary, **{key: value for key, value in optional.items() if value}}
