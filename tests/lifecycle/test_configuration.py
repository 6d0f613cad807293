"""Configuration: `aws:*` of the stack means what it means to pulumi_aws."""

from __future__ import annotations

import json

import boto3
import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.program import PoolProgram

pytestmark = pytest.mark.needs_cli

ROLE = {"roleArn": "arn:aws:iam::111122223333:role/deploy", "sessionName": "pools"}


def test_a_role_after_a_role_is_assumed_from_it(program: PoolProgram) -> None:
    second = {"roleArn": "arn:aws:iam::444455556666:role/inner", "externalId": "shop"}
    program.stack.set_config("aws:assumeRoles", json.dumps([ROLE, second]))
    program.create("desks", pool_name="desks")
    assert len(program.emulator.pools(account="444455556666")) == 1


def test_pools_of_two_accounts_live_in_one_stack(program: PoolProgram) -> None:
    program.declare("ours", pool_name="desks")
    program.declare("theirs", pool_name="desks", assume_role=_role("111122223333"))
    program.reads["seen"] = {"id": "", "assume_role": _role("111122223333")}
    program.reads["seen"]["id"] = program.emulator.add_pool("seen", account="111122223333")
    program.write()
    up = program.stack.up().expect()
    assert _account(up.outputs["ours"]["pool_arn"]) == "123456789012"
    assert _account(up.outputs["theirs"]["pool_arn"]) == "111122223333"
    assert up.outputs["seen"]["pool_name"] == "seen"
    program.stack.up().expect(same=3)

    theirs = up.outputs["theirs"]["pool_id"]
    program.emulator.drift(theirs, Description="By hand")
    program.stack.refresh().expect(update=1, same=3)
    program.stack.up().expect(update=1, same=2)
    assert program.emulator.pool(theirs)["Description"] == "Pool theirs"
    program.stack.destroy().expect()
    assert [pool["PoolName"] for pool in program.emulator.pools()] == ["seen"]


def test_another_role_of_the_account_is_no_call_and_another_account_replaces(
    program: PoolProgram,
) -> None:
    first = program.create("desks", pool_name="desks", assume_role=_role("111122223333"))

    other_session = {**_role("111122223333"), "session_name": "other"}
    program.update("desks", assume_role=other_session).expect(update=1, same=1)
    assert program.write_calls() == []
    assert program.stack.resource("desks")["outputs"]["assumeRole"]["sessionName"] == "other"

    program.change("desks", assume_role=_role("444455556666"))
    program.stack.preview().expect(replace=1, same=1)
    program.stack.up().expect()
    (pool,) = program.emulator.pools()
    assert pool["PoolId"] != first
    assert _account(pool["PoolArn"]) == "444455556666"


def test_a_role_that_is_taken_away_leaves_the_pool_in_the_state(program: PoolProgram) -> None:
    program.create("desks", pool_name="desks", assume_role=_role("111122223333"))
    program.update("desks", assume_role=None, description="Changed").expect_failure(
        "belongs to account 111122223333",
        "reaches AWS as account 123456789012",
        "name a role of it in assume_role",
    )
    program.update("desks", assume_role=_role("111122223333")).expect(update=1, same=1)
    (pool,) = program.emulator.pools()
    assert pool["Description"] == "Changed"


def test_the_region_of_the_configuration_moves_the_pool(program: PoolProgram) -> None:
    program.create("desks", pool_name="desks")
    program.stack.set_config("aws:region", "eu-central-1")
    program.stack.preview().expect(replace=1, same=1)
    program.stack.up().expect()
    assert [pool["PoolArn"].split(":")[3] for pool in program.emulator.pools()] == ["eu-central-1"]


def test_a_pool_of_another_account_is_not_taken_for_deleted(
    program: PoolProgram, emulated_aws: EmulatorServer
) -> None:
    program.create("desks", pool_name="desks")
    stranger = program.stack.with_environment(**_credentials_of(emulated_aws, ROLE["roleArn"]))
    for outcome in (stranger.refresh(), stranger.destroy()):
        outcome.expect_failure(
            "belongs to account 123456789012", "reaches AWS as account 111122223333"
        )
    assert program.stack.resource("desks")["id"]
    assert len(program.emulator.pools()) == 1


def test_a_pool_is_not_taken_for_deleted_where_nobody_says_whose_account_it_is(
    program: PoolProgram,
) -> None:
    program.create("desks", pool_name="desks")
    program.emulator.remove("desks")
    program.stack.set_config("aws:endpoints", '[{"sts": "http://127.0.0.1:9"}]')
    program.stack.set_config("aws:maxRetries", "0")
    program.declare("desks", pool_name="desks", description="Changed")
    # A refresh uses the configuration of the last `up`.
    program.stack.up()
    program.stack.refresh().expect_failure("could not be asked", "make STS reachable")
    assert program.stack.resource("desks")["id"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("aws:reigon", "x", "did you mean aws:region?"),
        ("aws:region", "us-esat-1", "did you mean us-east-1?"),
        ("aws:stsRegion", "us-esat-1", "aws:stsRegion is not a region that botocore knows"),
        ("aws:endpoints", "http://127.0.0.1:1", "value aws:endpoints is not JSON"),
        ("aws:profile", "nobody", "(nobody) could not be found); set aws:profile or AWS_PROFILE"),
    ],
)
def test_configuration_that_means_nothing_is_refused_in_preview(
    program: PoolProgram, key: str, value: str, said: str
) -> None:
    program.stack.set_config("aws:region", "us-east-1")
    program.stack.set_config(key, value)
    program.declare("desks")
    program.stack.preview().expect_failure(said)
    assert program.emulator.calls == []


def _role(account: str) -> dict[str, str]:
    return {"role_arn": f"arn:aws:iam::{account}:role/deploy", "external_id": "shop"}


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _credentials_of(aws: EmulatorServer, role: str) -> dict[str, str]:
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    sts = session.client("sts", endpoint_url=aws.url)
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="stranger")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": assumed["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": assumed["SecretAccessKey"],
        "AWS_SESSION_TOKEN": assumed["SessionToken"],
    }
