"""Whatever a program gives as an argument is right, or refused by its path in one sentence."""

from __future__ import annotations

import asyncio
import enum
import math
import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pulumi
import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi.output import contains_unknowns

from pulumi_workspaces_pool import (
    ApplicationSettingsArgs,
    AssumeRoleArgs,
    CapacityArgs,
    TimeoutSettingsArgs,
    WorkspacesPool,
    spec,
)
from pulumi_workspaces_pool.inputs import camel_case
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.declared import inputs_of
from support.dynamic_host import DynamicHost

from .conftest import RIGHT

EXAMPLES = int(os.environ.get("INPUT_EXAMPLES", "200"))

INPUT_TYPES = {
    "capacity": CapacityArgs,
    "application_settings": ApplicationSettingsArgs,
    "timeout_settings": TimeoutSettingsArgs,
    "assume_role": AssumeRoleArgs,
}


class Mode(enum.Enum):
    """No text, whatever its values are."""

    AUTO_STOP = "AUTO_STOP"


class TextMode(str, enum.Enum):
    """As good as the text."""

    AUTO_STOP = "AUTO_STOP"


TYPES: dict[str, type | tuple[type, ...]] = {
    name: dict if isinstance(value, dict) else type(value) for name, value in RIGHT.items()
}

texts = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["aws:x", "AWS:x", "pulumi-workspaces-pool:creating", "wsb-1a2b3c4d5", "\ud800", "a\0b"]
)
numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([2**53, 2**53 + 1, -(10**400), 10**4000, 1e300, math.nan, math.inf, -0.0])
)
others = st.sampled_from(
    [
        *(b"bytes", bytearray(b"x"), memoryview(b"x"), {1}, frozenset("x"), (1, "x"), range(3)),
        *(Decimal("1.5"), Mode.AUTO_STOP, TextMode.AUTO_STOP, date(2026, 1, 2), timedelta(1)),
        *(datetime(2026, 1, 2), object(), str, len, ..., 1j, pulumi.FileAsset("x")),
        *(pulumi.AssetArchive({}), CapacityArgs(desired_user_sessions=1), pulumi.UNKNOWN),
        *(pulumi.ResourceOptions(), {"4dabf18193072939515e22adb298388d": "x"}),
    ]
)
leaves = st.none() | st.booleans() | numbers | texts | others
keys = texts | st.integers() | st.floats() | st.none() | st.booleans() | st.tuples(st.integers())
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=6,
)


