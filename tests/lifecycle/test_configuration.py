"""Configuration: `aws:*` of the stack means what it means to pulumi_aws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from pulumi_workspaces_pool.keys import KEYS, REFUSED
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.program import PoolProgram

ROLE = {"roleArn": "arn:aws:iam::111122223333:role/deploy", "sessionName": "pools"}


def test_assumed_roles_decide_the_account(program: PoolProgram) -> None:
    program.stack.set_config("aws:assumeRoles", json.dumps([ROLE]))
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert up.ok, up.text
    assert up.outputs["desks"]["pool_arn"].split(":")[4] == "111122223333"
    assert [pool["PoolName"] for pool in program.emulator.pools(account="111122223333")] == [
        "desks"
    ]
    assert len(program.emulator.pools()) == 1
    assert program.stack.destroy().ok


def test_a_role_after_a_role_is_assumed_from_it(program: PoolProgram) -> None:
    second = {"roleArn": "arn:aws:iam::444455556666:role/inner", "externalId": "shop"}
    program.stack.set_config("aws:assumeRoles", json.dumps([ROLE, second]))
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert up.ok, up.text
    assert len(program.emulator.pools(account="444455556666")) == 1


def test_pools_of_two_accounts_live_in_one_stack(program: PoolProgram) -> None:
    program.declare("ours", pool_name="desks")
    program.declare("theirs", pool_name="desks", assume_role=_role("111122223333"))
    program.reads["seen"] = {"id": "", "assume_role": _role("111122223333")}
    program.reads["seen"]["id"] = program.emulator.add_pool("seen", account="111122223333")
    program.write()
    up = program.stack.up()
    assert up.ok, up.text
    assert _account(up.outputs["ours"]["pool_arn"]) == "123456789012"
    assert _account(up.outputs["theirs"]["pool_arn"]) == "111122223333"
    assert up.outputs["seen"]["pool_name"] == "seen"
    assert program.stack.up().changes == {"same": 3}

    theirs = up.outputs["theirs"]["pool_id"]
    program.emulator.drift(theirs, Description="By hand")
    assert program.stack.refresh().changes == {"update": 1, "same": 3}
    up = program.stack.up()
    assert up.changes == {"update": 1, "same": 2}, up.text
    assert program.emulator.pool(theirs)["Description"] == "Pool theirs"
    assert program.stack.destroy().ok
    assert [pool["PoolName"] for pool in program.emulator.pools()] == ["seen"]


def test_another_role_of_the_account_is_no_call_and_another_account_replaces(
    program: PoolProgram,
) -> None:
    program.declare("desks", pool_name="desks", assume_role=_role("111122223333"))
    assert program.stack.up().ok
    first = program.stack.resource("desks")["id"]
    program.emulator.clear_calls()

    program.change("desks", assume_role={**_role("111122223333"), "session_name": "other"})
    up = program.stack.up()
    assert up.changes == {"update": 1, "same": 1}, up.text
    assert program.write_calls() == []
    assert program.stack.resource("desks")["outputs"]["assumeRole"]["sessionName"] == "other"

    program.change("desks", assume_role=_role("444455556666"))
    assert program.stack.preview().changes == {"replace": 1, "same": 1}
    up = program.stack.up()
    assert up.ok, up.text
    (pool,) = program.emulator.pools()
    assert pool["PoolId"] != first
    assert _account(pool["PoolArn"]) == "444455556666"


def test_a_role_that_is_taken_away_leaves_the_pool_in_the_state(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks", assume_role=_role("111122223333"))
    assert program.stack.up().ok
    program.change("desks", assume_role=None, description="Changed")
    up = program.stack.up()
    assert not up.ok
    assert "belongs to account 111122223333" in up.text
    assert "reaches AWS as account 123456789012" in up.text
    assert "name a role of it in assume_role" in up.text
    program.change("desks", assume_role=_role("111122223333"))
    up = program.stack.up()
    assert up.changes == {"update": 1, "same": 1}, up.text
    (pool,) = program.emulator.pools()
    assert pool["Description"] == "Changed"


def test_region_and_default_tags_come_from_the_stack(program: PoolProgram) -> None:
    program.stack.set_config("aws:region", "eu-central-1")
    program.stack.set_config("aws:defaultTags", json.dumps({"tags": {"Cost": "42", "Team": "all"}}))
    program.declare("desks", pool_name="desks", tags={"Team": "design"})
    up = program.stack.up()
    assert up.ok, up.text
    (pool,) = program.emulator.pools(region="eu-central-1")
    assert pool["Tags"] == {"Cost": "42", "Team": "design"}
    assert program.stack.up().changes == {"same": 2}

    program.stack.set_config("aws:defaultTags", json.dumps({"tags": {"Cost": "43"}}))
    up = program.stack.up()
    assert up.changes == {"update": 1, "same": 1}, up.text
    assert program.emulator.pool("desks")["Tags"] == {"Cost": "43", "Team": "design"}


def test_the_region_of_the_configuration_moves_the_pool(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    program.stack.set_config("aws:region", "eu-central-1")
    preview = program.stack.preview()
    assert preview.changes == {"replace": 1, "same": 1}, preview.text
    up = program.stack.up()
    assert up.ok, up.text
    assert [pool["PoolArn"].split(":")[3] for pool in program.emulator.pools()] == ["eu-central-1"]


def test_a_profile_of_the_stack_is_used(program: PoolProgram, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        f"[profile base]\n\n[profile shop]\nrole_arn = {ROLE['roleArn']}\nsource_profile = base\n"
    )
    (tmp_path / "credentials").write_text(
        "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    stack = program.stack.with_environment(
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
    )
    stack.set_config("aws:profile", "shop")
    program.declare("desks", pool_name="desks")
    up = stack.up()
    assert up.ok, up.text
    assert len(program.emulator.pools(account="111122223333")) == 1


def test_the_region_of_the_environment_is_found_under_both_its_names(
    program: PoolProgram,
) -> None:
    program.declare("desks", pool_name="desks")
    stack = program.stack.with_environment(
        AWS_REGION="eu-central-1", AWS_DEFAULT_REGION="eu-west-1"
    )
    up = stack.up()
    assert up.ok, up.text
    assert up.outputs["desks"]["region"] == "eu-central-1"
    elsewhere = program.stack.with_environment(AWS_REGION="", AWS_DEFAULT_REGION="eu-west-1")
    assert elsewhere.up().changes == {"same": 2}, "the environment does not move a pool"


def test_a_profile_that_does_not_exist_is_named(program: PoolProgram) -> None:
    program.stack.set_config("aws:profile", "nobody")
    program.stack.set_config("aws:region", "us-east-1")
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert not up.ok
    assert "nobody" in up.text
    assert "set aws:profile or AWS_PROFILE to a profile of ~/.aws/config" in up.text
    assert "Traceback" not in up.text


def test_a_pool_of_another_account_is_not_taken_for_deleted(
    program: PoolProgram, emulated_aws: EmulatorServer
) -> None:
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    stranger = program.stack.with_environment(**_credentials_of(emulated_aws, ROLE["roleArn"]))
    for outcome in (stranger.refresh(), stranger.destroy()):
        assert not outcome.ok
        assert "belongs to account 123456789012" in outcome.text
        assert "reaches AWS as account 111122223333" in outcome.text
        assert "Traceback" not in outcome.text
    assert program.stack.resource("desks")["id"]
    assert len(program.emulator.pools()) == 1


def test_a_pool_is_not_taken_for_deleted_where_nobody_says_whose_account_it_is(
    program: PoolProgram,
) -> None:
    program.declare("desks", pool_name="desks")
    assert program.stack.up().ok
    program.emulator.remove("desks")
    program.stack.set_config("aws:endpoints", '[{"sts": "http://127.0.0.1:9"}]')
    program.stack.set_config("aws:maxRetries", "0")
    program.declare("desks", pool_name="desks", description="Changed")
    # A refresh uses the configuration of the last `up`.
    program.stack.up()
    refresh = program.stack.refresh()
    assert not refresh.ok
    assert "could not be asked" in refresh.text
    assert "make STS reachable" in refresh.text
    assert program.stack.resource("desks")["id"]


def test_configuration_that_is_not_json_is_named(program: PoolProgram) -> None:
    program.stack.set_config("aws:endpoints", "http://127.0.0.1:1")
    program.declare("desks")
    preview = program.stack.preview()
    assert not preview.ok
    assert "The configuration value aws:endpoints is not JSON" in preview.text
    assert "Traceback" not in preview.text


def test_a_stack_that_sets_every_key_that_counts_manages_its_pools(
    program: PoolProgram, emulated_aws: EmulatorServer, tmp_path: Path
) -> None:
    nowhere = "http://127.0.0.1:9"
    files = {name: tmp_path / name for name in ("config", "credentials", "token", "ca.pem")}
    files["config"].write_text("[profile shop]\nregion = eu-west-3\n")
    files["credentials"].write_text(
        "[shop]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    files["token"].write_text("web-identity-token")
    files["ca.pem"].write_text("")
    inner = {**ROLE, "roleArn": "arn:aws:iam::444455556666:role/inner", "duration": "1.5h"}
    web = {"roleArn": ROLE["roleArn"], "webIdentityTokenFile": str(files["token"])}
    values: dict[str, Any] = {
        "profile": "shop",
        "accessKey": "testing-key",
        "secretKey": "testing-secret",
        "token": "testing-token",
        "region": "eu-central-1",
        "assumeRoles": [inner],
        "assumeRoleWithWebIdentity": web,
        "allowedAccountIds": [444455556666],
        "forbiddenAccountIds": ["111122223333"],
        "sharedConfigFiles": [str(files["config"])],
        "sharedCredentialsFiles": [str(files["credentials"])],
        "customCaBundle": str(files["ca.pem"]),
        "insecure": True,
        "httpProxy": nowhere,
        "httpsProxy": nowhere,
        "noProxy": "127.0.0.1",
        "endpoints": [{"workspaces": emulated_aws.url, "sts": emulated_aws.url, "s3": nowhere}],
        "stsRegion": "eu-west-1",
        "useFipsEndpoint": False,
        "useDualstackEndpoint": False,
        "retryMode": "standard",
        "maxRetries": 2,
        "ec2MetadataServiceEndpoint": nowhere,
        "ec2MetadataServiceEndpointMode": "IPv4",
        "skipMetadataApiCheck": True,
        "skipRegionValidation": True,
        "skipRequestingAccountId": True,
        "defaultTags": {"tags": {"CostCentre": 815}},
        "ignoreTags": {"keys": ["Theirs"]},
        "userAgents": ["shop/1.0"],
        "skipCredentialsValidation": True,
        "s3UsePathStyle": True,
        "s3UsEast1RegionalEndpoint": "regional",
    }
    assert set(values) == {name for name, key in KEYS.items() if key.standing != REFUSED}
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value)
        program.stack.set_config(f"aws:{name}", text)
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert up.ok, up.text
    (pool,) = program.emulator.pools()
    assert pool["PoolArn"].split(":")[3:5] == ["eu-central-1", "444455556666"]
    assert pool["Tags"] == {"CostCentre": "815"}
    assert program.stack.up().changes == {"same": 2}
    assert program.stack.destroy().ok


def test_an_account_that_is_not_allowed_is_named_before_anything_is_changed(
    program: PoolProgram,
) -> None:
    program.stack.set_config("aws:allowedAccountIds", '["111122223333"]')
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert not up.ok
    assert "reaches AWS as account 123456789012, which aws:allowedAccountIds does not" in up.text
    assert program.emulator.pools() == []
    assert program.emulator.writes() == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("aws:reigon", "x", "did you mean aws:region?"),
        ("aws:endpoints", '[{"workspace": "http://127.0.0.1:1"}]', "aws:endpoints[0].workspace"),
        ("aws:tokenBucketRateLimiterCapacity", "9", "set `aws:maxRetries` instead"),
        ("aws:token", "session-token", "aws:accessKey is not set, although aws:token is"),
        ("aws:region", "us-esat-1", "did you mean us-east-1?"),
        ("aws:stsRegion", "us-esat-1", "aws:stsRegion is not a region that botocore knows"),
    ],
)
def test_configuration_that_means_nothing_is_refused_in_preview(
    program: PoolProgram, key: str, value: str, said: str
) -> None:
    program.stack.set_config(key, value)
    program.declare("desks")
    preview = program.stack.preview()
    assert not preview.ok
    assert said in preview.text
    assert "Traceback" not in preview.text
    assert program.emulator.calls == []


def test_a_region_that_botocore_does_not_know_is_the_programs_own_risk(
    program: PoolProgram,
) -> None:
    program.stack.set_config("aws:skipRegionValidation", "true")
    program.stack.set_config("aws:region", "us-esat-1")
    program.declare("desks")
    preview = program.stack.preview()
    assert preview.ok, preview.text


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
