"""What tests of programs in Python share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.outcomes import CliStackFactory
from support.world import World


@pytest.fixture
def world(tmp_path: Path, cli_stack: CliStackFactory, emulated_aws: EmulatorServer) -> World:
    """A project with an empty program."""
    return World(tmp_path, cli_stack, emulated_aws)
