"""The seam to Pulumi's Python dynamic host: what its plain interface does not give a provider.

The host (`pulumi.dynamic.__main__`) runs 4 operations at once, turns every exception into a
traceback, and keeps the URN, the timeout and the old inputs to itself. All of it is within reach of
the calling frames. Everything here is looked for, never taken for granted: where another version of
the SDK differs, the provider works as a plain dynamic provider does.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import grpc
from google.protobuf import any_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, status_pb2

PROVIDER_KEY = "__provider"

# The engine's --parallel is the limit; this is merely more than anyone asks of it.
_WORKERS = 1024
_STATUS_METADATA = "grpc-status-details-bin"
_PROGRESS_PAUSE = 1.0
_UNKNOWN_CODE = grpc.StatusCode.UNKNOWN.value[0]

P = ParamSpec("P")
R = TypeVar("R")


class PartialFailureError(Exception):
    """The resource exists, but is not where it should be: the engine keeps it and fails.

    Attributes:
        resource_id: the resource's id.
        outs: its outputs as far as they are known.
        inputs: the inputs that it has reached.
        reason: what a person reads.
    """

    def __init__(
        self, resource_id: str, outs: Mapping[str, Any], inputs: Mapping[str, Any], reason: str
    ) -> None:
        """Keep what the engine is to store.

        Args:
            resource_id: the resource's id.
            outs: its outputs as far as they are known.
            inputs: the inputs that it has reached.
            reason: one sentence for a person.
        """
        self.resource_id = resource_id
        self.outs = outs
        self.inputs = inputs
        self.reason = reason
        super().__init__(reason)


class AbandonedError(Exception):
    """Nobody waits for this operation any more: the engine is gone."""


@dataclass(frozen=True)
class Call:
    """One call of the engine, as far as the host lets it be seen.

    Attributes:
        urn: the resource's URN; empty where the host does not show it.
        timeout: the resource's custom timeout for this operation in seconds; 0 if there is none.
        old_inputs: the inputs in the state; None where the host does not show them.
        properties_known: whether the engine sent the state's outputs (it does not for `.get`).
    """

    urn: str = ""
    timeout: float = 0.0
    old_inputs: dict[str, Any] | None = None
    properties_known: bool = True
    _context: Any = None

    @property
    def abandoned(self) -> bool:
        """Whether the engine that made this call is gone."""
        is_active = getattr(self._context, "is_active", None)
        return callable(is_active) and not is_active()

    def refuse_if_abandoned(self) -> None:
        """Do nothing while somebody waits for this operation.

        Without an engine to save what comes of it, what is on AWS already must stay as it is for
        the next run to find: a pool's markers are then all that is known of it. The engine itself
        is asked, for it takes this process a while to notice that a connection has ended.

        Raises:
            AbandonedError: the engine is gone.
        """
        self._notice_a_lost_connection()
        if _engine_is_gone():
            raise AbandonedError

    def _notice_a_lost_connection(self) -> None:
        if self.abandoned:
            raise AbandonedError

    def progress(self, line: str) -> None:
        """Show a line on the resource while the operation runs.

        Args:
            line: such as "CREATING for 2m10s".

        Raises:
            AbandonedError: the engine is gone.
        """
        self._notice_a_lost_connection()
        _log(engine_pb2.INFO, line, self.urn, ephemeral=True)

    def warn(self, message: str) -> None:
        """Show a warning on the resource, which stays after the operation."""
        _log(engine_pb2.WARNING, message, self.urn, ephemeral=False)

    def throttled_progress(self) -> Callable[[str], None]:
        """Give a `progress` that shows at most a line a second, and notices at once a lost engine.

        Returns:
            The function.
        """
        last = -_PROGRESS_PAUSE

        def progress(line: str) -> None:
            nonlocal last
            self._notice_a_lost_connection()
            if time.monotonic() - last >= _PROGRESS_PAUSE:
                last = time.monotonic()
                self.progress(line)

        return progress


def current_call() -> Call:
    """Find the engine's call that this thread is serving.

    Returns:
        The call, or one that knows nothing where the host cannot be read.
    """
    frame = _host_frame()
    if frame is None:
        return Call()
    request = frame.f_locals["request"]
    return Call(
        urn=str(getattr(request, "urn", "")),
        timeout=float(getattr(request, "timeout", 0.0)),
        old_inputs=_old_inputs(request),
        properties_known=bool(getattr(request, "properties", True)),
        _context=frame.f_locals["context"],
    )


def operation(
    sentence: Callable[[Exception], str],
    redact: Callable[[str], str] = str,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Serve a provider method well: many at once, and failures in a sentence.

    Args:
        sentence: turns an exception into what a person reads.
        redact: takes what nobody may read out of a traceback, which is logged for debugging.

    Returns:
        A decorator for check, diff, create, read, update and delete.
    """

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(method)
        def served(*args: P.args, **kwargs: P.kwargs) -> R:
            _lift_limit()
            try:
                return method(*args, **kwargs)
            except PartialFailureError as failure:
                _answer(failure.reason, _init_failed(failure))
                raise
            except AbandonedError:
                raise
            except Exception as error:
                message = sentence(error)
                trace = redact(traceback.format_exc())
                _log(engine_pb2.DEBUG, trace, "", ephemeral=False)
                _answer(message, None)
                raise RuntimeError(message) from None

        return served

    return decorate


