"""Directories for POOLS, and bundles: what a pool needs before it can be created."""

from typing import Any

import pytest
from botocore import xform_name

from .conftest import refused


def subnet_ids(aws: Any, *zones: str) -> list[str]:
    """A default subnet in each of these zones."""
    subnets = aws.client("ec2").describe_subnets()["Subnets"]
    by_zone = {subnet["AvailabilityZoneId"]: subnet["SubnetId"] for subnet in subnets}
    return [by_zone[zone] for zone in zones or ("use1-az2", "use1-az4")]


def register(aws: Any, client: Any, **members: Any) -> str:
    request = {
        "WorkspaceType": "POOLS",
        "WorkspaceDirectoryName": "for-pools",
        "WorkspaceDirectoryDescription": "For pools",
        "UserIdentityType": "CUSTOMER_MANAGED",
        "SubnetIds": subnet_ids(aws),
        **members,
    }
    answer = client.register_workspace_directory(
        **{name: value for name, value in request.items() if value is not None}
    )
    assert answer["State"] == "REGISTERING"
    return str(answer["DirectoryId"])


def describe(client: Any, directory_id: str) -> Any:
    return client.describe_workspace_directories(DirectoryIds=[directory_id])["Directories"][0]


def test_a_directory_for_pools_is_registered_and_used(aws: Any, client: Any) -> None:
    account_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:account-abcdef"
    active_directory = {"DomainName": "corp.example.com", "ServiceAccountSecretArn": account_arn}
    tags = [{"Key": "a", "Value": "b"}]
    directory_id = register(aws, client, ActiveDirectoryConfig=active_directory, Tags=tags)
    assert directory_id.startswith("wsd-")
    shown = describe(client, directory_id)
    expected = {
        "State": "REGISTERED",
        "WorkspaceType": "POOLS",
        "WorkspaceDirectoryName": "for-pools",
        "WorkspaceDirectoryDescription": "For pools",
        "UserIdentityType": "CUSTOMER_MANAGED",
        "SubnetIds": subnet_ids(aws),
        "ActiveDirectoryConfig": active_directory,
    }
    assert {name: shown[name] for name in expected} == expected
    assert client.describe_tags(ResourceId=directory_id)["TagList"] == tags
    aws.create(client, DirectoryId=directory_id)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"WorkspaceDirectoryName": None}, "InvalidParameterValuesException"),
        ({"UserIdentityType": None}, "InvalidParameterValuesException"),
        ({"SubnetIds": None}, "InvalidParameterValuesException"),
        ({"SubnetIds": ["subnet-01234567"] * 2}, "InvalidParameterValuesException"),
        ({"SubnetIds": ["subnet-01234567"] * 3}, "ValidationException"),
        ({"Tags": [{"Key": "aws:x"}]}, "InvalidParameterValuesException"),
        ({"WorkspaceType": None}, "InvalidParameterValuesException"),
    ],
)
def test_a_registration_that_lacks_something_is_refused(
    aws: Any, client: Any, members: dict[str, Any], code: str
) -> None:
    with refused(code):
        register(aws, client, **members)


@pytest.mark.parametrize("zones", [("use1-az2", "use1-az2"), ("use1-az2", "use1-az1")])
def test_subnets_must_be_in_two_zones_that_pools_support(
    aws: Any, client: Any, zones: tuple[str, str]
) -> None:
    with refused("OperationNotSupportedException", zones[1]):
        register(aws, client, SubnetIds=subnet_ids(aws, *zones))


def test_a_directory_name_is_taken_once(aws: Any, client: Any) -> None:
    register(aws, client)
    with refused("ResourceAlreadyExistsException"):
        register(aws, client)


def test_a_directory_stays_while_a_pool_uses_it(aws: Any, client: Any) -> None:
    directory_id = register(aws, client)
    pool_id = aws.create(client, "user", DirectoryId=directory_id)
    with refused("OperationNotSupportedException", "user"):
        client.deregister_workspace_directory(DirectoryId=directory_id)
    aws.emulator.remove(pool_id)
    client.deregister_workspace_directory(DirectoryId=directory_id)
    with refused("ResourceNotFoundException"):
        client.deregister_workspace_directory(DirectoryId=directory_id)


