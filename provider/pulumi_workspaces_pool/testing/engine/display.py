"""What a run shows: plain lines as they happen, then diagnostics, outputs and a summary.

The text is close to that of the Pulumi CLI without a terminal, so that what looks for a line in
one finds it in the other.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc

from .state import Resource
from .steps import RefreshStep, Step
from .urns import STACK_TYPE, is_provider_type, urn_name, urn_type
from .values import Properties, Secret, Unknown, changed_keys, contains, plain

DEBUG, INFO, WARNING, ERROR = range(4)
_SIGNS = {
    "create": " + ",
    "create-replacement": "++ ",
    "update": " ~ ",
    "delete": " - ",
    "delete-replaced": "-- ",
    "replace": "+- ",
    "read": ">> ",
    "read-replacement": ">> ",
    "refresh": " ~ ",
    "same": "   ",
    "remove-pending-replace": "~~ ",
}
_VERBS = {
    "create": ("create", "creating", "created"),
    "create-replacement": ("create replacement", "creating replacement", "created replacement"),
    "update": ("update", "updating", "updated"),
    "delete": ("delete", "deleting", "deleted"),
    "delete-replaced": ("delete original", "deleting original", "deleted original"),
    "replace": ("replace", "replacing", "replaced"),
    "read": ("read", "reading", "read"),
    "read-replacement": ("read for replacement", "reading for replacement", "read for replacement"),
    "refresh": ("refresh", "refreshing", "refreshed"),
    "same": ("same", "", ""),
    "remove-pending-replace": ("completing", "completing", "completed"),
}
_COUNTED = (
    ("create", "+", "to create", "created"),
    ("update", "~", "to update", "updated"),
    ("delete", "-", "to delete", "deleted"),
    ("replace", "+-", "to replace", "replaced"),
    ("read", ">>", "to read", "read"),
    ("same", "", "unchanged", "unchanged"),
)
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
        self._kind = kind
        self._quiet = quiet
        self._guard = threading.RLock()
        self._started: dict[str, float] = {}
        self._ongoing: dict[str, str] = {}
        self._begun = time.monotonic()
        self._stack_urn = ""
        self._stack_op = ""
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
        if is_internal(step.resource):
            return
        with self._guard:
            self._started[step.urn] = time.monotonic()
            self._ongoing[step.urn] = step.op
        if step.urn == self._stack_urn:
            self._stack_op = step.op
        if step.op in ("same", "replace"):
            return
        verb = _VERBS[step.op][0] if self.preview else f"{_VERBS[step.op][1]} (0s)"
        self._status(step.op, step.urn, f"{verb} {_diff(step)}".rstrip())

    def succeeded(self, step: Step, *, counted: str) -> None:
        """A step was done.

        Args:
            step: the step.
            counted: what it counts as; nothing if it does not count.
        """
        if is_internal(step.resource):
            return
        if counted:
            with self._guard:
                self.counts[counted] += 1
        self._record(step)
        if step.urn != self._stack_urn:
            with self._guard:
                self._ongoing.pop(step.urn, None)
        if self.preview or step.op in ("same", "replace") or step.urn == self._stack_urn:
            return
        if not step.resource.custom and not step.op.startswith("delete"):
            # A component is not there before it has told its outputs.
            return
        shown = f"{_VERBS[step.op][2]} ({self._seconds(step.urn)})"
        if isinstance(step, RefreshStep):
            shown = {"same": "", "update": "updated", "delete": "deleted"}[step.counted]
        self._status(step.op, step.urn, f"{shown} {_diff(step)}".rstrip())

    def failed(self, step: Step, message: str) -> None:
        """A step failed."""
        if self.preview:
            message = f"Preview failed: {message}"
        else:
            self._status(step.op, step.urn, f"**{_VERBS[step.op][1]} failed**")
        self.say(ERROR, message, step.urn)

    def say(self, severity: int, message: str, urn: str, *, ephemeral: bool = False) -> None:
        """Show a message under a resource.

        Args:
            severity: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
            message: what there is to say.
            urn: the resource; the stack if it is empty.
            ephemeral: whether it is a status that the next one replaces.
        """
        urn = urn or self._stack_urn
        if severity == DEBUG or not message.strip():
            return
        message = message.rstrip("\n")
        prefix = {WARNING: "warning: ", ERROR: "error: "}.get(severity, "")
        self._status_of(urn, f"{prefix}{message}")
        if ephemeral:
            return
        with self._guard:
            self.diagnostics.append(Diagnostic(severity, message, urn))
            if severity == ERROR:
                self._errored.add(urn)

    @property
    def saw_error(self) -> bool:
        """Whether an error was shown."""
        return bool(self._errored)

    # -- at the end --

    def finish(self, olds: Properties, news: Properties | None, *, show_outputs: bool) -> None:
        """Show what is shown at the end.

        Args:
            olds: the stack's outputs before the run.
            news: the stack's outputs now, or None where the program told none.
            show_outputs: whether they are of interest.
        """
        if self._stack_op and self._stack_op not in ("same", "delete", "refresh"):
            self._end_stack()
        self._show_diagnostics()
        if show_outputs and news is not None:
            self._show_outputs(olds, news)
        self.line("Resources:")
        for op, sign, planned, done in _COUNTED:
            count = self.counts[op]
            if count:
                mark = f"{sign} " if sign else ""
                self.line(f"    {mark}{count} {planned if self.preview else done}")
        if self._errored:
            self.line(f"    {len(self._errored)} errored")
        self.line()
        if not self.preview:
            self.line(f"Duration: {max(1, round(time.monotonic() - self._begun))}s")
            self.line()

    def as_json(self, config: Mapping[str, str], outputs: Properties | None) -> str:
        """The run as ``pulumi preview --json`` shows it."""
        shown = {
            "config": dict(config),
            "steps": self.steps,
            "diagnostics": [
                {
                    "urn": item.urn,
                    "message": item.message,
                    "severity": ("debug", "info", "warning", "error")[item.severity],
                }
                for item in self.diagnostics
            ],
            "outputs": {key: _masked(value) for key, value in (outputs or {}).items()},
            "duration": int((time.monotonic() - self._begun) * 1e9),
            "changeSummary": dict(self.counts),
        }
        return json.dumps({key: value for key, value in shown.items() if value != []}, indent=4)

    def _end_stack(self) -> None:
        op = self._stack_op
        if self.preview:
            self._status(op, self._stack_urn, _VERBS[op][0])
        elif self._stack_urn in self._errored:
            self._status(op, self._stack_urn, f"**{_VERBS[op][1]} failed**")
        else:
            shown = f"{_VERBS[op][2]} ({self._seconds(self._stack_urn)})"
            self._status(op, self._stack_urn, shown)

    def _show_diagnostics(self) -> None:
        if not self.diagnostics:
            return
        self.line("Diagnostics:")
        for urn in dict.fromkeys(item.urn for item in self.diagnostics):
            self.line(f"  {urn_type(urn)} ({urn_name(urn)}):")
            for item in self.diagnostics:
                if item.urn == urn:
                    prefix = {WARNING: "warning: ", ERROR: "error: "}.get(item.severity, "")
                    self.line(f"    {prefix}{item.message}".replace("\n", "\n    "))
            self.line()

    def _show_outputs(self, olds: Properties, news: Properties) -> None:
        changed = set(changed_keys(olds, news))
        keys = sorted({*news, *changed})
        if not keys:
            return
        width = max(map(len, keys))
        self.line("Outputs:")
        for key in keys:
            sign = " "
            if olds and key in changed:
                sign = "+" if key not in olds else "-" if key not in news else "~"
            value = _shown(news.get(key, olds.get(key)))
            if sign == "~":
                value = f"{_shown(olds[key])} => {value}"
            self.line(f"  {sign} {key.ljust(width)}: {value}")
        self.line()

    def _status(self, op: str, urn: str, text: str) -> None:
        kind, name = (urn_type(urn), urn_name(urn)) if urn else (STACK_TYPE, "")
        for line in text.splitlines() or [""]:
            self.line(f"{_SIGNS[op]} {kind} {name} {line}")

    def _status_of(self, urn: str, text: str) -> None:
        """Show a message beside what is being done to the resource at the moment."""
        with self._guard:
            op = self._ongoing.get(urn, "same")
        planned, doing, _ = _VERBS[op]
        seconds = int(time.monotonic() - self._started.get(urn, self._begun))
        verb = planned if self.preview else f"{doing} ({seconds}s)" if doing else ""
        shown = "" if op in ("same", "replace") else f"{verb} "
        for line in text.splitlines():
            self._status(op, urn, f"{shown}{line}")

    def _seconds(self, urn: str) -> str:
        seconds = time.monotonic() - self._started.get(urn, self._begun)
        return f"{seconds:.2f}s" if seconds < 1 else f"{round(seconds)}s"

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
        with self._guard:
            self.steps.append(entry)


def is_internal(resource: Resource) -> bool:
    """Whether a resource is the engine's own affair: a default provider."""
    return is_provider_type(resource.type) and urn_name(resource.urn).startswith("default")


