"""A program of pools on an engine, with emulated AWS behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.plugin import StackFactory
from support.program import PoolProgram


@pytest.fixture
def program(
    tmp_path: Path, pulumi_stack: StackFactory, emulated_aws: EmulatorServer
) -> PoolProgram:
    """A program that declares no pool yet."""
    return PoolProgram(tmp_path / "project", pulumi_stack, emulated_aws)
