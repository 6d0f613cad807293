"""What of a declaration reaches the engine, without one."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc


class _NoEngine(mocks.Mocks):
    def call(self, _args: mocks.MockCallArgs) -> Any:
        raise AssertionError("pools call no function of a provider")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", dict(args.inputs)


class _Monitor(mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(_NoEngine())
        self.requests: list[Any] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # the name of the RPC
        if request.custom:
            self.requests.append(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # so it is


def requests_of(program: Callable[[], object]) -> list[Any]:
    """Run a program; returns the RegisterResourceRequests of its custom resources."""
    monitor = _Monitor()

    def run() -> None:
        pulumi.runtime.set_mocks(monitor.mocks, monitor=monitor)
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # so it is

    contextvars.copy_context().run(run)
    return monitor.requests


def inputs_of(program: Callable[[], object]) -> dict[str, Any]:
    """Run a program of one resource; returns its inputs as a provider is sent them."""
    (request,) = requests_of(program)
    found: dict[str, Any] = rpc.deserialize_properties_unwrap_secrets(request.object)[0]
    found.pop("__provider")
    return found
