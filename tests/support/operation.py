"""What the Pulumi engine does with a provider's answers, for resources that depend on nothing.

The rules are those of step_generator.go, step.go, step_executor.go and pkg/engine/update.go of
github.com/pulumi/pulumi. `make faults` compares what comes of them with the CLI.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from support.dynamic_host import DynamicHost, Refusal
from support.structs import Properties, to_properties

TYPE = "pulumi-python:dynamic/workspaces:WorkspacesPool"

T = TypeVar("T")
Entry = dict[str, Any]
Step = Callable[[], object]

_PARALLEL = 16
# A replacement counts as one change, whatever it takes.
_COUNTED = ("same", "create", "update", "replace", "delete")


class _StepFailedError(Exception):
    """A step did not do all that it was to do; the message is for a person."""


class EngineGoneError(Exception):
    """The engine was killed: what happens from now on is neither saved nor shown."""


@dataclass
class State:
    """What the backend keeps between operations: the stack itself, and its resources."""

    exists: bool = False
    resources: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Goal:
    """What the program declares of one resource."""

    urn: str
    inputs: Properties
    timeouts: dict[str, float]
    ignored: tuple[str, ...]
    delete_before_replace: bool | None
    aliases: tuple[str, ...] = ()

    def entry(
        self, id_: str, inputs: Properties, outputs: Properties, init_errors: Collection[str] = ()
    ) -> Entry:
        """The resource as the state holds it, by the CLI's names."""
        return {
            "urn": self.urn,
            "type": TYPE,
            "id": id_,
            "inputs": inputs,
            "outputs": outputs,
            "initErrors": list(init_errors),
            "customTimeouts": self.timeouts,
            "ignoreChanges": self.ignored,
        }


