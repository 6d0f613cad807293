"""A program of pools on Pulumi's dynamic host, and for some tests on the CLI as well."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from faults.scenarios import Program, WorldName
    from pulumi_workspaces_pool.testing.emulator import EmulatorServer

# The CLI takes seconds where the host alone takes one: of the tests that run on both, these run on
# the CLI every time, and the others with `-m slow`.
_ON_THE_CLI = (
    "test_a_creation_that_takes_too_long_is_finished_by_the_next_up",
    "test_sessions_are_ended_one_by_one_where_the_program_says_so",
    "test_a_pool_is_taken_over_and_its_differing_fields_change_in_place",
    "test_a_replacement_by_itself_deletes_nothing",
    "test_a_cancelled_wait_ends_with_the_pool_kept_and_the_next_run_goes_on",
)
_PROGRAMS_OF_BOTH = ("test_adoption", "test_cancel", "test_sessions", "test_waiting")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of these modules in both worlds."""
    if "program" in metafunc.fixturenames:
        both = metafunc.module.__name__.rpartition(".")[2] in _PROGRAMS_OF_BOTH
        of_the_cli = [pytest.mark.needs_cli]
        if both and metafunc.function.__name__ not in _ON_THE_CLI:
            of_the_cli.append(pytest.mark.slow)
        worlds = [pytest.param("cli", marks=of_the_cli), *(["host"] if both else [])]
        metafunc.parametrize("world", worlds)


@pytest.fixture
def program(world: WorldName, tmp_path: Path, emulated_aws: EmulatorServer) -> Program:
    """A program that declares no pool yet."""
    from faults.scenarios import Program, stack_of  # noqa: PLC0415

    make_stack = partial(stack_of, world, emulated_aws.environment())
    return Program(tmp_path / "project", make_stack, emulated_aws)