def _diff(step: Step) -> str:
    if step.op not in ("update", "replace", "create-replacement") or not (step.old and step.new):
        return ""
    keys = [key for key in changed_keys(step.old.inputs, step.new.inputs) if key != "__provider"]
    marks = [
        ("+" if key not in step.old.inputs else "-" if key not in step.new.inputs else "~") + key
        for key in keys
    ]
    return f"[diff: {','.join(marks)}]" if marks else ""


def _summary(resource: Resource) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "urn": resource.urn,
        "custom": resource.custom,
        "type": resource.type,
    }
    optional = {
        "id": resource.id if isinstance(resource.id, str) else rpc.UNKNOWN,
        "inputs": _masked(resource.inputs),
        "outputs": _masked(resource.outputs),
        "parent": resource.parent,
        "provider": resource.provider,
        "protect": resource.protect,
        "initErrors": resource.init_errors,
    }
    return {**summary, **{key: value for key, value in optional.items() if value}}


def _masked(value: Any) -> Any:
    """A value as JSON, without its secrets and without what is not known."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return plain(value)


def _shown(value: Any) -> str:
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Unknown):
        return "[unknown]"
    if isinstance(value, (Mapping, Sequence)) and contains(value, Unknown):
        return "[unknown]" if isinstance(value, Unknown) else json.dumps(_masked(value))
    return json.dumps(_masked(value))
