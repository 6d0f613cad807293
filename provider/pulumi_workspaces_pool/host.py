"""The seam to Pulumi's Python dynamic host: what its plain interface does not give a provider.

The host (`pulumi.dynamic.__main__`) runs 4 operations at once, turns every exception into a
traceback, drops the engine's Cancel, and keeps the URN, the timeout and the old inputs to itself.
All of it is within reach of the frames that call a provider, which are walked once for each call.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from types import FrameType
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, status_pb2

from .errors import AbandonedError, UnknownHostError
from .masking import SECRETS_KEY, Secrets
from .redaction import redact

PROVIDER_KEY = "__provider"
_INTERNAL = (PROVIDER_KEY, SECRETS_KEY)
# In which fields of a request there are properties.
_PROPERTIES = ("news", "properties", "inputs", "olds", "old_inputs")
KNOWN_VERSIONS = "3.268 to 3.272"

# The engine's --parallel is the limit; this is merely more than anyone asks of it.
_WORKERS = 1024
_STATUS_METADATA = "grpc-status-details-bin"
_PROGRESS_PAUSE = 1.0
_WATCH_PAUSE = 15.0
_UNKNOWN_CODE = grpc.StatusCode.UNKNOWN.value[0]

_cancelled = threading.Event()


@dataclass(eq=False)
class InitFailedError(Exception):
    """The resource exists, but is not where it should be: the engine keeps it and fails.

    Attributes:
        resource_id: the resource's id.
        outs: its outputs as far as they are known.
        inputs: the inputs that it has reached.
        reason: one sentence for a person.
    """

    resource_id: str
    outs: Mapping[str, Any]
    inputs: Mapping[str, Any]
    reason: str

    def __str__(self) -> str:
        """The reason alone: the rest may hold secrets."""
        return self.reason


def own_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without what is Pulumi's own, such as `__provider`, and without None.

    The SDK's objects for unknown values, which equal nothing, become its mark for them.
    """
    own = {key: value for key, value in properties.items() if key not in _INTERNAL}
    return dict(_marked(own))


def _marked(value: Any) -> Any:
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items() if item is not None}
    return value


