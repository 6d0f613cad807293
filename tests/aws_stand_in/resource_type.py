"""What the types of resources have in common: checking, comparing, tags, automatic names."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from pulumi.runtime.rpc import UNKNOWN

from .session import Aws

Properties = dict[str, Any]


class ResourceType(ABC):
    """One type of resource.

    Attributes:
        token: the type's token in programs.
        required: inputs that have to be given.
        defaults: inputs that are filled in.
        replaces: inputs whose change replaces the resource.
        computed: outputs that are known only once the resource exists.
        named: whether `name` is filled in where the program leaves it out.
        tagged: whether the resource takes `tags`.
        regional: whether the resource is in a region, and takes `region`.
        missing: the AWS error codes that say that there is no such resource.
    """

    token: ClassVar[str]
    required: ClassVar[frozenset[str]] = frozenset()
    defaults: ClassVar[Mapping[str, Any]] = {}
    replaces: ClassVar[frozenset[str]] = frozenset()
    computed: ClassVar[frozenset[str]] = frozenset()
    named: ClassVar[bool] = False
    tagged: ClassVar[bool] = False
    regional: ClassVar[bool] = True
    missing: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def create(self, aws: Aws, inputs: Properties) -> str:
        """Create the resource; gives its id. What may fail after that belongs to `complete`."""

    def complete(self, aws: Aws, id_: str, inputs: Properties) -> None:  # noqa: B027  # most need nothing
        """Do what a new resource needs beside its creation."""

    @abstractmethod
    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """The resource as AWS shows it, or None if it is gone; the state is what is known of it."""

    @abstractmethod
    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """Change a resource in place."""

    @abstractmethod
    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """Delete the resource."""

    # What the server calls

    def check(
        self, name: str, olds: Properties, news: Properties
    ) -> tuple[Properties, dict[str, str]]:
        """Fill in the defaults; gives the inputs, and what is wrong by property."""
        inputs = {**self.defaults, **news}
        if self.named and "name" not in inputs:
            inputs["name"] = olds.get("name") or f"{name}-{secrets.token_hex(4)[:7]}"
        absent = self.required_of(inputs) - inputs.keys()
        return inputs, dict.fromkeys(sorted(absent), "is required but has not been given a value")

    def required_of(self, _inputs: Properties) -> frozenset[str]:
        """The inputs that are required beside these."""
        return self.required

    def changed(
        self, aws: Aws, old_inputs: Properties, state: Properties, news: Properties
    ) -> set[str]:
        """The inputs that differ; a change of the provider's default tags is one of `tagsAll`."""
        keys = old_inputs.keys() | news.keys()
        changed = {key for key in keys if old_inputs.get(key) != news.get(key)}
        if self.tagged and state.get("tagsAll") != self.all_tags(aws, news):
            changed.add("tagsAll")
        return changed

    def read(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """The outputs, or None if the resource is gone."""
        try:
            found = self.describe(aws, id_, state)
        except ClientError as error:
            if error.response["Error"]["Code"] in self.missing:
                return None
            raise
        if found is None:
            return None
        shown = {**state, **{key: _like(value, state.get(key)) for key, value in found.items()}}
        if self.regional:
            shown["region"] = state.get("region") or aws.region
        if self.tagged:
            shown.update(self._tags_shown(aws, found.get("tagsAll") or {}, state))
        return shown

    def remove(self, aws: Aws, id_: str, state: Properties) -> None:
        """Delete the resource; one that is gone is fine."""
        try:
            self.delete(aws, id_, state)
        except ClientError as error:
            if error.response["Error"]["Code"] not in self.missing:
                raise

    def previewed(self, aws: Aws, inputs: Properties) -> Properties:
        """The outputs of a resource that is only planned."""
        outputs = {**dict.fromkeys(self.computed, UNKNOWN), **inputs}
        if self.regional:
            outputs["region"] = inputs.get("region") or aws.region
        if self.tagged:
            outputs["tagsAll"] = self.all_tags(aws, inputs)
        return outputs

    def all_tags(self, aws: Aws, inputs: Properties) -> Any:
        """The tags of the program and those of the provider."""
        own = inputs.get("tags") or {}
        return UNKNOWN if own == UNKNOWN else {**aws.default_tags, **own}

    def _tags_shown(self, aws: Aws, tags: dict[str, str], state: Properties) -> Properties:
        own = state.get("tags") or {}
        shown = {key: value for key, value in tags.items() if not key.startswith("aws:")}
        default = {
            key
            for key, value in aws.default_tags.items()
            if key not in own and shown.get(key) == value
        }
        kept = {key: value for key, value in shown.items() if key not in default}
        return {"tagsAll": shown, **({"tags": kept} if kept or own else {})}


def _like(shown: Any, known: Any) -> Any:
    """What AWS shows, without the members that a program left out of a group of properties."""
    if isinstance(shown, dict) and isinstance(known, dict) and known:
        return {key: _like(value, known.get(key)) for key, value in shown.items() if key in known}
    return shown


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most of AWS's APIs take them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags as most of AWS's APIs show them."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def to_api(value: Any) -> Any:
    """Nested properties under the API's names: `targetValue` is TargetValue there."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: to_api(item) for key, item in value.items()}
    return [to_api(item) for item in value] if isinstance(value, list) else value


def from_api(value: Any) -> Any:
    """The way back."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: from_api(item) for key, item in value.items()}
    return [from_api(item) for item in value] if isinstance(value, list) else value
