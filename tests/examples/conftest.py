"""The examples of this project, on the Pulumi CLI with emulated AWS behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.examples import HAS_STAND_IN, Example
from support.outcomes import CliStackFactory

ExampleFactory = Callable[..., Example]


def pytest_report_header() -> str:
    """Say what serves `pulumi_aws`."""
    plugin = "a stand-in (PULUMI_AWS_PLUGIN=real for Pulumi's own)" if HAS_STAND_IN else "Pulumi's"
    return f"AWS plugin for the examples: {plugin}"


@pytest.fixture
def example(
    tmp_path: Path, cli_stack: CliStackFactory, emulated_aws: EmulatorServer
) -> ExampleFactory:
    """A function that gives an example by its name, with configuration values."""

    def make(name: str, **config: Any) -> Example:
        return Example(name, tmp_path, cli_stack, emulated_aws, config)

    return make
