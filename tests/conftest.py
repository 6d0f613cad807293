"""The fixtures of every test, and what becomes of tests that need what this machine lacks."""

from __future__ import annotations

import os
import shutil
import traceback
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest rewrites the assertions of what the tests import, not of what this does
    from pulumi_workspaces_pool.testing.emulator import EmulatorServer
    from pulumi_workspaces_pool.testing.plugin import StackFactory
    from support.outcomes import CliStack, CliStackFactory
    from support.program import Program, WorldName

pytest_plugins = ["pulumi_workspaces_pool.testing.plugin"]

_NEEDED = {
    "needs_cli": ("pulumi", "no Pulumi CLI is here, and `make cli` says why"),
    "needs_language_host": (
        "pulumi-language-python",
        "no pulumi-language-python is on the PATH, which a Pulumi CLI from its installer has",
    ),
}
_OFF = ("", "0", "false")

# A killed program leaves coroutines that fail when they are collected, which is reported with a
# traceback. Python 3.11 parses source for that, and where this happens in the middle of another
# parsing, that one ends in "AST constructor recursion depth mismatch".
if hasattr(traceback, "_extract_caret_anchors_from_line_segment"):
    traceback._extract_caret_anchors_from_line_segment = lambda _segment: None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of a `program` on Pulumi's dynamic host, and on the CLI if it is to be slow.

    What is marked as in need of the CLI runs there each time, and nowhere else.
    """
    if "world_name" in metafunc.fixturenames:
        slowly = pytest.param("cli", marks=[pytest.mark.needs_cli, pytest.mark.slow])
        needs_cli = metafunc.definition.get_closest_marker("needs_cli")
        metafunc.parametrize("world_name", ["cli"] if needs_cli else ["host", slowly])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a command that is not there; in CI the CLI has to be there."""
    for item in items:
        if "pulumi_stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.needs_cli)
    missing = {mark: why for mark, (command, why) in _NEEDED.items() if not shutil.which(command)}
    if os.environ.get("CI", "").lower() not in _OFF and missing.get("needs_cli"):
        raise pytest.UsageError(f"CI needs the Pulumi CLI: {missing['needs_cli']}.")
    for item in items:
        for mark, why in missing.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End with a line of what did not run, and why."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    skipped = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in reporter.stats.get("skipped", [])
    )
    for reason, count in skipped.items():
        reporter.write_line(f"{count} tests did not run: {reason}.")


@pytest.fixture
def aws_here(emulated_aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> EmulatorServer:
    """Emulated AWS, to which the environment of this process leads."""
    for name, value in emulated_aws.environment().items():
        monkeypatch.setenv(name, value)
    return emulated_aws


@pytest.fixture
def cli_stack(pulumi_stack: StackFactory) -> CliStackFactory:
    """A function that returns a stack on the CLI, whose operations come to outcomes."""
    from support.outcomes import CliStack  # noqa: PLC0415

    def make(*arguments: Any, **settings: Any) -> CliStack:
        return CliStack(pulumi_stack(*arguments, **settings))

    return make


@pytest.fixture
def program(world_name: WorldName, tmp_path: Path, emulated_aws: EmulatorServer) -> Program:
    """A program that declares no pool yet."""
    from support.program import Program, stack_of  # noqa: PLC0415

    make_stack = partial(stack_of, world_name, emulated_aws.environment())
    return Program(tmp_path / "project", make_stack, emulated_aws)
