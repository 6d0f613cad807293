"""The states of a pool: which operation is allowed in which, and where it leads."""

from typing import Any

import pytest

WRITES = ["update", "start", "stop", "terminate"]
# What AWS answers to each write in each state; None is that it is accepted.
IN_PROGRESS, INVALID = "OperationInProgressException", "InvalidResourceStateException"
ANSWERS: dict[str, dict[str, str | None]] = {
    "CREATING": dict.fromkeys(WRITES, IN_PROGRESS),
    "STARTING": dict.fromkeys(WRITES, IN_PROGRESS),
    "STOPPING": dict.fromkeys(WRITES, IN_PROGRESS),
    "UPDATING": dict.fromkeys(WRITES, IN_PROGRESS),
    "RUNNING": {"update": None, "start": INVALID, "stop": None, "terminate": None},
    "STOPPED": {"update": None, "start": None, "stop": INVALID, "terminate": None},
    "DELETING": {"update": INVALID, "start": INVALID, "stop": INVALID, "terminate": IN_PROGRESS},
}


def write(client: Any, operation: str, pool_id: str, **members: Any) -> Any:
    if operation == "update":
        members = members or {"Description": "changed"}
    return getattr(client, f"{operation}_workspaces_pool")(PoolId=pool_id, **members)


def state(client: Any, pool_id: str) -> str:
    return str(client.describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"][0]["State"])


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("before", ANSWERS)
def test_each_write_is_accepted_or_refused_as_the_state_has_it(
    aws: Any, client: Any, refused: Any, before: str, operation: str
) -> None:
    pool_id = aws.emulator.add_pool("pool", State=before)
    expected = ANSWERS[before][operation]
    if expected is None:
        write(client, operation, pool_id)
        return
    with refused(expected) as refusal:
        write(client, operation, pool_id)
    assert refusal.status == 400
    assert pool_id in refusal.message
    assert state(client, pool_id) == before


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_to_a_pool_that_is_not_there_is_refused(
    client: Any, refused: Any, operation: str
) -> None:
    with refused("ResourceNotFoundException") as refusal:
        write(client, operation, "wspool-000000000")
    assert refusal.status == 400


@pytest.mark.parametrize(
    ("before", "operation", "passing", "after"),
    [
        ("STOPPED", "start", "STARTING", "RUNNING"),
        ("RUNNING", "stop", "STOPPING", "STOPPED"),
        ("RUNNING", "update", "UPDATING", "RUNNING"),
        ("STOPPED", "update", "UPDATING", "STOPPED"),
    ],
)
def test_a_transition_passes_through_a_state(
    aws: Any, client: Any, before: str, operation: str, passing: str, after: str
) -> None:
    pool_id = aws.emulator.add_pool("pool", State=before)
    aws.emulator.hold("pool")
    write(client, operation, pool_id)
    assert state(client, pool_id) == passing
    aws.emulator.release("pool")
    assert state(client, pool_id) == after


def test_a_terminated_pool_is_deleting_and_then_gone(aws: Any, client: Any, refused: Any) -> None:
    pool_id = aws.emulator.add_pool("pool", State="STOPPED")
    aws.emulator.hold("pool")
    client.terminate_workspaces_pool(PoolId=pool_id)
    assert state(client, pool_id) == "DELETING"
    aws.emulator.release("pool")
    with refused("ResourceNotFoundException"):
        client.describe_workspaces_pools(PoolIds=[pool_id])
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []
    with refused("ResourceNotFoundException"):
        client.describe_tags(ResourceId=pool_id)


def test_a_running_pool_is_not_terminated_where_that_is_set(
    aws: Any, client: Any, refused: Any
) -> None:
    aws.emulator.terminate_requires_stopped = True
    pool_id = aws.emulator.add_pool("pool")
    with refused("InvalidResourceStateException") as refusal:
        client.terminate_workspaces_pool(PoolId=pool_id)
    assert "STOPPED" in refusal.message
    aws.emulator.drift("pool", State="STOPPED")
    client.terminate_workspaces_pool(PoolId=pool_id)
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []


def test_always_on_pools_neither_stop_nor_start(aws: Any, client: Any, refused: Any) -> None:
    pool_id = aws.emulator.add_pool("pool", RunningMode="ALWAYS_ON")
    with refused("InvalidResourceStateException") as refusal:
        client.stop_workspaces_pool(PoolId=pool_id)
    assert "ALWAYS_ON" in refusal.message
    aws.emulator.drift("pool", State="STOPPED")
    with refused("OperationNotSupportedException") as refusal:
        client.start_workspaces_pool(PoolId=pool_id)
    assert "ALWAYS_ON" in refusal.message
    aws.emulator.drift("pool", RunningMode="AUTO_STOP")
    client.start_workspaces_pool(PoolId=pool_id)


def test_a_pool_that_becomes_always_on_starts_by_itself(aws: Any, client: Any) -> None:
    aws.emulator.state_after_creation = "STOPPED"
    pool_id = aws.create(client)
    assert state(client, pool_id) == "STOPPED"
    client.update_workspaces_pool(PoolId=pool_id, RunningMode="ALWAYS_ON")
    assert state(client, pool_id) == "RUNNING"
    assert state(client, aws.create(client, "other", RunningMode="ALWAYS_ON")) == "RUNNING"


def test_always_on_pools_stop_and_start_where_that_is_set(aws: Any, client: Any) -> None:
    aws.emulator.always_on_can_stop = True
    pool_id = aws.emulator.add_pool("pool", State="STOPPED")
    client.update_workspaces_pool(PoolId=pool_id, RunningMode="ALWAYS_ON")
    assert state(client, pool_id) == "STOPPED"
    client.start_workspaces_pool(PoolId=pool_id)
    client.stop_workspaces_pool(PoolId=pool_id)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Description", "Other"),
        ("Capacity", {"DesiredUserSessions": 9}),
        ("RunningMode", "ALWAYS_ON"),
        ("BundleId", "wsb-emulated2"),
        ("DirectoryId", "wsd-emulated2"),
        ("ApplicationSettings", {"Status": "DISABLED", "SettingsGroup": "other"}),
        (
            "TimeoutSettings",
            {
                "DisconnectTimeoutInSeconds": 77,
                "IdleDisconnectTimeoutInSeconds": 78,
                "MaxUserDurationInSeconds": 779,
            },
        ),
    ],
)
def test_an_update_changes_what_it_names_and_nothing_else(
    aws: Any, client: Any, member: str, value: Any
) -> None:
    aws.emulator.always_on_can_stop = True  # or it would start, too
    pool_id = aws.emulator.add_pool("pool", State="STOPPED", Tags={"a": "b"})
    before = aws.emulator.pool("pool")
    answered = client.update_workspaces_pool(PoolId=pool_id, **{member: value})["WorkspacesPool"]
    assert answered["State"] == "UPDATING"
    after = aws.emulator.pool("pool")
    if member == "Capacity":
        assert after["CapacityStatus"]["DesiredUserSessions"] == 9
        member = "CapacityStatus"
    else:
        assert after[member] == value
    assert {**after, member: None} == {**before, member: None}


