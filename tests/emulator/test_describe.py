"""DescribeWorkspacesPools: ids, filters, pages."""

from typing import Any

import pytest

from .conftest import described, pages, refused


def names(*answers: dict[str, Any]) -> list[str]:
    return [pool["PoolName"] for answer in answers for pool in answer["WorkspacesPools"]]


def filtered(operator: str, *values: str) -> list[dict[str, Any]]:
    return [{"Name": "PoolName", "Operator": operator, "Values": list(values)}]


def test_pools_are_found_by_id(aws: Any, client: Any) -> None:
    ids = [aws.create(client, name) for name in ("one", "two", "three")]
    assert names(client.describe_workspaces_pools(PoolIds=[ids[2], ids[0]])) == ["one", "three"]


def test_an_unknown_id_is_an_error_that_names_it(aws: Any, client: Any) -> None:
    known = aws.create(client)
    with refused("ResourceNotFoundException", "wspool-000000000") as answer:
        client.describe_workspaces_pools(PoolIds=[known, "wspool-000000000"])
    assert answer["ResourceId"] == "wspool-000000000"


def test_no_more_than_25_ids(client: Any) -> None:
    with refused("ValidationException"):
        client.describe_workspaces_pools(PoolIds=[f"wspool-{n:09}" for n in range(26)])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (filtered("EQUALS", "red-one"), ["red-one"]),
        (filtered("EQUALS", "red-one", "blue"), ["red-one", "blue"]),
        (filtered("EQUALS", "red"), []),
        (filtered("NOTEQUALS", "blue"), ["red-one", "red-two"]),
        (filtered("CONTAINS", "red"), ["red-one", "red-two"]),
        (filtered("CONTAINS", "two", "blue"), ["red-two", "blue"]),
        (filtered("NOTCONTAINS", "red"), ["blue"]),
        (filtered("NOTCONTAINS", "red", "blue"), []),
        (filtered("CONTAINS", "red") + filtered("NOTEQUALS", "red-one"), ["red-two"]),
    ],
)
def test_pools_are_filtered_by_name(
    aws: Any, client: Any, filters: list[dict[str, Any]], expected: list[str]
) -> None:
    for name in ("red-one", "red-two", "blue"):
        aws.emulator.add_pool(name)
    assert names(client.describe_workspaces_pools(Filters=filters)) == expected


@pytest.mark.parametrize(
    ("limit", "sizes"), [({}, [25, 2]), ({"Limit": 10}, [10, 10, 7]), ({"Limit": 9}, [9, 9, 9])]
)
def test_a_page_has_25_pools_unless_fewer_are_asked_for(
    aws: Any, client: Any, limit: dict[str, int], sizes: list[int]
) -> None:
    expected = [f"pool-{n}" for n in range(27)]
    for name in expected:
        aws.emulator.add_pool(name)
    answers = pages(client.describe_workspaces_pools, **limit)
    assert [len(answer["WorkspacesPools"]) for answer in answers] == sizes
    assert names(*answers) == expected


def test_a_pool_that_goes_between_pages_spoils_nothing(aws: Any, client: Any) -> None:
    ids = [aws.emulator.add_pool(f"pool-{number}") for number in range(4)]
    first = client.describe_workspaces_pools(Limit=2)
    aws.emulator.remove(ids[2])
    second = client.describe_workspaces_pools(Limit=2, NextToken=first["NextToken"])
    assert names(second) == ["pool-3"]


@pytest.mark.parametrize(
    "token", ["nonsense", "bnVsbA==", "e30=", "NQ==", "eyJ1bmlxdWVBdHRyaWJ1dGVzIjo1fQ=="]
)
def test_an_invalid_token_is_refused(client: Any, token: str) -> None:
    with refused("InvalidParameterValuesException", "NextToken"):
        client.describe_workspaces_pools(NextToken=token)


def test_a_token_is_for_the_request_that_it_came_from(aws: Any, client: Any) -> None:
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
    assert described(client, pool_id)["CapacityStatus"] == {
        "AvailableUserSessions": actual,
        "DesiredUserSessions": 5,
        "ActualUserSessions": actual,
        "ActiveUserSessions": 0,
    }


def test_errors_are_shown(client: Any, aws: Any) -> None:
    pool_id = aws.emulator.add_pool("pool")
    assert "Errors" not in described(client, pool_id)
    aws.emulator.set_errors("pool", [("SUBNET_NOT_FOUND", "No subnet")])
    errors = [{"ErrorCode": "SUBNET_NOT_FOUND", "ErrorMessage": "No subnet"}]
    assert described(client, pool_id)["Errors"] == errors
