"""Looking pools up in a program: what exists, without managing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import pulumi
from pulumi.runtime import rpc

from .errors import AwsError, Label, PoolError
from .inputs import camel_case
from .messages import explain, pool_label, sentence
from .resource import (
    ApplicationSettings,
    AssumeRoleArgsDict,
    Capacity,
    CapacityStatus,
    TimeoutSettings,
    WorkspacesPoolError,
    output_type,
)

if TYPE_CHECKING:
    from .pools import Pools


@output_type
class GetWorkspacesPoolResult(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """A pool as AWS holds it; the names are those of `WorkspacesPool`."""

    pool_id: str
    pool_arn: str
    pool_name: str
    description: str | None
    bundle_id: str
    directory_id: str
    capacity: Capacity
    capacity_status: CapacityStatus
    application_settings: ApplicationSettings | None
    timeout_settings: TimeoutSettings | None
    running_mode: str | None
    state: str
    errors: Sequence[WorkspacesPoolError]
    created_at: str
    tags: Mapping[str, str]
    region: str


class PoolNameFilter(TypedDict):
    """A filter on the names of pools (API type DescribeWorkspacesPoolsFilter)."""

    operator: str
    """EQUALS, NOTEQUALS, CONTAINS or NOTCONTAINS."""
    values: Sequence[str]
    """1 to 25 values of 2 to 64 characters."""


def get_workspaces_pool(
    *,
    pool_id: str | None = None,
    pool_name: str | None = None,
    assume_role: AssumeRoleArgsDict | None = None,
    region: str | None = None,
) -> GetWorkspacesPoolResult:
    """Look one pool up by its id or its name (DescribeWorkspacesPools, DescribeTags).

    Args:
        pool_id: the pool's id, such as `wspool-1a2b3c4d5`.
        pool_name: the pool's exact name, where the id is left out.
        assume_role: a role to assume for this, after those of `aws:assumeRoles`.
        region: where to look; left out, `aws:region` or that of boto3's environment.

    Returns:
        The pool.

    Raises:
        pulumi.RunError: there is no such pool, or AWS refused; one sentence says which and why.
    """
    if (pool_id is None) == (pool_name is None):
        raise pulumi.RunError("get_workspaces_pool needs one of pool_id and pool_name.")
    label = f"The {pool_label(Label(pool_name, pool_id))}"
    pools, where = _place(region, assume_role)
    try:
        pool = pools.find(pool_id) if pool_id is not None else pools.named(str(pool_name))
        if pool is None:
            raise pulumi.RunError(f"{label} does not exist in {where}; check its name and region.")
        return _result(pools, pool, where)
    except AwsError as error:
        raise pulumi.RunError(explain(error, label, "looked up")) from None


def get_workspaces_pools(
    *,
    filters: Sequence[PoolNameFilter] = (),
    assume_role: AssumeRoleArgsDict | None = None,
    region: str | None = None,
) -> list[GetWorkspacesPoolResult]:
    """Look pools up by their names (DescribeWorkspacesPools, DescribeTags).

    Args:
        filters: what the names have to match, all of it; none gives every pool.
        assume_role: a role to assume for this, after those of `aws:assumeRoles`.
        region: where to look; left out, `aws:region` or that of boto3's environment.

    Returns:
        The pools, by name.

    Raises:
        pulumi.RunError: AWS refused; one sentence says why.
    """
    pools, where = _place(region, assume_role)
    wanted = [
        {"Name": "PoolName", "Operator": entry["operator"], "Values": list(entry["values"])}
        for entry in filters
    ]
    try:
        found = sorted(pools.list(wanted), key=lambda pool: str(pool["PoolName"]))
        return list(_results(pools, found, where))
    except AwsError as error:
        raise pulumi.RunError(explain(error, "The pools", "looked up")) from None


def get_workspaces_pool_output(
    *,
    pool_id: pulumi.Input[str] | None = None,
    pool_name: pulumi.Input[str] | None = None,
    assume_role: pulumi.Input[AssumeRoleArgsDict] | None = None,
    region: pulumi.Input[str] | None = None,
) -> pulumi.Output[GetWorkspacesPoolResult]:
    """Look one pool up, with arguments that may be outputs; see `get_workspaces_pool`.

    Args:
        pool_id: the pool's id.
        pool_name: the pool's exact name, where the id is left out.
        assume_role: a role to assume for this.
        region: where to look.

    Returns:
        The pool, as an output.
    """
    arguments = pulumi.Output.all(
        pool_id=pool_id, pool_name=pool_name, assume_role=assume_role, region=region
    )
    return arguments.apply(lambda known: get_workspaces_pool(**known))


def get_workspaces_pools_output(
    *,
    filters: pulumi.Input[Sequence[pulumi.Input[PoolNameFilter]]] = (),
    assume_role: pulumi.Input[AssumeRoleArgsDict] | None = None,
    region: pulumi.Input[str] | None = None,
) -> pulumi.Output[list[GetWorkspacesPoolResult]]:
    """Look pools up, with arguments that may be outputs; see `get_workspaces_pools`.

    Args:
        filters: what the names have to match.
        assume_role: a role to assume for this.
        region: where to look.

    Returns:
        The pools, as an output.
    """
    arguments = pulumi.Output.all(filters=filters, assume_role=assume_role, region=region)
    return arguments.apply(lambda known: get_workspaces_pools(**known))


def _place(region: str | None, assume_role: Mapping[str, Any] | None) -> tuple[Pools, str]:
    # A program that looks nothing up need not load what it takes.
    from .configuration import Settings  # noqa: PLC0415
    from .pools import pools_at  # noqa: PLC0415

    role = {camel_case(name): value for name, value in (assume_role or {}).items()}
    try:
        settings = Settings.from_config(pulumi.runtime.get_config)
        where, pools = pools_at(settings, {"region": region, "assumeRole": role})
    except PoolError as error:
        raise pulumi.RunError(sentence(error)) from None
    return pools, where


def _results(
    pools: Pools, found: Sequence[Mapping[str, Any]], region: str
) -> Iterator[GetWorkspacesPoolResult]:
    for pool in found:
        try:
            yield _result(pools, pool, region)
        except AwsError as error:
            # A pool that somebody deletes meanwhile is as good as none.
            if error.code != "ResourceNotFoundException":
                raise


def _result(pools: Pools, pool: Mapping[str, Any], region: str) -> GetWorkspacesPoolResult:
    from . import spec  # noqa: PLC0415  # as above

    tags = spec.program_tags(pools.tags(pool["PoolId"]))
    properties = {**spec.from_api(pool), "tags": tags, "region": region}
    # What only a newer API knows is left out.
    made: GetWorkspacesPoolResult = rpc.translate_output_properties(
        properties, str, GetWorkspacesPoolResult
    )
    return made
