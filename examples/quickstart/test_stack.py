"""A test of this stack that needs neither AWS nor the Pulumi CLI.

pip install 'pulumi-workspaces-pool[testing]' and run `pytest`.
"""

from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from pulumi_workspaces_pool.testing.plugin import ProjectCopier, StackFactory
from pulumi_workspaces_pool.testing.stacks import StackUnderTest


@pytest.fixture
def stack(
    pulumi_stack: StackFactory, pulumi_project: ProjectCopier, emulated_aws: EmulatorServer
) -> StackUnderTest:
    """This project, configured for a directory and a bundle that emulated AWS has."""
    aws = emulated_aws.emulator
    config = {"directoryId": aws.default_directory_id, "bundleId": aws.default_bundle_id}
    return pulumi_stack(pulumi_project(Path(__file__).parent), config=config)


def test_the_pool_is_created_kept_and_deleted(
    stack: StackUnderTest, emulated_aws: EmulatorServer
) -> None:
    aws = emulated_aws.emulator
    assert stack.preview().changes == {"create": 2}
    assert aws.calls == []

    up = stack.up()
    assert up.ok, up.text
    assert aws.pool(up.outputs["poolId"])["State"] == "RUNNING"
    assert stack.up().changes == {"same": 2}

    aws.drift(up.outputs["poolId"], Description="Changed in the console")
    assert stack.refresh().changes == {"update": 1, "same": 1}
    assert stack.up().changes == {"update": 1, "same": 1}
    assert aws.pool(up.outputs["poolId"])["Description"] == "Pooled desktops"

    assert stack.destroy().ok
    assert aws.pools() == []


def test_a_missing_permission_is_named(stack: StackUnderTest, emulated_aws: EmulatorServer) -> None:
    fault = Fault.access_denied("CreateWorkspacesPool")
    emulated_aws.emulator.fail("CreateWorkspacesPool", fault)
    up = stack.up()
    assert not up.ok
    assert "workspaces:CreateWorkspacesPool" in up.text