def lost_abilities() -> list[str]:
    """Say what the installed SDK does not let this provider do, for tests and bug reports.

    Called while the host serves an operation.

    Returns:
        A sentence for each lost ability; empty with an SDK as this module knows it.
    """
    lost = []
    if _host_frame() is None:
        lost.append("failures are tracebacks, without URN, timeouts and partial failure")
    if _executor() is None:
        lost.append("at most 4 operations run at once")
    if _engine() is None:
        lost.append("no progress and no warnings are shown")
    return lost


def _frames() -> list[FrameType]:
    frames = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _host_frame() -> FrameType | None:
    """The frame of the host's gRPC method: the one that holds a request and a servicer context."""
    for frame in _frames():
        found = frame.f_locals
        if "request" in found and hasattr(found.get("context"), "set_trailing_metadata"):
            return frame
    return None


def _executor() -> Any:
    """The thread pool that runs this call, from the frame of its worker."""
    for frame in reversed(_frames()):
        reference = frame.f_locals.get("executor_reference")
        executor = reference() if callable(reference) else None
        if isinstance(getattr(executor, "_max_workers", None), int):
            return executor
    return None


def _lift_limit() -> None:
    executor = _executor()
    if executor is None or executor._max_workers >= _WORKERS:
        return
    executor._max_workers = _WORKERS
    # The executor starts threads as work comes in; for work that came in before, it is told to.
    with contextlib.suppress(AttributeError), executor._shutdown_lock:
        for _ in range(executor._work_queue.qsize()):
            executor._adjust_thread_count()


def _old_inputs(request: Any) -> dict[str, Any] | None:
    """The inputs in the state: Diff, Update and Delete have `old_inputs`, Read has `inputs`."""
    for name in ("old_inputs", "inputs"):
        struct = getattr(request, name, None)
        if isinstance(struct, struct_pb2.Struct):
            inputs: dict[str, Any] = rpc.deserialize_properties(struct, True)
            return {key: value for key, value in inputs.items() if key != PROVIDER_KEY}
    return None


def _answer(message: str, detail: provider_pb2.ErrorResourceInitFailed | None) -> None:
    """Let the engine show this message alone, instead of the traceback that the host sends."""
    frame = _host_frame()
    if frame is None:
        return
    status = status_pb2.Status(code=_UNKNOWN_CODE, message=message)
    if detail is not None:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    context = frame.f_locals["context"]
    context.set_trailing_metadata(((_STATUS_METADATA, status.SerializeToString()),))


def _init_failed(failure: PartialFailureError) -> provider_pb2.ErrorResourceInitFailed:
    provider = _serialized_provider()
    return provider_pb2.ErrorResourceInitFailed(
        id=failure.resource_id,
        properties=_struct({**failure.outs, **provider}),
        inputs=_struct({**failure.inputs, **provider}),
        reasons=[failure.reason],
    )


def _serialized_provider() -> dict[str, Any]:
    """The `__provider` property of the call: without it the engine could not find us again."""
    frame = _host_frame()
    request = frame.f_locals["request"] if frame else None
    for name in ("news", "properties", "inputs"):
        struct = getattr(request, name, None)
        if isinstance(struct, struct_pb2.Struct) and PROVIDER_KEY in struct.fields:
            return {PROVIDER_KEY: struct[PROVIDER_KEY]}
    return {}


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


_engine_lock = threading.Lock()
_engine_stubs: dict[int, Any] = {}
_engine_has_answered = threading.Event()


def _engine() -> Any:
    """The engine that started this process, by the address on the host's command line."""
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    if ":" not in address:
        return None
    with _engine_lock:
        if os.getpid() not in _engine_stubs:
            channel = grpc.insecure_channel(address)
            _engine_stubs[os.getpid()] = engine_pb2_grpc.EngineStub(channel)
        return _engine_stubs[os.getpid()]


def _engine_is_gone() -> bool:
    """Whether the engine does not answer any more, where it did before.

    An engine that was never reached may be there all the same: a proxy can be in between.
    """
    engine = _engine()
    if engine is None:
        return False
    try:
        engine.GetRootResource(engine_pb2.GetRootResourceRequest(), timeout=5)
    except grpc.RpcError as error:
        code = error.code()
        if code is grpc.StatusCode.UNAVAILABLE:
            return _engine_has_answered.is_set()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return False
    _engine_has_answered.set()
    return False


def _log(severity: Any, message: str, urn: str, *, ephemeral: bool) -> None:
    engine = _engine()
    if engine is None:
        return
    request = engine_pb2.LogRequest(
        severity=severity, message=message, urn=urn, ephemeral=ephemeral
    )
    # A line that cannot be shown must not fail the operation.
    with contextlib.suppress(grpc.RpcError):
        engine.Log(request, timeout=5)
