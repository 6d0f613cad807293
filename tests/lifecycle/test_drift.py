"""Drift: refresh sees what somebody else changed, and the next up puts it right."""

from __future__ import annotations

from typing import Any

import pytest

from support.program import SETTLED, PoolProgram

_ALL_ARGUMENTS: dict[str, Any] = {"pool_name": "full-pool", "tags": {"Team": "design"}, **SETTLED}


@pytest.fixture
def full_pool(program: PoolProgram) -> PoolProgram:
    """A pool whose program declares every argument, and one that declares as little as it can."""
    program.emulator.always_on_can_stop = True
    program.declare("full", **_ALL_ARGUMENTS)
    program.create("plain", pool_name="plain-pool")
    return program


@pytest.mark.needs_cli
def test_drift_of_each_declared_field_is_seen_by_refresh_and_put_right_by_up(
    program: PoolProgram,
) -> None:
    emulator = program.emulator
    timeouts = {
        "DisconnectTimeoutInSeconds": 700,
        "IdleDisconnectTimeoutInSeconds": 0,
        "MaxUserDurationInSeconds": 57600,
    }
    drifts: dict[str, Any] = {
        "Description": "Changed by hand",
        "BundleId": emulator.other_bundle_id,
        "DirectoryId": emulator.other_directory_id,
        "Capacity": {"DesiredUserSessions": 9},
        "ApplicationSettings": {"Status": "ENABLED", "SettingsGroup": "theirs"},
        "TimeoutSettings": timeouts,
        "RunningMode": "AUTO_STOP",
    }
    names = [*drifts, "State", "Tags"]
    for name in names:
        program.declare(name, **{**_ALL_ARGUMENTS, "pool_name": name})
    emulator.always_on_can_stop = True
    program.stack.up().expect()
    before = {name: _fields(emulator.pool(name)) for name in names}
    for field, drift in {**drifts, "State": "RUNNING"}.items():
        emulator.drift(field, **{field: drift})
    emulator.set_tags("Tags", {"Team": "thieves", "Extra": "yes"})
    program.stack.refresh().expect(update=len(names), same=1)
    emulator.clear_calls()
    program.stack.up().expect(update=len(names), same=1)
    sent = {
        (emulator.pool(members["PoolId"])["PoolName"], *members.keys() - {"PoolId"})
        for operation, members in program.write_calls()
        if operation == "UpdateWorkspacesPool"
    }
    assert sent == {(field, field) for field in drifts}
    assert {name: _fields(emulator.pool(name)) for name in names} == before


@pytest.mark.needs_cli
def test_what_nobody_declared_and_what_moves_by_itself_is_no_drift(
    full_pool: PoolProgram,
) -> None:
    emulator = full_pool.emulator
    emulator.open_sessions("plain-pool", 2)
    emulator.drift("plain-pool", ApplicationSettings={"Status": "ENABLED"})
    emulator.set_tags("plain-pool", {"Added": "by somebody"})
    emulator.set_tags("full-pool", {"aws:added": "by AWS"})
    full_pool.stack.refresh(expect_no_changes=True).expect()
    emulator.close_sessions("plain-pool")
    emulator.drift("plain-pool", State="STOPPED", RunningMode="ALWAYS_ON")
    full_pool.stack.refresh(expect_no_changes=True).expect()
    assert full_pool.stack.resource("plain")["outputs"]["state"] == "STOPPED"
    full_pool.stack.up().expect(same=3)


@pytest.mark.needs_cli
def test_a_pool_deleted_by_somebody_else_is_created_anew_after_refresh(
    full_pool: PoolProgram,
) -> None:
    full_pool.emulator.remove("plain-pool")
    full_pool.update("plain", description="Changed").expect_failure("run `pulumi refresh`")
    full_pool.stack.refresh().expect()
    full_pool.stack.up().expect(create=1, same=2)
    assert full_pool.emulator.pool("plain-pool")["State"] == "RUNNING"


def test_a_pool_deleted_by_somebody_else_is_no_obstacle_to_destroy(full_pool: PoolProgram) -> None:
    full_pool.emulator.remove("plain-pool")
    full_pool.stack.destroy().expect()
    assert full_pool.emulator.pools() == []


@pytest.mark.needs_cli
def test_auto_scaling_is_left_alone_where_the_program_ignores_the_capacity(
    program: PoolProgram,
) -> None:
    program.create("desks", pool_name="desks", opts={"ignore_changes": ["capacity"]})
    program.emulator.drift("desks", Capacity={"DesiredUserSessions": 40})

    up = program.update("desks", description="Changed", capacity={"desired_user_sessions": 3})
    up.expect(update=1, same=1)
    assert program.emulator.pool("desks")["CapacityStatus"]["DesiredUserSessions"] == 40
    program.stack.up().expect(same=2)

    program.stack.refresh().expect()
    program.emulator.clear_calls()
    program.stack.up().expect(same=2)
    assert program.emulator.writes() == []
    assert program.emulator.pool("desks")["CapacityStatus"]["DesiredUserSessions"] == 40


def _fields(pool: dict[str, Any]) -> dict[str, Any]:
    moving = ("CapacityStatus", "Errors")
    desired = pool["CapacityStatus"]["DesiredUserSessions"]
    return {**{key: pool[key] for key in pool if key not in moving}, "desired": desired}