def object_like(right: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Objects of known members, in both spellings, of which some are wrong, and unknown ones."""
    names = st.sampled_from([*right, *map(camel_case, right), *(name[:-1] for name in right)])
    values = st.sampled_from(list(right.values())) | anything
    return st.dictionaries(names | keys, values, max_size=6)


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, tuple[Any, str]]:
    """Each argument with its wrapping; some of the arguments are likely wrong."""
    declared = {name: (value, draw(wrappings)) for name, value in RIGHT.items()}
    for name in draw(st.lists(st.sampled_from(list(RIGHT)), unique=True)):
        right = RIGHT[name]
        junk = object_like(right) | anything if isinstance(right, dict) else anything
        declared[name] = (draw(junk), declared[name][1])
    return declared


wrappings = st.sampled_from(["plain", "output", "secret", "awaitable", "inside"])


def wrapped(value: Any, wrapping: str) -> Any:
    """The value, as an input that a program may give."""
    if wrapping == "awaitable":
        future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
        future.set_result(value)
        return future
    if wrapping == "inside" and isinstance(value, dict):
        return {key: wrapped(item, "output") for key, item in value.items()}
    if wrapping in ("output", "secret"):
        known = pulumi.Output.secret("") if wrapping == "secret" else pulumi.Output.from_input("")
        return known.apply(lambda _: value)
    return value


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(declarations())
def test_an_argument_is_right_or_refused_by_its_path(
    host: DynamicHost, aws: EmulatorServer, declared: dict[str, tuple[Any, str]]
) -> None:
    def program() -> None:
        WorkspacesPool("desks", **{name: wrapped(*given) for name, given in declared.items()})

    news, failures = host.check(inputs_of(program))
    for path, reason in failures.items():
        assert len((path + reason).splitlines()) == 1
        assert "Traceback" not in reason
    refused = {path.split(".")[0].split("[")[0] for path in failures}
    assert refused <= set(spec.input_names())
    for name, (value, _wrapping) in declared.items():
        is_unknown = contains_unknowns(value)
        right_type = value is None or isinstance(value, (TYPES[name], INPUT_TYPES.get(name, ())))
        assert right_type or is_unknown or camel_case(name) in refused, name
    if not failures and not any(contains_unknowns(value) for value, _ in declared.values()):
        create = spec.service_model().operation_model("CreateWorkspacesPool").input_shape
        assert create is not None
        report = ParamValidator().validate(
            spec.to_api("CreateWorkspacesPool", {"poolName": "desks", **news}), create
        )
        assert not report.has_errors(), report.generate_report()
    assert aws.emulator.calls == []


Pool = dict[str, Any]


# Those of tests/lifecycle/test_inputs.py are tried on the CLI.
@pytest.mark.parametrize(
    ("arguments", "path", "reason"),
    [
        (
            {"capacity": CapacityArgs(desired_user_sessions=[])},  # type: ignore[arg-type]
            "capacity.desiredUserSessions",
            "must be a whole number, but is a list",
        ),
        ({"capacity": AssumeRoleArgs(role_arn="")}, "capacity", "but is an AssumeRoleArgs"),
        ({"description": ("a",)}, "description", "must be a string, but is a tuple"),
        ({"description": b"a"}, "description", "must be a string, but is bytes"),
        ({"running_mode": Mode.AUTO_STOP}, "runningMode", "must be a string, but is a Mode"),
        ({"running_mode": math.nan}, "runningMode", "must be a string, but is NaN"),
        (
            {"capacity": {"desired_user_sessions": 10**30}},
            "capacity.desiredUserSessions",
            "must be a whole number, but is a number beyond 2**53",
        ),
        ({"tags": {5: "a"}}, 'tags["5"]', "has a key that must be a string, but is a whole number"),
        ({"tags": {"a": ["b"]}}, 'tags["a"]', "must be a string, but is a list"),
        ({"tags": {"\ud800": "a"}}, 'tags["?"]', "has a key that must be valid Unicode"),
        ({"tags": {"a": "\ud800"}}, 'tags["a"]', "must be valid Unicode"),
    ],
)
@pytest.mark.parametrize("wrapping", ["plain", "output", "secret", "awaitable"])
def test_what_the_engine_cannot_carry_is_refused_by_its_path(
    host: DynamicHost, arguments: Pool, path: str, reason: str, wrapping: str
) -> None:
    def program() -> None:
        given = {name: wrapped(value, wrapping) for name, value in arguments.items()}
        WorkspacesPool("desks", **{**RIGHT, **given})

    failures = host.check(inputs_of(program))[1]
    if wrapping == "secret" and "[" in path:
        path = 'tags["[secret]"]'
    assert list(failures) == [path]
    assert reason in failures[path]


@pytest.mark.parametrize("wrapping", ["plain", "output", "secret", "awaitable", "inside"])
def test_right_inputs_arrive_as_they_are_in_whatever_form_they_are_given(
    host: DynamicHost, wrapping: str
) -> None:
    def sent(**arguments: Any) -> Pool:
        return inputs_of(lambda: WorkspacesPool("desks", **arguments))

    plain = sent(**RIGHT)
    assert host.check(plain) == (plain, {})
    assert sent(**{**RIGHT, "running_mode": TextMode.AUTO_STOP})["runningMode"] == "AUTO_STOP"

    def program() -> None:
        WorkspacesPool("desks", **{name: wrapped(item, wrapping) for name, item in RIGHT.items()})

    typed = {name: kind(**RIGHT[name]) for name, kind in INPUT_TYPES.items()}
    given = inputs_of(program)
    named = given.pop("__secrets", [])
    assert sorted(named) == (sorted(plain) if wrapping == "secret" else [])
    assert plain == given == sent(**{**RIGHT, **typed})
