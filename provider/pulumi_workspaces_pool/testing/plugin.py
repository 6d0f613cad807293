"""pytest fixtures: emulated AWS, and stacks that the Pulumi CLI brings up on it.

Use them with `pytest_plugins = ["pulumi_workspaces_pool.testing.plugin"]` in conftest.py.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pulumi import automation

from .emulator import EmulatorServer
from .stacks import NO_CLI, NoCliError, StackUnderTest, copy_project

StackFactory = Callable[..., StackUnderTest]
ProjectCopier = Callable[[Path], Path]


def pytest_report_header() -> str:
    """Say which Pulumi CLI runs the stacks."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return NO_CLI
    version = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False)  # noqa: S603  # the CLI that the stacks run on
    return f"Pulumi CLI: {version.stdout.strip()}"


@pytest.fixture
def emulated_aws() -> Iterator[EmulatorServer]:
    """AWS with WorkSpaces pools, emulated on a port of this machine, new for each test."""
    with EmulatorServer() as server:
        server.emulator.reset()  # what moto holds belongs to the process, not to the server
        yield server


@pytest.fixture
def pulumi_project(tmp_path: Path) -> ProjectCopier:
    """A function that copies a project's folder for this test; returns the folder of the copy."""

    def copied(folder: Path) -> Path:
        return copy_project(folder, tmp_path / "projects" / folder.resolve().name)

    return copied


@pytest.fixture
def pulumi_stack(emulated_aws: EmulatorServer, tmp_path: Path) -> StackFactory:
    """A function that returns a stack of a project's folder, with emulated AWS behind it.

    Its arguments are the project's folder, the stack's name ("test"), configuration values by key,
    and environment variables for the program.
    """

    def stack(
        folder: Path,
        name: str = "test",
        config: dict[str, str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> StackUnderTest:
        variables = {**emulated_aws.environment(), **(environment or {})}
        try:
            made = StackUnderTest(
                folder, name=name, state=tmp_path / "pulumi-state", environment=variables
            )
        except NoCliError as error:
            pytest.fail(str(error), pytrace=False)
        if config:
            values = {key: automation.ConfigValue(value) for key, value in config.items()}
            made.set_all_config(values)
        return made

    return stack
