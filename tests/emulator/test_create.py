"""CreateWorkspacesPool: what it answers, what it defaults, what it refuses."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest


def test_a_new_pool_is_answered_in_full(aws: Any, client: Any) -> None:
    answer = client.create_workspaces_pool(
        **aws.request(
            "first",
            Description="The first (1)",
            Capacity={"DesiredUserSessions": 7},
            ApplicationSettings={"Status": "ENABLED", "SettingsGroup": "group"},
            TimeoutSettings={
                "DisconnectTimeoutInSeconds": 60,
                "IdleDisconnectTimeoutInSeconds": 120,
                "MaxUserDurationInSeconds": 600,
            },
            RunningMode="ALWAYS_ON",
            Tags=[{"Key": "team", "Value": "blue"}],
        )
    )
    pool = answer["WorkspacesPool"]
    created_at = pool.pop("CreatedAt")
    assert abs(datetime.now(timezone.utc) - created_at) < timedelta(minutes=1)
    pool_id = pool.pop("PoolId")
    assert re.fullmatch(r"wspool-[0-9a-z]{9}", pool_id)
    bucket = pool["ApplicationSettings"].pop("S3BucketName")
    assert bucket.startswith("wspool-app-settings-us-east-1-123456789012-")
    assert pool == {
        "PoolArn": f"arn:aws:workspaces:us-east-1:123456789012:workspacespool/{pool_id}",
        "CapacityStatus": {
            "AvailableUserSessions": 0,
            "DesiredUserSessions": 7,
            "ActualUserSessions": 0,
            "ActiveUserSessions": 0,
        },
        "PoolName": "first",
        "Description": "The first (1)",
        "State": "CREATING",
        "BundleId": aws.emulator.default_bundle_id,
        "DirectoryId": aws.emulator.default_directory_id,
        "ApplicationSettings": {"Status": "ENABLED", "SettingsGroup": "group"},
        "TimeoutSettings": {
            "DisconnectTimeoutInSeconds": 60,
            "IdleDisconnectTimeoutInSeconds": 120,
            "MaxUserDurationInSeconds": 600,
        },
        "RunningMode": "ALWAYS_ON",
    }
    assert client.describe_tags(ResourceId=pool_id)["TagList"] == [{"Key": "team", "Value": "blue"}]


def test_what_is_left_out_gets_a_default(aws: Any, client: Any) -> None:
    pool = client.create_workspaces_pool(**aws.request())["WorkspacesPool"]
    assert pool["RunningMode"] == "AUTO_STOP"
    assert pool["ApplicationSettings"] == {"Status": "DISABLED"}
    assert pool["TimeoutSettings"] == {
        "DisconnectTimeoutInSeconds": 900,
        "IdleDisconnectTimeoutInSeconds": 0,
        "MaxUserDurationInSeconds": 57600,
    }
    assert client.describe_tags(ResourceId=pool["PoolId"])["TagList"] == []


def test_timeouts_that_are_left_out_get_defaults(aws: Any, client: Any) -> None:
    request = aws.request(TimeoutSettings={"DisconnectTimeoutInSeconds": 61})
    settings = client.create_workspaces_pool(**request)["WorkspacesPool"]["TimeoutSettings"]
    assert settings["DisconnectTimeoutInSeconds"] == 61
    assert settings["MaxUserDurationInSeconds"] == 57600


def test_the_bucket_is_the_same_for_all_pools_of_a_region(aws: Any, client: Any) -> None:
    enabled = {"Status": "ENABLED"}
    buckets = {
        client.create_workspaces_pool(**aws.request(name, ApplicationSettings=enabled))[
            "WorkspacesPool"
        ]["ApplicationSettings"]["S3BucketName"]
        for name in ("one", "two")
    }
    assert len(buckets) == 1


def test_a_name_is_taken_once(aws: Any, client: Any, refused: Any) -> None:
    aws.create(client, "taken")
    with refused("ResourceAlreadyExistsException") as refusal:
        aws.create(client, "taken")
    assert refusal.status == 400
    assert "taken" in refusal.message


def test_a_name_is_taken_while_the_pool_is_being_deleted(
    aws: Any, client: Any, refused: Any
) -> None:
    pool_id = aws.create(client, "taken")
    aws.emulator.drift(pool_id, State="STOPPED")
    aws.emulator.hold(pool_id)
    client.terminate_workspaces_pool(PoolId=pool_id)
    with refused("ResourceAlreadyExistsException"):
        aws.create(client, "taken")
    aws.emulator.release(pool_id)
    assert aws.create(client, "taken") != pool_id


def test_regions_and_accounts_are_separate(aws: Any) -> None:
    clients = [
        aws.client(),
        aws.client(region="eu-west-1"),
        aws.client(access_key=_foreign_access_key(aws)),
    ]
    pool_ids = [aws.create(client, "same-name") for client in clients]
    assert len(set(pool_ids)) == 3
    for client, pool_id in zip(clients, pool_ids, strict=True):
        shown = client.describe_workspaces_pools()["WorkspacesPools"]
        assert [pool["PoolId"] for pool in shown] == [pool_id]
    places = [call.region + " " + call.account for call in aws.emulator.writes()]
    assert places == [
        "us-east-1 123456789012",
        "eu-west-1 123456789012",
        "us-east-1 111122223333",
    ]
    assert len(aws.emulator.pools()) == 3
    assert [pool["PoolId"] for pool in aws.emulator.pools(region="eu-west-1")] == [pool_ids[1]]
    assert [pool["PoolId"] for pool in aws.emulator.pools(account="111122223333")] == [pool_ids[2]]


def _foreign_access_key(aws: Any) -> str:
    role = aws.client("sts").assume_role(
        RoleArn="arn:aws:iam::111122223333:role/other", RoleSessionName="session"
    )
    return str(role["Credentials"]["AccessKeyId"])


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"BundleId": "wsb-unknown00"}, "ResourceNotFoundException"),
        ({"DirectoryId": "wsd-unknown00"}, "ResourceNotFoundException"),
        ({"DirectoryId": "d-0123456789"}, "ResourceNotFoundException"),
        ({"Tags": [{"Key": "aws:reserved"}]}, "InvalidParameterValuesException"),
        ({"Tags": [{"Key": "a"}, {"Key": "a"}]}, "InvalidParameterValuesException"),
        ({"Tags": [{"Key": f"k{n}"} for n in range(51)]}, "ResourceLimitExceededException"),
    ],
)
def test_it_refuses_what_aws_refuses(
    aws: Any, client: Any, refused: Any, members: dict[str, Any], code: str
) -> None:
    with refused(code) as refusal:
        aws.create(client, **members)
    assert refusal.status == 400
    assert aws.emulator.pools() == []


def test_a_directory_that_is_not_for_pools_is_refused(aws: Any, client: Any, refused: Any) -> None:
    personal = aws.emulator.add_directory("d-0123456789", workspace_type="PERSONAL")
    with refused("InvalidParameterValuesException") as refusal:
        aws.create(client, DirectoryId=personal)
    assert personal in refusal.message


def test_the_quota_is_kept(aws: Any, client: Any, refused: Any) -> None:
    aws.emulator.pool_limit = 2
    aws.create(client, "one")
    two = aws.create(client, "two")
    with refused("ResourceLimitExceededException") as refusal:
        aws.create(client, "three")
    assert refusal.status == 400
    aws.emulator.remove(two)
    aws.create(client, "three")


@pytest.mark.parametrize("state", ["RUNNING", "STOPPED"])
def test_the_state_after_creation_can_be_chosen(aws: Any, client: Any, state: str) -> None:
    aws.emulator.state_after_creation = state
    pool_id = aws.create(client)
    assert (
        client.describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"][0]["State"] == state
    )
