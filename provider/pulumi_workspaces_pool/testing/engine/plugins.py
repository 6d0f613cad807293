"""Provider plugins: one process each, spoken to by gRPC as the Pulumi engine does.

Follows https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
and the protocol in ``pulumi.runtime.proto``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .errors import EngineError, Status, StepError
from .processes import Child
from .urns import urn_name, urn_type
from .values import (
    Properties,
    Unknown,
    annotate_secrets,
    contains,
    from_struct,
    plain,
    to_struct,
)

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),
)
_STATUS_DETAILS = "grpc-status-details-bin"
_UNSURE = (grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.UNKNOWN)
_UNKNOWN_CONFIGURATION = (
    "The provider for this resource has inputs that are not known during preview.\n"
    "This preview may not correctly represent the changes that will be applied during an update."
)

Response = TypeVar("Response")


class DiffUnavailableError(Exception):
    """A provider cannot tell what would change: its configuration is not known yet."""


class InitError(StepError):
    """A resource exists, but did not come up: what a provider says of it."""

    def __init__(self, details: provider_pb2.ErrorResourceInitFailed) -> None:
        """Take the provider's words apart."""
        self.id = details.id
        self.properties = from_struct(details.properties)
        self.inputs = from_struct(details.inputs) if details.HasField("inputs") else None
        self.reasons = list(details.reasons)
        lines = [f"{len(self.reasons)} error{'s'[: len(self.reasons) != 1]} occurred:"]
        lines += [f"\t* {reason}" for reason in self.reasons]
        super().__init__("\n".join(lines), Status.PARTIAL)


@dataclass(frozen=True)
class CheckFailure:
    """Why an input is refused."""

    property: str
    reason: str


@dataclass
class Diff:
    """What a provider says about the way from the olds to the news."""

    changes: bool | None = None
    """None where the provider does not know."""
    replaces: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    detailed: dict[str, str] = field(default_factory=dict)
    delete_before_replace: bool = False

    @property
    def replace(self) -> bool:
        """Whether the resource is replaced."""
        return bool(self.replaces) or any("REPLACE" in kind for kind in self.detailed.values())


@dataclass
class Created:
    """What a create or an update brought."""

    id: str
    outputs: Properties
    failure: InitError | None = None
    refresh_before_update: bool = False


@dataclass
class Read:
    """What a read found; without an id, that there is nothing."""

    id: str
    outputs: Properties
    inputs: Properties | None = None
    failure: InitError | None = None
    refresh_before_update: bool = False


