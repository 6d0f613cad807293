"""The program's secrets in what a person reads."""

from __future__ import annotations

from pulumi_workspaces_pool.masking import SECRETS_KEY, masked, secret_texts
from support.structs import to_struct


def test_the_texts_of_the_named_properties_are_the_secrets() -> None:
    news = {
        SECRETS_KEY: ["tags", "capacity", "applicationSettings"],
        "description": "plain",
        "capacity": {"desiredUserSessions": 5},
        "applicationSettings": {"settingsGroup": "group"},
        "tags": {"key": "value"},
    }
    olds = {"tags": {"older": "before"}, "poolName": "plain"}
    secrets = secret_texts([to_struct(news), to_struct(olds)])
    assert secrets == {"group", "key", "value", "older", "before"}
    assert secret_texts([to_struct(olds)]) == set()


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    secrets = {"a", "payroll", "payroll-east"}
    text = 'A pool "a" of payroll-east, a payroll'
    assert masked(text, secrets) == 'A pool "[secret]" of [secret], a [secret]'
