"""examples/vpc_directory: a network, a directory in it, and a pool in that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import Fault
from support.examples import Example

from .conftest import ExampleFactory

CONFIG = {
    "userAccessUrl": "https://idp.example.com/sso",
    "bundleName": "Standard with Windows (Server 2022 based) 1",
}
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:joins-machines-Ab12Cd"  # noqa: S105

LIMIT = Fault.error("ResourceLimitExceededException", "You have as many pools as you may.")


@pytest.fixture
def network(example: ExampleFactory) -> Example:
    """The example, not yet brought up."""
    return example("vpc_directory", **CONFIG)


@pytest.fixture
def running(network: Example) -> Example:
    """The example, brought up."""
    network.stack.up().expect()
    network.emulator.clear_calls()
    return network


def directories(example: Example) -> list[dict[str, Any]]:
    """The directories that AWS has beside those that the emulator begins with."""
    found = example.client("workspaces").describe_workspace_directories()["Directories"]
    ours = {example.emulator.default_directory_id, example.emulator.other_directory_id}
    return [item for item in found if item["DirectoryId"] not in ours]


def vpcs(example: Example) -> list[dict[str, Any]]:
    """The VPCs that AWS has beside the default one."""
    return [vpc for vpc in example.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]


def test_ids_flow_from_the_network_to_the_pool_which_comes_last_and_goes_first(
    network: Example,
) -> None:
    network.stack.preview().expect(create=7)
    assert network.writes() == [], "a preview changes nothing"

    up = network.stack.up().expect()
    pool = network.emulator.pool(up.outputs["poolId"])
    assert pool["DirectoryId"] == up.outputs["directoryId"]
    assert pool["BundleId"] == up.outputs["bundleId"] == network.emulator.default_bundle_id
    (directory,) = directories(network)
    assert directory["WorkspaceType"] == "POOLS"
    assert directory["RegistrationCode"] == up.outputs["registrationCode"]
    assert sorted(directory["SubnetIds"]) == sorted(up.outputs["subnetIds"])
    assert directory["SamlProperties"]["UserAccessUrl"] == CONFIG["userAccessUrl"]
    subnets = network.client("ec2").describe_subnets(SubnetIds=up.outputs["subnetIds"])["Subnets"]
    assert {subnet["AvailabilityZoneId"] for subnet in subnets} == {"use1-az2", "use1-az4"}
    assert {subnet["VpcId"] for subnet in subnets} == {up.outputs["vpcId"]}
    created = network.writes()
    assert created.index("RegisterWorkspaceDirectory") < created.index("CreateWorkspacesPool")

    network.stack.destroy().expect()
    deleted = network.writes()
    assert deleted.index("TerminateWorkspacesPool") < deleted.index("DeregisterWorkspaceDirectory")
    assert network.emulator.pools() == []
    assert directories(network) == []
    assert vpcs(network) == []
    assert network.stack.resources() == []


def test_settings_and_the_directory_change_and_the_pool_is_the_same_one(running: Example) -> None:
    before = running.stack.outputs()
    running.stack.refresh().expect(same=7)
    running.stack.up().expect(same=7)
    assert running.writes() == []

    running.configure(desiredUserSessions=5, userAccessUrl="https://login.example.com/sso")
    running.stack.up().expect(update=2, same=5)
    assert sorted(running.writes()) == ["ModifySamlProperties", "UpdateWorkspacesPool"]
    assert running.desired_sessions(before["poolId"]) == 5

    # A domain to join, and the name that another directory needs meanwhile.
    domain = {"domainName": "corp.example.com", "serviceAccountSecretArn": SECRET_ARN}
    running.configure(directoryName="joined-desktops", **domain)
    running.stack.preview().expect(replace=1, update=1, same=5)
    up = running.stack.up().expect()
    assert up.outputs["directoryId"] != before["directoryId"]
    assert up.outputs["poolId"] == before["poolId"]
    assert running.emulator.pool(before["poolId"])["DirectoryId"] == up.outputs["directoryId"]
    (directory,) = directories(running)
    assert directory["DirectoryId"] == up.outputs["directoryId"]
    assert directory["ActiveDirectoryConfig"] == {
        "DomainName": "corp.example.com",
        "ServiceAccountSecretArn": SECRET_ARN,
    }
    assert running.writes() == [
        "RegisterWorkspaceDirectory",
        "ModifySamlProperties",
        "ModifyWorkspaceCreationProperties",
        "UpdateWorkspacesPool",
        "DeregisterWorkspaceDirectory",
    ]


def test_what_could_not_be_created_lets_the_rest_be_destroyed(network: Example) -> None:
    refused = Fault.error("InvalidParameterValuesException", "The subnets are too small.")
    network.emulator.fail("RegisterWorkspaceDirectory", refused)
    network.stack.up().expect_failure("The subnets are too small.")
    assert "CreateWorkspacesPool" not in network.writes()
    network.stack.destroy().expect()
    assert vpcs(network) == []

    network.emulator.fail("CreateWorkspacesPool", LIMIT)
    network.stack.up().expect_failure()
    network.emulator.clear_calls()
    network.stack.destroy().expect()
    assert network.writes() == ["DeregisterWorkspaceDirectory"]
    assert vpcs(network) == []


def test_the_directory_of_a_pool_that_fails_is_kept_for_the_next_run(network: Example) -> None:
    network.emulator.fail("CreateWorkspacesPool", LIMIT)
    network.stack.up().expect_failure()
    assert len(directories(network)) == 1
    assert network.writes().count("RegisterWorkspaceDirectory") == 1
    network.stack.up().expect(create=1, same=6)
    assert network.writes() == ["CreateWorkspacesPool", "DeleteTags"]

    network.emulator.fail("TerminateWorkspacesPool", Fault.access_denied("TerminateWorkspacesPool"))
    network.stack.destroy().expect_failure()
    assert "DeregisterWorkspaceDirectory" not in network.writes()
    assert len(directories(network)) == 1
    assert len(network.emulator.pools()) == 1
    network.stack.destroy().expect()
    deleted = network.writes()
    assert deleted.index("TerminateWorkspacesPool") < deleted.index("DeregisterWorkspaceDirectory")
    assert network.stack.resources() == []


def test_a_failed_replacement_of_the_directory_keeps_the_old_one_under_the_pool(
    running: Example,
) -> None:
    before = running.stack.outputs()
    running.emulator.fail("UpdateWorkspacesPool", Fault.access_denied("UpdateWorkspacesPool"))
    running.configure(directoryName="other-desktops")
    running.stack.up().expect_failure()
    assert "DeregisterWorkspaceDirectory" not in running.writes()
    assert running.emulator.pool(before["poolId"])["DirectoryId"] == before["directoryId"]
    assert len(directories(running)) == 2

    running.stack.up().expect()
    assert running.writes() == ["UpdateWorkspacesPool", "DeregisterWorkspaceDirectory"]
    assert len(directories(running)) == 1


def test_the_default_role_is_there_before_the_directory(
    example: ExampleFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_role = example("vpc_directory", createDefaultRole=True, **CONFIG)
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")  # 1500 of them: for this test only
    with_role.emulator.reset()
    with_role.stack.up().expect()
    iam = with_role.client("iam")
    role = iam.get_role(RoleName="workspaces_DefaultRole")["Role"]
    trusted = json.dumps(role["AssumeRolePolicyDocument"])
    assert "workspaces.amazonaws.com" in trusted
    attached = iam.list_attached_role_policies(RoleName="workspaces_DefaultRole")
    assert {policy["PolicyName"] for policy in attached["AttachedPolicies"]} == {
        "AmazonWorkSpacesServiceAccess",
        "AmazonWorkSpacesSelfServiceAccess",
        "AmazonWorkSpacesPoolServiceAccess",
    }
    with_role.stack.destroy().expect()
    assert "workspaces_DefaultRole" not in {item["RoleName"] for item in iam.list_roles()["Roles"]}
