"""Tests of this stack on emulated AWS."""

from pathlib import Path

import pytest
from pulumi import automation

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from pulumi_workspaces_pool.testing.plugin import ProjectCopier, StackFactory
from pulumi_workspaces_pool.testing.stacks import StackUnderTest


@pytest.fixture
def stack(
    pulumi_stack: StackFactory, pulumi_project: ProjectCopier, emulated_aws: EmulatorServer
) -> StackUnderTest:
    """This project, configured with a directory and a bundle of the emulated AWS."""
    aws = emulated_aws.emulator
    config = {"directoryId": aws.default_directory_id, "bundleId": aws.default_bundle_id}
    return pulumi_stack(pulumi_project(Path(__file__).parent), config=config)


def test_the_pool_is_created_updated_and_deleted(
    stack: StackUnderTest, emulated_aws: EmulatorServer
) -> None:
    aws = emulated_aws.emulator
    assert stack.preview().change_summary == {"create": 2}
    assert aws.calls == []

    outputs = stack.up().outputs
    pool_id = outputs["poolId"].value
    pool = aws.pool(pool_id)
    assert pool["State"] == "RUNNING"
    assert pool["Tags"] == {"Project": "workspaces-pool-quickstart"}
    assert outputs["poolArn"].value == pool["PoolArn"]
    assert stack.up().summary.resource_changes == {"same": 2}

    aws.drift(pool_id, Description="Changed in the console")
    assert stack.refresh().summary.resource_changes == {"update": 1, "same": 1}
    assert stack.up().summary.resource_changes == {"update": 1, "same": 1}
    assert aws.pool(pool_id)["Description"] == "Pooled desktops"

    stack.destroy()
    assert aws.pools() == []


def test_the_error_names_a_missing_permission(
    stack: StackUnderTest, emulated_aws: EmulatorServer
) -> None:
    fault = Fault.access_denied("CreateWorkspacesPool")
    emulated_aws.emulator.fail("CreateWorkspacesPool", fault)
    with pytest.raises(automation.CommandError, match="workspaces:CreateWorkspacesPool"):
        stack.up()
