"""The main job: pools are created, kept, changed in place, replaced and destroyed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from support.program import SETTLED, PoolProgram


@pytest.fixture
def three_pools(program: PoolProgram) -> PoolProgram:
    """A stack of three pools that is up."""
    program.emulator.always_on_can_stop = True
    program.declare("plain")
    program.declare("named", pool_name="named-pool", tags={"Team": "design", "Stage": "test"})
    program.declare("settled", **SETTLED)
    up = program.stack.up()
    assert up.ok, up.text
    program.emulator.clear_calls()
    return program


@pytest.mark.needs_cli
def test_preview_calls_nothing_up_creates_what_is_declared_and_a_second_up_calls_nothing(
    program: PoolProgram,
) -> None:
    program.declare("desks", tags={"Team": "design"}, running_mode="ALWAYS_ON")
    program.declare("kiosk", pool_name="kiosk-pool", desired_state="STOPPED")
    program.declare("lab", application_settings={"status": "ENABLED"})

    preview = program.stack.preview()
    assert preview.ok, preview.text
    assert preview.changes == {"create": 4}
    assert program.emulator.calls == []

    up = program.stack.up()
    assert up.ok, up.text
    desks = program.emulator.pool(up.outputs["desks"]["pool_id"])
    assert up.outputs["desks"] == {
        "pool_id": desks["PoolId"],
        "pool_arn": desks["PoolArn"],
        "pool_name": desks["PoolName"],
        "state": "RUNNING",
        "created_at": up.outputs["desks"]["created_at"],
        "errors": [],
        "running_mode": "ALWAYS_ON",
        "region": "us-east-1",
        "tags": {"Team": "design"},
        "available": desks["CapacityStatus"]["AvailableUserSessions"],
        "desired": 2,
        "bucket": None,
        "idle": 0,
    }
    assert desks["PoolName"].startswith("desks-")
    assert desks["Tags"] == {"Team": "design"}, "no marker is left on a finished pool"
    assert program.emulator.pool("kiosk-pool")["State"] == "STOPPED"
    assert up.outputs["lab"]["bucket"], "the S3 bucket comes back as an output"
    resource = program.stack.resource("desks")
    assert resource["id"] == desks["PoolId"]
    provider = resource["inputs"]["__provider"]
    assert len(provider) <= 200, "the state refers to the provider, and does not hold it"
    assert b"WorkspacesPoolProvider" in base64.b64decode(provider)

    program.emulator.clear_calls()
    assert program.stack.up().changes == {"same": 4}
    assert program.emulator.calls == []


@pytest.mark.needs_cli
def test_each_field_changes_in_place_with_one_call_that_carries_only_that_field(
    program: PoolProgram,
) -> None:
    emulator = program.emulator
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"description": "New desks"}, {"Description": "New desks"}),
        ({"bundle_id": emulator.other_bundle_id}, {"BundleId": emulator.other_bundle_id}),
        (
            {"directory_id": emulator.other_directory_id},
            {"DirectoryId": emulator.other_directory_id},
        ),
        ({"capacity": {"desired_user_sessions": 5}}, {"Capacity": {"DesiredUserSessions": 5}}),
        (
            {"application_settings": {"status": "ENABLED", "settings_group": "own"}},
            {"ApplicationSettings": {"Status": "ENABLED", "SettingsGroup": "own"}},
        ),
        (
            {"timeout_settings": {"disconnect_timeout_in_seconds": 700}},
            {
                "TimeoutSettings": {
                    "DisconnectTimeoutInSeconds": 700,
                    "IdleDisconnectTimeoutInSeconds": 0,
                    "MaxUserDurationInSeconds": 57600,
                }
            },
        ),
        ({"running_mode": "AUTO_STOP"}, {"RunningMode": "AUTO_STOP"}),
    ]
    names = [f"pool-{number}" for number in range(len(changes))]
    for name in names:
        program.declare(name, **SETTLED, pool_name=name)
    program.emulator.always_on_can_stop = True
    assert program.stack.up().ok
    emulator.clear_calls()
    for name, (arguments, _) in zip(names, changes, strict=True):
        program.change(name, **arguments)
    up = program.stack.up()
    assert up.changes == {"update": len(names), "same": 1}, up.text
    sent = {members["PoolId"]: (operation, members) for operation, members in program.write_calls()}
    assert len(sent) == len(names)
    for name, (_, fields) in zip(names, changes, strict=True):
        pool_id = emulator.pool(name)["PoolId"]
        assert sent[pool_id] == ("UpdateWorkspacesPool", {"PoolId": pool_id, **fields})


@pytest.mark.parametrize("change", [{"pool_name": "renamed-pool"}, {"region": "eu-west-1"}])
def test_a_new_name_or_region_replaces_the_pool_and_the_old_one_goes_last(
    three_pools: PoolProgram, change: dict[str, str]
) -> None:
    old_id = three_pools.stack.resource("named")["id"]
    three_pools.change("named", **change)
    up = three_pools.stack.up()
    assert up.ok, up.text
    operations = [operation for operation, _ in three_pools.write_calls()]
    assert operations.index("CreateWorkspacesPool") < operations.index("TerminateWorkspacesPool")
    new = three_pools.stack.resource("named")
    assert change.items() <= {**new["outputs"], "pool_name": new["outputs"]["poolName"]}.items()
    there = {pool["PoolId"] for pool in three_pools.emulator.pools()}
    assert old_id not in there
    assert new["id"] in there


def test_one_stack_has_pools_in_two_regions_even_of_one_name(program: PoolProgram) -> None:
    for region in ("us-east-1", "eu-west-1"):
        program.declare(region, region=region, pool_name="desks")
    assert program.stack.up().ok
    for region in ("us-east-1", "eu-west-1"):
        (pool,) = program.emulator.pools(region=region)
        assert pool["PoolName"] == "desks"
        assert program.stack.resource(region)["outputs"]["region"] == region
    assert program.stack.up().changes == {"same": 3}
    refresh = program.stack.refresh()
    assert refresh.changes == {"same": 3}, refresh.text
    assert program.stack.destroy().ok
    assert program.emulator.pools() == []


def test_tags_change_by_their_difference_alone_and_names_stay(three_pools: PoolProgram) -> None:
    pool_id = three_pools.stack.resource("named")["id"]
    automatic = three_pools.stack.resource("plain")["outputs"]["poolName"]
    three_pools.change("named", tags={"Team": "build", "Cost": "42"}, pool_name=None)
    up = three_pools.stack.up()
    assert up.changes == {"update": 1, "same": 3}, up.text
    tags = [{"Key": "Cost", "Value": "42"}, {"Key": "Team", "Value": "build"}]
    assert three_pools.write_calls() == [
        ("DeleteTags", {"ResourceId": pool_id, "TagKeys": ["Stage"]}),
        ("CreateTags", {"ResourceId": pool_id, "Tags": tags}),
    ]
    assert three_pools.emulator.pool("named-pool")["Tags"] == {"Team": "build", "Cost": "42"}
    three_pools.change("plain", description="Changed")
    assert three_pools.stack.up().changes == {"update": 1, "same": 3}
    assert three_pools.stack.resource("plain")["outputs"]["poolName"] == automatic


def test_what_is_taken_away_goes_back_to_what_aws_does_without_it(
    three_pools: PoolProgram,
) -> None:
    def settled() -> dict[str, Any]:
        return three_pools.emulator.pool(three_pools.stack.resource("settled")["id"])

    three_pools.change("settled", application_settings={"status": "ENABLED"})
    assert three_pools.stack.up().ok
    assert settled()["ApplicationSettings"]["Status"] == "ENABLED", "a member alone"
    assert "SettingsGroup" not in settled()["ApplicationSettings"]

    three_pools.change(
        "settled", running_mode=None, application_settings=None, timeout_settings=None
    )
    three_pools.change("named", tags=None)
    up = three_pools.stack.up()
    assert up.ok, up.text
    assert settled()["RunningMode"] == "AUTO_STOP"
    assert settled()["ApplicationSettings"]["Status"] == "DISABLED"
    assert settled()["TimeoutSettings"]["DisconnectTimeoutInSeconds"] == 900
    assert three_pools.emulator.pool("named-pool")["Tags"] == {}
    assert three_pools.stack.up().changes == {"same": 4}


def test_a_fixed_name_is_replaced_only_where_the_old_pool_is_deleted_first(
    three_pools: PoolProgram,
) -> None:
    old_id = three_pools.stack.resource("named")["id"]
    up = three_pools.stack.up(replace=[three_pools.stack.urn("named")])
    assert not up.ok
    assert "delete_before_replace=True" in up.text
    assert "Traceback" not in up.text
    assert three_pools.emulator.pool(old_id)["State"] == "RUNNING"

    three_pools.emulator.clear_calls()
    three_pools.change("named", opts={"delete_before_replace": True})
    up = three_pools.stack.up(replace=[three_pools.stack.urn("named")])
    assert up.ok, up.text
    assert three_pools.emulator.pool("named-pool")["PoolId"] != old_id
    operations = [operation for operation, _ in three_pools.write_calls()]
    assert operations.index("TerminateWorkspacesPool") < operations.index("CreateWorkspacesPool")


@pytest.mark.needs_cli
def test_replacing_a_pool_with_an_automatic_name_makes_a_new_one_and_warns(
    three_pools: PoolProgram,
) -> None:
    old_id = three_pools.stack.resource("plain")["id"]
    up = three_pools.stack.up(replace=[three_pools.stack.urn("plain")])
    assert up.ok, up.text
    new_id = three_pools.stack.resource("plain")["id"]
    assert new_id != old_id
    assert f"({old_id})" in up.text, "the warning names the pool that holds the name"
    assert three_pools.emulator.pool(new_id)["State"] == "RUNNING"
    with pytest.raises(KeyError):
        three_pools.emulator.pool(old_id)


@pytest.mark.needs_cli
def test_destroy_stops_and_terminates_every_pool_and_leaves_others_alone(
    three_pools: PoolProgram,
) -> None:
    foreign = three_pools.emulator.add_pool("somebody-elses")
    destroy = three_pools.stack.destroy()
    assert destroy.ok, destroy.text
    assert [pool["PoolId"] for pool in three_pools.emulator.pools()] == [foreign]
    assert three_pools.stack.resources() == []
    again = three_pools.stack.destroy()
    assert again.ok, again.text


@pytest.mark.needs_cli
def test_get_reads_a_pool_that_something_else_manages(program: PoolProgram) -> None:
    pool_id = program.emulator.add_pool("elsewhere")
    program.emulator.set_tags(pool_id, {"Owner": "somebody", "aws:made": "by AWS"})
    program.reads["theirs"] = {"id": pool_id}
    program.write()
    up = program.stack.up()
    assert up.ok, up.text
    assert up.outputs["theirs"] == {
        "pool_name": "elsewhere",
        "state": "RUNNING",
        "tags": {"Owner": "somebody"},
    }
    assert program.stack.destroy().ok
    assert program.emulator.pool(pool_id)["State"] == "RUNNING"


@pytest.mark.needs_cli
def test_get_of_a_pool_that_does_not_exist_says_so(program: PoolProgram) -> None:
    program.reads["theirs"] = {"id": "wspool-000000000"}
    program.write()
    up = program.stack.up()
    assert not up.ok
    assert "pool wspool-000000000 does not exist in us-east-1" in up.text
    assert "Traceback" not in up.text
