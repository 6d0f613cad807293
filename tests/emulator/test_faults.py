"""Faults: what a client meets, and whether the call took effect."""

import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from pulumi_workspaces_pool.testing.emulator import Fault

from .conftest import described, refused


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault.throttling(), "ThrottlingException", 400),
        (Fault.server_error(), "InternalServerError", 500),
        (Fault.server_error(503), "ServiceUnavailable", 503),
        (Fault.error("WeirdException", "planned", 418), "WeirdException", 418),
        (Fault.access_denied("CreateWorkspacesPool"), "AccessDeniedException", 400),
    ],
)
def test_an_error_is_answered_and_nothing_happens(
    aws: Any, fault: Fault, code: str, status: int
) -> None:
    client = aws.client(checked=False)
    aws.emulator.fail("CreateWorkspacesPool", fault)
    with refused(code) as answer:
        aws.create(client)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert aws.emulator.pools() == []
    call = aws.emulator.calls[0]
    assert (call.status, call.error) == (status, code)
    aws.create(client)


@pytest.mark.parametrize("action", ["StopWorkspacesPool", "workspaces:StopWorkspacesPool"])
def test_a_denial_is_worded_as_aws_does(aws: Any, action: str) -> None:
    pool_id = aws.emulator.add_pool("pool")
    aws.emulator.fail("StopWorkspacesPool", Fault.access_denied(action))
    with refused("AccessDeniedException") as answer:
        aws.client(checked=False).stop_workspaces_pool(PoolId=pool_id)
    assert answer["Error"]["Message"] == (
        "User: arn:aws:iam::123456789012:user/emulated is not authorized to perform: "
        "workspaces:StopWorkspacesPool on resource: "
        f"arn:aws:workspaces:us-east-1:123456789012:workspacespool/{pool_id} because no "
        "identity-based policy allows the workspaces:StopWorkspacesPool action"
    )


def test_server_errors_are_500_or_503() -> None:
    with pytest.raises(ValueError, match="500 or 503"):
        Fault.server_error(502)


@pytest.mark.parametrize(
    ("fault", "pools"),
    [(Fault.dropped_before(), 0), (Fault.dropped_after(), 1), (Fault.refused(), 0)],
)
def test_a_connection_is_lost_before_or_after_the_call_took_effect(
    aws: Any, client: Any, fault: Fault, pools: int
) -> None:
    aws.emulator.fail("*", fault)
    unheard = fault == Fault.refused() and aws.endpoint_url is None
    with pytest.raises(EndpointConnectionError if unheard else ConnectionClosedError):
        aws.create(client)
    assert len(aws.emulator.pools()) == pools
    call = aws.emulator.calls[0]
    assert (call.status, call.error) == (0, None)
    client.describe_workspaces_pools()


@pytest.mark.parametrize(
    "fault",
    [Fault.throttling(), Fault.server_error(), Fault.dropped_before(), Fault.refused()],
)
def test_a_client_that_retries_gets_over_it(aws: Any, fault: Fault) -> None:
    client = aws.client(checked=False, retries={"total_max_attempts": 3, "mode": "standard"})
    aws.emulator.fail("CreateWorkspacesPool", fault, times=1)
    aws.create(client)
    assert [call.status == 200 for call in aws.emulator.calls] == [False, True]


def test_a_retry_after_a_lost_answer_finds_the_name_taken(aws: Any) -> None:
    client = aws.client(retries={"total_max_attempts": 2, "mode": "standard"})
    aws.emulator.fail("CreateWorkspacesPool", Fault.dropped_after())
    with refused("ResourceAlreadyExistsException"):
        aws.create(client)


def test_faults_count_their_calls(aws: Any) -> None:
    aws.emulator.fail("DescribeTags", Fault.throttling(), times=2, skip=1)
    aws.emulator.fail("DescribeTags", Fault.server_error())
    pool_id = aws.emulator.add_pool("pool")
    client, codes = aws.client(checked=False), []
    for _ in range(5):
        try:
            client.describe_tags(ResourceId=pool_id)
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
        else:
            codes.append("")
    throttled = ["ThrottlingException"] * 2
    assert codes == ["InternalServerError", *throttled, "", ""]


def test_faults_can_be_called_off(aws: Any, client: Any) -> None:
    aws.emulator.fail("*", Fault.throttling(), times=100)
    aws.emulator.clear_faults()
    aws.create(client)


@pytest.mark.parametrize("state", ["UPDATING", "HIBERNATING"])
def test_an_unexpected_state_is_shown_once(aws: Any, state: str) -> None:
    client = aws.client(checked=False)
    pool_id = aws.create(client)
    aws.emulator.fail("DescribeWorkspacesPools", Fault.unexpected_state(state))
    assert [described(client, pool_id)["State"] for _ in range(2)] == [state, "RUNNING"]


def test_what_is_not_emulated_says_so(aws: Any) -> None:
    with refused("NotImplemented", "describe_account") as answer:
        aws.client(checked=False).describe_account()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_other_traffic_meets_no_faults_and_is_not_recorded(server_aws: Any) -> None:
    server_aws.emulator.fail("*", Fault.dropped_before())
    server_aws.client("sts").get_caller_identity()
    url = f"{server_aws.endpoint_url}/workspaces-pools-emulator/pools"
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        assert answer.status == 200
    assert server_aws.emulator.calls == []
