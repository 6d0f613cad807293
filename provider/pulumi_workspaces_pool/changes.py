"""What the program changed: its inputs against the pool as the state knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import spec

Properties = dict[str, Any]

# Where a pool in passing is going; in any other state nobody can tell.
_HEADING = {
    "RUNNING": "RUNNING",
    "STARTING": "RUNNING",
    "STOPPED": "STOPPED",
    "STOPPING": "STOPPED",
}


@dataclass(frozen=True)
class Changes:
    """What differs between the program and the state.

    Attributes:
        fields: the value to reach for each property of UpdateWorkspacesPool that changes; a nested
            None takes that member away.
        tags: the tags to set.
        removed_tags: the keys of the tags to take off.
        replaces: the properties that only a new pool can have.
        others: whether anything else changes: starting, stopping, how a delete treats sessions, or
            the role by which the pool is reached.
    """

    fields: Properties = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    removed_tags: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    others: bool = False

    def __bool__(self) -> bool:
        """Whether anything changes at all."""
        return bool(self.fields or self.tags or self.removed_tags or self.replaces or self.others)


def between(
    news: Properties, old_inputs: Properties | None, olds: Properties, unknown: object = None
) -> Changes:
    """Find what the program changed.

    What a program never set is compared with nothing. An optional argument that was taken away goes
    back to what AWS does without it.

    Args:
        news: the checked inputs of the program.
        old_inputs: the inputs in the state; None where they are not known.
        olds: the outputs in the state, which say what AWS holds.
        unknown: the value that stands for "not known yet", which differs from everything.

    Returns:
        The changes.
    """
    before = old_inputs or {}
    wanted = {name: _wanted(name, news, before) for name in {**before, **news}}
    tags, removed_tags = _tags(news, before, olds, unknown)
    return Changes(
        fields={
            name: value
            for name, value in wanted.items()
            if value is not None and not _holds(olds.get(name), value) and spec.is_updatable(name)
        },
        tags=tags,
        removed_tags=removed_tags,
        replaces=_replaces(news, olds),
        others=(
            _state_differs(news, olds)
            or _disconnects(news) != _disconnects(olds)
            or news.get("assumeRole") != olds.get("assumeRole")
        ),
    )


def refreshed(inputs: Properties, outs: Properties) -> Properties:
    """Bring the inputs of the state to what AWS holds, for the next diff and its display.

    Args:
        inputs: the inputs in the state.
        outs: the pool as AWS holds it.

    Returns:
        The same inputs, with AWS's values; what the program never set is not added.
    """
    fresh = dict(inputs)
    for name in (*spec.updatable_names(), "tags", "poolName"):
        if inputs.get(name) is not None and name in outs:
            fresh[name] = _seen(name, inputs[name], outs[name])
    if inputs.get("desiredState"):
        fresh["desiredState"] = _HEADING.get(outs.get("state", ""), inputs["desiredState"])
    return fresh


def taken_away(changes: Changes, outs: Properties) -> Properties:
    """Leave out of the outputs what the changes took away, as a look may still show it.

    Args:
        changes: the changes that were made.
        outs: the pool as AWS showed it afterwards.

    Returns:
        The outputs.
    """
    seen = dict(outs)
    for name, value in changes.fields.items():
        if isinstance(value, Mapping) and isinstance(outs.get(name), Mapping):
            gone = {key for key, wanted in value.items() if wanted is None}
            seen[name] = {key: held for key, held in outs[name].items() if key not in gone}
    return seen


def _seen(name: str, declared: Any, held: Any) -> Any:
    if name == "tags" or not isinstance(declared, Mapping):
        return held
    return {key: held[key] for key in declared if held.get(key) is not None}


def _wanted(name: str, news: Properties, before: Properties) -> Any:
    """The value that a property should have, or None if that is nobody's concern."""
    declared, earlier, default = news.get(name), before.get(name), spec.DEFAULTS.get(name)
    if not isinstance(declared if declared is not None else earlier, Mapping):
        return declared if declared is not None or earlier is None else default
    defaults = default or {}
    taken_away = {key: defaults.get(key) for key in (earlier or {}) if key not in (declared or {})}
    if declared is None and name == "applicationSettings":
        return {**taken_away, **defaults}
    return {**taken_away, **(declared or {})}


def _holds(held: Any, value: Any) -> bool:
    if isinstance(value, Mapping):
        members = held if isinstance(held, Mapping) else {}
        return all(members.get(key) == wanted for key, wanted in value.items())
    return bool(held == value)


def _replaces(news: Properties, olds: Properties) -> list[str]:
    replaces = [
        name
        for name in ("poolName", "region")
        if news.get(name) is not None and news[name] != olds.get(name, news[name])
    ]
    # A role of the pool's own account is another way to the same pool.
    held, wanted = spec.account_of(olds.get("poolArn")), news.get("assumeRole")
    if wanted is not None and held is not None and held != spec.account_of(_role_arn(wanted)):
        replaces.append("assumeRole")
    return replaces


def _role_arn(role: Any) -> Any:
    # A role may be unknown as a whole, or its ARN.
    return role.get("roleArn") if isinstance(role, Mapping) else role


def _tags(
    news: Properties, before: Properties, olds: Properties, unknown: object
) -> tuple[dict[str, str], list[str]]:
    held = olds.get("tags") or {}
    declared = news.get("tags")
    if unknown is not None and declared == unknown:
        return {"": ""}, []
    if declared is None:
        earlier = before.get("tags")
        gone = earlier.keys() & held.keys() if isinstance(earlier, Mapping) else set()
        return {}, sorted(gone)
    tags = {key: value for key, value in declared.items() if held.get(key) != value}
    return tags, sorted(held.keys() - declared.keys())


def _state_differs(news: Properties, olds: Properties) -> bool:
    desired = news.get("desiredState")
    heading = _HEADING.get(olds.get("state", ""), desired)
    return desired is not None and heading != desired


def _disconnects(properties: Properties) -> Any:
    return properties.get("disconnectActiveSessions") or False
