"""What an operation on a stack came to, as a value: a test looks at failures as at successes."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import psutil
from pulumi import automation

from pulumi_workspaces_pool.testing.stacks import StackUnderTest
from support.processes import Victim, interrupt_cli, kill_cli


@dataclass
class Outcome:
    """What an operation came to.

    Attributes:
        ok: whether it succeeded.
        text: all that a person would have read.
        changes: the number of resources by operation, such as `{"create": 1, "same": 2}`.
    """

    ok: bool
    text: str
    changes: dict[str, int] = field(default_factory=dict)
    read_outputs: Callable[[], dict[str, Any]] = dict

    @functools.cached_property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs by name when they are first asked for; secret ones are plain."""
        return self.read_outputs()

    def expect(self, **changes: int) -> Outcome:
        """Expect success, with these changes if any are named; returns the outcome itself."""
        assert self.ok, self.text
        assert not changes or self.changes == changes, f"{self.changes}\n{self.text}"
        return self

    def expect_failure(self, *said: str) -> Outcome:
        """Expect a failure that is told in sentences, these among them; returns the outcome."""
        assert not self.ok, self.text
        for sentence in said:
            assert sentence in self.text, f"{sentence!r} is not in:\n{self.text}"
        assert "Traceback" not in self.text, self.text
        assert "a fault in pulumi-workspaces-pool" not in self.text, self.text
        return self


class CliStack:
    """A stack on the Pulumi CLI; options of its operations are those of `pulumi.automation.Stack`.

    Attributes:
        stack: the stack, as the fixtures give it to users.
        name: its name.
        on_line: called with each line that the CLI prints, as it comes.
    """

    def __init__(self, stack: StackUnderTest) -> None:
        self.on_line: Callable[[str], object] = lambda _line: None
        self.stack = stack
        self.name = stack.name
        self.folder = stack.folder
        self._is_locked = False

    def preview(self, **options: Any) -> Outcome:
        return self._run("preview", options)

    def up(self, **options: Any) -> Outcome:
        return self._run("up", options)

    def refresh(self, **options: Any) -> Outcome:
        return self._run("refresh", options)

    def destroy(self, **options: Any) -> Outcome:
        return self._run("destroy", options)

    def configure(self, **values: str) -> None:
        """Set configuration values of the project, such as `directoryId="wsd-..."`."""
        given = {key: automation.ConfigValue(value) for key, value in values.items()}
        self.stack.set_all_config(given)

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        """Set one configuration value, with or without a namespace in its key."""
        self.stack.set_config(key, automation.ConfigValue(value=value, secret=secret))

    def with_environment(self, **variables: str) -> CliStack:
        """Return the same stack with other environment variables for what runs."""
        return CliStack(self.stack.with_environment(**variables))

    def outputs(self) -> dict[str, Any]:
        return {name: output.value for name, output in self.stack.outputs().items()}

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, in its order."""
        return self.stack.resources()

    def resource(self, name: str) -> dict[str, Any]:
        """The one resource in the state with a logical name."""
        return self.stack.resource(name)

    def urn(self, name: str) -> str:
        """The URN of the one resource with a logical name."""
        return str(self.resource(name)["urn"])

    def cancel(self) -> None:
        """Cancel the operation under way: the CLI gets what Ctrl-C sends."""
        interrupt_cli()

    def kill(self, victim: Victim) -> list[psutil.Process]:
        """Kill what runs for the operation under way; returns what is left to itself."""
        self._is_locked = victim != "plugin"
        return kill_cli(victim)

    def _run(self, operation: str, options: dict[str, Any]) -> Outcome:
        lines: list[str] = []
        changes: dict[str, int] = {}
        counted = threading.Event()

        def show(line: str) -> None:
            lines.append(line)
            self.on_line(line)

        def count(event: automation.EngineEvent) -> None:
            if event.summary_event:
                found = event.summary_event.resource_changes
                changes.update({str(name): number for name, number in found.items()})
                counted.set()

        run = getattr(self.stack, operation)
        # They would cost three more commands of the CLI; the events have the counts.
        spared = mock.patch.multiple(self.stack, outputs=dict, info=lambda *_: True)
        try:
            with spared:
                result = run(on_output=show, on_event=count, **options)
        except automation.CommandError as error:
            if self._is_locked:
                # What a killed engine leaves behind.
                self.stack.cancel()
                self._is_locked = False
            return Outcome(False, "\n".join([*lines, str(error)]))
        # The events come in a thread of their own, which the SDK does not wait for.
        counted.wait(10)
        return Outcome(True, "\n".join([*lines, result.stderr]), changes, self.outputs)


CliStackFactory = Callable[..., CliStack]
