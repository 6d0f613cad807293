"""Markers and automatic names: legal for AWS, the same in every run, one for each resource."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pulumi_workspaces_pool import spec
from pulumi_workspaces_pool.ownership import Owner

_NAMES = st.text(min_size=1, max_size=120)
_TAG_VALUE = re.compile(r"[A-Za-z0-9+=._:/@ -]{1,255}")


def owner(name: str, stack: str = "dev") -> Owner:
    return Owner(f"urn:pulumi:{stack}::shop::pool::{name}", "acme", "s3://state")


@given(name=_NAMES, attempt=st.integers(0, 30))
def test_an_automatic_name_is_one_that_aws_allows(name: str, attempt: int) -> None:
    given_name = owner(name).automatic_name(attempt)
    problems = spec.problems({"poolName": given_name})
    assert not [problem for problem in problems if problem.path == "poolName"]


@given(name=_NAMES, stack=_NAMES)
def test_a_marker_is_a_tag_value_that_aws_allows(name: str, stack: str) -> None:
    assert _TAG_VALUE.fullmatch(owner(name, stack).marker)


def test_a_name_is_the_same_in_every_run_and_shows_the_logical_name() -> None:
    assert owner("desks").automatic_name(0) == "desks-acb44ba"
    assert re.fullmatch(r"front-office-[0-9a-f]{7}", owner("front office").automatic_name(0))
    assert owner("d" * 100).automatic_name(0).startswith("d" * 56 + "-")


def test_names_and_markers_tell_resources_stacks_and_attempts_apart() -> None:
    owners = [owner("desks"), owner("labs"), owner("desks", "prod")]
    assert len({each.marker for each in owners}) == 3
    assert len({name for each in owners for name in each.automatic_names()}) == 60
