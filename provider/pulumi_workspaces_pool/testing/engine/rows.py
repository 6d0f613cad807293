"""Rows of a run's display: what is said about one resource at one moment.

A row is an operation's sign, the resource's type and name, how far the operation is, what changes
and the last message about it, as the Pulumi CLI prints them where there is no terminal.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from .steps import Step
from .urns import STACK_TYPE, urn_name, urn_type
from .values import changed_keys

DEBUG, INFO, WARNING, ERROR = range(4)
SEVERITIES = ("debug", "info", "warning", "error")
SIGNS = {
    "create": "+",
    "update": "~",
    "delete": "-",
    "replace": "+-",
    "create-replacement": "++",
    "delete-replaced": "--",
    "read": ">",
    "read-replacement": ">>",
    "refresh": "~",
    "same": "",
}


@dataclass(frozen=True)
class _Words:
    """What an operation is called before, while and after it is done, and when it failed."""

    planned: str
    doing: str
    done: str
    failed: str


_WORDS = {
    "create": _Words("create", "creating", "created", "creating failed"),
    "update": _Words("update", "updating", "updated", "updating failed"),
    "delete": _Words("delete", "deleting", "deleted", "deleting failed"),
    "replace": _Words("replace", "replacing", "replaced", "replacing failed"),
    "create-replacement": _Words(
        "create replacement", "creating replacement", "created replacement", "creating failed"
    ),
    "delete-replaced": _Words(
        "delete original", "deleting original", "deleted original", "deleting failed"
    ),
    "read": _Words("read", "reading", "read", "reading failed"),
    "read-replacement": _Words(
        "read for replacement", "reading for replacement", "read for replacement", "reading failed"
    ),
    "refresh": _Words("refreshing", "refreshing", "refresh", "refreshing failed"),
    "same": _Words("", "", "", "failed"),
}


@dataclass
class Row:
    """What is known of one resource's part in a run."""

    urn: str
    is_stack: bool
    preview: bool
    step: Step | None = None
    op: str = "same"
    hidden: bool = True
    """Whether there is nothing about it that anybody wants to see."""
    failed: bool = False
    over: bool = False
    """Whether the whole run is over."""
    counts: Counter[int] = field(default_factory=Counter)
    last: str = ""
    """The last message."""
    _diff: str = ""
    _replaced: str = ""
    """What changed in the replacement that this row is a part of."""
    _started: float | None = None
    _ended: float | None = None
    _finished: set[str] = field(default_factory=set)

    def begins(self, step: Step) -> None:
        """An operation begins."""
        self.step, self.op = step, step.op
        # Taken down now: a step that fails puts the old inputs back.
        self._diff = _diff(step, step.op)
        self._started, self._ended = time.monotonic(), None
        if step.op != "same" or self.is_stack or _metadata(step):
            self.hidden = False

    def ends(self, step: Step, op: str) -> None:
        """An operation has ended, and came to this one."""
        self.step, self.op = step, op
        self._diff = _diff(step, op)
        self._ended = time.monotonic()
        self._finished.add(op)
        if op == "replace":
            self._replaced = self._diff

    def says(self, severity: int, message: str, *, ephemeral: bool) -> None:
        """There is a message about it."""
        self.hidden = False
        self.last = message
        if not ephemeral:
            self.counts[severity] += 1

    @property
    def done(self) -> bool:
        """Whether there is no more to come."""
        return self.failed or self.over or (not self.is_stack and self.op in self._finished)

    def text(self) -> str:
        """The row as it is at this moment."""
        type_ = _type_name(urn_type(self.urn)) if self.urn else STACK_TYPE
        name = urn_name(self.urn) if self.urn else ""
        return f" {SIGNS[self.op]:<2} {type_} {name} {self._status()} {self._info()}".rstrip()

    def _status(self) -> str:
        words = _WORDS[self.op]
        failed = self.failed or bool(self.counts[ERROR])
        if not self.done:
            if self.is_stack and self.step is not None and self.op == "same":
                return "running"
            if self.preview or not words.doing:
                return words.planned
            return f"{words.doing} ({int(time.monotonic() - (self._started or 0))}s)"
        if self.preview:
            return words.done if self.op == "refresh" else words.planned
        if not failed and self._interrupted():
            return f"{words.doing} (interrupted)"
        text = words.failed if failed else words.done
        if self.op != "same" and self._started is not None and self._ended is not None:
            text += f" ({_seconds(self._ended - self._started)})"
        return f"**{text}**" if failed else text

    def _interrupted(self) -> bool:
        custom = self.step is not None and self.step.resource.custom
        return self.over and custom and self.op != "same" and self.op not in self._finished

    def _info(self) -> str:
        half = self.op in ("create-replacement", "delete-replaced")
        diff = (self._replaced if half else "") or self._diff
        parts = [f"[diff: {diff}]"] if diff else []
        if self.over:
            names = {ERROR: "error", WARNING: "warning", INFO: "message"}
            found = ((self.counts[severity], name) for severity, name in names.items())
            parts += [f"{n} {name}{'s'[: n != 1]}" for n, name in found if n]
        elif self.last:
            parts.append(self.last)
        return "; ".join(parts).partition("\n")[0]


def _diff(step: Step, op: str) -> str:
    """The properties that a step changes, by what becomes of them: ``+new-gone~changed``."""
    old, new = step.old, step.new
    if old is None or new is None:
        return ""
    signs = dict.fromkeys(_metadata(step), "~")
    if op != "same":
        # A refresh tells the way back: what is new here would be taken away.
        added, gone = "DA" if step.op == "refresh" else "AD"
        if step.diff.detailed:
            kinds = {added: "+", gone: "-"}
            for path, kind in step.diff.detailed.items():
                # What is added inside a property changes the property.
                inside = path != _root(path)
                signs[_root(path)] = "~" if inside else kinds.get(kind[:1], "~")
        else:
            for key in changed_keys(old.inputs, new.inputs):
                before, after = old.inputs.get(key), new.inputs.get(key)
                signs[key] = "-" if after is None else "+" if before is None else "~"
    named = {_root(path) for path in step.diff.changed}
    keys = [
        key for key in sorted(signs) if not key.startswith("__") and (not named or key in named)
    ]
    groups = ((sign, [key for key in keys if signs[key] == sign]) for sign in "+-~")
    return "".join(f"{sign}{','.join(listed)}" for sign, listed in groups if listed)


def _metadata(step: Step) -> list[str]:
    """What changes of the resource that is no property."""
    old, new = step.old, step.new
    if old is None or new is None:
        return []
    return [name for name in ("protect", "provider") if getattr(old, name) != getattr(new, name)]


def _root(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _type_name(type_: str) -> str:
    """Leave out what a type's module says twice: ``aws:ec2/vpc:Vpc`` is ``aws:ec2:Vpc``."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.partition(":")
    folder, _, file = module.partition("/")
    return f"{package}:{folder}:{name}" if file and file == name[:1].lower() + name[1:] else type_


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}s" if seconds < 1 else f"{round(seconds)}s"