def test_directories_are_filtered_named_and_paged(aws: Any, client: Any) -> None:
    personal = aws.emulator.add_directory("d-0123456789", workspace_type="PERSONAL")
    pools = [aws.emulator.default_directory_id, aws.emulator.other_directory_id]

    def ids(*values: str, name: str = "WORKSPACE_TYPE", **members: Any) -> list[str]:
        if values:
            members["Filters"] = [{"Name": name, "Values": list(values)}]
        found = client.describe_workspace_directories(**members)["Directories"]
        return [directory["DirectoryId"] for directory in found]

    assert ids() == [personal, *pools]
    assert ids("POOLS") == pools
    assert ids("PERSONAL") == [personal]
    assert ids("AWS_IAM_IDENTITY_CENTER", name="USER_IDENTITY_TYPE") == []
    assert ids(WorkspaceDirectoryNames=["directory-2"]) == [pools[1]]
    first = client.describe_workspace_directories(Limit=2)
    assert ids(Limit=2, NextToken=first["NextToken"]) == [pools[1]]


@pytest.mark.parametrize(
    ("member", "properties"),
    [
        ("SamlProperties", {"Status": "ENABLED", "UserAccessUrl": "https://example.com/login"}),
        ("WorkspaceAccessProperties", {"DeviceTypeWeb": "DENY"}),
        ("WorkspaceCreationProperties", {"EnableInternetAccess": True}),
        ("CertificateBasedAuthProperties", {"Status": "DISABLED"}),
        ("StreamingProperties", {"StreamingExperiencePreferredProtocol": "UDP"}),
        ("SelfservicePermissions", {"RestartWorkspace": "DISABLED"}),
    ],
)
def test_properties_of_a_directory_for_pools_can_be_modified(
    aws: Any, client: Any, member: str, properties: dict[str, Any]
) -> None:
    directory_id = register(aws, client)
    modify = getattr(client, f"modify_{xform_name(member)}")
    modify(ResourceId=directory_id, **{member: properties})
    shown = describe(client, directory_id)[member]
    assert {**shown, **properties} == shown


def test_properties_of_nothing_are_refused(client: Any) -> None:
    with refused("ResourceNotFoundException"):
        client.modify_saml_properties(
            ResourceId="wsd-unknown00", SamlProperties={"Status": "DISABLED"}
        )


def test_a_personal_directory_is_registered_as_by_moto(aws: Any) -> None:
    client = aws.client(checked=False)  # moto's own directories have empty members
    directory_id = aws.register_personal(client)
    shown = describe(client, directory_id)
    assert (shown["WorkspaceType"], shown["DirectoryType"]) == ("PERSONAL", "SIMPLE_AD")
    machine = {"DirectoryId": directory_id, "UserName": "me", "BundleId": "wsb-012345678"}
    answer = client.create_workspaces(Workspaces=[machine])
    workspace_id = answer["PendingRequests"][0]["WorkspaceId"]
    with refused("OperationNotSupportedException", workspace_id):
        client.deregister_workspace_directory(DirectoryId=directory_id)
    client.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id}])
    client.deregister_workspace_directory(DirectoryId=directory_id)


def test_bundles_are_found_by_owner_or_id(aws: Any, client: Any) -> None:
    def ids(**members: Any) -> list[str]:
        found = client.describe_workspace_bundles(**members)["Bundles"]
        return [bundle["BundleId"] for bundle in found]

    seeded = [aws.emulator.default_bundle_id, aws.emulator.other_bundle_id]
    assert ids(Owner="AMAZON") == seeded
    assert ids() == []
    own = aws.emulator.add_bundle(owner="123456789012")
    assert ids() == [own]
    assert ids(BundleIds=[seeded[0], own]) == sorted([seeded[0], own])
    with refused("InvalidParameterValuesException"):
        ids(BundleIds=[own], Owner="AMAZON")
    aws.create(client, BundleId=own)
