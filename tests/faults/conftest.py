"""A program of pools on an engine, with emulated AWS behind it; and what runs less often."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.plugin import StackFactory
from pulumi_workspaces_pool.testing.stacks import CLI
from support.program import PoolProgram

_HERE = Path(__file__).parent
# The CLI starts slowly: of the tests that run on both engines, these run on it every time.
_ON_THE_CLI = (
    "test_a_creation_that_takes_too_long_is_finished_by_the_next_up",
    "test_sessions_are_ended_one_by_one_where_the_program_says_so",
    "test_a_pool_is_taken_over_and_its_differing_fields_change_in_place",
    "test_a_replacement_by_itself_deletes_nothing",
    "test_no_credential_is_in_the_state_or_in_what_the_engine_prints",
)
_TROUBLES_ON_THE_CLI = ("none", "SignatureDoesNotMatch", "a crash")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        if item.path.parent == _HERE and given.get("pulumi_engine") == CLI:
            name, trouble = item.name.partition("[")[0], given.get("trouble")
            if name not in _ON_THE_CLI or trouble not in (None, *_TROUBLES_ON_THE_CLI):
                item.add_marker(pytest.mark.slow)


@pytest.fixture
def program(
    tmp_path: Path, pulumi_stack: StackFactory, emulated_aws: EmulatorServer
) -> PoolProgram:
    """A program that declares no pool yet."""
    return PoolProgram(tmp_path / "project", pulumi_stack, emulated_aws)
