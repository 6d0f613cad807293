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
    program.create("settled", **SETTLED)
    return program


@pytest.mark.needs_cli
def test_preview_calls_nothing_up_creates_what_is_declared_and_a_second_up_calls_nothing(
    program: PoolProgram,
) -> None:
    program.declare("desks", tags={"Team": "design"}, running_mode="ALWAYS_ON")
    program.declare("kiosk", pool_name="kiosk-pool", desired_state="STOPPED")
    program.declare("lab", application_settings={"status": "ENABLED"})

    program.stack.preview().expect(create=4)
    assert program.emulator.calls == []

    up = program.stack.up().expect()
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
    program.stack.up().expect(same=4)
    assert program.emulator.calls == []


@pytest.mark.needs_cli
def test_each_field_changes_in_place_with_one_call_that_carries_only_that_field(
    program: PoolProgram,
) -> None:
    emulator = program.emulator
    bundle, directory = emulator.other_bundle_id, emulator.other_directory_id
    group = {"status": "ENABLED", "settings_group": "own"}
    timeouts = {"IdleDisconnectTimeoutInSeconds": 0, "MaxUserDurationInSeconds": 57600}
    # By the field of the API: the argument, its new value, and what is sent.
    changes: dict[str, tuple[str, Any, Any]] = {
        "Description": ("description", "New desks", "New desks"),
        "BundleId": ("bundle_id", bundle, bundle),
        "DirectoryId": ("directory_id", directory, directory),
        "Capacity": ("capacity", {"desired_user_sessions": 5}, {"DesiredUserSessions": 5}),
        "ApplicationSettings": (
            "application_settings",
            group,
            {"Status": "ENABLED", "SettingsGroup": "own"},
        ),
        "TimeoutSettings": (
            "timeout_settings",
            {"disconnect_timeout_in_seconds": 700},
            {"DisconnectTimeoutInSeconds": 700, **timeouts},
        ),
        "RunningMode": ("running_mode", "AUTO_STOP", "AUTO_STOP"),
    }
    for field in changes:
        program.declare(field, **SETTLED, pool_name=field)
    emulator.always_on_can_stop = True
    program.stack.up().expect()
    emulator.clear_calls()
    for field, (argument, value, _) in changes.items():
        program.change(field, **{argument: value})
    program.stack.up().expect(update=len(changes), same=1)
    calls = program.write_calls()
    assert len(calls) == len(changes)
    for field, (_, _, sent) in changes.items():
        pool_id = emulator.pool(field)["PoolId"]
        assert ("UpdateWorkspacesPool", {"PoolId": pool_id, field: sent}) in calls


@pytest.mark.parametrize("change", [{"pool_name": "renamed-pool"}, {"region": "eu-west-1"}])
def test_a_new_name_or_region_replaces_the_pool_and_the_old_one_goes_last(
    three_pools: PoolProgram, change: dict[str, str]
) -> None:
    old_id = three_pools.stack.resource("named")["id"]
    three_pools.update("named", **change).expect()
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
    program.stack.up().expect()
    for region in ("us-east-1", "eu-west-1"):
        (pool,) = program.emulator.pools(region=region)
        assert pool["PoolName"] == "desks"
        assert program.stack.resource(region)["outputs"]["region"] == region
    program.stack.up().expect(same=3)
    program.stack.refresh().expect(same=3)
    program.stack.destroy().expect()
    assert program.emulator.pools() == []