def test_timeouts_that_an_update_leaves_out_stay(aws: Any, client: Any) -> None:
    pool_id = aws.emulator.add_pool("pool")
    client.update_workspaces_pool(
        PoolId=pool_id, TimeoutSettings={"DisconnectTimeoutInSeconds": 77}
    )
    assert aws.emulator.pool("pool")["TimeoutSettings"] == {
        "DisconnectTimeoutInSeconds": 77,
        "IdleDisconnectTimeoutInSeconds": 0,
        "MaxUserDurationInSeconds": 57600,
    }


def test_enabled_application_settings_get_a_bucket_and_disabled_ones_lose_it(
    aws: Any, client: Any
) -> None:
    pool_id = aws.emulator.add_pool("pool")
    client.update_workspaces_pool(PoolId=pool_id, ApplicationSettings={"Status": "ENABLED"})
    assert "S3BucketName" in aws.emulator.pool("pool")["ApplicationSettings"]
    client.update_workspaces_pool(PoolId=pool_id, ApplicationSettings={"Status": "DISABLED"})
    assert aws.emulator.pool("pool")["ApplicationSettings"] == {"Status": "DISABLED"}


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "InvalidParameterValuesException"),
        ({"Unknown": 1}, "InvalidParameterValuesException"),
        ({"RunningMode": "ALWAYS_ON"}, "InvalidResourceStateException"),
        ({"BundleId": "wsb-unknown00"}, "ResourceNotFoundException"),
        ({"DirectoryId": "wsd-unknown00"}, "ResourceNotFoundException"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    aws: Any, client: Any, refused: Any, members: dict[str, Any], code: str
) -> None:
    pool_id = aws.emulator.add_pool("pool")
    before = aws.emulator.pool("pool")
    known = {name: value for name, value in members.items() if name != "Unknown"}
    with refused(code):
        client.update_workspaces_pool(
            PoolId=pool_id, **({**known, "Description": "x"} if known else {})
        )
    assert aws.emulator.pool("pool") == before


def test_other_members_can_be_made_to_need_a_stopped_pool(
    aws: Any, client: Any, refused: Any
) -> None:
    aws.emulator.update_requires_stopped = frozenset({"BundleId"})
    pool_id = aws.emulator.add_pool("pool")
    client.update_workspaces_pool(PoolId=pool_id, Description="As it runs")
    with refused("InvalidResourceStateException") as refusal:
        client.update_workspaces_pool(PoolId=pool_id, BundleId="wsb-emulated2")
    assert "BundleId" in refusal.message


@pytest.mark.parametrize(
    ("operation", "before", "setting", "passing"),
    [
        ("start", "STOPPED", "starting", "STARTING"),
        ("stop", "RUNNING", "stopping", "STOPPING"),
        ("update", "RUNNING", "updating", "UPDATING"),
        ("terminate", "STOPPED", "deleting", "DELETING"),
    ],
)
def test_a_transition_takes_its_time(
    aws: Any, client: Any, operation: str, before: str, setting: str, passing: str
) -> None:
    aws.emulator.timing = type(aws.emulator.timing)(**{setting: 60})
    pool_id = aws.emulator.add_pool("pool", State=before)
    write(client, operation, pool_id)
    aws.emulator.age("pool", 59)
    assert state(client, pool_id) == passing
    aws.emulator.age("pool", 1)
    left = [pool["State"] for pool in aws.emulator.pools()]
    assert left != [passing]


def test_creation_takes_its_time(aws: Any, client: Any) -> None:
    aws.emulator.timing = type(aws.emulator.timing)(creating=60)
    pool_id = aws.create(client)
    aws.emulator.timing = type(aws.emulator.timing)()
    assert state(client, pool_id) == "CREATING"
    aws.emulator.age(pool_id, 60)
    assert state(client, pool_id) == "RUNNING"
