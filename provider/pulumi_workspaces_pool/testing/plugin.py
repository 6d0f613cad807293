"""pytest fixtures: emulated AWS, and stacks that are brought up on it.

Use them with `pytest_plugins = ["pulumi_workspaces_pool.testing.plugin"]` in conftest.py.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .emulator import EmulatorServer
from .stacks import CLI, LOCAL, EngineName, StackUnderTest, copy_project, engines_found

_CHOICES: dict[str, list[EngineName]] = {"local": [LOCAL], "cli": [CLI]}

StackFactory = Callable[..., StackUnderTest]
ProjectCopier = Callable[[Path], Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--pulumi-engine`."""
    parser.addoption(
        "--pulumi-engine",
        choices=["auto", *_CHOICES],
        default="auto",
        help="the engine for stacks under test; auto: the local one, and the CLI where it is found",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses an engine once for each of them, unless it names its own."""
    marks = metafunc.definition.iter_markers("parametrize")
    named = any("pulumi_engine" in mark.args[0] for mark in marks)
    if "pulumi_engine" in metafunc.fixturenames and not named:
        metafunc.parametrize("pulumi_engine", _chosen(metafunc.config))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which engines ran the stacks."""
    names = ", ".join(_described(engine) for engine in _chosen(config))
    terminalreporter.write_line(f"Pulumi engines used for stacks: {names}")
    if CLI not in engines_found():
        terminalreporter.write_line("The Pulumi CLI is not on the PATH, so nothing ran on it.")


@pytest.fixture
def emulated_aws() -> Iterator[EmulatorServer]:
    """AWS with WorkSpaces pools, emulated on a port of this machine, new for each test."""
    with EmulatorServer() as server:
        server.emulator.reset()  # what moto holds belongs to the process, not to the server
        yield server


@pytest.fixture
def pulumi_project(tmp_path: Path) -> ProjectCopier:
    """A function that copies a project's folder for this test; gives the folder of the copy."""

    def copied(folder: Path) -> Path:
        return copy_project(folder, tmp_path / "projects" / folder.resolve().name)

    return copied


@pytest.fixture
def pulumi_stack(
    pulumi_engine: EngineName, emulated_aws: EmulatorServer, tmp_path: Path
) -> StackFactory:
    """A function that gives a stack of a project folder, with emulated AWS behind it.

    Its arguments are the project's folder, the stack's name ("test"), configuration values by key,
    and environment variables for the program.
    """

    def stack(
        folder: Path,
        name: str = "test",
        config: dict[str, str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> StackUnderTest:
        made = StackUnderTest(
            pulumi_engine,
            folder,
            name=name,
            state=tmp_path / "pulumi-state",
            environment={**emulated_aws.environment(), **(environment or {})},
        )
        for key, value in (config or {}).items():
            made.set_config(key, value)
        return made

    return stack


def _chosen(config: pytest.Config) -> list[EngineName]:
    option = str(config.getoption("--pulumi-engine"))
    return _CHOICES.get(option) or engines_found()


def _described(engine: EngineName) -> str:
    if engine == LOCAL:
        return "the local engine"
    pulumi = shutil.which("pulumi") or "pulumi"
    version = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False)  # noqa: S603  # the CLI that the stacks ran on
    return f"the Pulumi CLI {version.stdout.strip()}"
