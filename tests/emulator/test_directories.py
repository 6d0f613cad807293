"""Directories for POOLS, and bundles: what a pool needs before it can be created."""

from typing import Any

import pytest


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
    active_directory = {
        "DomainName": "corp.example.com",
        "ServiceAccountSecretArn": (
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:account-abcdef"
        ),
    }
    directory_id = register(
        aws, client, ActiveDirectoryConfig=active_directory, Tags=[{"Key": "a", "Value": "b"}]
    )
    assert directory_id.startswith("wsd-")
    shown = describe(client, directory_id)
    assert shown["State"] == "REGISTERED"
    assert shown["WorkspaceType"] == "POOLS"
    assert shown["WorkspaceDirectoryName"] == "for-pools"
    assert shown["WorkspaceDirectoryDescription"] == "For pools"
    assert shown["UserIdentityType"] == "CUSTOMER_MANAGED"
    assert shown["SubnetIds"] == subnet_ids(aws)
    assert shown["ActiveDirectoryConfig"] == active_directory
    assert client.describe_tags(ResourceId=directory_id)["TagList"] == [{"Key": "a", "Value": "b"}]
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
    aws: Any, client: Any, refused: Any, members: dict[str, Any], code: str
) -> None:
    with refused(code) as refusal:
        register(aws, client, **members)
    assert refusal.status == 400


@pytest.mark.parametrize("zones", [("use1-az2", "use1-az2"), ("use1-az2", "use1-az1")])
def test_subnets_must_be_in_two_zones_that_pools_support(
    aws: Any, client: Any, refused: Any, zones: tuple[str, str]
) -> None:
    with refused("OperationNotSupportedException") as refusal:
        register(aws, client, SubnetIds=subnet_ids(aws, *zones))
    assert zones[1] in refusal.message


def test_a_directory_name_is_taken_once(aws: Any, client: Any, refused: Any) -> None:
    register(aws, client)
    with refused("ResourceAlreadyExistsException"):
        register(aws, client)


def test_a_directory_stays_while_a_pool_uses_it(aws: Any, client: Any, refused: Any) -> None:
    directory_id = register(aws, client)
    pool_id = aws.create(client, "user", DirectoryId=directory_id)
    with refused("OperationNotSupportedException") as refusal:
        client.deregister_workspace_directory(DirectoryId=directory_id)
    assert "user" in refusal.message
    aws.emulator.remove(pool_id)
    client.deregister_workspace_directory(DirectoryId=directory_id)
    with refused("ResourceNotFoundException"):
        client.deregister_workspace_directory(DirectoryId=directory_id)


def test_directories_are_filtered_named_and_paged(aws: Any, client: Any) -> None:
    personal = aws.emulator.add_directory("d-0123456789", workspace_type="PERSONAL")
    pools = [aws.emulator.default_directory_id, aws.emulator.other_directory_id]

    def ids(**members: Any) -> list[str]:
        found = client.describe_workspace_directories(**members)["Directories"]
        return [directory["DirectoryId"] for directory in found]

    assert ids() == [personal, *pools]
    assert ids(Filters=[{"Name": "WORKSPACE_TYPE", "Values": ["POOLS"]}]) == pools
    assert ids(Filters=[{"Name": "WORKSPACE_TYPE", "Values": ["PERSONAL"]}]) == [personal]
    assert (
        ids(Filters=[{"Name": "USER_IDENTITY_TYPE", "Values": ["AWS_IAM_IDENTITY_CENTER"]}]) == []
    )
    assert ids(WorkspaceDirectoryNames=["directory-2"]) == [pools[1]]
    first = client.describe_workspace_directories(Limit=2)
    assert ids(Limit=2, NextToken=first["NextToken"]) == [pools[1]]


@pytest.mark.parametrize(
    ("method", "member", "properties"),
    [
        (
            "modify_saml_properties",
            "SamlProperties",
            {"Status": "ENABLED", "UserAccessUrl": "https://idp.example.com/login"},
        ),
        (
            "modify_workspace_access_properties",
            "WorkspaceAccessProperties",
            {"DeviceTypeWeb": "DENY"},
        ),
        (
            "modify_workspace_creation_properties",
            "WorkspaceCreationProperties",
            {"EnableInternetAccess": True},
        ),
        (
            "modify_certificate_based_auth_properties",
            "CertificateBasedAuthProperties",
            {"Status": "DISABLED"},
        ),
        (
            "modify_streaming_properties",
            "StreamingProperties",
            {"StreamingExperiencePreferredProtocol": "UDP"},
        ),
        (
            "modify_selfservice_permissions",
            "SelfservicePermissions",
            {"RestartWorkspace": "DISABLED"},
        ),
    ],
)
def test_properties_of_a_directory_for_pools_can_be_modified(
    aws: Any, client: Any, method: str, member: str, properties: dict[str, Any]
) -> None:
    directory_id = register(aws, client)
    getattr(client, method)(ResourceId=directory_id, **{member: properties})
    shown = describe(client, directory_id)[member]
    assert {**shown, **properties} == shown


def test_properties_of_nothing_are_refused(client: Any, refused: Any) -> None:
    with refused("ResourceNotFoundException"):
        client.modify_saml_properties(
            ResourceId="wsd-unknown00", SamlProperties={"Status": "DISABLED"}
        )


def test_a_personal_directory_is_registered_as_by_moto(aws: Any, refused: Any) -> None:
    client = aws.client(checked=False)  # moto's own directories have empty members
    subnets = aws.client("ec2").describe_subnets()["Subnets"][:2]
    directory_id = aws.client("ds").create_directory(
        Name="test.example",
        Password="Password1",  # noqa: S106
        Size="Small",
        VpcSettings={
            "VpcId": subnets[0]["VpcId"],
            "SubnetIds": [subnet["SubnetId"] for subnet in subnets],
        },
    )["DirectoryId"]
    client.register_workspace_directory(DirectoryId=directory_id)
    found = client.describe_workspace_directories(DirectoryIds=[directory_id])["Directories"]
    assert found[0]["WorkspaceType"] == "PERSONAL"
    assert found[0]["DirectoryType"] == "SIMPLE_AD"
    answer = client.create_workspaces(
        Workspaces=[{"DirectoryId": directory_id, "UserName": "me", "BundleId": "wsb-012345678"}]
    )
    assert len(answer["PendingRequests"]) == 1
    workspace_id = answer["PendingRequests"][0]["WorkspaceId"]
    with refused("OperationNotSupportedException") as refusal:
        client.deregister_workspace_directory(DirectoryId=directory_id)
    assert workspace_id in refusal.message
    client.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id}])
    client.deregister_workspace_directory(DirectoryId=directory_id)


def test_bundles_are_found_by_owner_or_id(aws: Any, client: Any, refused: Any) -> None:
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
