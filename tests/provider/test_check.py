"""Check: every wrong input is refused in preview, under its path, with the rule that it broke."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_workspaces_pool import spec
from pulumi_workspaces_pool.inputs import camel_case
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.dynamic_host import UNKNOWN, DynamicHost, in_a_fork

from .conftest import RIGHT, RIGHT_INPUTS

# Path, wrong value, what the reason has to say.
WRONG: list[tuple[str, Any, str]] = [
    ("description", 5, "must be a string, but is a whole number"),
    ("description", "", "must have 1 to 255 characters, but has 0"),
    ("description", "x" * 256, "must have 1 to 255 characters, but has 256"),
    ("description", "five € a day", "must match the pattern ^[a-zA-Z0-9_./() -]+$"),
    ("description", "two\nlines", "must match the pattern"),
    ("description", None, "is required, but is missing"),
    ("bundleId", True, "must be a string, but is a boolean"),
    ("bundleId", "b-1", "must match the pattern ^wsb-[0-9a-z]{8,63}$"),
    ("bundleId", "wsb-1a2b3c4d5\n", "must match the pattern"),
    ("directoryId", ["wsd-1a2b3c4d5"], "must be a string, but is a list"),
    ("directoryId", "wsd-1", "must match the pattern"),
    ("directoryId", "wsd-" + "a" * 63, "must have 10 to 65 characters, but has 67"),
    ("directoryId", "WSD-1A2B3C4D5", "must match the pattern"),
    ("capacity", 5, "must be an object, but is a whole number"),
    ("capacity", None, "is required"),
    ("capacity.desiredUserSessions", "5", "must be a whole number, but is a string"),
    ("capacity.desiredUserSessions", 1.5, "must be a whole number, but is a fraction"),
    ("capacity.desiredUserSessions", True, "must be a whole number, but is a boolean"),
    ("capacity.desiredUserSessions", -1, "must be at least 0, but is -1"),
    ("capacity.desiredUserSessions", None, "is required"),
    (
        "capacity.desiredSessions",
        5,
        "is not a property of a pool; did you mean desired_user_sessions?",
    ),
    ("poolName", {}, "must be a string, but is an object"),
    ("poolName", "-desks", "must match the pattern ^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"),
    ("poolName", "d" * 65, "must match the pattern"),
    ("applicationSettings.status", None, "is required"),
    ("applicationSettings.status", "ON", "must be one of DISABLED, ENABLED"),
    ("applicationSettings.settingsGroup", "x" * 101, "must have 0 to 100 characters, but has 101"),
    ("applicationSettings.settingsGroup", "a b", "must match the pattern"),
    ("applicationSettings.s3BucketName", "mine", "is not a property of a pool"),
    ("timeoutSettings.disconnectTimeoutInSeconds", 59, "must be from 60 to 36000, but is 59"),
    ("timeoutSettings.disconnectTimeoutInSeconds", 36001, "must be from 60 to 36000, but is 36001"),
    ("timeoutSettings.idleDisconnectTimeoutInSeconds", -1, "must be from 0 to 36000, but is -1"),
    ("timeoutSettings.idleDisconnectTimeoutInSeconds", 36001, "must be from 0 to 36000"),
    ("timeoutSettings.maxUserDurationInSeconds", 599, "must be from 600 to 432000, but is 599"),
    ("timeoutSettings.maxUserDurationInSeconds", 432001, "must be from 600 to 432000"),
    ("runningMode", "ALWAYS", "must be one of AUTO_STOP, ALWAYS_ON"),
    ("tags", ["Team"], "must be a map of strings, but is a list"),
    ("tags", {f"k{number}": "v" for number in range(50)}, "must have at most 49 tags, but has 50"),
    ('tags["Team"]', 5, "must be a string, but is a whole number"),
    ('tags["Team"]', "x" * 256, "must have 0 to 255 characters, but has 256"),
    (f'tags["{"k" * 128}"]', "v", "has a key that must have 1 to 127 characters, but has 128"),
    ('tags[""]', "v", "has a key that must have 1 to 127 characters, but has 0"),
    ('tags["aws:mine"]', "v", "has a key that starts with a reserved prefix"),
    (
        'tags["pulumi-workspaces-pool:creating"]',
        "v",
        "has a key that starts with a reserved prefix",
    ),
    ("desiredState", "STARTED", "must be one of RUNNING, STOPPED"),
    ("disconnectActiveSessions", "yes", "must be true or false, but is a string"),
    ("adoptPoolId", "wspool-1", "must match the pattern ^wspool-[0-9a-z]{9}$"),
    ("assumeRole", "arn:aws:iam::111122223333:role/deploy", "must be an object, but is a string"),
    ("assumeRole.roleArn", None, "is required"),
    ("assumeRole.roleArn", "arn:aws:iam::111122223333:user/me", "must match the pattern"),
    ("assumeRole.externalId", "?", "must match the pattern"),
    ("assumeRole.sessionName", "x" * 65, "must have 2 to 64 characters, but has 65"),
    ("region", "Virginia", "must match the pattern"),
    ("capacity.desiredUserSessions", 2.0**53 + 2, "but is a number beyond 2**53"),
    ("capacity.desiredUserSessions", 1e300, "but is a number beyond 2**53"),
    ('tags["AWS:x"]', "v", "has a key that starts with a reserved prefix"),
    ('tags["a\\u0000b"]', "v", 'has a key that must have no control characters, but has "\\u0000"'),
    ('tags["Team"]', "two\nlines", 'must have no control characters, but has "\\n"'),
    ('tags["Team"]', "two\x85lines", 'must have no control characters, but has "\\u0085"'),
    ("capacity.desired", 5, "did you mean desired_user_sessions?"),
    ("assumeRole.roleArn", "arn:aws:iam::111122223333:role/deploy ", "must match the pattern"),
    ("poolNmae", "desks", "is not a property of a pool; did you mean pool_name?"),
]


@pytest.mark.parametrize(("path", "value", "reason"), WRONG)
def test_a_wrong_value_is_refused_with_its_path_and_rule(
    host: DynamicHost, aws: EmulatorServer, path: str, value: Any, reason: str
) -> None:
    _, failures = host.check(_with(RIGHT_INPUTS, path, value))
    assert list(failures) == [path]
    assert reason in failures[path]
    assert aws.emulator.calls == []


def test_the_table_of_wrong_values_has_every_input_field() -> None:
    tried = {path.split(".")[0].split("[")[0] for path, _, _ in WRONG}
    assert tried >= set(spec.input_names())


def test_all_wrong_inputs_are_refused_at_once(host: DynamicHost) -> None:
    wrong = _with(_with(RIGHT_INPUTS, "bundleId", "b"), "capacity.desiredUserSessions", -1)
    _, failures = host.check(_with(wrong, "runningMode", "OFF"))
    assert set(failures) == {"bundleId", "capacity.desiredUserSessions", "runningMode"}


NESTED = ("capacity.desiredUserSessions", 'tags["Team"]', "assumeRole.roleArn")


@pytest.mark.parametrize("path", [*map(camel_case, RIGHT), *NESTED])
def test_an_unknown_value_is_left_alone(host: DynamicHost, path: str) -> None:
    news = _with(RIGHT_INPUTS, path, UNKNOWN)
    assert host.check(news) == (news, {})


def test_the_region_comes_from_the_configuration_then_the_state_then_the_environment(
    aws: EmulatorServer,
) -> None:
    without = {key: value for key, value in RIGHT_INPUTS.items() if key != "region"}
    first = {**aws.environment(), "AWS_REGION": "eu-west-4", "AWS_DEFAULT_REGION": "eu-west-1"}
    with DynamicHost(first, start=in_a_fork) as host:
        assert host.check(without)[0]["region"] == "eu-west-4"
    environment = {**first, "AWS_REGION": ""}
    with DynamicHost(environment, start=in_a_fork) as host:
        assert host.check(without)[0]["region"] == "eu-west-1"
        assert host.check(without, {"region": "eu-west-2"})[0]["region"] == "eu-west-2"
    with DynamicHost(environment, {"aws:region": "eu-west-3"}, start=in_a_fork) as host:
        assert host.check(without, {"region": "eu-west-2"})[0]["region"] == "eu-west-3"
    nowhere = {**environment, "AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": "/nonexistent"}
    with DynamicHost(nowhere, start=in_a_fork) as host:
        assert host.check(without)[1] == {"region": "is required: set aws:region or region"}


def test_inputs_as_they_are_in_the_state_are_not_refused_by_a_newer_rule(
    host: DynamicHost,
) -> None:
    older = _with(RIGHT_INPUTS, "description", "allowed by an older release: €")
    assert host.check(older, older) == (older, {})
    assert list(host.check({**older, "poolName": "other"}, older)[1]) == ["description"]


def test_default_tags_of_the_stack_are_no_inputs(aws: EmulatorServer) -> None:
    config = {"aws:defaultTags": '{"tags": {"Team": "all", "Cost": "42"}}'}
    with DynamicHost(aws.environment(), config, start=in_a_fork) as host:
        assert host.check(RIGHT_INPUTS) == (RIGHT_INPUTS, {})
        unknown = _with(RIGHT_INPUTS, "tags", UNKNOWN)
        assert host.check(unknown) == (unknown, {})


def _with(values: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The values with one of them, at a path, exchanged; None takes it away."""
    head, rest = _split(path)
    changed = dict(values)
    if rest:
        changed[head] = _with(values.get(head, {}), rest, value)
    elif value is None:
        changed.pop(head, None)
    else:
        changed[head] = value
    return changed


def _split(path: str) -> tuple[str, str]:
    if path.startswith('["'):
        return json.loads(path[1:-1]), ""
    if "[" in path:
        head, _, rest = path.partition("[")
        return head, f"[{rest}"
    head, _, rest = path.partition(".")
    return head, rest
