"""Whose pool it is and whether it is gone: nothing of another's is touched, nothing forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.choice import some_of
from faults.meetings import (
    OPERATIONS,
    OURS,
    THEIRS,
    MeetingCell,
    meeting_cells,
    of_another_account,
    refused,
    try_meeting,
)
from faults.scenarios import bench
from support.program import Program

CELLS = list(meeting_cells())
ANSWERED = [cell for cell in CELLS if "answered" in cell.meeting]


@pytest.mark.parametrize(
    "cell", [*some_of((cell for cell in CELLS if cell not in ANSWERED), 20), *some_of(ANSWERED, 9)]
)
def test_a_pool_that_is_not_to_be_touched_is_as_it_was(cell: MeetingCell) -> None:
    assert try_meeting(cell).problems == []


@pytest.fixture
def managed(tmp_path: Path) -> Iterator[Program]:
    """A program with a pool."""
    with bench("host", tmp_path) as found:
        found.declare("desks", pool_name="desks")
        up = found.stack.up()
        assert up.ok, up.text
        yield found


@pytest.mark.parametrize("operation", ["refresh", "destroy", "a description"])
def test_where_sts_refuses_the_account_of_another_pool_tells(
    managed: Program, operation: str
) -> None:
    managed.emulator.add_pool("theirs", account=THEIRS)
    with refused() as sts:
        stack = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts)
        outcome = OPERATIONS[operation](managed, stack)
    assert f"reaches AWS as account {THEIRS}" in outcome.text
    assert not outcome.ok
    ours = {pool["PoolName"] for pool in managed.emulator.pools(account=OURS)}
    assert ours == {"desks", "somebody-elses"}


@pytest.mark.parametrize("operation", ["destroy", "refresh"])
def test_a_pool_that_is_gone_is_gone_where_the_account_is_its_own(
    managed: Program, operation: str
) -> None:
    managed.emulator.remove("desks")
    with refused() as sts:
        stack = managed.stack.with_environment(AWS_ENDPOINT_URL_STS=sts)
        outcome = OPERATIONS[operation](managed, stack)
    assert outcome.ok, outcome.text
    assert managed.stack.resources() == []


def test_consent_believes_without_an_account(managed: Program) -> None:
    managed.stack.set_config("aws:skipRequestingAccountId", "true")
    with refused() as sts:
        outcome = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts).refresh()
    assert outcome.ok, outcome.text
    assert managed.stack.resources() == []
