"""A program of pools on an engine, with emulated AWS behind it; and what runs less often."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.plugin import StackFactory
from pulumi_workspaces_pool.testing.stacks import CLI
from support.program import PoolProgram

# The CLI starts slowly; how it keeps credentials to itself is seen by these.
_TROUBLES_ON_THE_CLI = ("none", "SignatureDoesNotMatch", "a crash")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        often = given.get("trouble") in (None, *_TROUBLES_ON_THE_CLI)
        if given.get("pulumi_engine") == CLI and not often:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def program(
    tmp_path: Path, pulumi_stack: StackFactory, emulated_aws: EmulatorServer
) -> PoolProgram:
    """A program that declares no pool yet."""
    return PoolProgram(tmp_path / "project", pulumi_stack, emulated_aws)