@dataclass
class Call:
    """One call of the engine, and the way back to it: a `Reporter`.

    Attributes:
        urn: the resource's URN.
        timeout: the resource's custom timeout for this operation in seconds; 0 if there is none.
        old_inputs: the inputs in the state; None where the engine does not send them.
        properties_known: whether the engine sent the state's outputs (it does not for `.get`).
        internal: the provider as the state holds it, and the names of the inputs with secrets.
        secrets: what is secret of the properties.
    """

    urn: str
    timeout: float
    old_inputs: dict[str, Any] | None
    properties_known: bool
    internal: dict[str, Any]
    secrets: Secrets
    _context: Any
    _last_progress: float = field(default=-_PROGRESS_PAUSE)

    @classmethod
    def of(cls, request: Any, context: Any) -> Call:
        """Return the call of a request that the host serves in a gRPC context."""
        return cls(
            urn=request.urn,
            timeout=float(getattr(request, "timeout", 0.0)),
            old_inputs=_old_inputs(request),
            properties_known=bool(getattr(request, "properties", True)),
            internal=_internal(request),
            secrets=Secrets.among(_structs(request, *_PROPERTIES)),
            _context=context,
        )

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.split("::", 3)[-1]

    def mask(self, text: str) -> str:
        """Take the secrets of the program out of a text for a person."""
        return self.secrets.mask(text)

    def to_record(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return properties as the state is to have them: with the names of what is secret."""
        return {**self.secrets.marked(properties), **self.internal}

    def before_write(self) -> None:
        """Refuse to change anything once the engine is gone.

        Without an engine to save what comes of it, what is on AWS already must stay as it is for
        the next run to find: a pool's markers are then all that is known of it. The engine itself
        is asked, for it takes this process a while to notice that a connection has ended.
        """
        self._notice_a_lost_connection()
        if _engine_is_gone():
            raise AbandonedError

    def cancelled(self) -> bool:
        """Return whether the engine has asked the operations to end (the RPC Cancel)."""
        return _cancelled.is_set()

    def progress(self, line: str) -> None:
        """Show a line, such as "CREATING for 2m10s", on the resource, at most one a second."""
        self._notice_a_lost_connection()
        if time.monotonic() - self._last_progress >= _PROGRESS_PAUSE:
            self._last_progress = time.monotonic()
            _log(engine_pb2.INFO, line, self.urn, ephemeral=True)

    def warn(self, sentence: str) -> None:
        """Show a warning on the resource, which stays after the operation."""
        _log(engine_pb2.WARNING, self.mask(sentence), self.urn)

    def answer(self, message: str, failure: InitFailedError | None = None) -> None:
        """Let the engine show a message alone, instead of the traceback that the host sends."""
        status = status_pb2.Status(code=_UNKNOWN_CODE, message=self.mask(message))
        if failure is not None:
            packed = any_pb2.Any()
            packed.Pack(self._init_failed(failure))
            status.details.append(packed)
        self._context.set_trailing_metadata(((_STATUS_METADATA, status.SerializeToString()),))

    def _init_failed(self, failure: InitFailedError) -> provider_pb2.ErrorResourceInitFailed:
        return provider_pb2.ErrorResourceInitFailed(
            id=failure.resource_id,
            properties=_struct(self.to_record(failure.outs)),
            inputs=_struct({**failure.inputs, **self.internal}),
            reasons=[self.mask(failure.reason)],
        )

    def _notice_a_lost_connection(self) -> None:
        if not self._context.is_active():
            raise AbandonedError


_current: contextvars.ContextVar[Call] = contextvars.ContextVar("call")


def current_call() -> Call:
    """Return the engine's call that is being served."""
    return _current.get()


@contextlib.contextmanager
def operation(sentence: Callable[[Exception, str], str]) -> Iterator[None]:
    """Serve a provider method, which it decorates, well: many at once, failures in a sentence.

    Args:
        sentence: turns an exception and the resource's name into what a person reads.
    """
    call = _enter_call()
    if call is None:
        raise RuntimeError(
            sentence(UnknownHostError(version=version("pulumi"), known=KNOWN_VERSIONS), "")
        )
    token = _current.set(call)
    try:
        yield
    except InitFailedError as failure:
        call.answer(failure.reason, failure)
        raise
    except AbandonedError:
        raise
    except Exception as error:
        message = call.mask(sentence(error, call.name))
        _log(engine_pb2.DEBUG, call.mask(redact(traceback.format_exc())))
        call.answer(message)
        raise RuntimeError(message) from None
    finally:
        _current.reset(token)


def _enter_call() -> Call | None:
    """Find the call that this thread serves; None where the host is not as it is known.

    The host's gRPC method holds the request and the servicer context, the thread pool's worker
    holds its pool.
    """
    call: Call | None = None
    executor: Any = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        found = frame.f_locals
        if call is None and getattr(found.get("request"), "urn", None):
            context = found.get("context")
            if hasattr(context, "set_trailing_metadata") and hasattr(context, "is_active"):
                call = Call.of(found["request"], context)
                _hear_cancel(frame.f_globals)
        reference = found.get("executor_reference")
        executor = reference() if callable(reference) else executor
        frame = frame.f_back
    if isinstance(getattr(executor, "_max_workers", None), int):
        _lift_limit(executor)
    _watch_engine()
    return call


def _lift_limit(executor: Any) -> None:
    if executor._max_workers >= _WORKERS:
        return
    executor._max_workers = _WORKERS
    # The executor starts threads as work comes in; for work that came in before, it is told to.
    with contextlib.suppress(AttributeError), executor._shutdown_lock:
        for _ in range(executor._work_queue.qsize()):
            executor._adjust_thread_count()


class _Empty:
    """Stands for the module `empty_pb2` in the host, which answers Cancel with `Empty()` alone."""

    def __getattr__(self, name: str) -> Any:
        return getattr(empty_pb2, name)

    def Empty(self) -> empty_pb2.Empty:  # noqa: N802  # the name in the module
        if sys._getframe(1).f_code.co_name == "Cancel":
            _cancelled.set()
        return empty_pb2.Empty()


def _hear_cancel(host_module: dict[str, Any]) -> None:
    # A host that differs costs no more than this: a run then ends when its operations do.
    if host_module.get("empty_pb2") is empty_pb2:
        host_module["empty_pb2"] = _Empty()


def _structs(request: Any, *names: str) -> Iterator[struct_pb2.Struct]:
    found = (getattr(request, name, None) for name in names)
    return (struct for struct in found if isinstance(struct, struct_pb2.Struct))


def _old_inputs(request: Any) -> dict[str, Any] | None:
    """The inputs in the state: Check has them as `olds`, Read as `inputs`."""
    for struct in _structs(request, "old_inputs", "inputs", "olds"):
        return own_properties(rpc.deserialize_properties(struct, True))
    return None


def _internal(request: Any) -> dict[str, Any]:
    """The properties of the call that begin with `__`: the engine could not find us without."""
    # What the program says now is all, or else what the state has somewhere.
    names = ("news",) if hasattr(request, "news") else _PROPERTIES[::-1]
    return {
        key: _plain(struct[key])
        for struct in _structs(request, *names)
        for key in _INTERNAL
        if key in struct.fields
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, struct_pb2.ListValue) else value


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


_engine_has_answered = threading.Event()


def _engine() -> Any:
    """The engine that started this process, by the address on the host's command line."""
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    return _engine_at(address, os.getpid()) if ":" in address else None


@functools.cache
def _engine_at(address: str, _process: int) -> Any:
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))


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


@functools.cache
def _watch_engine() -> None:
    """End this process soon after its engine; the host itself would stay for ever."""

    def watch() -> None:
        while not _engine_is_gone():
            time.sleep(_WATCH_PAUSE)
        os._exit(1)

    if _engine() is not None:
        threading.Thread(target=watch, name="engine-watch", daemon=True).start()


def _log(severity: Any, message: str, urn: str = "", *, ephemeral: bool = False) -> None:
    line = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
    # A line that cannot be shown must not fail the operation.
    with contextlib.suppress(grpc.RpcError):
        if engine := _engine():
            engine.Log(line, timeout=5)