class Operation:
    """One operation of the engine."""

    def __init__(self, state: State, host: DynamicHost, show: Callable[[str], object]) -> None:
        self.host = host
        self.failed = False
        self.changes: Counter[str] = Counter()
        self._state = state
        self._show = show
        self._preview = False
        self._saving = threading.Lock()
        self._engine_gone = False

    def lose_engine(self) -> None:
        """Let the engine be gone from now on, as if it was killed."""
        with self._saving:
            self._engine_gone = True
        self.host.abandon()

    def update(
        self, goals: Collection[Goal], *, replace: Collection[str] = (), preview: bool = False
    ) -> None:
        """Decide on one resource after the other, carry all out at once, then delete the rest."""
        self._preview = preview
        self._count(["same" if self._state.exists else "create"])
        self._state.exists |= not preview
        running = []
        with ThreadPoolExecutor(_PARALLEL) as threads:
            for goal in goals:
                decided = self._attempt(goal.urn, partial(self._decide, goal, goal.urn in replace))
                if decided is None or self.failed:
                    break
                running.append(threads.submit(self._carry_out, goal.urn, *decided))
        self._count(future.result() for future in running)
        kept = {goal.urn for goal in goals}
        if not self.failed:
            entries = self._state.resources
            self._delete_all(e for e in entries if e.get("delete") or e["urn"] not in kept)

    def refresh(self) -> None:
        """Read all resources; what was read is saved at the end, even if some could not be."""
        self._count(["same"] if self._state.exists else [])
        entries = self._state.resources
        found = _at_once(lambda old: self._attempt(old["urn"], partial(self._read, old)), entries)
        for old, read in zip(entries, found, strict=True):
            if read is not None:
                change, new = read
                self._save(old, *new)
                self._count([change])

    def destroy(self) -> None:
        """Delete all resources, and then the stack itself."""
        self._delete_all(self._state.resources)
        if self._state.exists and not self.failed:
            self._count(["delete"])
            self._state.exists = False

    # What is to be done with a resource

    def _decide(self, goal: Goal, is_target: bool) -> tuple[str, Step]:
        known = (goal.urn, *goal.aliases)
        olds = (entry for entry in self._state.resources if entry["urn"] in known)
        old = next((entry for entry in olds if not entry.get("delete")), None)
        if old is not None:
            old["urn"] = goal.urn
        if old is None:
            return "create", partial(self._create, goal, self._check(goal.urn, {}, goal.inputs))
        before = goal.delete_before_replace
        if not is_target:
            # What the program ignores is changed back before the provider sees it.
            kept = _ignoring(goal.ignored, goal.inputs, old["inputs"])
            inputs = self._check(goal.urn, old["inputs"], kept)
            changed, diff = self._diff(old, inputs, goal.ignored)
            if not ((changed and diff.replaces) or old.get("pendingReplacement")):
                if changed or old["initErrors"]:
                    return "update", partial(self._update, goal, old, inputs)
                same = goal.entry(old["id"], inputs, old["outputs"])
                return "same", partial(self._save, old, same)
            before = diff.deleteBeforeReplace if before is None else before
        # What was filled in for the old resource need not hold for another one.
        inputs = self._check(goal.urn, {}, goal.inputs)
        return "replace", partial(self._replace, goal, old, inputs, bool(before))

    def _check(self, urn: str, olds: Properties, news: Properties) -> Properties:
        answer, _ = self._call(urn, "Check", olds=olds, news=news)
        failures = "; ".join(f"{failure.property} {failure.reason}" for failure in answer.failures)
        if failures:
            raise _StepFailedError(failures)
        return to_properties(answer.inputs)

    def _diff(self, old: Entry, news: Properties, ignored: Collection[str]) -> tuple[bool, Any]:
        answer, _ = self._call(old["urn"], "Diff", **_change(old, news), ignoreChanges=ignored)
        if answer.changes == answer.DIFF_UNKNOWN:
            return _ignoring(ignored, news, old["inputs"]) != old["inputs"], answer
        return answer.changes == answer.DIFF_SOME, answer

    # The steps

    def _create(
        self, goal: Goal, inputs: Properties, old: Entry | None = None, *kept: Entry
    ) -> None:
        timeout = goal.timeouts.get("create", 0)
        made, errors = self._call(goal.urn, "Create", properties=inputs, timeout=timeout)
        outputs = to_properties(made.properties)
        self._save(old, *kept, goal.entry(made.id, inputs, outputs, errors))
        _fail_for(errors)

    def _update(self, goal: Goal, old: Entry, inputs: Properties) -> None:
        timeout = goal.timeouts.get("update", 0)
        updated, errors = self._call(goal.urn, "Update", **_change(old, inputs), timeout=timeout)
        # The inputs of an update that failed halfway are not reached: the next diff is to see that.
        reached, outputs = old["inputs"] if errors else inputs, to_properties(updated.properties)
        self._save(old, goal.entry(old["id"], reached, outputs, errors))
        _fail_for(errors)

    def _replace(self, goal: Goal, old: Entry, inputs: Properties, before: bool) -> None:
        if not before:
            # The old resource goes at the end of this run, or of a later one.
            self._create(goal, inputs, old, {**old, "delete": True})
            return
        pending = {**old, "pendingReplacement": True}
        self._delete(old, pending)
        if not self.failed:
            self._create(goal, inputs, pending)

    def _delete(self, old: Entry, *kept: Entry) -> None:
        if not old.get("pendingReplacement"):
            timeout = old["customTimeouts"].get("delete", 0)
            given = {"properties": old["outputs"], "old_inputs": old["inputs"], "timeout": timeout}
            self._call(old["urn"], "Delete", id=old["id"], **given)
        self._save(old, *kept)

    def _read(self, old: Entry) -> tuple[str, list[Entry]]:
        if old.get("pendingReplacement"):
            return "same", [old]
        given = {"inputs": old["inputs"], "properties": old["outputs"]}
        found, errors = self._call(old["urn"], "Read", id=old["id"], **given)
        if errors:
            # No failure here, but a reason for the next `up` to update the resource.
            self._show(f"warning: {name_of(old['urn'])}: {'; '.join(errors)}")
        if not found.id:
            return "delete", []
        outputs = to_properties(found.properties)
        new = {**old, "id": found.id, "outputs": outputs, "initErrors": errors}
        if found.HasField("inputs"):
            new["inputs"] = to_properties(found.inputs)
        # Whether an `up` of the same program would change something now.
        changed, _ = self._diff(new, old["inputs"], old["ignoreChanges"])
        return "update" if changed else "same", [new]

    def _delete_all(self, entries: Iterable[Entry]) -> None:
        def delete(entry: Entry) -> str | None:
            replaced = entry.get("delete") or entry.get("pendingReplacement")
            change = "delete-replaced" if replaced else "delete"
            return self._carry_out(entry["urn"], change, partial(self._delete, entry))

        self._count(_at_once(delete, list(entries)))

    # What is common to them

    def _carry_out(self, urn: str, change: str, step: Step) -> str | None:
        """The change; None if it failed, or something else had failed before it began."""
        if self.failed:
            return None
        if change != "same":
            self._show(f"{change} {name_of(urn)}")
        if self._preview:
            return change
        return self._attempt(urn, lambda: (step(), change)[1])

    def _attempt(self, urn: str, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except _StepFailedError as error:
            self.failed = True
            self._show(f"error: {name_of(urn)}: {error}")
            return None

    def _call(self, urn: str, rpc: str, **fields: Any) -> tuple[Any, list[str]]:
        """The provider's answer, and nothing; or the resource to be kept, and what it lacks."""
        answer = self.host.call(rpc, urn=urn, **fields)
        if self._engine_gone:
            raise EngineGoneError
        if not isinstance(answer, Refusal):
            return answer, []
        if answer.kept is None:
            raise _StepFailedError(answer.message)
        return answer.kept, list(answer.kept.reasons)

    def _save(self, old: Entry | None, *new: Entry) -> None:
        with self._saving:
            if self._engine_gone:
                raise EngineGoneError
            left = (entry for entry in self._state.resources if entry is not old)
            self._state.resources = [*left, *new]

    def _count(self, changes: Iterable[str | None]) -> None:
        self.changes.update(change for change in changes if change in _COUNTED)


def _at_once(function: Callable[[Entry], T], entries: Collection[Entry]) -> list[T]:
    with ThreadPoolExecutor(_PARALLEL) as threads:
        return list(threads.map(function, entries))


def _change(old: Entry, news: Properties) -> dict[str, Any]:
    """The fields that Diff and Update have in common."""
    return {"id": old["id"], "olds": old["outputs"], "old_inputs": old["inputs"], "news": news}


def _fail_for(errors: Collection[str]) -> None:
    if errors:
        raise _StepFailedError("; ".join(errors))


def _ignoring(ignored: Collection[str], news: Properties, olds: Properties) -> Properties:
    others = {name: value for name, value in news.items() if name not in ignored}
    return {**others, **{name: olds[name] for name in ignored if name in olds}}


def name_of(urn: str) -> str:
    return urn.rpartition("::")[2]
