"""The provider over gRPC, in Pulumi's own dynamic host, and an engine that keeps what is logged."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent import futures
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from pulumi_workspaces_pool.provider import WorkspacesPoolProvider

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/workspaces:WorkspacesPool::desks"
PROVIDER = serialize_provider(WorkspacesPoolProvider())
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Refusal:
    """A call that failed, as the engine understands it.

    Attributes:
        message: what a person reads.
        kept: the resource that the engine is to keep all the same, if any.
    """

    message: str
    kept: provider_pb2.ErrorResourceInitFailed | None = None


@dataclass
class _Engine(engine_pb2_grpc.EngineServicer):
    logged: list[engine_pb2.LogRequest] = field(default_factory=list)

    def Log(  # noqa: N802  # the name of the RPC
        self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        self.logged.append(request)
        return empty_pb2.Empty()


class DynamicHost:
    """`python -m pulumi.dynamic`, as the engine starts it."""

    def __init__(
        self,
        environment: dict[str, str],
        config: dict[str, str] | None = None,
        urn: str = URN,
        provider: str = PROVIDER,
    ) -> None:
        """Prepare the host; a `with` statement starts it.

        Args:
            environment: variables beside this process's own.
            config: the stack's configuration by namespaced key, such as `aws:region`.
            urn: the URN of the resource that the calls are about.
            provider: the provider, as the state holds it.
        """
        self._provider = provider
        self._environment = {**os.environ, "PULUMI_PROJECT": "shop", **environment}
        self._config = config or {}
        self.urn = urn
        self._engine = _Engine()

    @property
    def logged(self) -> list[engine_pb2.LogRequest]:
        """What the provider logged to the engine."""
        return self._engine.logged

    def __enter__(self) -> DynamicHost:
        """Start the engine and the host."""
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
        engine_pb2_grpc.add_EngineServicer_to_server(self._engine, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        command = [sys.executable, "-u", "-m", "pulumi.dynamic", f"127.0.0.1:{port}"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=self._environment
        )
        assert self.process.stdout is not None
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(self.process.stdout.readline())}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.stub.Configure(provider_pb2.ConfigureRequest(args=_struct(self._config)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the host and the engine."""
        self._channel.close()
        self.process.kill()
        self.process.wait()
        self._server.stop(None)

    def stop_engine(self) -> None:
        """End the engine's own services, while the calls of the host go on."""
        self._server.stop(None).wait()

    def check(
        self, news: dict[str, Any], olds: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Check inputs; gives the inputs to go on with, and the failures by property path."""
        request = provider_pb2.CheckRequest(
            urn=self.urn, news=self._with_provider(news), olds=_struct(olds or {})
        )
        answer = self.stub.Check(request, timeout=60)
        failures: dict[str, str] = {}
        for failure in answer.failures:
            earlier = failures.get(failure.property)
            reason = f"{earlier}; {failure.reason}" if earlier else failure.reason
            failures[failure.property] = reason
        return _plain(answer.inputs), failures

    def create(self, inputs: dict[str, Any], timeout: float = 0) -> dict[str, Any] | Refusal:
        """Create a pool; gives its outputs, or what went wrong."""
        request = provider_pb2.CreateRequest(
            urn=self.urn, properties=self._with_provider(inputs), timeout=timeout
        )
        try:
            return _plain(self.stub.Create(request, timeout=120).properties)
        except grpc.RpcError as error:
            return _refusal(error)

    def delete(self, pool_id: str, outs: dict[str, Any]) -> Refusal | None:
        """Delete a pool; gives what went wrong, if anything."""
        request = provider_pb2.DeleteRequest(
            urn=self.urn, id=pool_id, properties=self._with_provider(outs)
        )
        try:
            self.stub.Delete(request, timeout=120)
        except grpc.RpcError as error:
            return _refusal(error)
        return None

    def _with_provider(self, values: dict[str, Any]) -> struct_pb2.Struct:
        return _struct({**values, "__provider": self._provider})


def _struct(values: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    values: dict[str, Any] = json_format.MessageToDict(struct)
    values.pop("__provider", None)
    return values


def _refusal(error: Any) -> Refusal:
    metadata = dict(error.trailing_metadata() or ())
    details = metadata.get("grpc-status-details-bin")
    if details is None:
        return Refusal(error.details())
    status = status_pb2.Status.FromString(details)
    kept = provider_pb2.ErrorResourceInitFailed()
    if status.details and status.details[0].Unpack(kept):
        return Refusal("; ".join(kept.reasons), kept)
    return Refusal(status.message)
