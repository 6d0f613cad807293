"""Looking pools up in a program: what exists, without managing it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import pulumi
from pulumi.runtime import config, mocks, rpc
from pulumi.runtime.settings import get_monitor

from . import cached
from .errors import AwsError, Label, PoolError
from .inputs import camel_case, inputs_for_engine
from .masking import Secrets, texts_in
from .messages import explain, pool_label, sentence
from .nested import (
    ApplicationSettings,
    AssumeRoleArgs,
    AssumeRoleArgsDict,
    Capacity,
    CapacityStatus,
    TimeoutSettings,
    WorkspacesPoolError,
    output_type,
)
from .options import dependencies, plain_invoke_options, refuse_invoke_options
from .validation import snake_case

if TYPE_CHECKING:
    from .pools import Pools
    from .tags import TagRules

T = TypeVar("T")

_TAGS_AT_ONCE = 16
_OPERATORS = ("EQUALS", "NOTEQUALS", "CONTAINS", "NOTCONTAINS")


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


@output_type
class _FoundPools(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """What a mock of `get_workspaces_pools` returns."""

    pools: Sequence[GetWorkspacesPoolResult]


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
    opts: pulumi.InvokeOptions | None = None,
) -> GetWorkspacesPoolResult:
    """Look one pool up by its id or its name (DescribeWorkspacesPools, DescribeTags).

    Args:
        pool_id: the pool's id, such as `wspool-1a2b3c4d5`.
        pool_name: the pool's exact name, where the id is left out.
        assume_role: a role to assume for this, after those of `aws:assumeRoles`.
        region: where to look; left out, `aws:region` or that of boto3's environment.
        opts: Pulumi's options for functions, of which `parent` alone applies.

    Returns:
        The pool.

    Raises:
        pulumi.RunError: there is no such pool, or AWS refused; one sentence says which and why.
    """
    given = {"pool_id": pool_id, "pool_name": pool_name, "region": region}
    sent = _checked("get_workspaces_pool", {**given, "assume_role": assume_role}, opts)
    if (pool_id is None) == (pool_name is None):
        raise pulumi.RunError("get_workspaces_pool needs one of pool_id and pool_name.")
    if isinstance(get_monitor(), mocks.MockMonitor):
        return _mocked("getWorkspacesPool", sent, GetWorkspacesPoolResult)
    label = f"The {pool_label(Label(pool_name, pool_id))}"
    pools, region, rules = _place(sent)
    try:
        pool = pools.find(pool_id) if pool_id is not None else pools.named(str(pool_name))
        if pool is None:
            raise pulumi.RunError(f"{label} does not exist in {region}; check its name and region.")
        return _result(pool, rules.visible(pools.tags(pool["PoolId"])), region)
    except AwsError as error:
        raise pulumi.RunError(explain(error, label, "looked up")) from None


def get_workspaces_pools(
    *,
    filters: Sequence[PoolNameFilter] = (),
    assume_role: AssumeRoleArgsDict | None = None,
    region: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> list[GetWorkspacesPoolResult]:
    """Look pools up by their names (DescribeWorkspacesPools, DescribeTags).

    Args:
        filters: what the names have to match, all of it; none gives every pool.
        assume_role: a role to assume for this, after those of `aws:assumeRoles`.
        region: where to look; left out, `aws:region` or that of boto3's environment.
        opts: Pulumi's options for functions, of which `parent` alone applies.

    Returns:
        The pools, by name.

    Raises:
        pulumi.RunError: AWS refused; one sentence says why.
    """
    given = {"filters": filters, "assume_role": assume_role, "region": region}
    sent = _checked("get_workspaces_pools", given, opts)
    if isinstance(get_monitor(), mocks.MockMonitor):
        return list(_mocked("getWorkspacesPools", sent, _FoundPools).pools)
    pools, region, rules = _place(sent)
    wanted = [
        {"Name": "PoolName", "Operator": entry["operator"], "Values": list(entry["values"])}
        for entry in filters
    ]
    try:
        found = sorted(pools.list(wanted), key=lambda pool: str(pool["PoolName"]))
        with futures.ThreadPoolExecutor(_TAGS_AT_ONCE) as executor:
            tags = executor.map(lambda pool: _tags(pools, pool["PoolId"]), found)
            together = zip(found, tags, strict=True)
            return [
                _result(pool, rules.visible(of_pool), region)
                for pool, of_pool in together
                if of_pool is not None
            ]
    except AwsError as error:
        raise pulumi.RunError(explain(error, "The pools", "looked up")) from None


def get_workspaces_pool_output(
    *,
    pool_id: pulumi.Input[str] | None = None,
    pool_name: pulumi.Input[str] | None = None,
    assume_role: pulumi.Input[AssumeRoleArgsDict] | None = None,
    region: pulumi.Input[str] | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[GetWorkspacesPoolResult]:
    """Look one pool up, with arguments that may be outputs; see `get_workspaces_pool`.

    Args:
        pool_id: the pool's id.
        pool_name: the pool's exact name, where the id is left out.
        assume_role: a role to assume for this.
        region: where to look.
        opts: Pulumi's options for functions, of which `parent` and `depends_on` apply.

    Returns:
        The pool, as an output.
    """
    known = pulumi.Output.all(
        pool_id=pool_id, pool_name=pool_name, assume_role=assume_role, region=region
    )
    return _looked_up_later(get_workspaces_pool, known, opts)


def get_workspaces_pools_output(
    *,
    filters: pulumi.Input[Sequence[pulumi.Input[PoolNameFilter]]] = (),
    assume_role: pulumi.Input[AssumeRoleArgsDict] | None = None,
    region: pulumi.Input[str] | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[list[GetWorkspacesPoolResult]]:
    """Look pools up, with arguments that may be outputs; see `get_workspaces_pools`.

    Args:
        filters: what the names have to match.
        assume_role: a role to assume for this.
        region: where to look.
        opts: Pulumi's options for functions, of which `parent` and `depends_on` apply.

    Returns:
        The pools, as an output.
    """
    known = pulumi.Output.all(filters=filters, assume_role=assume_role, region=region)
    return _looked_up_later(get_workspaces_pools, known, opts)


def _looked_up_later(
    look_up: Callable[..., T], known: pulumi.Output[Any], opts: pulumi.InvokeOptions | None
) -> pulumi.Output[T]:
    async def looked_up(given: Sequence[Any]) -> T:
        try:
            return look_up(**given[0], opts=plain_invoke_options(opts))
        except pulumi.RunError as error:
            if not await known.is_secret():
                raise
            secrets = Secrets(texts=frozenset(texts_in(given[0])))
            raise pulumi.RunError(secrets.mask(str(error))) from None

    return pulumi.Output.all(known, *dependencies(opts)).apply(looked_up)


def _checked(
    function: str, arguments: Mapping[str, Any], opts: pulumi.InvokeOptions | None
) -> dict[str, Any]:
    """The arguments by their properties' names, after what is wrong with them was refused."""
    from . import spec  # noqa: PLC0415  # a program that looks nothing up need not load it

    refuse_invoke_options(function, opts)
    sent = inputs_for_engine(
        {name: value for name, value in arguments.items() if name != "filters"},
        {"assume_role": AssumeRoleArgs},
    )
    if isinstance(sent["assume_role"], AssumeRoleArgs):
        sent["assume_role"] = vars(sent["assume_role"])
    if isinstance(sent["assume_role"], Mapping):
        role = sent["assume_role"].items()
        sent["assume_role"] = {camel_case(name): value for name, value in role if value is not None}
    known = {camel_case(name): value for name, value in sent.items() if value is not None}
    problems = spec.problems_of(known)
    if "filters" in arguments and not _are_filters(arguments["filters"]):
        rule = f"must be a list of an operator ({', '.join(_OPERATORS)}) with 1 to 25 values"
        problems.append(spec.Problem("filters", f"{rule} of 2 to 64 characters"))
    if problems:
        wrong = " and ".join(f"{snake_case(path)} {reason}" for path, reason in problems)
        raise pulumi.RunError(f"{function} cannot be called, because {wrong}.")
    return {**known, "filters": arguments["filters"]} if arguments.get("filters") else known


