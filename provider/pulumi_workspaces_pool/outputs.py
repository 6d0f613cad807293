"""What the state records of a pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import spec
from .changes import Changes
from .errors import Pool
from .tags import ALL, TagRules

Properties = dict[str, Any]

UNFINISHED = "creationUnfinished"
"""In the state of a pool whose creation marker could not be taken off yet."""
IN_DOUBT = "inDoubt"
"""In the state of a pool whose update failed: what that update may or may not have changed."""
OWNER_TAG = "ownerTag"
"""In the state of an adopted pool: the value of its owner's tag."""
# In the state of every pool: what AWS does not hold, but a later read or delete must know.
_OWN = ("disconnectActiveSessions", "assumeRole", "adoptPoolId", OWNER_TAG)
# That a pool was adopted is never forgotten.
_KEPT = ("adoptPoolId", OWNER_TAG)


def of(
    pool: Pool,
    tags: Mapping[str, str],
    rules: TagRules,
    region: str,
    news: Properties,
    olds: Properties,
) -> Properties:
    """Return the outputs of a pool.

    Args:
        pool: the pool as AWS shows it.
        tags: its tags, this provider's included.
        rules: what the stack says of tags.
        region: the region that it is in.
        news: the inputs, of which the state keeps what AWS does not hold.
        olds: the outputs in the state so far; empty for a new pool.
    """
    visible = rules.visible(spec.program_tags(tags))
    own = rules.without_defaults(visible, news.get("tags"), olds)
    shown = {**spec.from_api(pool), "tags": own, ALL: visible, "region": region}
    return with_own(shown, news, olds)


def with_own(outs: Properties, news: Properties, olds: Properties) -> Properties:
    """Return outputs with what AWS does not hold; the arguments are those of `of`."""
    own = {name: news.get(name) for name in _OWN}
    own.update({name: news.get(name, olds.get(name)) for name in _KEPT})
    own["disconnectActiveSessions"] = own["disconnectActiveSessions"] or False
    shown = {name: value for name, value in outs.items() if name not in _OWN}
    return {**shown, **{name: value for name, value in own.items() if value is not None}}


def keep_unchanged(
    outs: Properties, olds: Properties, found: Changes, news: Properties
) -> Properties:
    """Leave what an update did not touch as the state knows it.

    Drift is for `refresh` to find. Would an update let it in by the back door, the next `up` would
    undo what auto scaling did to a capacity that the program ignores.

    Args:
        outs: the outputs after the update.
        olds: the outputs in the state.
        found: what the update changed.
        news: the inputs of the program.
    """
    kept = {
        name: olds[name]
        for name in spec.updatable_names()
        if name in olds and name not in found.patch.values and news.get(name) is not None
    }
    return {**outs, **kept}


def left_to_do(outs: Properties, found: Changes) -> Properties:
    """Return what the next update has to know of one that failed to make changes."""
    doubted = {*outs.get(IN_DOUBT, ()), *found.patch.values}
    if found.tags or found.removed_tags:
        doubted.update(("tags", ALL))
    left: Properties = {IN_DOUBT: sorted(doubted)} if doubted else {}
    return {**left, UNFINISHED: True} if outs.get(UNFINISHED) else left


def tags_after(tags: Mapping[str, str], found: Changes) -> dict[str, str]:
    """Return a pool's tags after changes."""
    left = {key: value for key, value in tags.items() if key not in found.removed_tags}
    return {**left, **found.tags}
