"""A project whose provider records the calls of the Pulumi CLI."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.stacks import StackUnderTest
from support.outcomes import CliStack

_PRELUDE = """
from pulumi import Alias, CustomTimeouts, Output, ResourceOptions as Opts
from recorder import R
"""


@dataclass(frozen=True)
class Run:
    """What a command printed, counted and called, and the program's resources after it, by name."""

    text: str
    changes: dict[str, int]
    calls: list[dict[str, Any]]
    state: dict[str, dict[str, Any]]

    def kinds(self, name: str) -> list[str]:
        return [call["kind"] for call in self.calls if call["name"] == name]

    def call(self, kind: str, name: str) -> dict[str, Any]:
        """The last call of a kind for a resource."""
        return [call for call in self.calls if (call["kind"], call["name"]) == (kind, name)][-1]


class World:
    """A project with a stack, whose program declares resources by `R(name, options, **inputs)`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._calls, self._orders = folder, folder / "calls", folder / "orders"
        (folder / "Pulumi.yaml").write_text("name: proj\nruntime: python\n")
        shutil.copy(Path(__file__).with_name("recorder.py"), folder)
        files = {"CALLS": str(self._calls), "ORDERS": str(self._orders)}
        self.stack = CliStack(StackUnderTest(folder, state=folder / "state", environment=files))

    def run(self, command: str, program: str = "", *, ok: bool = True, **options: Any) -> Run:
        """Run preview, up, refresh or destroy, which is to succeed or to fail.

        `orders` is what the provider does at a call, such as `{"create a": "fail"}`; other options
        are those of `pulumi.automation.Stack`.
        """
        (self._folder / "__main__.py").write_text(_PRELUDE + program)
        self._orders.write_text(json.dumps(options.pop("orders", {})))
        self._calls.write_text("")
        outcome = getattr(self.stack, command)(**options)
        assert outcome.ok == ok, outcome.text
        calls = [json.loads(line) for line in self._calls.read_text().splitlines()]
        state = {
            entry["urn"].rpartition("::")[2] + (" (old)" if entry.get("delete") else ""): entry
            for entry in self.stack.resources()
            if not entry["type"].startswith("pulumi:")
        }
        return Run(outcome.text, outcome.changes, calls, state)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
