"""User sessions: opened by tests, listed and ended by the API, counted in the capacity."""

from datetime import timedelta
from typing import Any


def test_sessions_are_listed(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    opened = aws.emulator.open_sessions(pool_id, 2)
    sessions = client.describe_workspaces_pool_sessions(PoolId=pool_id)["Sessions"]
    assert [session["SessionId"] for session in sessions] == opened
    first = sessions[0]
    assert first["PoolId"] == pool_id
    assert first["UserId"] == "user-1"
    assert first["ConnectionState"] == "CONNECTED"
    assert first["ExpirationTime"] - first["StartTime"] == timedelta(seconds=57600)


def test_sessions_are_listed_by_user_and_in_pages(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    opened = aws.emulator.open_sessions(pool_id, 5)
    mine = client.describe_workspaces_pool_sessions(PoolId=pool_id, UserId="user-3")["Sessions"]
    assert [session["SessionId"] for session in mine] == [opened[2]]
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = client.describe_workspaces_pool_sessions(PoolId=pool_id, Limit=2, **token)
        assert len(page["Sessions"]) <= 2
        found += [session["SessionId"] for session in page["Sessions"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == opened


def test_a_page_has_20_sessions_unless_others_are_asked_for(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Capacity={"DesiredUserSessions": 60})
    aws.emulator.open_sessions(pool_id, 51)
    sizes = [
        len(client.describe_workspaces_pool_sessions(PoolId=pool_id, **limit)["Sessions"])
        for limit in ({}, {"Limit": 50})
    ]
    assert sizes == [20, 50]


def test_sessions_are_counted(aws: Any, client: Any) -> None:
    pool_id = aws.create(client, Capacity={"DesiredUserSessions": 3})
    aws.emulator.open_sessions(pool_id, 2)
    status = client.describe_workspaces_pools()["WorkspacesPools"][0]["CapacityStatus"]
    assert status == {
        "AvailableUserSessions": 1,
        "DesiredUserSessions": 3,
        "ActualUserSessions": 3,
        "ActiveUserSessions": 2,
    }
    aws.emulator.close_sessions(pool_id)
    assert client.describe_workspaces_pool_sessions(PoolId=pool_id)["Sessions"] == []


def test_a_session_is_terminated_once(aws: Any, client: Any, refused: Any) -> None:
    pool_id = aws.create(client)
    first, second = aws.emulator.open_sessions(pool_id, 2)
    client.terminate_workspaces_pool_session(SessionId=first)
    left = client.describe_workspaces_pool_sessions(PoolId=pool_id)["Sessions"]
    assert [session["SessionId"] for session in left] == [second]
    with refused("ResourceNotFoundException") as refusal:
        client.terminate_workspaces_pool_session(SessionId=first)
    assert refusal.status == 400
    assert aws.emulator.open_sessions(pool_id) != [first]
    users = client.describe_workspaces_pool_sessions(PoolId=pool_id)["Sessions"]
    assert {session["UserId"] for session in users} == {"user-1", "user-2"}


def test_stopping_ends_the_sessions(aws: Any, client: Any) -> None:
    pool_id = aws.create(client)
    aws.emulator.open_sessions(pool_id, 2)
    aws.emulator.hold(pool_id)
    client.stop_workspaces_pool(PoolId=pool_id)
    assert len(client.describe_workspaces_pool_sessions(PoolId=pool_id)["Sessions"]) == 2
    aws.emulator.release(pool_id)
    assert client.describe_workspaces_pool_sessions(PoolId=pool_id)["Sessions"] == []


def test_sessions_of_an_unknown_pool_are_refused(client: Any, refused: Any) -> None:
    with refused("ResourceNotFoundException"):
        client.describe_workspaces_pool_sessions(PoolId="wspool-000000000")
