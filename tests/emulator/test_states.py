"""The states of a pool: which operation is allowed in which, and where it leads."""

from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import Timing

from .conftest import refused, state

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


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("before", ANSWERS)
def test_each_write_is_accepted_or_refused_as_the_state_has_it(
    aws: Any, client: Any, before: str, operation: str
) -> None:
    pool_id = aws.emulator.add_pool("pool", State=before)
    expected = ANSWERS[before][operation]
    if expected is None:
        write(client, operation, pool_id)
        return
    with refused(expected, pool_id):
        write(client, operation, pool_id)
    assert state(client, pool_id) == before


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_to_a_pool_that_is_not_there_is_refused(client: Any, operation: str) -> None:
    with refused("ResourceNotFoundException"):
        write(client, operation, "wspool-000000000")


@pytest.mark.parametrize(
    ("operation", "before", "passing", "after"),
    [
        ("start", "STOPPED", "STARTING", "RUNNING"),
        ("stop", "RUNNING", "STOPPING", "STOPPED"),
        ("update", "RUNNING", "UPDATING", "RUNNING"),
        ("update", "STOPPED", "UPDATING", "STOPPED"),
        ("terminate", "RUNNING", "DELETING", None),
        ("terminate", "STOPPED", "DELETING", None),
    ],
)
def test_a_transition_passes_through_a_state_and_takes_its_time(
    aws: Any, client: Any, operation: str, before: str, passing: str, after: str | None
) -> None:
    aws.emulator.timing = Timing(**{passing.lower(): 60})
    pool_id = aws.emulator.add_pool("pool", State=before)
    write(client, operation, pool_id)
    aws.emulator.age("pool", 59)
    assert state(client, pool_id) == passing
    aws.emulator.age("pool", 1)
    if after is not None:
        assert state(client, pool_id) == after
        return
    for call, members in (
        (client.describe_workspaces_pools, {"PoolIds": [pool_id]}),
        (client.describe_tags, {"ResourceId": pool_id}),
    ):
        with refused("ResourceNotFoundException"):
            call(**members)
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []


def test_creation_takes_the_time_that_was_set_when_it_began(aws: Any, client: Any) -> None:
    aws.emulator.timing = Timing(creating=60)
    pool_id = aws.create(client)
    aws.emulator.timing = Timing()
    assert state(client, pool_id) == "CREATING"
    aws.emulator.age(pool_id, 60)
    assert state(client, pool_id) == "RUNNING"


def test_a_running_pool_is_not_terminated_where_that_is_set(aws: Any, client: Any) -> None:
    aws.emulator.terminate_requires_stopped = True
    pool_id = aws.emulator.add_pool("pool")
    with refused(INVALID, "STOPPED"):
        client.terminate_workspaces_pool(PoolId=pool_id)
    aws.emulator.drift("pool", State="STOPPED")
    client.terminate_workspaces_pool(PoolId=pool_id)


def test_always_on_pools_neither_stop_nor_start(aws: Any, client: Any) -> None:
    pool_id = aws.emulator.add_pool("pool", RunningMode="ALWAYS_ON")
    with refused(INVALID, "ALWAYS_ON"):
        client.stop_workspaces_pool(PoolId=pool_id)
    aws.emulator.drift("pool", State="STOPPED")
    with refused("OperationNotSupportedException", "ALWAYS_ON"):
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


TIMEOUTS = {
    "DisconnectTimeoutInSeconds": 77,
    "IdleDisconnectTimeoutInSeconds": 78,
    "MaxUserDurationInSeconds": 779,
}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Description", "Other"),
        ("Capacity", {"DesiredUserSessions": 9}),
        ("RunningMode", "ALWAYS_ON"),
        ("BundleId", "wsb-emulated2"),
        ("DirectoryId", "wsd-emulated2"),
        ("ApplicationSettings", {"Status": "DISABLED", "SettingsGroup": "other"}),
        ("TimeoutSettings", TIMEOUTS),
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
        member, value = "CapacityStatus", {**before["CapacityStatus"], **value}
    assert after == {**before, member: value}


def test_timeouts_that_an_update_leaves_out_stay(aws: Any, client: Any) -> None:
    pool_id = aws.emulator.add_pool("pool", TimeoutSettings=TIMEOUTS)
    changes = {"DisconnectTimeoutInSeconds": 99}
    client.update_workspaces_pool(PoolId=pool_id, TimeoutSettings=changes)
    assert aws.emulator.pool("pool")["TimeoutSettings"] == {**TIMEOUTS, **changes}


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
        ({"Description": "x", "RunningMode": "ALWAYS_ON"}, INVALID),
        ({"Description": "x", "BundleId": "wsb-unknown00"}, "ResourceNotFoundException"),
        ({"Description": "x", "DirectoryId": "wsd-unknown00"}, "ResourceNotFoundException"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    aws: Any, client: Any, members: dict[str, Any], code: str
) -> None:
    pool_id = aws.emulator.add_pool("pool")
    before = aws.emulator.pool("pool")
    with refused(code):
        client.update_workspaces_pool(PoolId=pool_id, **members)
    assert aws.emulator.pool("pool") == before


def test_other_members_can_be_made_to_need_a_stopped_pool(aws: Any, client: Any) -> None:
    aws.emulator.update_requires_stopped = frozenset({"BundleId"})
    pool_id = aws.emulator.add_pool("pool")
    client.update_workspaces_pool(PoolId=pool_id, Description="As it runs")
    with refused(INVALID, "BundleId"):
        client.update_workspaces_pool(PoolId=pool_id, BundleId="wsb-emulated2")
