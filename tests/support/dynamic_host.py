"""Pulumi's own dynamic host with the provider in it, and the part of an engine that it asks for."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterable
from concurrent import futures
from dataclasses import dataclass
from typing import Any
from unittest import mock

import grpc
import psutil
from google.protobuf import empty_pb2, struct_pb2
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from pulumi_workspaces_pool.provider import WorkspacesPoolProvider
from pulumi_workspaces_pool.waiter import Clock
from support.structs import Properties, to_properties, to_struct


def provider_with(aliases: Iterable[str]) -> str:
    """The provider as the state holds it, for a resource that had other names before."""
    named = tuple((None, None, alias) for alias in aliases)
    return str(serialize_provider(WorkspacesPoolProvider("organization", named)))


# Seconds by which the clock of a host's waits is ahead, shared with the host's process.
Turned = Any
# Starts a host, given where the engine listens and all its environment variables; returns the
# process, and the port that it listens on.
Start = Callable[[str, dict[str, str], Turned], tuple[psutil.Process, int]]

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/workspaces:WorkspacesPool::desks"
PROVIDER = provider_with([])
PROVIDER_KEY = "__provider"
BACKEND = "s3://state"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

_MODULE = "pulumi.dynamic"
_TIMEOUT = 120.0
# A tester's own settings, which must not reach the provider.
_PERSONAL = ("AWS_", "PULUMI_")
_NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

_fork_server = multiprocessing.get_context("forkserver")
_fork_server.set_forkserver_preload(
    ["pulumi.dynamic", "pulumi_workspaces_pool.provider", "boto3.session", "botocore.retries"]
)
_forking = threading.Lock()


@dataclass(frozen=True)
class Refusal:
    """A call that failed, as the engine understands it.

    Attributes:
        message: what a person reads.
        kept: the resource that the engine is to keep all the same, if any.
    """

    message: str
    kept: provider_pb2.ErrorResourceInitFailed | None = None


def in_its_own_process(
    address: str, environment: dict[str, str], _turned: Turned
) -> tuple[psutil.Process, int]:
    """Start the host as the engine does.

    Args:
        address: where the engine listens.
        environment: all of the host's environment variables.
        _turned: without effect here.

    Returns:
        The process, and the port that it listens on.
    """
    command = [sys.executable, "-u", "-m", _MODULE, address]
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    return process, int(process.stdout.readline())


def in_a_fork(
    address: str, environment: dict[str, str], turned: Turned
) -> tuple[psutil.Process, int]:
    """Start the host as `in_its_own_process` does, in a hundredth of the time.

    It is a fork of a process that has imported what the host and the provider import, and its clock
    can be turned.
    """
    port, stdout = _fork_server.Pipe(duplex=False)
    process = _fork_server.Process(
        target=_host, args=(address, environment, stdout, turned), daemon=True
    )
    with _forking:
        # The fork would import this process's main module, which is pytest or an example.
        main, sys.modules["__main__"] = sys.modules["__main__"], types.ModuleType("__main__")
        try:
            process.start()
        finally:
            sys.modules["__main__"] = main
    stdout.close()
    with open(port.fileno(), closefd=False) as lines:
        return psutil.Process(process.pid), int(lines.readline())


def _host(address: str, environment: dict[str, str], stdout: Any, turned: Turned) -> None:
    def now(_clock: Clock) -> float:
        return time.monotonic() + float(turned.value)

    mock.patch.object(Clock, "now", now).start()
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(stdout.fileno(), 1)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), write_through=True)
    sys.argv = [_MODULE, address]
    runpy.run_module(_MODULE, run_name="__main__", alter_sys=True)


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(
        self, show: Callable[[engine_pb2.LogRequest], object], asked: threading.Semaphore
    ) -> None:
        self._show = show
        self._asked = asked

    def Log(  # noqa: N802  # the name of the RPC
        self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        self._show(request)
        return empty_pb2.Empty()

    def GetRootResource(  # noqa: N802  # the name of the RPC
        self, _request: engine_pb2.GetRootResourceRequest, _context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        self._asked.release()
        return engine_pb2.GetRootResourceResponse()


class DynamicHost:
    """`python -m pulumi.dynamic`, as the engine uses it.

    Attributes:
        urn: the URN of the resource that `check`, `create` and `delete` are about.
        process: the host's process, from the start on.
        logged: what the provider logged to the engine.
        asked: released each time that the provider asks the engine whether it is there.
    """

    process: psutil.Process

    def __init__(
        self,
        environment: dict[str, str],
        config: dict[str, str] | None = None,
        urn: str = URN,
        provider: str = PROVIDER,
        start: Start = in_its_own_process,
        on_log: Callable[[engine_pb2.LogRequest], object] | None = None,
    ) -> None:
        """Prepare the host; a `with` statement starts it.

        Args:
            environment: variables beside this process's own, of which those for AWS and Pulumi are
                left out.
            config: the stack's configuration by namespaced key, such as `aws:region`.
            urn: the URN of the resource that `check`, `create` and `delete` are about.
            provider: the provider, as the state holds it.
            start: starts the process.
            on_log: called with what the provider logs, as it comes.
        """
        self.urn = urn
        self.logged: list[engine_pb2.LogRequest] = []
        own = {name: item for name, item in os.environ.items() if not name.startswith(_PERSONAL)}
        self._environment = {**own, **_NO_FILES, "PULUMI_PROJECT": "shop", **environment}
        self._environment.setdefault("PULUMI_BACKEND_URL", BACKEND)
        self._config = config or {}
        self._provider = provider
        self._start = start
        self._on_log = on_log or self.logged.append
        self._abandoned = False
        self._turned = _fork_server.Value("d", 0.0)
        self.asked = threading.Semaphore(0)

    def __enter__(self) -> DynamicHost:
        """Start the engine and the host."""
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
        engine_pb2_grpc.add_EngineServicer_to_server(
            _Engine(self._on_log, self.asked), self._server
        )
        address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        self.process, port = self._start(address, self._environment, self._turned)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.call("Configure", args=self._config)
        return self

    def __exit__(self, *_error: object) -> None:
        """End the host, unless it was abandoned, and the engine."""
        if not self._abandoned:
            self._channel.close()
            self.kill()
        self.stop_engine()

    def stop_engine(self) -> None:
        """End the engine's own services, while the calls of the host go on."""
        self._server.stop(None).wait()

    def abandon(self) -> None:
        """Let the engine be gone, as if it was killed; the host's process is left to itself."""
        self._abandoned = True
        self.stop_engine()
        self._channel.close()

    def kill(self) -> None:
        """Kill the host's process, unless it has ended, and wait until it has."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.kill()
        self.process.wait()

    def call(self, rpc: str, **fields: Any) -> Any:
        """Call the provider.

        Args:
            rpc: the name of the call, such as "Create".
            **fields: those of its request; a dictionary stands for properties.

        Returns:
            The response, or a `Refusal`.
        """
        given = {
            name: to_struct(value) if isinstance(value, dict) else value
            for name, value in fields.items()
        }
        request = getattr(provider_pb2, f"{rpc}Request")(**given)
        try:
            return getattr(self._stub, rpc)(request, timeout=_TIMEOUT)
        except grpc.RpcError as error:
            return _refusal(error)
        except ValueError as error:  # gRPC's answer where `abandon` closed the channel before
            return Refusal(str(error))

    def turn_clock(self, seconds: float) -> None:
        """Let so many seconds pass for whoever waits in the host."""
        self._turned.value += seconds

    def cancel(self) -> None:
        """Ask the host to end what it does, as the engine does at the first Ctrl-C."""
        self._stub.Cancel(empty_pb2.Empty(), timeout=_TIMEOUT)

    def check(
        self, news: Properties, olds: Properties | None = None
    ) -> tuple[Properties, dict[str, str]]:
        """Check inputs; returns the inputs to go on with, and the failures by property path."""
        answer = self.call("Check", urn=self.urn, news=self._with_provider(news), olds=olds or {})
        assert not isinstance(answer, Refusal), answer
        failures: dict[str, str] = {}
        for failure in answer.failures:
            earlier = failures.get(failure.property)
            reason = f"{earlier}; {failure.reason}" if earlier else failure.reason
            failures[failure.property] = reason
        return _without_provider(answer.inputs), failures

    def create(self, inputs: Properties, timeout: float = 0) -> Properties | Refusal:
        """Create a pool; returns its outputs, or what went wrong."""
        properties = self._with_provider(inputs)
        answer = self.call("Create", urn=self.urn, properties=properties, timeout=timeout)
        return answer if isinstance(answer, Refusal) else _without_provider(answer.properties)

    def delete(self, pool_id: str, outs: Properties) -> Refusal | None:
        """Delete a pool; returns what went wrong, if anything."""
        properties = self._with_provider(outs)
        answer = self.call("Delete", urn=self.urn, id=pool_id, properties=properties)
        return answer if isinstance(answer, Refusal) else None

    def _with_provider(self, values: Properties) -> Properties:
        return {**values, PROVIDER_KEY: self._provider}


def _without_provider(struct: struct_pb2.Struct) -> Properties:
    values = to_properties(struct)
    del values[PROVIDER_KEY]
    return values


def _refusal(error: Any) -> Refusal:
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details is None:
        return Refusal(error.details())
    status = status_pb2.Status.FromString(details)
    kept = provider_pb2.ErrorResourceInitFailed()
    if status.details and status.details[0].Unpack(kept):
        return Refusal("; ".join(kept.reasons), kept)
    return Refusal(status.message)
