"""A project whose program a test writes in Python."""

from __future__ import annotations

import textwrap
from pathlib import Path

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer
from support.outcomes import CliStack, CliStackFactory, Outcome

PRELUDE = """
import pulumi
from pulumi import Alias, Output, ResourceOptions
from pulumi_workspaces_pool import WorkspacesPool

def pool(name, opts=None, **arguments):
    usual = {
        "description": "Pooled desktops",
        "bundle_id": "wsb-emulated1",
        "directory_id": "wsd-emulated1",
        "capacity": {"desired_user_sessions": 2},
    }
    return WorkspacesPool(name, **{**usual, **arguments}, opts=opts)
"""


class World:
    """A project whose program a test writes, and what came of it.

    Attributes:
        folder: the project's folder.
        stack: the stack.
        emulator: the control surface of the emulated AWS behind it.
    """

    def __init__(self, folder: Path, make_stack: CliStackFactory, aws: EmulatorServer) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        self._state = folder / "pulumi-state"
        (self.folder / "Pulumi.yaml").write_text("name: pools\nruntime: python\n")
        self.program("")
        self.stack: CliStack = make_stack(self.folder)
        self.emulator: Emulator = aws.emulator

    def program(self, text: str) -> None:
        """Write the program; `pool(name, ...)` declares a pool."""
        (self.folder / "__main__.py").write_text(PRELUDE + textwrap.dedent(text))

    def up(self, text: str) -> Outcome:
        """Write the program and bring it up."""
        self.program(text)
        return self.stack.up().expect()

    def calls(self, *operations: str) -> list[tuple[str, str]]:
        """The calls of these operations since the last look, each with its pool's name or id."""
        found = [
            (call.operation, call.parameters.get("PoolName") or call.parameters["PoolId"])
            for call in self.emulator.writes()
            if call.operation in operations
        ]
        self.emulator.clear_calls()
        return found

    def on_disk(self) -> str:
        """Everything that the engine keeps of the stack, and its configuration."""
        files = [*self._state.rglob("*.json*"), *self.folder.glob("Pulumi.*.yaml")]
        return "".join(file.read_text() for file in files if file.is_file())
