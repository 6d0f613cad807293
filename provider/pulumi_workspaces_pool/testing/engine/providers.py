"""The provider resources of a stack, and the plugins that stand behind them.

A provider is a resource like others, managed by the engine itself: its inputs are the plugin's
configuration, and creating it is starting and configuring the plugin. Follows
https://www.pulumi.com/docs/iac/concepts/resources/providers/.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence

from pulumi.runtime import rpc

from .errors import EngineError, StepError
from .plugins import CheckFailure, Created, Diff, PackageProvider, Provider
from .state import Resource
from .urns import provided_package, split_reference, urn_type
from .values import Properties, changed_keys

UNKNOWN_ID = rpc.UNKNOWN


class ProviderRegistry(Provider):
    """Manages provider resources, and finds the provider that a reference names."""

    def __init__(self, launch: Callable[[str], PackageProvider]) -> None:
        """Begin without a provider.

        Args:
            launch: starts the plugin of a package.
        """
        self._launch = launch
        self._guard = threading.Lock()
        self._checked: dict[str, PackageProvider] = {}
        self._configured: dict[str, PackageProvider] = {}
        self._aliases: dict[str, str] = {}
        self._all: list[PackageProvider] = []

    # -- finding --

    def find(self, reference: str) -> PackageProvider | None:
        """The configured provider that a reference names, if it is there already."""
        urn, id_ = split_reference(reference)
        with self._guard:
            found = self._configured.get(reference)
            return found or self._configured.get(f"{self._aliases.get(urn, urn)}::{id_}")

    def alias(self, new: str, old: str) -> None:
        """Let references to an old URN find the provider of a new one."""
        with self._guard:
            self._aliases[old] = new

    def ensure(self, resource: Resource) -> None:
        """Start and configure the provider of a provider resource, as the state has it.

        Raises:
            StepError: it cannot be started or does not take its configuration.
        """
        reference = f"{resource.urn}::{resource.id}"
        if self.find(reference) is None:
            provider = self._start(resource.type)
            provider.configure(resource.urn, resource.id, resource.inputs)
            self._keep(reference, provider)

    def same(self, resource: Resource, old_inputs: Properties) -> None:
        """Configure the provider that was checked with the inputs that it had all along."""
        reference = f"{resource.urn}::{resource.id}"
        if self.find(reference) is None:
            provider = self._take_checked(resource.urn)
            provider.configure(resource.urn, resource.id, old_inputs)
            self._keep(reference, provider)

    # -- the life of a provider resource --

    def check(
        self,
        urn: str,
        olds: Properties,
        news: Properties,
        seed: bytes,  # noqa: ARG002
    ) -> tuple[Properties, list[CheckFailure]]:
        """See `Provider.check`."""
        provider = self._start(urn_type(urn))
        inputs, failures = provider.check_config(urn, olds, news)
        if "version" in news:
            inputs.setdefault("version", news["version"])
        with self._guard:
            self._checked[urn] = provider
        return inputs, failures

    def diff(
        self,
        urn: str,
        id_: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],  # noqa: ARG002
    ) -> Diff:
        """See `Provider.diff`."""
        with self._guard:
            provider = self._checked.get(urn) or self._configured[f"{urn}::{id_}"]
        diff = provider.diff_config(urn, old_inputs, old_outputs, new_inputs)
        if diff.changes is None:
            diff.changes = bool(changed_keys(old_outputs, new_inputs))
        return diff

    def create(
        self,
        urn: str,
        inputs: Properties,
        timeout: float,  # noqa: ARG002
        preview: bool,
    ) -> Created:
        """See `Provider.create`."""
        id_ = UNKNOWN_ID if preview else str(uuid.uuid4())
        provider = self._take_checked(urn)
        provider.configure(urn, id_, inputs)
        self._keep(f"{urn}::{id_}", provider)
        return Created(id_, dict(inputs))

    def update(
        self,
        urn: str,
        id_: str,
        old_inputs: Properties,  # noqa: ARG002
        old_outputs: Properties,  # noqa: ARG002
        new_inputs: Properties,
        timeout: float,  # noqa: ARG002
        ignore_changes: Sequence[str],  # noqa: ARG002
        preview: bool,  # noqa: ARG002
    ) -> Created:
        """See `Provider.update`."""
        provider = self._take_checked(urn)
        provider.configure(urn, id_, new_inputs)
        self._keep(f"{urn}::{id_}", provider)
        return Created(id_, dict(new_inputs))

    def delete(
        self, urn: str, id_: str, inputs: Properties, outputs: Properties, timeout: float
    ) -> None:
        """See `Provider.delete`. The plugin goes on until the run ends: others may need it."""

    # -- the plugins --

    def cancel(self) -> None:
        """See `Provider.cancel`."""
        for provider in self._everyone():
            provider.cancel()

    def close(self) -> None:
        """See `Provider.close`."""
        closing = [threading.Thread(target=provider.close) for provider in self._everyone()]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()

    def _everyone(self) -> list[PackageProvider]:
        with self._guard:
            return list(self._all)

    def _start(self, type_: str) -> PackageProvider:
        try:
            provider = self._launch(provided_package(type_))
        except EngineError as error:
            raise StepError(str(error)) from None
        with self._guard:
            self._all.append(provider)
        return provider

    def _take_checked(self, urn: str) -> PackageProvider:
        with self._guard:
            provider = self._checked.pop(urn, None)
        return provider or self._start(urn_type(urn))

    def _keep(self, reference: str, provider: PackageProvider) -> None:
        with self._guard:
            self._configured[reference] = provider