def test_tags_change_by_their_difference_alone_and_names_stay(three_pools: PoolProgram) -> None:
    pool_id = three_pools.stack.resource("named")["id"]
    automatic = three_pools.stack.resource("plain")["outputs"]["poolName"]
    three_pools.change("named", tags={"Team": "build", "Cost": "42"}, pool_name=None)
    three_pools.stack.up().expect(update=1, same=3)
    tags = [{"Key": "Cost", "Value": "42"}, {"Key": "Team", "Value": "build"}]
    assert three_pools.write_calls() == [
        ("DeleteTags", {"ResourceId": pool_id, "TagKeys": ["Stage"]}),
        ("CreateTags", {"ResourceId": pool_id, "Tags": tags}),
    ]
    assert three_pools.emulator.pool("named-pool")["Tags"] == {"Team": "build", "Cost": "42"}
    three_pools.update("plain", description="Changed").expect(update=1, same=3)
    assert three_pools.stack.resource("plain")["outputs"]["poolName"] == automatic


def test_what_is_taken_away_goes_back_to_what_aws_does_without_it(
    three_pools: PoolProgram,
) -> None:
    def settled() -> dict[str, Any]:
        return three_pools.emulator.pool(three_pools.stack.resource("settled")["id"])

    three_pools.update("settled", application_settings={"status": "ENABLED"}).expect()
    assert settled()["ApplicationSettings"]["Status"] == "ENABLED", "a member alone"
    assert "SettingsGroup" not in settled()["ApplicationSettings"]

    three_pools.change(
        "settled", running_mode=None, application_settings=None, timeout_settings=None
    )
    three_pools.update("named", tags=None).expect()
    assert settled()["RunningMode"] == "AUTO_STOP"
    assert settled()["ApplicationSettings"]["Status"] == "DISABLED"
    assert settled()["TimeoutSettings"]["DisconnectTimeoutInSeconds"] == 900
    assert three_pools.emulator.pool("named-pool")["Tags"] == {}
    three_pools.stack.up().expect(same=4)


def test_a_fixed_name_is_replaced_only_where_the_old_pool_is_deleted_first(
    three_pools: PoolProgram,
) -> None:
    old_id = three_pools.stack.resource("named")["id"]
    three_pools.stack.up(replace=[three_pools.stack.urn("named")]).expect_failure(
        "delete_before_replace=True"
    )
    assert three_pools.emulator.pool(old_id)["State"] == "RUNNING"

    three_pools.emulator.clear_calls()
    three_pools.change("named", opts={"delete_before_replace": True})
    three_pools.stack.up(replace=[three_pools.stack.urn("named")]).expect()
    assert three_pools.emulator.pool("named-pool")["PoolId"] != old_id
    operations = [operation for operation, _ in three_pools.write_calls()]
    assert operations.index("TerminateWorkspacesPool") < operations.index("CreateWorkspacesPool")


@pytest.mark.needs_cli
def test_replacing_a_pool_with_an_automatic_name_makes_a_new_one_and_warns(
    three_pools: PoolProgram,
) -> None:
    old_id = three_pools.stack.resource("plain")["id"]
    up = three_pools.stack.up(replace=[three_pools.stack.urn("plain")]).expect()
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
    three_pools.stack.destroy().expect()
    assert [pool["PoolId"] for pool in three_pools.emulator.pools()] == [foreign]
    assert three_pools.stack.resources() == []
    three_pools.stack.destroy().expect()


@pytest.mark.needs_cli
def test_get_reads_a_pool_that_something_else_manages(program: PoolProgram) -> None:
    pool_id = program.emulator.add_pool("elsewhere")
    program.emulator.set_tags(pool_id, {"Owner": "somebody", "aws:made": "by AWS"})
    program.reads["theirs"] = {"id": pool_id}
    program.write()
    up = program.stack.up().expect()
    assert up.outputs["theirs"] == {
        "pool_name": "elsewhere",
        "state": "RUNNING",
        "tags": {"Owner": "somebody"},
    }
    program.stack.destroy().expect()
    assert program.emulator.pool(pool_id)["State"] == "RUNNING"


@pytest.mark.needs_cli
def test_get_of_a_pool_that_does_not_exist_says_so(program: PoolProgram) -> None:
    program.reads["theirs"] = {"id": "wspool-000000000"}
    program.write()
    program.stack.up().expect_failure("pool wspool-000000000 does not exist in us-east-1")
