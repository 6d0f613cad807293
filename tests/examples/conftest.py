"""The examples of this project, each on every engine, with emulated AWS behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.examples import Example, aws_plugin
from support.outcomes import CliStackFactory

ExampleFactory = Callable[..., Example]


def pytest_report_header() -> str:
    """Say what serves `pulumi_aws`."""
    return f"AWS plugin for the examples: {aws_plugin()} (PULUMI_AWS_PLUGIN=real for Pulumi's own)"


@pytest.fixture
def example(
    tmp_path: Path, cli_stack: CliStackFactory, emulated_aws: EmulatorServer
) -> ExampleFactory:
    """A function that gives an example by its name, with configuration values."""

    def make(name: str, **config: Any) -> Example:
        return Example(name, tmp_path, cli_stack, emulated_aws, config)

    return make
