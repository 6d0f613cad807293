"""The stack's `aws:*` configuration: what pulumi_aws takes is taken, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from pulumi_workspaces_pool import keys
from pulumi_workspaces_pool.configuration import Settings, role_arguments
from pulumi_workspaces_pool.errors import PoolError
from pulumi_workspaces_pool.messages import sentence

ROLE = "arn:aws:iam::111122223333:role/deploy"


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("1h30m", 5400),
        ("900s", 900),
        ("+.5h", 1800),
        ("900000ms", 900),
        ("900000000µs", 900),
        ("900000000000ns", 900),
        ("12h", 43200),
        ("", None),
    ],
)
def test_the_duration_of_a_role_is_given_to_aws_in_seconds(
    duration: str, seconds: int | None
) -> None:
    arguments = role_arguments({"roleArn": "arn", "duration": duration})
    assert arguments.get("DurationSeconds") == seconds


def test_nothing_secret_is_in_the_text_of_the_settings() -> None:
    role = {"roleArn": "arn:aws:iam::111122223333:role/deploy", "externalId": "external-secret"}
    config = {
        "aws:accessKey": "access-secret",
        "aws:secretKey": "key-secret",
        "aws:token": "token-secret",
        "aws:region": "us-east-1",
    }
    shown = repr(Settings.from_config(config.get).assuming(role))
    assert "secret" not in shown.replace("secret_key", "")
    assert "us-east-1" in shown


def _lasting(duration: str) -> str:
    return json.dumps([{"roleArn": ROLE, "duration": duration}])


FORM = "of the form that pulumi_aws documents"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:assumeRoles", '[{"sessionName": "no role"}]', FORM),
        ("aws:assumeRoles", f'["{ROLE}"]', FORM),
        ("aws:endpoints", '"http://127.0.0.1:1"', FORM),
        ("aws:defaultTags", '{"tags": ["Team"]}', FORM),
        ("aws:maxRetries", "abc", "a whole number from 0 to 9999"),
        ("aws:maxRetries", "-4", "a whole number from 0 to 9999"),
        ("aws:retryMode", "legacy", "standard or adaptive"),
        ("aws:insecure", "yes", "true or false"),
        ("aws:customCaBundle", "/nonexistent.pem", "the path of a file"),
        ("aws:sharedConfigFiles", '["a", "b"]', "a single file"),
        ("aws:allowedAccountIds", '["shop"]', "a list of account ids of 12 digits"),
        ("aws:accessKey", "two words", "one word without line breaks"),
        ("aws:assumeRole", '{"roleArn": ""}', "a role with its ARN as roleArn"),
        ("aws:assumeRoles", f'[{{"roleArn": "{ROLE} "}}]', "a role with its ARN as roleArn"),
        ("aws:assumeRoles", _lasting("1 hour"), "made of durations"),
        ("aws:assumeRoles", _lasting("5m"), "from 15 minutes to 12"),
        ("aws:assumeRoles", _lasting("-1h"), "made of durations"),
        ("aws:assumeRoleWithWebIdentity", f'{{"roleArn": "{ROLE}"}}', "complete without"),
        (
            "aws:assumeRoleWithWebIdentity",
            f'{{"roleArn": "{ROLE}", "webIdentityToken": "a", "webIdentityTokenFile": "b"}}',
            "right with both webIdentityToken and webIdentityTokenFile",
        ),
        ("aws:ec2MetadataServiceEndpoint", "169.254.169.254", "a URL with http:// or https://"),
        ("aws:noProxy", '["a", "b"]', "plain text"),
        ("aws:region", '{"a": "b"}', "plain text"),
        ("aws:userAgents", '["two\\nlines"]', "a header can hold"),
        ("aws:userAgents", "shop/1.0", "text stands where a list belongs"),
        ("aws:ignoreTags", '{"keys": "Team"}', "text stands where a list belongs"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_should_be(
    key: str, value: str, expected: str
) -> None:
    said = _refused({key: value})
    assert said.startswith(f"The configuration value {key} is not ")
    assert expected in said


def test_a_wrong_endpoint_is_refused_by_its_path() -> None:
    said = _refused({"aws:endpoints": '[{"sts": "http://s"}, {"workspaces": "w:1"}]'})
    assert "value aws:endpoints[1].workspaces is not a URL with http:// or https://" in said


def test_a_role_under_the_earlier_key_is_refused_beside_one_under_the_new_key() -> None:
    role = f'{{"roleArn": "{ROLE}"}}'
    assert Settings.from_config({"aws:assumeRole": role}.get).assume_roles
    for roles in (f"[{role}]", "[]"):
        said = _refused({"aws:assumeRole": role, "aws:assumeRoles": roles})
        assert "aws:assumeRole is not to be set beside aws:assumeRoles" in said


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"accessKey": "A"}, "aws:secretKey is not set, although aws:accessKey is"),
        ({"secretKey": "S"}, "aws:accessKey is not set, although aws:secretKey is"),
        ({"token": "T"}, "aws:accessKey is not set, although aws:token is"),
        ({"accessKey": "A", "token": "T"}, "aws:secretKey is not set, although aws:accessKey is"),
    ],
)
def test_half_of_a_credential_is_refused(given: dict[str, str], missing: str) -> None:
    said = _refused({f"aws:{key}": value for key, value in given.items()})
    assert missing in said


def test_a_line_break_at_the_end_of_a_credential_is_no_part_of_it() -> None:
    config = {"aws:accessKey": "A\n", "aws:secretKey": "S\r\n", "aws:token": "T\r"}
    settings = Settings.from_config(config.get)
    assert (settings.access_key, settings.secret_key, settings.token) == ("A", "S", "T")


FIRST, FIRST_ROLE = "aws:endpoints[0]", "aws:assumeRoles[0]"


@pytest.mark.parametrize(
    ("key", "value", "wrong", "near"),
    [
        ("aws:reigon", "x", "aws:reigon", "aws:region"),
        ("aws:defaultTags", '{"tagz": {}}', "aws:defaultTags.tagz", "aws:defaultTags.tags"),
        ("aws:assumeRoles", '[{"rolearn": "x"}]', f"{FIRST_ROLE}.rolearn", f"{FIRST_ROLE}.roleArn"),
        ("aws:endpoints", '[{"workspace": "x"}]', f"{FIRST}.workspace", f"{FIRST}.workspaces"),
        ("aws:ignoreTags", '{"key": ["a"]}', "aws:ignoreTags.key", "aws:ignoreTags.keys"),
    ],
)
def test_what_pulumi_aws_does_not_have_is_refused_with_the_nearest_that_it_has(
    key: str, value: str, wrong: str, near: str
) -> None:
    said = f"{wrong}, which pulumi_aws does not have (did you mean {near}?)"
    assert said in _refused({key: value})


@pytest.mark.parametrize(
    "config",
    [
        {"aws:endpoints": '[{"s3": "http://127.0.0.1:1", "workspacesweb": "x"}]'},
        {"aws:tagPolicyCompliance": "disabled"},
        {"shop:reigon": "x", "pulumi:disable-default-providers": "[]"},
        {"aws:s3UsePathStyle": "true"},
    ],
)
def test_what_other_resources_need_is_no_fault(config: dict[str, str]) -> None:
    assert Settings.from_config(config.get, config) == Settings()


def test_a_key_that_cannot_be_honoured_is_refused_with_what_to_do() -> None:
    refused = [name for name, key in keys.KEYS.items() if key.standing == keys.REFUSED]
    assert refused
    for name in refused:
        said = _refused({f"aws:{name}": "5"})
        assert said.startswith(f"The configuration key aws:{name} cannot be honoured")


def test_every_honoured_key_is_read_and_no_other() -> None:
    read = {field.metadata["key"] for field in dataclasses.fields(Settings)}
    assert read == {name for name, key in keys.KEYS.items() if key.standing == keys.HONOURED}


def test_numbers_and_booleans_arrive_as_text_where_text_is_meant(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("web-identity-token\n")
    tags = {"CostCentre": 815, "Live": True, "Share": 0.25, "Big": 1e21, "Text": "00815"}
    web = {"roleArn": ROLE, "webIdentityTokenFile": str(tmp_path / "token")}
    config = {
        "aws:defaultTags": json.dumps({"tags": tags}),
        "aws:allowedAccountIds": "[11122223333]",
        "aws:assumeRoles": json.dumps(
            [{"roleArn": ROLE, "externalId": 42, "tags": {"Live": True}}]
        ),
        "aws:assumeRoleWithWebIdentity": json.dumps(web),
    }
    settings = Settings.from_config(config.get, config)
    assert dict(settings.default_tags) == {
        "CostCentre": "815",
        "Live": "true",
        "Share": "0.25",
        "Big": "1000000000000000000000",
        "Text": "00815",
    }
    assert settings.allowed_accounts == ("011122223333",)
    arguments = role_arguments(json.loads(settings.assume_roles[0]))
    assert arguments["ExternalId"] == "42"
    assert arguments["Tags"] == [{"Key": "Live", "Value": "true"}]


def test_the_environment_gives_the_tags_that_it_gives_pulumi_aws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TF_AWS_DEFAULT_TAGS_Team", "environment")
    monkeypatch.setenv("TF_AWS_DEFAULT_TAGS_Cost", "42")
    monkeypatch.setenv("TF_AWS_IGNORE_TAGS_KEYS", "a,b")
    monkeypatch.setenv("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "kubernetes.io/")
    settings = Settings.from_config({"aws:defaultTags": '{"tags": {"Team": "stack"}}'}.get)
    assert dict(settings.default_tags) == {"Team": "stack", "Cost": "42"}
    assert settings.ignored_tags == (("a", "b"), ("kubernetes.io/",))


def _refused(config: dict[str, str]) -> str:
    with pytest.raises(PoolError) as refused:
        Settings.from_config(config.get, config)
    return sentence(refused.value)
