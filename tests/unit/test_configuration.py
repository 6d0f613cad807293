"""The stack's `aws:*` configuration: what pulumi_aws takes is taken, and nothing else."""

from __future__ import annotations

import pytest

from pulumi_workspaces_pool.configuration import Settings, role_arguments
from pulumi_workspaces_pool.errors import PoolError
from pulumi_workspaces_pool.messages import sentence


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:maxRetries", "abc"),
        ("aws:assumeRoles", '[{"sessionName": "no role"}]'),
        ("aws:assumeRoles", '["arn:aws:iam::111122223333:role/deploy"]'),
        ("aws:assumeRoles", '[{"roleArn": "arn", "duration": "1 hour"}]'),
        ("aws:assumeRole", '{"roleArn": ""}'),
        ("aws:endpoints", '"http://127.0.0.1:1"'),
        ("aws:defaultTags", '["Team"]'),
        ("aws:defaultTags", '{"tags": ["Team"]}'),
    ],
)
def test_a_value_of_another_form_is_refused_by_the_name_of_its_key(key: str, value: str) -> None:
    with pytest.raises(PoolError) as refused:
        Settings.from_config({key: value}.get)
    assert sentence(refused.value).startswith(
        f"The configuration value {key} is not of the form that pulumi_aws documents; "
    )


@pytest.mark.parametrize(
    ("duration", "seconds"), [("1h30m", 5400), ("900s", 900), ("20m", 1200), ("", None)]
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
