"""User sessions: opened by tests, listed and ended by the API, counted in the capacity."""

from datetime import timedelta
from typing import Any

import pytest

from .conftest import described, pages, refused


def listed(client: Any, pool_id: str, **members: Any) -> list[dict[str, Any]]:
    answers = pages(client.describe_workspaces_pool_sessions, PoolId=pool_id, **members)
    return [session for answer in answers for session in answer["Sessions"]]


def test_sessions_are_listed(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    opened = aws.emulator.open_sessions(pool_id, 2)
    sessions = listed(client, pool_id)
    assert [session["SessionId"] for session in sessions] == opened
    first = sessions[0]
    assert first["PoolId"] == pool_id
    assert first["UserId"] == "user-1"
    assert first["ConnectionState"] == "CONNECTED"
    assert first["ExpirationTime"] - first["StartTime"] == timedelta(seconds=57600)
    assert listed(client, pool_id, UserId="user-2") == sessions[1:]


@pytest.mark.parametrize(("limit", "sizes"), [({}, [20, 20, 11]), ({"Limit": 50}, [50, 1])])
def test_a_page_has_20_sessions_unless_others_are_asked_for(
    aws: Any, client: Any, limit: dict[str, int], sizes: list[int]
) -> None:
    pool_id = aws.create(client, Capacity={"DesiredUserSessions": 60})
    opened = aws.emulator.open_sessions(pool_id, 51)
    answers = pages(client.describe_workspaces_pool_sessions, PoolId=pool_id, **limit)
    assert [len(answer["Sessions"]) for answer in answers] == sizes
    assert [session["SessionId"] for session in listed(client, pool_id, **limit)] == opened


def test_sessions_are_counted(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Capacity={"DesiredUserSessions": 3})
    aws.emulator.open_sessions(pool_id, 2)
    assert described(client, pool_id)["CapacityStatus"] == {
        "AvailableUserSessions": 1,
        "DesiredUserSessions": 3,
        "ActualUserSessions": 3,
        "ActiveUserSessions": 2,
    }
    aws.emulator.close_sessions(pool_id)
    assert listed(client, pool_id) == []


def test_a_session_is_terminated_once(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    first, second = aws.emulator.open_sessions(pool_id, 2)
    client.terminate_workspaces_pool_session(SessionId=first)
    assert [session["SessionId"] for session in listed(client, pool_id)] == [second]
    with refused("ResourceNotFoundException"):
        client.terminate_workspaces_pool_session(SessionId=first)
    assert aws.emulator.open_sessions(pool_id) != [first]
    assert {session["UserId"] for session in listed(client, pool_id)} == {"user-1", "user-2"}


def test_stopping_ends_the_sessions(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    aws.emulator.open_sessions(pool_id, 2)
    aws.emulator.hold(pool_id)
    client.stop_workspaces_pool(PoolId=pool_id)
    assert len(listed(client, pool_id)) == 2
    aws.emulator.release(pool_id)
    assert listed(client, pool_id) == []


def test_sessions_of_an_unknown_pool_are_refused(client: Any) -> None:
    with refused("ResourceNotFoundException"):
        listed(client, "wspool-000000000")
