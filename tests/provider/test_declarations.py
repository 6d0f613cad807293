"""Options and transformations are held to rules, as the arguments of a declaration are."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi import ResourceOptions, ResourceTransformationArgs, ResourceTransformationResult

from pulumi_workspaces_pool import WorkspacesPool
from support.declared import inputs_of, requests_of
from support.dynamic_host import DynamicHost

from .conftest import RIGHT

POOL_ID = "wspool-1a2b3c4d5"
ADOPTS = f'adopt_pool_id="{POOL_ID}"'


def declared(transform: Callable[[ResourceTransformationArgs], Any]) -> Callable[[], object]:
    """A program of a pool with a transformation."""
    opts = ResourceOptions(transformations=[transform])
    return lambda: WorkspacesPool("desks", **RIGHT, opts=opts)


def adding(**properties: Any) -> Callable[[], object]:
    """A program of a pool with a transformation that adds properties."""
    return declared(
        lambda args: ResourceTransformationResult({**args.props, **properties}, args.opts)
    )


@pytest.mark.parametrize(
    ("properties", "path", "reason"),
    [
        ({"tags": (1, 2)}, "tags", "must be a map of strings, but is a tuple"),
        ({"description": {1}}, "description", "must be a string, but is a set"),
        (
            {"capacity": {"desired_user_sessions": "x"}},
            "capacity.desiredUserSessions",
            "whole number",
        ),
        ({"poolNmae": "x"}, "poolNmae", "did you mean pool_name?"),
        (
            {"poolName": "a", "pool_name": "b"},
            "poolName",
            "is given twice, as pool_name and as poolName",
        ),
    ],
)
def test_a_wrong_property_of_a_transformation_is_refused_by_its_path(
    host: DynamicHost, properties: dict[str, Any], path: str, reason: str
) -> None:
    failures = host.check(inputs_of(adding(**properties)))[1]
    assert list(failures) == [path]
    assert reason in failures[path]


def test_a_property_is_taken_in_either_spelling_and_none_in_the_other_is_nothing(
    host: DynamicHost,
) -> None:
    news, failures = host.check(inputs_of(adding(pool_name=None, poolName="x", tags={"a": "b"})))
    assert (news["poolName"], news["tags"], failures) == ("x", {"a": "b"}, {})


def test_a_secret_of_a_transformation_is_known_to_be_one() -> None:
    assert inputs_of(adding(pool_name=pulumi.Output.secret("x")))["__secrets"] == ["poolName"]


def test_properties_that_a_transformation_leaves_out_are_missed_by_name(host: DynamicHost) -> None:
    given = declared(lambda args: ResourceTransformationResult({"description": "x"}, args.opts))
    assert set(host.check(inputs_of(given))[1]) == {"bundleId", "directoryId", "capacity"}


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ([1], "returns a list; it must return None, or"),
        (5, "returns a whole number; it must return None, or"),
        (ResourceTransformationResult([1], ResourceOptions()), "with a list and a ResourceOptions"),  # type: ignore[arg-type]
        (ResourceTransformationResult({}, None), "with an object and nothing"),  # type: ignore[arg-type]
        (
            ResourceTransformationResult(RIGHT, ResourceOptions(ignore_changes=["descripton"])),
            'ignore_changes has "descripton", which names no property; did you mean description?',
        ),
    ],
)
def test_a_result_that_is_none_is_refused_in_a_sentence(result: Any, said: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        requests_of(declared(lambda _: result))
    assert said in str(refused.value)
    assert 'esource "desks"' in str(refused.value)


def test_a_declaration_that_is_refused_leaves_nothing_that_python_warns_of() -> None:
    given = {**RIGHT, "description": pulumi.Output.from_input("Desks")}
    opts = ResourceOptions(transformations=[lambda _: 5])  # type: ignore[list-item,return-value]  # wrong
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(pulumi.RunError):
            requests_of(lambda: WorkspacesPool("desks", **given, opts=opts))
        gc.collect()
    assert [str(warning.message) for warning in warned] == []


def refusal(**options: Any) -> str:
    """What is said of the options of a pool that cannot be used."""
    with pytest.raises(pulumi.RunError) as refused:
        requests_of(lambda: WorkspacesPool("desks", **RIGHT, opts=ResourceOptions(**options)))
    start = 'The options of the pool of resource "desks" cannot be used: '
    assert str(refused.value).startswith(start)
    return str(refused.value).removeprefix(start)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"protect": "yes"}, "protect must be true or false, but is a string"),
        ({"retain_on_delete": 1}, "retain_on_delete must be true or false, but is a whole number"),
        ({"delete_before_replace": "no"}, "delete_before_replace must be true or false"),
        ({"parent": "team"}, "parent must be a resource, but is a string"),
        ({"provider": "aws"}, "provider must be a provider, but is a string"),
        ({"deleted_with": 5}, "deleted_with must be a resource, but is a whole number"),
        ({"aliases": "old"}, "aliases must be a list of aliases, but is a string"),
        ({"aliases": ["old", 5]}, "aliases must be a list of aliases, but has a whole number in"),
        ({"hooks": 5}, "hooks must be a ResourceHookBinding, but is a whole number"),
        ({"providers": {"aws": "own"}}, "providers must be a list of providers, but has a string"),
        ({"replace_with": "desks"}, "replace_with must be a list of resources, but is a string"),
        ({"state_migrations": [5]}, "state_migrations must be a list of functions, but has a"),
        ({"transformations": "x"}, "transformations must be a list of functions, but is a string"),
        ({"transforms": [5]}, "transforms must be a list of functions, but has a whole number in"),
        ({"urn": "desks"}, 'urn must be a URN, but is "desks"'),
        ({"ignore_changes": "capacity"}, "ignore_changes must be a list of property paths"),
        ({"version": "1.0.0"}, "version has no effect here"),
        ({"plugin_download_url": "https://a.b"}, "plugin_download_url has no effect here"),
        ({"env_var_mappings": {"MINE": "AWS_PROFILE"}}, "env_var_mappings has no effect here"),
        ({"import_": POOL_ID}, f"import_ has no effect here: a pool is taken over by {ADOPTS}"),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused_by_name(
    options: dict[str, Any], said: str
) -> None:
    assert refusal(**options).startswith(said)


@pytest.mark.parametrize("value", ["-5m", "soon", "30", "0s", "", "1d", 30])
def test_a_timeout_that_is_no_time_is_refused(value: Any) -> None:
    shown = f'"{value}"' if isinstance(value, str) else "a whole number"
    said = f'custom_timeouts.create must be a time above zero, such as "1h30m", but is {shown}.'
    assert refusal(custom_timeouts=pulumi.CustomTimeouts(update="1h", create=value)) == said


@pytest.mark.parametrize("option", ["ignore_changes", "replace_on_changes", "hide_diffs"])
def test_a_path_that_names_nothing_is_refused(option: str) -> None:
    said = refusal(**{option: ["capacity.user_sessions", "descripton", "tags["]})
    assert f'{option} has "capacity.user_sessions", which names no property in capacity' in said
    assert "did you mean description?" in said
    assert f'{option} has "tags[", which is no property path' in said


@pytest.mark.parametrize("form", ["opts", "second", "get"])
def test_options_that_are_none_are_refused_wherever_they_stand(form: str) -> None:
    opts: Any = {"protect": True}
    declare: dict[str, Callable[[], object]] = {
        "opts": lambda: WorkspacesPool("desks", **RIGHT, opts=opts),
        "second": lambda: WorkspacesPool("desks", opts, **RIGHT),
        "get": lambda: WorkspacesPool.get("desks", POOL_ID, opts),
    }
    said = 'options of the pool of resource "desks" must be ResourceOptions, but are an object'
    with pytest.raises(pulumi.RunError, match=said):
        requests_of(declare[form])


def test_the_transformations_of_a_pool_reach_its_children_as_they_are() -> None:
    seen: list[str] = []

    def program() -> None:
        def transform(args: ResourceTransformationArgs) -> None:
            seen.append(args.name)

        opts = ResourceOptions(transformations=[transform])
        pool = WorkspacesPool("desks", **RIGHT, opts=opts)
        pulumi.ComponentResource("a:b:C", "child", {}, ResourceOptions(parent=pool))

    (request,) = requests_of(program)
    assert request.name == "desks"
    assert seen == ["desks", "child"]
