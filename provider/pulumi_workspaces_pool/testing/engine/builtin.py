"""The provider that is part of the engine: stack references and looking up resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .errors import StepError
from .plugins import CheckFailure, PackageProvider, Read
from .state import Resource
from .urns import urn_type
from .values import Properties, Secret, contains, plain

STACK_REFERENCE = "pulumi:pulumi:StackReference"


class BuiltinProvider(PackageProvider):
    """Serves the package ``pulumi``."""

    def __init__(
        self, news: Mapping[str, Resource], outputs_of: Callable[[str], Properties]
    ) -> None:
        """Serve what this run has seen.

        Args:
            news: the resources that this run has seen.
            outputs_of: finds the outputs of another stack by its name.
        """
        self._news = news
        self._outputs_of = outputs_of

    def read(
        self,
        urn: str,
        id_: str,
        inputs: Properties,
        outputs: Properties,  # noqa: ARG002
        timeout: float,  # noqa: ARG002
    ) -> Read:
        """See `Provider.read`."""
        if urn_type(urn) != STACK_REFERENCE:
            raise StepError(f"the engine has no resource type {urn_type(urn)}")
        name = plain(inputs.get("name"))
        found = self._outputs_of(name)
        names: list[str] = sorted(key for key, value in found.items() if contains(value, Secret))
        return Read(id_, {"name": name, "outputs": found, "secretOutputNames": names}, inputs)

    def invoke(
        self,
        token: str,
        arguments: Properties,
        preview: bool,  # noqa: ARG002
    ) -> tuple[Properties, list[CheckFailure]]:
        """See `Provider.invoke`."""
        if token == "pulumi:pulumi:readStackOutputs":  # noqa: S105 a function's name
            name = plain(arguments.get("name"))
            return {"name": name, "outputs": self._outputs_of(name)}, []
        if token != "pulumi:pulumi:getResource":  # noqa: S105 a function's name
            raise StepError(f"unrecognized function name: '{token}'")
        urn = plain(arguments.get("urn"))
        resource = self._news.get(urn)
        if resource is None:
            raise StepError(f"unknown resource {urn}")
        return {"urn": urn, "id": resource.id, "state": resource.outputs}, []

    def check(
        self,
        urn: str,
        olds: Properties,  # noqa: ARG002
        news: Properties,  # noqa: ARG002
        seed: bytes,  # noqa: ARG002
    ) -> tuple[Properties, list[CheckFailure]]:
        """Refuse to manage a resource."""
        raise StepError(f"this engine does not support managing a {urn_type(urn)}: {urn}")
