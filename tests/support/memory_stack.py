"""A stack of pools without the Pulumi CLI: Pulumi's own dynamic host, and a list for the state."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

import psutil
from pulumi.runtime.proto import engine_pb2

from pulumi_workspaces_pool.inputs import camel_case
from support.dynamic_host import PROVIDER_KEY, DynamicHost, in_a_fork, provider_with
from support.operation import TYPE, EngineGoneError, Entry, Goal, Operation, State, name_of
from support.outcomes import Outcome
from support.processes import Victim

_SHOWN = {engine_pb2.INFO: "", engine_pb2.WARNING: "warning: ", engine_pb2.ERROR: "error: "}
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class MemoryStack:
    """A stack of a program that declares pools; each operation has a host process of its own.

    Attributes:
        name: the stack's name.
        on_line: called with each line that a person would see, as it comes.
    """

    def __init__(
        self,
        declared: Callable[[], Mapping[str, Mapping[str, Any]]],
        environment: Mapping[str, str],
        *,
        config: Mapping[str, str] | None = None,
        name: str = "test",
        project: str = "pools",
    ) -> None:
        """Begin with nothing in the state.

        Args:
            declared: returns the arguments of each pool by its logical name, as `WorkspacesPool`
                takes them; `opts` may hold custom_timeouts, ignore_changes, delete_before_replace,
                and aliases by name.
            environment: variables of the host, beside those of this process.
            config: the stack's configuration by namespaced key, such as `aws:region`.
            name: the stack's name.
            project: the project's name.
        """
        self.name = name
        self.declared = declared
        self.environment = {"PULUMI_PROJECT": project, **environment}
        self._config = dict(config or {})
        self._prefix = f"urn:pulumi:{name}::{project}::{TYPE}::"
        self.on_line: Callable[[str], object] = lambda _line: None
        self._state = State()
        self._under_way: Operation | None = None

    def set_config(self, key: str, value: str, **_secret: bool) -> None:
        self._config[key] = value

    def with_environment(self, **variables: str) -> MemoryStack:
        """Return the same stack, its state included, with other variables for the host."""
        other = copy.copy(self)
        other.environment = {**self.environment, **variables}
        return other

    def preview(self, **options: Any) -> Outcome:
        return self._run(Operation.update, self._goals(), preview=True, **options)

    def up(self, **options: Any) -> Outcome:
        """Bring the stack up; `replace` has the URNs of resources to replace."""
        return self._run(Operation.update, self._goals(), **options)

    def refresh(self) -> Outcome:
        return self._run(Operation.refresh)

    def destroy(self) -> Outcome:
        return self._run(Operation.destroy)

    def resources(self) -> list[Entry]:
        return list(self._state.resources)

    def resource(self, name: str) -> Entry:
        """The one pool in the state with a logical name."""
        (found,) = (entry for entry in self.resources() if entry["urn"] == self._prefix + name)
        return found

    def urn(self, name: str) -> str:
        return str(self.resource(name)["urn"])

    @property
    def _operation(self) -> Operation:
        assert self._under_way is not None, "nothing runs"
        return self._under_way

    def turn_clock(self, seconds: float) -> None:
        """Let so many seconds pass for the operation under way."""
        self._operation.host.turn_clock(seconds)

    def cancel(self) -> None:
        """Cancel the operation under way, as Ctrl-C does."""
        self._operation.host.cancel()

    def kill(self, victim: Victim) -> list[psutil.Process]:
        """Kill what runs for the operation under way; returns what is left to itself."""
        operation = self._operation
        if victim != "plugin":
            operation.lose_engine()
        if victim == "engine":
            return [operation.host.process]
        operation.host.kill()
        return []

    def _run(self, carry_out: Callable[..., None], *goals: Any, **options: Any) -> Outcome:
        lines: list[str] = []
        one_at_a_time = threading.Lock()

        def show(line: str) -> None:
            with one_at_a_time:
                lines.append(line)
                self.on_line(line)

        def log(request: engine_pb2.LogRequest) -> None:
            if request.severity in _SHOWN:
                show(f"{_SHOWN[request.severity]}{name_of(request.urn)}: {request.message}")

        with DynamicHost(self.environment, self._config, start=in_a_fork, on_log=log) as host:
            operation = self._under_way = Operation(self._state, host, show)
            try:
                carry_out(operation, *goals, **options)
            except EngineGoneError:
                return Outcome(False, "\n".join([*lines, "error: the engine was killed"]))
        changes = {} if operation.failed else dict(operation.changes)
        return Outcome(not operation.failed, "\n".join(lines), changes)

    def _goals(self) -> list[Goal]:
        return [self._goal(name, **arguments) for name, arguments in self.declared().items()]

    def _goal(self, name: str, opts: Mapping[str, Any] | None = None, **arguments: Any) -> Goal:
        options = dict(opts or {})
        timeouts = options.pop("custom_timeouts", {})
        aliases = tuple(options.pop("aliases", ()))
        goal = Goal(
            urn=self._prefix + name,
            inputs={**_camel_case(arguments), PROVIDER_KEY: provider_with(aliases)},
            timeouts={operation: _seconds(text) for operation, text in timeouts.items()},
            ignored=tuple(camel_case(argument) for argument in options.pop("ignore_changes", ())),
            delete_before_replace=options.pop("delete_before_replace", None),
            aliases=tuple(self._prefix + alias for alias in aliases),
        )
        assert not options, f"no such options here: {', '.join(options)}"
        return goal


def _seconds(text: str) -> float:
    return sum(float(n) * _SECONDS[unit] for n, unit in re.findall(r"([\d.]+)([smh])", text))


def _camel_case(value: Any) -> Any:
    """Names of Python's as the provider has them; those of tags are the user's own."""
    if not isinstance(value, Mapping):
        return value
    return {
        camel_case(name): item if name == "tags" else _camel_case(item)
        for name, item in value.items()
    }
