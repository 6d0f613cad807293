"""An example of this project as a person would have it: copied into a folder of its own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.stacks import copy_project
from support.outcomes import CliStack, CliStackFactory

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TESTS = Path(__file__).resolve().parents[1]
REAL = "real"


def aws_plugin() -> str:
    """Which AWS plugin serves `pulumi_aws`: the stand-in, or `real` by PULUMI_AWS_PLUGIN."""
    return os.environ.get("PULUMI_AWS_PLUGIN") or "stand-in"


def copy_example(name: str, folder: Path) -> Path:
    """Copy an example; its program stays as it is.

    Only Pulumi.yaml changes, to name the AWS plugin, where the example uses it.

    Args:
        name: the example's folder.
        folder: where the copy goes.

    Returns:
        The folder of the copy.
    """
    copy = copy_project(EXAMPLES / name, folder / name)
    if "pulumi-aws" not in (copy / "requirements.txt").read_text():
        return copy
    project = yaml.safe_load((copy / "Pulumi.yaml").read_text())
    plugin = {"name": "aws", "path": str(plugin_folder(folder))}
    project["plugins"] = {"providers": [plugin]}
    (copy / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
    return copy


def plugin_folder(folder: Path) -> Path:
    """A folder with the executable that the CLI starts as the AWS plugin."""
    plugin = folder / "plugins" / "aws"
    if not plugin.exists():
        plugin.mkdir(parents=True)
        executable = plugin / "pulumi-resource-aws"
        if aws_plugin() == REAL:
            executable.symlink_to(_real_plugin())
        else:
            script = f'PYTHONPATH="{TESTS}" exec "{sys.executable}" -m aws_stand_in "$@"\n'
            executable.write_text(f"#!/bin/sh\n{script}")
            executable.chmod(0o755)
    return plugin


def _real_plugin() -> str:
    """The AWS plugin on the PATH, or one that `pulumi plugin install resource aws` left."""
    name = "pulumi-resource-aws"
    installed = Path("~/.pulumi/plugins").expanduser().glob(f"resource-aws-v*/{name}")
    found = shutil.which(name) or max(map(str, installed), default=None)
    if found is None:
        raise LookupError(
            f"PULUMI_AWS_PLUGIN=real needs {name}: pulumi plugin install resource aws"
        )
    return found


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
        config: dict[str, Any] | None = None,
    ) -> None:
        """Copy the example and configure its stack.

        Args:
            name: the example's folder.
            folder: where the copy goes.
            make_stack: gives a stack of a folder.
            aws: the emulated AWS.
            config: values by key; lists and tables are structured values.
        """
        self.emulator = aws.emulator
        self._aws = aws
        self.stack: CliStack = make_stack(copy_example(name, folder), name="dev")
        self.configure(**{"aws:region": "us-east-1", **(config or {})})

    def configure(self, **values: Any) -> None:
        """Set configuration values; lists and tables are structured values."""
        structured = {key: value for key, value in values.items() if isinstance(value, dict | list)}
        plain = {key: value for key, value in values.items() if key not in structured}
        self.stack.configure(
            **{
                key: str(value).lower() if isinstance(value, bool) else str(value)
                for key, value in plain.items()
            }
        )
        for key, value in structured.items():
            self._set_structured(key, value)

    def _set_structured(self, key: str, value: Any) -> None:
        """Write a structured value as `pulumi config set --path` leaves it in the stack's file."""
        path = self.stack.folder / f"Pulumi.{self.stack.name}.yaml"
        content = yaml.safe_load(path.read_text())
        project = yaml.safe_load((self.stack.folder / "Pulumi.yaml").read_text())["name"]
        content.setdefault("config", {})[f"{project}:{key}"] = value
        path.write_text(yaml.safe_dump(content))

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client of the emulated AWS."""
        return boto3.client(  # type: ignore[call-overload]  # the name is a variable
            service,
            region_name=region,
            endpoint_url=self._aws.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106
        )

    def desired_sessions(self, pool: str) -> int:
        """How many sessions AWS is to keep for a pool."""
        return int(self.emulator.pool(pool)["CapacityStatus"]["DesiredUserSessions"])

    def writes(self) -> list[str]:
        """The WorkSpaces operations since the last look that could change something."""
        operations = [call.operation for call in self.emulator.writes()]
        self.emulator.clear_calls()
        return operations
