"""An example of this project as a person would have it: copied into a folder of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.stacks import copy_project
from support.outcomes import CliStack, CliStackFactory

TESTS = Path(__file__).resolve().parents[1]
EXAMPLES = TESTS.parent / "examples"
# Without the stand-in, the CLI uses the AWS plugin that this machine has, or downloads it.
HAS_STAND_IN = os.environ.get("PULUMI_AWS_PLUGIN") != "real"


def use_stand_in(project: Path) -> None:
    """Let a project's Pulumi.yaml name the stand-in for the AWS plugin."""
    plugin = project.parent / "plugins" / "pulumi-resource-aws"
    plugin.parent.mkdir(exist_ok=True)
    start = f'PYTHONPATH="{TESTS}" exec "{sys.executable}" -m aws_stand_in "$@"'
    plugin.write_text(f"#!/bin/sh\n{start}\n")
    plugin.chmod(0o755)
    plugins = {"providers": [{"name": "aws", "path": str(plugin.parent)}]}
    with (project / "Pulumi.yaml").open("a") as file:
        yaml.safe_dump({"plugins": plugins}, file)


class Example:
    """A copy of an example, with a stack of it on the CLI.

    Attributes:
        stack: the stack.
        emulator: the control surface of the emulated AWS behind it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        make_stack: CliStackFactory,
        aws: EmulatorServer,
        config: dict[str, Any],
    ) -> None:
        self.emulator = aws.emulator
        self._aws = aws
        project = copy_project(EXAMPLES / name, folder / name)
        if HAS_STAND_IN and "pulumi-aws" in (project / "requirements.txt").read_text():
            use_stand_in(project)
        self.stack: CliStack = make_stack(project, name="dev")
        self.configure(**{"aws:region": "us-east-1", **config})

    def configure(self, **values: Any) -> None:
        """Set configuration values, of any type, as `pulumi config set` leaves them in the file."""
        path = self.stack.folder / f"Pulumi.{self.stack.name}.yaml"
        content = yaml.safe_load(path.read_text())
        project = yaml.safe_load((self.stack.folder / "Pulumi.yaml").read_text())["name"]
        config = content.setdefault("config", {})
        for key, value in values.items():
            config[key if ":" in key else f"{project}:{key}"] = value
        path.write_text(yaml.safe_dump(content))

    def client(self, service: str) -> Any:
        """A boto3 client of the emulated AWS."""
        return boto3.client(  # type: ignore[call-overload]  # the name is a variable
            service,
            region_name="us-east-1",
            endpoint_url=self._aws.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106  # emulated AWS knows no secrets
        )

    def desired_sessions(self, pool: str) -> int:
        """How many sessions AWS is to keep for a pool."""
        return int(self.emulator.pool(pool)["CapacityStatus"]["DesiredUserSessions"])

    def writes(self) -> list[str]:
        """The WorkSpaces operations since the last look that could change something."""
        operations = [call.operation for call in self.emulator.writes()]
        self.emulator.clear_calls()
        return operations
