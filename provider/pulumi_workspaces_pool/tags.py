"""The stack's say in tags: those that every pool gets, and those that are other people's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Tags = dict[str, str]

ALL = "tagsAll"
"""In the state of a pool: all its tags; `tags` are those of the program, and foreign ones."""


@dataclass(frozen=True)
class TagRules:
    """`aws:defaultTags` and `aws:ignoreTags`.

    Attributes:
        defaults: tags of every pool, unless the program sets the same key.
        ignored_keys: keys of tags that are neither shown nor changed.
        ignored_prefixes: how keys of such tags start.
    """

    defaults: Mapping[str, str] = field(default_factory=dict)
    ignored_keys: tuple[str, ...] = ()
    ignored_prefixes: tuple[str, ...] = ()

    def ignores(self, key: str) -> bool:
        """Whether a tag is other people's."""
        return key in self.ignored_keys or key.startswith(self.ignored_prefixes)

    def visible(self, tags: Mapping[str, str]) -> Tags:
        """Return tags without those of other people."""
        return {key: value for key, value in tags.items() if not self.ignores(key)}

    def wanted(self, declared: Mapping[str, str] | None) -> Tags:
        """Return the tags that a pool is to have, of which the program declares some."""
        return {**self.defaults, **(declared or {})}

    def without_defaults(
        self, tags: Tags, declared: Mapping[str, str] | None, olds: Mapping[str, object]
    ) -> Tags:
        """Return tags without those that a pool has by default alone.

        Args:
            tags: those that the pool has.
            declared: those that the program gives it.
            olds: the outputs in the state: until an update, the default tags of before are there.
        """
        own, before = declared or {}, held_in(olds)
        former = {key: before[key] for key in by_default(olds)}
        return {
            key: value
            for key, value in tags.items()
            if key in own or value not in (self.defaults.get(key), former.get(key))
        }


def held_in(outputs: Mapping[str, object]) -> Tags:
    """Return all tags that a state knows; states of before `tagsAll` have them in `tags`."""
    tags = outputs.get(ALL, outputs.get("tags"))
    return dict(tags) if isinstance(tags, Mapping) else {}


def by_default(outputs: Mapping[str, object]) -> set[str]:
    """Return the keys of the tags that a pool had by default alone, as a state knows them."""
    own = outputs.get("tags")
    return held_in(outputs).keys() - (own if isinstance(own, Mapping) else {}).keys()
