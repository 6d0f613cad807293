"""What the program changed: its inputs against the pool as the state knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import spec, tags
from .tags import TagRules

Properties = dict[str, Any]

# Where a pool is going; in any other state nobody can tell.
_HEADING = dict.fromkeys(("RUNNING", "STARTING"), "RUNNING")
_HEADING |= dict.fromkeys(("STOPPED", "STOPPING"), "STOPPED")


@dataclass(frozen=True)
class Patch:
    """What an update sets, and what it takes away.

    Attributes:
        values: the value to reach for each property of UpdateWorkspacesPool that changes.
        removed: the members to take away from a property, such as `settingsGroup`.
    """

    values: Properties = field(default_factory=dict)
    removed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def unlike(self, held: Properties) -> set[str]:
        """Return the properties whose values a pool does not hold; what it removes may be there."""
        return {name for name in self.values if not _holds(held.get(name), self.values[name])}

    def pending(self, held: Properties) -> Properties:
        """Return the values to send so that a pool which holds `held` comes to hold the patch."""
        names = self.unlike(held) | self.removed.keys()
        pending = {name: value for name, value in self.values.items() if name in names}
        if "timeoutSettings" in pending:
            # AWS does not say whether an update replaces the settings or adds to them: sent whole,
            # it comes to the same.
            before = held.get("timeoutSettings", {})
            pending["timeoutSettings"] = {**before, **pending["timeoutSettings"]}
        return pending

    def without_removed(self, held: Properties) -> Properties:
        """Return what a pool holds but for what was removed, as a look may still show it."""
        seen = dict(held)
        for name, members in self.removed.items():
            if isinstance(held.get(name), Mapping):
                seen[name] = {key: item for key, item in held[name].items() if key not in members}
        return seen


@dataclass(frozen=True)
class Changes:
    """What differs between the program and the state.

    Attributes:
        patch: what UpdateWorkspacesPool is to set and to remove.
        tags: the tags to set.
        removed_tags: the keys of the tags to take off.
        replaces: the properties that only a new pool can have.
        others: whether anything else changes: starting, stopping, how a delete treats sessions, or
            the role by which the pool is reached.
    """

    patch: Patch = field(default_factory=Patch)
    tags: dict[str, str] = field(default_factory=dict)
    removed_tags: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    others: bool = False

    def __bool__(self) -> bool:
        """Whether anything changes at all."""
        return self != Changes()


def diff(
    news: Properties,
    old_inputs: Properties | None,
    olds: Properties,
    rules: TagRules,
    unknown: object = None,
) -> Changes:
    """Find what the program changed.

    What a program never set is compared with nothing. An optional argument that was taken away goes
    back to what AWS does without it.

    Args:
        news: the checked inputs of the program.
        old_inputs: the inputs in the state; None where they are not known.
        olds: the outputs in the state, which say what AWS holds.
        rules: what the stack says of tags.
        unknown: the value that stands for "not known yet", which differs from everything.
    """
    before = old_inputs or {}
    return Changes(
        _patch(news, before, olds),
        *_tags(news, before, olds, rules, unknown),
        replaces=_replaces(news, olds),
        others=_state_differs(news, olds)
        or _disconnects(news) != _disconnects(olds)
        or news.get("assumeRole") != olds.get("assumeRole"),
    )


def refreshed(inputs: Properties, outs: Properties) -> Properties:
    """Return the inputs in the state with AWS's values; what the program never set is not added.

    They are what the next diff, and its display, compare the program with.
    """
    fresh = dict(inputs)
    for name in (*spec.updatable_names(), "tags", "poolName"):
        declared, held = inputs.get(name), outs.get(name)
        if declared is None or held is None:
            continue
        if name != "tags" and isinstance(declared, Mapping):
            held = {key: held[key] for key in declared if held.get(key) is not None}
        fresh[name] = held
    if inputs.get("desiredState"):
        fresh["desiredState"] = _HEADING.get(outs.get("state", ""), inputs["desiredState"])
    return fresh


def _patch(news: Properties, before: Properties, olds: Properties) -> Patch:
    values, removed = {}, {}
    for name in {**before, **news}:
        value, gone = _wanted(name, news.get(name), before.get(name))
        held = olds.get(name)
        differs = not _holds(held, value) or (isinstance(held, Mapping) and gone & held.keys())
        if value is not None and differs and spec.is_updatable(name):
            values[name] = value
            if gone:
                removed[name] = gone
    return Patch(values, removed)


def _wanted(name: str, declared: Any, earlier: Any) -> tuple[Any, frozenset[str]]:
    """The value that a property should have, None if any will do; and the members to remove."""
    default = spec.DEFAULTS.get(name)
    if not isinstance(declared if declared is not None else earlier, Mapping):
        return (default if declared is None and earlier is not None else declared), frozenset()
    defaults = default or {}
    taken_away = (earlier or {}).keys() - (declared or {}).keys()
    restored = {key: defaults[key] for key in taken_away if key in defaults}
    if declared is None and name == "applicationSettings":
        restored = {**restored, **defaults}
    return {**restored, **(declared or {})}, frozenset(taken_away - restored.keys())


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
    news: Properties, before: Properties, olds: Properties, rules: TagRules, unknown: object
) -> tuple[dict[str, str], list[str]]:
    declared, earlier = news.get("tags"), before.get("tags")
    if unknown is not None and declared == unknown:
        return {"": ""}, []
    held, wanted = rules.visible(tags.held_in(olds)), rules.wanted(declared)
    gone = held.keys() - wanted.keys()
    if declared is None:
        # A program without tags takes away its own of before, and leaves those of others.
        gone &= set(earlier if isinstance(earlier, Mapping) else ()) | tags.by_default(olds)
    return {key: value for key, value in wanted.items() if held.get(key) != value}, sorted(gone)


def _state_differs(news: Properties, olds: Properties) -> bool:
    desired = news.get("desiredState")
    heading = _HEADING.get(olds.get("state", ""), desired)
    return desired is not None and heading != desired


def _disconnects(properties: Properties) -> Any:
    return properties.get("disconnectActiveSessions") or False
