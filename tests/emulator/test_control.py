"""The control surface: looking at pools and calls, changing things behind AWS's back, hooks."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.emulator import Call, Emulator, Fault, Timing

from .conftest import described, refused, state


def test_calls_are_recorded_in_order(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    with refused("InvalidResourceStateException"):
        client.start_workspaces_pool(PoolId=pool_id)
    client.describe_workspaces_pools(Limit=3)
    aws.emulator.calls[0].parameters.clear()  # which is a copy
    calls = aws.emulator.calls
    assert [(call.operation, call.status, call.error) for call in calls] == [
        ("CreateWorkspacesPool", 200, None),
        ("StartWorkspacesPool", 400, "InvalidResourceStateException"),
        ("DescribeWorkspacesPools", 200, None),
    ]
    assert calls[0].parameters == aws.request()
    assert calls[2].parameters == {"Limit": 3}
    assert calls[0].at <= calls[1].at <= calls[2].at
    assert "Botocore" in calls[0].user_agent
    assert aws.emulator.writes() == calls[:2]
    aws.emulator.clear_calls()
    assert aws.emulator.calls == []


def test_pools_are_shown_as_boto3_shows_them(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, "pool", Tags=[{"Key": "a", "Value": "b"}])
    shown = aws.emulator.pool("pool")
    assert shown == aws.emulator.pool(pool_id) == aws.emulator.pools()[0]
    assert shown.pop("Tags") == {"a": "b"}
    assert shown == described(client, pool_id)


def test_a_name_that_several_pools_have_is_not_enough(aws: Any) -> None:
    emulator = aws.emulator
    pool_id = emulator.add_pool("twin")
    emulator.add_pool("twin", region="eu-west-1")
    with pytest.raises(ValueError, match="several pools"):
        emulator.pool("twin")
    assert emulator.pool(pool_id)["PoolId"] == pool_id


def test_drift_changes_fields_without_a_call(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    before = described(client, pool_id)
    aws.emulator.clear_calls()
    changes = {
        "Description": "Drifted",
        "RunningMode": "ALWAYS_ON",
        "State": "STOPPED",
        "BundleId": aws.emulator.other_bundle_id,
        "TimeoutSettings": {"DisconnectTimeoutInSeconds": 61},
    }
    aws.emulator.drift(
        "pool",
        Capacity={"DesiredUserSessions": 3},
        ApplicationSettings={"Status": "ENABLED"},
        **changes,
    )
    assert aws.emulator.calls == []
    shown = described(client, pool_id)
    assert shown.pop("CapacityStatus")["DesiredUserSessions"] == 3
    assert shown.pop("ApplicationSettings")["S3BucketName"]
    assert shown == {**{name: before[name] for name in shown}, **changes}


def test_tags_change_without_a_call(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Tags=[{"Key": "a", "Value": "b"}])
    aws.emulator.set_tags("pool", {"c": "d", "aws:x": "y"})
    aws.emulator.remove_tags("pool", ["a", "z"])
    tags = client.describe_tags(ResourceId=pool_id)["TagList"]
    assert tags == [{"Key": "c", "Value": "d"}, {"Key": "aws:x", "Value": "y"}]


def test_creations_can_be_held(aws: Any, client: Any) -> None:
    aws.emulator.hold_next_creation()
    first, second = aws.create(client, "one"), aws.create(client, "two")
    assert (state(client, first), state(client, second)) == ("CREATING", "RUNNING")
    aws.emulator.release("one")
    assert state(client, first) == "RUNNING"


def test_a_held_transition_does_not_end_however_old(aws: Any, client: Any) -> None:
    aws.emulator.timing = Timing(creating=10)
    pool_id = aws.create(client)
    aws.emulator.hold(pool_id)
    aws.emulator.age(pool_id, 1000)
    assert state(client, pool_id) == "CREATING"
    aws.emulator.release(pool_id)
    assert state(client, pool_id) == "RUNNING"


def test_a_removed_pool_is_gone_at_once(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    aws.emulator.remove("pool")
    with refused("ResourceNotFoundException"):
        described(client, pool_id)
    aws.create(client)


def test_a_pool_made_by_somebody_else_is_running(aws: Any) -> None:
    pool_id = aws.emulator.add_pool(
        "theirs", region="eu-west-1", account="111122223333", Description="Theirs", Tags={"a": "b"}
    )
    shown = aws.emulator.pool(pool_id)
    assert shown["State"] == "RUNNING"
    assert shown["PoolArn"].startswith("arn:aws:workspaces:eu-west-1:111122223333:")
    assert (shown["Description"], shown["Tags"]) == ("Theirs", {"a": "b"})
    assert aws.emulator.calls == []
    assert aws.client().describe_workspaces_pools()["WorkspacesPools"] == []


def test_stale_reads_miss_a_new_pool(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    aws.emulator.stale_reads(2)
    with refused("ResourceNotFoundException"):
        described(client, pool_id)
    assert client.describe_workspaces_pools()["WorkspacesPools"] == []
    assert state(client, pool_id) == "RUNNING"


def test_stale_reads_show_old_fields_until_they_have_caught_up(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    client.update_workspaces_pool(PoolId=pool_id, Description="new")
    with refused("InvalidResourceStateException"):  # a write that is refused is none
        client.start_workspaces_pool(PoolId=pool_id)
    aws.emulator.stale_reads()
    assert described(client, pool_id)["Description"] == "A pool"
    assert described(client, pool_id)["Description"] == "new"
    aws.emulator.catch_up()
    aws.emulator.stale_reads()
    assert described(client, pool_id)["Description"] == "new"


def test_stale_reads_show_old_tags(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    client.create_tags(ResourceId=pool_id, Tags=[{"Key": "a", "Value": "b"}])
    aws.emulator.stale_reads(operation="DescribeTags")
    assert client.describe_tags(ResourceId=pool_id)["TagList"] == []
    assert len(client.describe_tags(ResourceId=pool_id)["TagList"]) == 1


def test_stale_reads_show_a_pool_that_is_gone(aws: Any, client: Any) -> None:
    pool_id = aws.emulator.add_pool("pool", State="STOPPED")
    client.terminate_workspaces_pool(PoolId=pool_id)
    aws.emulator.stale_reads()
    assert state(client, pool_id) == "STOPPED"
    with refused("ResourceNotFoundException"):
        described(client, pool_id)


def test_hooks_run_before_and_after(aws: Any, client: Any) -> None:
    seen: list[tuple[str, int, int]] = []

    def note(moment: str) -> Any:
        return lambda call: seen.append((moment, call.status, len(aws.emulator.pools())))

    before = aws.emulator.on("CreateWorkspacesPool", "before", note("before"))
    after = aws.emulator.on("*", "after", note("after"))
    aws.create(client, "one")
    assert seen == [("before", 0, 0), ("after", 200, 1)]
    before.cancel()
    before.cancel()
    after.cancel()
    aws.create(client, "two")
    assert len(seen) == 2
    with pytest.raises(ValueError, match="moment"):
        aws.emulator.on("*", "during", print)


def test_a_hook_may_plan_a_fault_for_the_call_that_it_is_told_of(aws: Any) -> None:
    pool_id = aws.emulator.add_pool("pool")
    aws.emulator.on(
        "StopWorkspacesPool", "before", lambda _: aws.emulator.fail("*", Fault.throttling())
    )
    aws.emulator.on("*", "after", lambda call: pytest.fail(str(call)))  # it took no effect
    with refused("ThrottlingException"):
        aws.client(checked=False).stop_workspaces_pool(PoolId=pool_id)


def test_a_hook_that_blocks_holds_only_its_own_call(aws: Any, client: Any) -> None:
    arrived, go = threading.Event(), threading.Event()

    def block(_: Call) -> None:
        arrived.set()
        assert go.wait(10)

    aws.emulator.on("CreateWorkspacesPool", "before", block)
    with ThreadPoolExecutor(1) as executor:
        creation = executor.submit(aws.create, client)
        try:
            assert arrived.wait(10)
            assert client.describe_workspaces_pools()["WorkspacesPools"] == []
            assert [call.status for call in aws.emulator.calls] == [0, 200]
        finally:
            go.set()
        assert aws.emulator.pool(creation.result())["State"] == "RUNNING"


def test_reset_leaves_nothing(aws: Any, client: Any) -> None:
    emulator = aws.emulator
    aws.create(client)
    emulator.fail("*", Fault.throttling())
    emulator.limit_rate(0)
    emulator.on("*", "before", lambda call: pytest.fail(str(call)))
    emulator.hold_next_creation()
    emulator.timing = Timing(creating=100)
    emulator.pool_limit = 0
    emulator.reset()
    assert emulator.pools() == emulator.calls == []
    pools = [aws.create(client, name) for name in ("one", "two")]
    assert [state(client, pool_id) for pool_id in pools] == ["RUNNING", "RUNNING"]
    assert emulator.timing == Timing()


def test_a_call_that_is_under_way_at_a_reset_is_not_mixed_up_with_later_ones(
    aws: Any, client: Any
) -> None:
    pool_id = aws.emulator.add_pool("pool")

    def reset(_: Call) -> None:
        aws.emulator.reset()
        client.describe_workspaces_pools()

    aws.emulator.on("DescribeTags", "before", reset)
    with refused("ResourceNotFoundException"):
        client.describe_tags(ResourceId=pool_id)
    assert [call.operation for call in aws.emulator.calls] == ["DescribeWorkspacesPools"]


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        Emulator(colour="blue")
