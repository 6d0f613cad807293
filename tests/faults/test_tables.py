"""Break, kill or mix up whose pool it is, at any call: nothing is lost, doubled or another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.broken_calls import FaultCell, fault_cells
from faults.choice import some_of
from faults.kills import KillCell, kill_cells
from faults.meetings import (
    OURS,
    THEIRS,
    MeetingCell,
    meeting_cells,
    of_another_account,
    operate,
    refused,
)
from faults.scenarios import SCENARIOS, Scenario, begin, bench
from support.program import Program

ANSWERED = [cell for cell in meeting_cells() if "answered" in cell.meeting]
OTHER_MEETINGS = [cell for cell in meeting_cells() if cell not in ANSWERED]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_tables_know_every_call_of_an_operation(scenario: Scenario) -> None:
    with bench("host") as program:
        begin(program, scenario, scenario.namings[0])
        outcome = scenario.run(program.stack)
        assert outcome.ok, outcome.text
        assert [call.operation for call in program.emulator.calls] == list(scenario.calls)


@pytest.mark.parametrize(
    "cell",
    [
        *some_of(fault_cells(), 16),
        *some_of(kill_cells(), 12),
        *some_of(OTHER_MEETINGS, 20),
        *some_of(ANSWERED, 9),
    ],
)
def test_whatever_is_met_is_hidden_or_explained_and_no_pool_is_lost_or_touched(
    cell: FaultCell | KillCell | MeetingCell,
) -> None:
    assert cell.attempt("host").problems == []


# `make faults` tries more of them there.
@pytest.mark.needs_cli
@pytest.mark.parametrize("cell", some_of(kill_cells(), 2))
def test_after_a_kill_of_the_cli_the_next_run_converges_or_explains(cell: KillCell) -> None:
    assert cell.attempt("cli").problems == []


@pytest.fixture
def managed() -> Iterator[Program]:
    """A program with a pool."""
    with bench("host") as found:
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
        outcome = operate(managed, stack, operation)
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
        outcome = operate(managed, stack, operation)
    assert outcome.ok, outcome.text
    assert managed.stack.resources() == []


def test_consent_believes_without_an_account(managed: Program) -> None:
    managed.stack.set_config("aws:skipRequestingAccountId", "true")
    with refused() as sts:
        outcome = of_another_account(managed, AWS_ENDPOINT_URL_STS=sts).refresh()
    assert outcome.ok, outcome.text
    assert managed.stack.resources() == []
