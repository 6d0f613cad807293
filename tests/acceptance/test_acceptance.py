"""`make acceptance`, with the emulator in the place of a live account."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from support.commands import run_module

pytestmark = pytest.mark.needs_cli


def accept(
    aws: EmulatorServer, *options: str, answer: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the trial, with the ids of the emulated account but for those given."""
    ids = {
        "ACCEPTANCE_DIRECTORY_ID": aws.emulator.default_directory_id,
        "ACCEPTANCE_BUNDLE_ID": aws.emulator.default_bundle_id,
    }
    variables = {**os.environ, **aws.environment(), **ids, "PYTHONPATH": "tests", **environment}
    return run_module("tools.acceptance", *options, environment=variables, answer=answer)


def test_every_promise_is_tried_and_nothing_is_left(emulated_aws: EmulatorServer) -> None:
    foreign = emulated_aws.emulator.add_pool("somebody-elses")
    ran = accept(emulated_aws, "--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("    yes, after") == 8
    assert "Every promise was kept, and nothing is left." in ran.stdout
    assert [pool["PoolId"] for pool in emulated_aws.emulator.pools()] == [foreign]


def test_it_says_where_what_and_how_much_before_it_asks(emulated_aws: EmulatorServer) -> None:
    ran = accept(emulated_aws, answer="no\n")
    assert ran.returncode == 2
    announced = ran.stdout.partition("Go on?")[0]
    for told in ("123456789012", "us-east-1", "wsd-emulated1", "wsb-emulated1", "bills"):
        assert told in announced
    assert ran.stdout.endswith("Nothing was done.\n")
    assert emulated_aws.emulator.calls == []


@pytest.mark.parametrize("missing", ["ACCEPTANCE_DIRECTORY_ID", "ACCEPTANCE_BUNDLE_ID"])
def test_what_is_missing_is_named_and_nothing_is_done(
    emulated_aws: EmulatorServer, missing: str
) -> None:
    without: dict[str, Any] = {missing: ""}
    ran = accept(emulated_aws, "--yes", **without)
    assert ran.returncode == 2
    assert missing in ran.stderr
    assert emulated_aws.emulator.calls == []


def test_a_step_that_fails_is_told_and_the_pool_is_deleted(emulated_aws: EmulatorServer) -> None:
    refused = Fault.access_denied("UpdateWorkspacesPool")
    emulated_aws.emulator.fail("UpdateWorkspacesPool", refused, times=100)
    ran = accept(emulated_aws, "--yes")
    assert ran.returncode == 1
    assert "NO: " in ran.stdout
    assert "workspaces:UpdateWorkspacesPool" in ran.stdout
    assert ran.stdout.endswith("Nothing is left.\n")
    assert emulated_aws.emulator.pools() == []


def test_a_pool_that_cannot_be_deleted_is_named_with_what_to_do(
    emulated_aws: EmulatorServer,
) -> None:
    for operation in ("UpdateWorkspacesPool", "TerminateWorkspacesPool"):
        refused = Fault.access_denied(operation)
        emulated_aws.emulator.fail(operation, refused, times=100)
    ran = accept(emulated_aws, "--yes")
    assert ran.returncode == 1
    (left,) = emulated_aws.emulator.pools()
    assert "STILL THERE" in ran.stdout
    assert f"--pool-id {left['PoolId']}" in ran.stdout