def _are_filters(filters: Any) -> bool:
    return isinstance(filters, (list, tuple)) and all(
        isinstance(entry, Mapping)
        and entry.keys() == {"operator", "values"}
        and entry["operator"] in _OPERATORS
        and isinstance(entry["values"], (list, tuple))
        and 1 <= len(entry["values"]) <= 25
        and all(isinstance(value, str) and 2 <= len(value) <= 64 for value in entry["values"])
        for entry in filters
    )


def _mocked(function: str, arguments: Mapping[str, Any], result_type: type[T]) -> T:
    """What the mocks of a unit test say of a function."""
    token = f"workspaces-pool:index:{function}"
    found: T = pulumi.runtime.invoke(token, arguments, typ=result_type).value
    return found


def _place(arguments: Mapping[str, Any]) -> tuple[Pools, str, TagRules]:
    """The pools to look at, their region, and what the stack says of their tags."""
    # A program that looks nothing up need not load what it takes.
    from .configuration import Settings  # noqa: PLC0415
    from .pools import pools_at  # noqa: PLC0415
    from .preview import region_problems  # noqa: PLC0415

    _begin_run()
    try:
        names = (*config.CONFIG.get(), *config.get_config_env())
        settings = Settings.from_config(pulumi.runtime.get_config, names)
        region, pools = pools_at(settings, arguments)
    except PoolError as error:
        raise pulumi.RunError(sentence(error)) from None
    for problem in region_problems(settings, region):
        raise pulumi.RunError(f"No pool can be looked up, because region {problem.reason}.")
    return pools, region, settings.tag_rules


_run: weakref.ref[Any] | None = None


def _begin_run() -> None:
    """Forget what an earlier run of a program in this process was let know of AWS."""
    global _run  # noqa: PLW0603  # the process's
    monitor = get_monitor()
    if _run is None or _run() is not monitor:
        cached.forget()
        _run = weakref.ref(monitor) if monitor is not None else None


def _tags(pools: Pools, pool_id: str) -> dict[str, str] | None:
    """A pool's tags; None for a pool that somebody deletes meanwhile, which is as good as none."""
    try:
        return pools.tags(pool_id)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
    return None


def _result(
    pool: Mapping[str, Any], tags: Mapping[str, str], region: str
) -> GetWorkspacesPoolResult:
    from . import spec  # noqa: PLC0415  # as above

    properties = {**spec.from_api(pool), "tags": spec.program_tags(tags), "region": region}
    # What only a newer API knows is left out.
    made: GetWorkspacesPoolResult = rpc.translate_output_properties(
        properties, str, GetWorkspacesPoolResult
    )
    return made