class Provider:
    """What manages resources: a plugin, or something inside the engine.

    Those inside the engine have only what the engine asks of them.
    """

    def check(
        self, urn: str, olds: Properties, news: Properties, seed: bytes
    ) -> tuple[Properties, list[CheckFailure]]:
        """Check inputs and fill in the defaults."""
        raise NotImplementedError

    def diff(
        self,
        urn: str,
        id_: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> Diff:
        """Compare what is with what shall be."""
        raise NotImplementedError

    def create(self, urn: str, inputs: Properties, timeout: float, preview: bool) -> Created:
        """Create a resource."""
        raise NotImplementedError

    def update(
        self,
        urn: str,
        id_: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        timeout: float,
        ignore_changes: Sequence[str],
        preview: bool,
    ) -> Created:
        """Update a resource in place."""
        raise NotImplementedError

    def read(
        self, urn: str, id_: str, inputs: Properties, outputs: Properties, timeout: float
    ) -> Read:
        """Look at a resource."""
        raise NotImplementedError

    def delete(
        self, urn: str, id_: str, inputs: Properties, outputs: Properties, timeout: float
    ) -> None:
        """Delete a resource."""
        raise NotImplementedError

    def invoke(
        self, token: str, arguments: Properties, preview: bool
    ) -> tuple[Properties, list[CheckFailure]]:
        """Call one of the package's functions."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Ask for an early end of what is going on."""

    def close(self) -> None:
        """End the provider."""


class PackageProvider(Provider):
    """A provider that serves a package and takes a configuration."""

    def check_config(
        self,
        urn: str,  # noqa: ARG002
        olds: Properties,  # noqa: ARG002
        news: Properties,
    ) -> tuple[Properties, list[CheckFailure]]:
        """Check the provider's own configuration; by default all is well."""
        return news, []

    def diff_config(
        self,
        urn: str,  # noqa: ARG002
        old_inputs: Properties,  # noqa: ARG002
        old_outputs: Properties,  # noqa: ARG002
        new_inputs: Properties,  # noqa: ARG002
    ) -> Diff:
        """Compare two configurations; by default nobody knows."""
        return Diff()

    def configure(self, urn: str, id_: str, inputs: Properties) -> None:
        """Take the configuration."""


class PluginProvider(PackageProvider):
    """A provider in a process of its own."""

    def __init__(self, package: str, child: Child, engine_address: str, folder: str) -> None:
        """Shake hands with the process.

        Args:
            package: the package that it serves.
            child: the process, just started.
            engine_address: where the engine's own services are.
            folder: the folder that the plugin works in.
        """
        self._package = package
        self._child = child
        port = child.first_line()
        if not port.isdigit():
            child.pass_on()
            code = child.wait(5.0)
            child.end()
            raise EngineError(
                f"the provider plugin for {package!r} did not start"
                + (f" (exit code {code})" if code is not None else "")
            )
        child.pass_on()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._accept_secrets = False
        self._supports_preview = False
        self._handshaken = False
        self._known = True
        self._ready = threading.Event()
        self._handshake(engine_address, folder)

    def _handshake(self, engine_address: str, folder: str) -> None:
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine_address,
            root_directory=folder,
            program_directory=folder,
            configure_with_urn=True,
            invoke_with_preview=True,
        )
        try:
            answer = self._stub.Handshake(request, timeout=60, wait_for_ready=True)
        except grpc.RpcError as error:
            if _code(error) is not grpc.StatusCode.UNIMPLEMENTED:
                self.close()
                raise self._failure(error) from None
        else:
            self._handshaken = True
            self._accept_secrets = answer.accept_secrets
            self._supports_preview = True

    # -- configuration --

    def check_config(
        self, urn: str, olds: Properties, news: Properties
    ) -> tuple[Properties, list[CheckFailure]]:
        """Check the provider's own configuration; a plugin without an opinion takes it as it is."""
        request = provider_pb2.CheckRequest(
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            olds=to_struct(olds, secrets=False),
            news=to_struct(news, secrets=False),
        )
        try:
            answer = self._call(self._stub.CheckConfig, request)
        except _UnimplementedError:
            return news, []
        inputs = from_struct(answer.inputs)
        annotate_secrets(inputs, news)
        return inputs, _failures(answer.failures)

    def diff_config(
        self, urn: str, old_inputs: Properties, old_outputs: Properties, new_inputs: Properties
    ) -> Diff:
        """Compare two configurations."""
        request = provider_pb2.DiffRequest(
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            olds=to_struct(old_outputs, secrets=False),
            news=to_struct(new_inputs, secrets=False),
            old_inputs=to_struct(old_inputs, secrets=False),
        )
        try:
            return _diff(self._call(self._stub.DiffConfig, request))
        except _UnimplementedError:
            return Diff()

    def configure(self, urn: str, id_: str, inputs: Properties) -> None:
        """Give the plugin its configuration. Where that is not known yet, it is left alone."""
        inputs = {key: value for key, value in inputs.items() if key != "version"}
        if contains(inputs, Unknown):
            self._known = False
            return
        package = urn_type(urn).rpartition(":")[2]
        request = provider_pb2.ConfigureRequest(
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            id=id_,
            variables={f"{package}:config:{k}": _variable(v) for k, v in inputs.items()},
            args=to_struct(inputs, secrets=True),
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
        )
        answer = self._call(self._stub.Configure, request)
        self._known = True
        if not self._handshaken:
            self._accept_secrets = answer.acceptSecrets
            self._supports_preview = answer.supportsPreview

    # -- resources --

    def check(
        self, urn: str, olds: Properties, news: Properties, seed: bytes
    ) -> tuple[Properties, list[CheckFailure]]:
        """See `Provider.check`."""
        if not self._known:
            return dict(news), []
        request = provider_pb2.CheckRequest(
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            olds=self._struct(olds),
            news=self._struct(news),
            randomSeed=seed,
        )
        answer = self._call(self._stub.Check, request)
        inputs = self._properties(answer.inputs, news)
        return inputs, _failures(answer.failures)

    def diff(
        self,
        urn: str,
        id_: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> Diff:
        """See `Provider.diff`."""
        if not self._known:
            raise DiffUnavailableError(_UNKNOWN_CONFIGURATION)
        request = provider_pb2.DiffRequest(
            id=id_,
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            olds=self._struct(old_outputs),
            news=self._struct(new_inputs),
            old_inputs=self._struct(old_inputs),
            ignoreChanges=ignore_changes,
        )
        return _diff(self._call(self._stub.Diff, request))

    def create(self, urn: str, inputs: Properties, timeout: float, preview: bool) -> Created:
        """See `Provider.create`."""
        if preview and not (self._known and self._supports_preview):
            return Created("", dict(inputs) if self._known else {})
        request = provider_pb2.CreateRequest(
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            properties=self._struct(inputs),
            timeout=timeout,
            preview=preview,
        )
        try:
            answer = self._call(self._stub.Create, request)
        except InitError as failure:
            annotate_secrets(failure.properties, inputs)
            return Created(failure.id, failure.properties, failure)
        if not answer.id and not preview:
            raise StepError(
                f"plugin returned empty resource.ID from create '{urn}'", Status.UNKNOWN
            )
        outputs = self._properties(answer.properties, inputs)
        return Created(answer.id, outputs, None, answer.refresh_before_update)

    def update(
        self,
        urn: str,
        id_: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        timeout: float,
        ignore_changes: Sequence[str],
        preview: bool,
    ) -> Created:
        """See `Provider.update`."""
        if preview and not (self._known and self._supports_preview):
            return Created(id_, dict(new_inputs) if self._known else {})
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            olds=self._struct(old_outputs),
            news=self._struct(new_inputs),
            old_inputs=self._struct(old_inputs),
            timeout=timeout,
            ignoreChanges=ignore_changes,
            preview=preview,
        )
        try:
            answer = self._call(self._stub.Update, request)
        except InitError as failure:
            annotate_secrets(failure.properties, new_inputs)
            return Created(id_, failure.properties, failure)
        outputs = self._properties(answer.properties, new_inputs)
        return Created(id_, outputs, None, answer.refresh_before_update)

    def read(
        self, urn: str, id_: str, inputs: Properties, outputs: Properties, timeout: float
    ) -> Read:
        """See `Provider.read`."""
        if not self._known:
            return Read("", {}, {})
        request = provider_pb2.ReadRequest(
            id=id_,
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            properties=self._struct(outputs),
            inputs=self._struct(inputs),
            timeout=timeout,
        )
        failure: InitError | None = None
        try:
            answer = self._call(self._stub.Read, request)
        except InitError as error:
            failure = error
            found = Read(error.id, error.properties, error.inputs, error)
        else:
            found_inputs = from_struct(answer.inputs) if answer.HasField("inputs") else None
            found = Read(
                answer.id,
                from_struct(answer.properties),
                found_inputs,
                failure,
                answer.refresh_before_update,
            )
        if not self._accept_secrets:
            annotate_secrets(found.inputs or {}, inputs)
            annotate_secrets(found.outputs, outputs)
        return found

    def delete(
        self, urn: str, id_: str, inputs: Properties, outputs: Properties, timeout: float
    ) -> None:
        """See `Provider.delete`."""
        request = provider_pb2.DeleteRequest(
            id=id_,
            urn=urn,
            name=urn_name(urn),
            type=urn_type(urn),
            properties=self._struct(outputs),
            old_inputs=self._struct(inputs),
            timeout=timeout,
        )
        self._call(self._stub.Delete, request)

    def invoke(
        self, token: str, arguments: Properties, preview: bool
    ) -> tuple[Properties, list[CheckFailure]]:
        """See `Provider.invoke`."""
        if not self._known or contains(arguments, Unknown):
            return {}, []
        request = provider_pb2.InvokeRequest(
            tok=token, args=self._struct(arguments), preview=preview
        )
        answer = self._call(self._stub.Invoke, request)
        return from_struct(getattr(answer, "return")), _failures(answer.failures)

    # -- the process --

    def cancel(self) -> None:
        """See `Provider.cancel`."""
        # Whether the plugin does anything about it is its own affair.
        self._stub.Cancel.future(empty_pb2.Empty(), timeout=5)

    def close(self) -> None:
        """End the process. All its operations are over: it has nothing more to do."""
        if hasattr(self, "_channel"):
            self._channel.close()
        self._child.end(patience=0.2)

    def _struct(self, properties: Properties) -> struct_pb2.Struct:
        return to_struct(properties, secrets=self._accept_secrets)

    def _properties(self, struct: struct_pb2.Struct, sent: Properties) -> Properties:
        properties = from_struct(struct)
        if not self._accept_secrets:
            annotate_secrets(properties, sent)
        return properties

    def _call(self, method: Callable[..., Response], request: Any) -> Response:
        try:
            return method(request)
        except grpc.RpcError as error:
            raise self._failure(error) from None

    def _failure(self, error: grpc.RpcError) -> Exception:
        code, message = _code(error), rpc_message(error)
        if code is grpc.StatusCode.UNAVAILABLE:
            ended = self._child.wait(2.0)
            if ended is not None:
                return StepError(
                    f"the provider plugin for {self._package!r} ended unexpectedly "
                    f"(exit code {ended}) before it answered"
                )
        if code is grpc.StatusCode.UNIMPLEMENTED or "is not implemented by the dynamic" in message:
            return _UnimplementedError(message)
        for detail in _status(error).details:
            failed = provider_pb2.ErrorResourceInitFailed()
            if detail.Unpack(failed):
                return InitError(failed)
        return StepError(message, Status.UNKNOWN if code in _UNSURE else Status.OK)


