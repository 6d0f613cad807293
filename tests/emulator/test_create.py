"""CreateWorkspacesPool: what it answers, what it defaults, what it refuses."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from .conftest import refused


def test_a_new_pool_is_answered_in_full(aws: Any, client: Any) -> None:
    members = {
        "Description": "The first (1)",
        "ApplicationSettings": {"Status": "ENABLED", "SettingsGroup": "group"},
        "TimeoutSettings": {
            "DisconnectTimeoutInSeconds": 60,
            "IdleDisconnectTimeoutInSeconds": 120,
            "MaxUserDurationInSeconds": 600,
        },
        "RunningMode": "ALWAYS_ON",
    }
    more = {"Capacity": {"DesiredUserSessions": 7}, "Tags": [{"Key": "team", "Value": "blue"}]}
    answer = client.create_workspaces_pool(**aws.request("first", **members, **more))
    pool = answer["WorkspacesPool"]
    assert abs(datetime.now(timezone.utc) - pool.pop("CreatedAt")) < timedelta(minutes=1)
    pool_id = pool.pop("PoolId")
    assert re.fullmatch(r"wspool-[0-9a-z]{9}", pool_id)
    bucket = pool["ApplicationSettings"].pop("S3BucketName")
    assert bucket.startswith("wspool-app-settings-us-east-1-123456789012-")
    assert pool == {
        **members,
        "PoolArn": f"arn:aws:workspaces:us-east-1:123456789012:workspacespool/{pool_id}",
        "CapacityStatus": {
            "AvailableUserSessions": 0,
            "DesiredUserSessions": 7,
            "ActualUserSessions": 0,
            "ActiveUserSessions": 0,
        },
        "PoolName": "first",
        "State": "CREATING",
        "BundleId": aws.emulator.default_bundle_id,
        "DirectoryId": aws.emulator.default_directory_id,
    }
    assert client.describe_tags(ResourceId=pool_id)["TagList"] == more["Tags"]


@pytest.mark.parametrize("timeouts", [{}, {"DisconnectTimeoutInSeconds": 61}], ids=str)
def test_what_is_left_out_gets_a_default(aws: Any, client: Any, timeouts: dict[str, int]) -> None:
    request = aws.request(**({"TimeoutSettings": timeouts} if timeouts else {}))
    pool = client.create_workspaces_pool(**request)["WorkspacesPool"]
    assert pool["RunningMode"] == "AUTO_STOP"
    assert pool["ApplicationSettings"] == {"Status": "DISABLED"}
    assert pool["TimeoutSettings"] == {
        "DisconnectTimeoutInSeconds": 900,
        "IdleDisconnectTimeoutInSeconds": 0,
        "MaxUserDurationInSeconds": 57600,
        **timeouts,
    }
    assert client.describe_tags(ResourceId=pool["PoolId"])["TagList"] == []


def test_the_bucket_is_the_same_for_all_pools_of_a_region(aws: Any, client: Any) -> None:
    for name in ("one", "two"):
        aws.create(client, name, ApplicationSettings={"Status": "ENABLED"})
    pools = aws.emulator.pools()
    assert len({pool["ApplicationSettings"]["S3BucketName"] for pool in pools}) == 1


def test_a_name_is_taken_until_the_pool_is_deleted(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, "taken")
    with refused("ResourceAlreadyExistsException", "taken"):
        aws.create(client, "taken")
    aws.emulator.hold(pool_id)
    client.terminate_workspaces_pool(PoolId=pool_id)
    with refused("ResourceAlreadyExistsException"):
        aws.create(client, "taken")
    aws.emulator.release(pool_id)
    assert aws.create(client, "taken") != pool_id


def test_regions_and_accounts_are_separate(aws: Any) -> None:
    clients = {
        ("us-east-1", "123456789012"): aws.client(),
        ("eu-west-1", "123456789012"): aws.client(region="eu-west-1"),
        ("us-east-1", "111122223333"): aws.client(access_key=aws.access_key_of("111122223333")),
    }
    pool_ids = [aws.create(client, "same-name") for client in clients.values()]
    assert len(set(pool_ids)) == 3
    for client, pool_id in zip(clients.values(), pool_ids, strict=True):
        shown = client.describe_workspaces_pools()["WorkspacesPools"]
        assert [pool["PoolId"] for pool in shown] == [pool_id]
    assert [(call.region, call.account) for call in aws.emulator.writes()] == list(clients)
    assert len(aws.emulator.pools()) == 3
    assert [pool["PoolId"] for pool in aws.emulator.pools(region="eu-west-1")] == [pool_ids[1]]
    assert [pool["PoolId"] for pool in aws.emulator.pools(account="111122223333")] == [pool_ids[2]]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"BundleId": "wsb-unknown00"}, "ResourceNotFoundException"),
        ({"DirectoryId": "wsd-unknown00"}, "ResourceNotFoundException"),
        ({"DirectoryId": "d-0123456789"}, "InvalidParameterValuesException"),
        ({"Tags": [{"Key": "aws:reserved"}]}, "InvalidParameterValuesException"),
        ({"Tags": [{"Key": "a"}, {"Key": "a"}]}, "InvalidParameterValuesException"),
        ({"Tags": [{"Key": f"k{n}"} for n in range(51)]}, "ResourceLimitExceededException"),
    ],
)
def test_it_refuses_what_aws_refuses(
    aws: Any, client: Any, members: dict[str, Any], code: str
) -> None:
    aws.emulator.add_directory("d-0123456789", workspace_type="PERSONAL")
    with refused(code, *(value for value in members.values() if isinstance(value, str))):
        aws.create(client, **members)
    assert aws.emulator.pools() == []


def test_the_quota_is_kept(aws: Any, client: Any) -> None:
    aws.emulator.pool_limit = 2
    aws.create(client, "one")
    two = aws.create(client, "two")
    with refused("ResourceLimitExceededException"):
        aws.create(client, "three")
    aws.emulator.remove(two)
    aws.create(client, "three")
