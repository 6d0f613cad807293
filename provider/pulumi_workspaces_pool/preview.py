"""Check and diff: what a program declares, before anything is done about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import Any

from . import changes, messages, spec
from .client import ambient_region, known_regions, refuse_missing_profile
from .configuration import Settings
from .errors import AlreadyManagesError, ClaimedError, ConfigurationError, Label
from .ownership import name_in
from .pools import pools_at
from .request import Request

Properties = dict[str, Any]


def check(request: Request, unknown: object) -> tuple[Properties, list[spec.Problem]]:
    """Refuse wrong inputs, all at once, and fill in what the program left out.

    Args:
        request: with the inputs of the program, and `old_inputs` empty for a new pool.
        unknown: the value that stands for "not known yet".

    Returns:
        The inputs to go on with, and every wrong one by its property path.
    """
    settings, olds, inputs = request.settings, request.old_inputs or {}, dict(request.inputs)
    if "region" not in inputs:
        region = settings.region or olds.get("region") or ambient_region(settings)
        if region:
            inputs["region"] = region
    problems = list(_adoption_problems(request, olds))
    # What is in the state has been checked before, and the rules take a while to load.
    if inputs != olds:
        problems.extend(_value_problems(settings, inputs, unknown))
        if "region" not in inputs:
            problems.append(spec.Problem("region", "is required: set aws:region or region"))
        elif not problems and inputs["region"] != unknown:
            refuse_missing_profile(settings)
            problems.extend(region_problems(settings, inputs["region"]))
    return inputs, problems


def _value_problems(
    settings: Settings, inputs: Properties, unknown: object
) -> Iterator[spec.Problem]:
    declared, rules = inputs.get("tags"), settings.tag_rules
    ignored: Iterable[str] = ()
    if isinstance(declared, (Mapping, NoneType)) and (wanted := rules.wanted(declared)):
        # All the tags that AWS is to get have a limit together.
        inputs, ignored = {**inputs, "tags": wanted}, filter(rules.ignores, wanted)
    yield from spec.problems(inputs, unknown)
    for key in ignored:
        yield spec.Problem("tags", f'has the key "{key}", which aws:ignoreTags leaves to others')


def read_problems(request: Request) -> list[spec.Problem]:
    """Return what is wrong with the inputs of a read that no state is behind."""
    problems, region = spec.problems_of(request.inputs), request.inputs.get("region")
    if region and not problems:
        problems.extend(region_problems(request.settings, region))
    return problems


def region_problems(settings: Settings, region: str) -> Iterator[spec.Problem]:
    """Refuse a region that botocore does not know, and such a region of STS."""
    if settings.skip_region_validation:
        return
    known = known_regions()
    if settings.sts_region and settings.sts_region not in known:
        raise ConfigurationError(
            key="aws:stsRegion", expected=messages.unlike_region(settings.sts_region, known)
        )
    if region not in known:
        yield spec.Problem("region", f"is not {messages.unlike_region(region, known)}")


def _adoption_problems(request: Request, olds: Properties) -> Iterator[spec.Problem]:
    urn, pool_id = request.owner.urn, request.inputs.get("adoptPoolId")
    request.claims.declare(urn)
    if not olds and isinstance(pool_id, str) and spec.is_pool_id(pool_id):
        holder = request.claims.begin_adoption(pool_id, urn)
        if holder is not None:
            yield spec.Problem("adoptPoolId", messages.claimed(name_in(holder)))


def diff(request: Request, pool_id: str, unknown: object) -> tuple[bool | None, list[str]]:
    """Compare what the program set with what AWS holds, as the state knows it.

    AWS is asked only before a pool is replaced: for the account, since a new pool in another one
    would leave the old one where it cannot be deleted.

    Args:
        request: with the inputs of the program, and the inputs and outputs in the state.
        pool_id: the pool's id.
        unknown: the value that stands for "not known yet".

    Returns:
        Whether anything changes, None to let the engine compare the inputs; and the properties
        that replace the pool.
    """
    news, olds = request.inputs, request.outputs
    label = Label(olds.get("poolName"), pool_id)
    adopt = news.get("adoptPoolId")
    if adopt not in (None, unknown, pool_id):
        raise AlreadyManagesError(label, adopt_pool_id=adopt)
    holder = request.claims.hold(pool_id, request.owner.urn)
    if holder:
        raise ClaimedError(label, holder=name_in(holder))
    found = changes.diff(news, request.old_inputs, olds, request.settings.tag_rules, unknown)
    if {"poolName", "region"} & set(found.replaces):
        _region, pools = pools_at(request.settings, olds)
        pools.refuse_another_account(label, olds.get("poolArn"))
    # Left open, the engine finds out for itself which inputs changed: replace_on_changes needs to
    # know, and the host has no way to say.
    left_open = bool(found) and news != (request.old_inputs or {})
    return None if left_open else bool(found), found.replaces
