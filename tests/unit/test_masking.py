"""The program's secrets in what a person reads and in what the state records."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime import rpc

from pulumi_workspaces_pool.masking import SECRETS_KEY, Secrets
from support.structs import to_struct


def secrets_of(**values: Any) -> Secrets:
    """The secrets of a request that has nothing but these inputs, all of them secret."""
    return Secrets.among([to_struct({SECRETS_KEY: [*values], **values})])


def test_the_texts_and_numbers_of_the_named_properties_are_the_secrets() -> None:
    news = {
        SECRETS_KEY: ["tags", "capacity", "applicationSettings", "disconnectActiveSessions"],
        "description": "plain",
        "capacity": {"desiredUserSessions": 5},
        "applicationSettings": {"settingsGroup": "group"},
        "disconnectActiveSessions": True,
        "tags": {"key": "value", "empty": ""},
    }
    olds = {"tags": {"older": "before"}, "poolName": "plain"}
    secrets = Secrets.among([to_struct(news), to_struct(olds)])
    assert secrets.texts == {"5", "group", "key", "value", "empty", "", "older", "before"}
    assert secrets.mask('"" is') == '"" is'
    assert Secrets.among([to_struct(olds)]) == Secrets()


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        ("payroll", "the payroll-east pool", "the [secret]-east pool"),
        ("wsd-1a2b3c4d5", "no directory wsd-1a2b3c4d5.", "no directory [secret]."),
        ("desk", "desk and desks, (desk)", "[secret] and desks, ([secret])"),
        ("a", 'Pool "a" is a pool', 'Pool "[secret]" is a pool'),
        (
            1,
            "1 pool after 1m10s: Value '1' is 1",
            "1 pool after 1m10s: Value '[secret]' is [secret]",
        ),
        (-5, "must be at least 0, but is -5", "must be at least 0, but is [secret]"),
        (900, "900 of 9000, wsd-a900", "[secret] of 9000, wsd-a900"),
        (36001, "from 60 to 36000, but is 36001", "from 60 to 36000, but is [secret]"),
        ("secret", "a secret", "a [secret]"),
        ('quo"ted', r'tags["quo\"ted"] and quo%22ted', 'tags["[secret]"] and [secret]'),
    ],
)
def test_a_secret_is_masked_and_what_merely_looks_like_a_short_one_is_not(
    secret: Any, text: str, masked: str
) -> None:
    assert secrets_of(description=secret).mask(text) == masked


def test_of_secrets_within_secrets_the_longest_is_masked() -> None:
    secrets = secrets_of(description="payroll", poolName="payroll-east", region="secret")
    assert secrets.mask("payroll-east, a payroll") == "[secret], a [secret]"


def test_an_output_that_shows_a_secret_under_another_name_is_one() -> None:
    given = {
        "capacity": {"desiredUserSessions": 7},
        "region": "eu-west-1",
        "desiredState": "STOPPED",
    }
    outputs = {
        "description": "of eu-west-1, as the program itself says",
        "poolArn": "arn:aws:workspaces:eu-west-1:123456789012:workspacespool/wspool-1a2b3c4d5",
        "capacityStatus": {"desiredUserSessions": 7, "activeUserSessions": 3},
        "errors": [{"errorCode": "X", "errorMessage": "not in eu-west-1"}],
        "applicationSettings": {"status": "ENABLED", "s3BucketName": "settings-eu-west-1-x"},
        "state": "STOPPED",
        "createdAt": "2026-01-02T03:04:05+00:00",
        **given,
    }
    marked = secrets_of(**given).marked(outputs)
    hidden = {name for name, value in marked.items() if rpc.is_rpc_secret(value)}
    assert hidden == {"poolArn", "capacityStatus", "errors", "applicationSettings", "state"}
    assert {name: rpc.unwrap_rpc_secret(value) for name, value in marked.items()} == outputs
    assert Secrets().marked(outputs) == outputs