class _UnimplementedError(StepError):
    """A plugin has no such method."""


def rpc_message(error: grpc.RpcError) -> str:
    """What the other side of a call said about its failure."""
    details: str | None = _call_of(error).details()
    return _status(error).message or details or str(error)


def _call_of(error: grpc.RpcError) -> Any:
    # Every error of a call is the call, too, which the types of grpc cannot say.
    return error


def _code(error: grpc.RpcError) -> Any:
    return _call_of(error).code()


def _status(error: grpc.RpcError) -> status_pb2.Status:
    for key, value in _call_of(error).trailing_metadata() or ():
        if key == _STATUS_DETAILS and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return status_pb2.Status()


def _failures(failures: Sequence[provider_pb2.CheckFailure]) -> list[CheckFailure]:
    return [CheckFailure(failure.property, failure.reason) for failure in failures]


def _diff(answer: provider_pb2.DiffResponse) -> Diff:
    changes = {
        provider_pb2.DiffResponse.DIFF_SOME: True,
        provider_pb2.DiffResponse.DIFF_NONE: False,
    }.get(answer.changes)
    kinds = provider_pb2.PropertyDiff.Kind
    return Diff(
        changes,
        list(answer.replaces),
        list(answer.diffs),
        {path: kinds.Name(entry.kind) for path, entry in answer.detailedDiff.items()},
        answer.deleteBeforeReplace,
    )


def _variable(value: Any) -> str:
    value = plain(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
