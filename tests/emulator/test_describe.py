"""DescribeWorkspacesPools: ids, filters, pages."""

from typing import Any

import pytest


def names(answer: dict[str, Any]) -> list[str]:
    return [pool["PoolName"] for pool in answer["WorkspacesPools"]]


def filtered(operator: str, *values: str) -> list[dict[str, Any]]:
    return [{"Name": "PoolName", "Operator": operator, "Values": list(values)}]


def test_pools_are_found_by_id(aws: Any, client: Any) -> None:
    ids = [aws.create(client, name) for name in ("one", "two", "three")]
    answer = client.describe_workspaces_pools(PoolIds=[ids[2], ids[0]])
    assert sorted(names(answer)) == ["one", "three"]
    assert "NextToken" not in answer


def test_an_unknown_id_is_an_error(aws: Any, client: Any, refused: Any) -> None:
    known = aws.create(client)
    with refused("ResourceNotFoundException") as refusal:
        client.describe_workspaces_pools(PoolIds=[known, "wspool-000000000"])
    assert refusal.status == 400
    assert "wspool-000000000" in refusal.message
    assert refusal.answer["ResourceId"] == "wspool-000000000"


def test_no_more_than_25_ids(client: Any, refused: Any) -> None:
    with refused("ValidationException"):
        client.describe_workspaces_pools(PoolIds=[f"wspool-{n:09}" for n in range(26)])


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("EQUALS", ["red-one"], ["red-one"]),
        ("EQUALS", ["red-one", "blue"], ["red-one", "blue"]),
        ("EQUALS", ["red"], []),
        ("NOTEQUALS", ["blue"], ["red-one", "red-two"]),
        ("CONTAINS", ["red"], ["red-one", "red-two"]),
        ("CONTAINS", ["two", "blue"], ["red-two", "blue"]),
        ("NOTCONTAINS", ["red"], ["blue"]),
        ("NOTCONTAINS", ["red", "blue"], []),
    ],
)
def test_pools_are_filtered_by_name(
    aws: Any, client: Any, operator: str, values: list[str], expected: list[str]
) -> None:
    for name in ("red-one", "red-two", "blue"):
        aws.create(client, name)
    assert names(client.describe_workspaces_pools(Filters=filtered(operator, *values))) == expected


def test_all_filters_must_hold(aws: Any, client: Any) -> None:
    for name in ("red-one", "red-two", "blue"):
        aws.create(client, name)
    both = filtered("CONTAINS", "red") + filtered("NOTEQUALS", "red-one")
    assert names(client.describe_workspaces_pools(Filters=both)) == ["red-two"]


def test_a_page_has_25_pools_unless_fewer_are_asked_for(aws: Any, client: Any) -> None:
    expected = [f"pool-{n}" for n in range(27)]
    for name in expected:
        aws.emulator.add_pool(name)
    first = client.describe_workspaces_pools()
    assert names(first) == expected[:25]
    second = client.describe_workspaces_pools(NextToken=first["NextToken"])
    assert names(second) == expected[25:]
    assert "NextToken" not in second
    found, token = [], None
    while True:
        page = client.describe_workspaces_pools(Limit=10, **({"NextToken": token} if token else {}))
        assert len(page["WorkspacesPools"]) <= 10
        found += names(page)
        token = page.get("NextToken")
        if not token:
            break
    assert found == expected


def test_a_full_last_page_has_no_token(aws: Any, client: Any) -> None:
    for number in range(4):
        aws.emulator.add_pool(f"pool-{number}")
    first = client.describe_workspaces_pools(Limit=2)
    assert "NextToken" not in client.describe_workspaces_pools(
        Limit=2, NextToken=first["NextToken"]
    )


def test_a_pool_that_goes_between_pages_spoils_nothing(aws: Any, client: Any) -> None:
    ids = [aws.emulator.add_pool(f"pool-{number}") for number in range(4)]
    first = client.describe_workspaces_pools(Limit=2)
    aws.emulator.remove(ids[2])
    second = client.describe_workspaces_pools(Limit=2, NextToken=first["NextToken"])
    assert names(second) == ["pool-3"]


@pytest.mark.parametrize(
    "token", ["nonsense", "bnVsbA==", "e30=", "NQ==", "eyJ1bmlxdWVBdHRyaWJ1dGVzIjo1fQ=="]
)
def test_an_invalid_token_is_refused(client: Any, refused: Any, token: str) -> None:
    with refused("InvalidParameterValuesException") as refusal:
        client.describe_workspaces_pools(NextToken=token)
    assert "NextToken" in refusal.message


def test_a_token_is_for_the_request_that_it_came_from(aws: Any, client: Any, refused: Any) -> None:
    for number in range(3):
        aws.emulator.add_pool(f"pool-{number}")
    token = client.describe_workspaces_pools(Limit=1)["NextToken"]
    with refused("InvalidParameterValuesException"):
        client.describe_workspaces_pools(
            Limit=1, NextToken=token, Filters=filtered("CONTAINS", "pool")
        )


@pytest.mark.parametrize(
    ("state", "actual"),
    [("RUNNING", 5), ("STOPPED", 0), ("CREATING", 0), ("STARTING", 0), ("DELETING", 0)],
)
def test_the_capacity_moves_with_the_state(client: Any, aws: Any, state: str, actual: int) -> None:
    pool_id = aws.emulator.add_pool("pool", Capacity={"DesiredUserSessions": 5}, State=state)
    shown = client.describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"][0]
    assert shown["CapacityStatus"] == {
        "AvailableUserSessions": actual,
        "DesiredUserSessions": 5,
        "ActualUserSessions": actual,
        "ActiveUserSessions": 0,
    }


def test_errors_are_shown(client: Any, aws: Any) -> None:
    pool_id = aws.emulator.add_pool("pool")
    shown = client.describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"][0]
    assert "Errors" not in shown
    aws.emulator.set_errors("pool", [("SUBNET_NOT_FOUND", "No subnet")])
    shown = client.describe_workspaces_pools(PoolIds=[pool_id])["WorkspacesPools"][0]
    assert shown["Errors"] == [{"ErrorCode": "SUBNET_NOT_FOUND", "ErrorMessage": "No subnet"}]
