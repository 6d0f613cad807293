"""The provider protocol: what an engine asks of a plugin, for the types that are served."""

from __future__ import annotations

import functools
import signal
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any, NoReturn, TypeVar

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from .cloudwatch import MetricAlarm
from .ec2 import SecurityGroup, Subnet, Vpc
from .functions import FUNCTIONS
from .iam import Role, RolePolicyAttachment
from .resource_type import Properties, ResourceType
from .scaling import Policy, ScheduledAction, Target
from .session import Aws
from .workspaces import Directory

VERSION = "0.0.0-stand-in"
TYPES: dict[str, ResourceType] = {
    kind.token: kind()
    for kind in (
        Directory,
        MetricAlarm,
        Policy,
        Role,
        RolePolicyAttachment,
        ScheduledAction,
        SecurityGroup,
        Subnet,
        Target,
        Vpc,
    )
}
_THREADS = 32

Request = TypeVar("Request")
Answer = TypeVar("Answer")
Method = Callable[[Any, Request, grpc.ServicerContext], Answer]


def _explained(method: Method[Request, Answer]) -> Method[Request, Answer]:
    """Let what AWS refuses reach the engine as one line."""

    @functools.wraps(method)
    def served(self: Any, request: Request, context: grpc.ServicerContext) -> Answer:
        try:
            return method(self, request, context)
        except (ClientError, BotoCoreError, LookupError) as error:
            _abort(context, str(error))

    return served


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the types of `TYPES` and the functions of `FUNCTIONS`."""

    _aws: Aws

    def GetPluginInfo(  # noqa: N802  # the protocol's name
        self, _request: empty_pb2.Empty, _context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(  # noqa: N802  # the protocol's name
        self, _request: provider_pb2.GetSchemaRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Describe nothing: programs bring the types along in `pulumi_aws`."""
        schema = f'{{"name": "aws", "version": "{VERSION}"}}'
        return provider_pb2.GetSchemaResponse(schema=schema)

    def CheckConfig(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Take the configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.DiffRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare two configurations; none replaces the provider."""
        return _diff(_changed_keys(_plain(request.olds), _plain(request.news)), frozenset())

    @_explained
    def Configure(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.ConfigureRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Connect to AWS."""
        prefix = "aws:config:"
        self._aws = Aws(
            {key.removeprefix(prefix): value for key, value in request.variables.items()}
        )
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @_explained
    def Check(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Fill in defaults and refuse what is missing."""
        name = request.urn.rpartition("::")[2]
        kind = _type_of(request.urn)
        inputs, problems = kind.check(name, _plain(request.olds), _plain(request.news))
        failures = [
            provider_pb2.CheckFailure(property=key, reason=reason)
            for key, reason in problems.items()
        ]
        return provider_pb2.CheckResponse(inputs=_struct(inputs), failures=failures)

    @_explained
    def Diff(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.DiffRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare the inputs."""
        kind = _type_of(request.urn)
        old_inputs, news = _plain(request.old_inputs), _plain(request.news)
        changed = kind.changed(self._aws, old_inputs, _plain(request.olds), news)
        same_name = kind.named and old_inputs.get("name") == news.get("name")
        return _diff(changed, kind.replaces, delete_first=same_name)

    @_explained
    def Create(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Create a resource."""
        kind, inputs = _type_of(request.urn), _plain(request.properties)
        if request.preview:
            planned = kind.previewed(self._aws, inputs)
            return provider_pb2.CreateResponse(properties=_struct(planned))
        id_ = kind.create(self._aws, inputs)
        try:
            kind.complete(self._aws, id_, inputs)
        except ClientError as error:
            outputs = kind.read(self._aws, id_, inputs) or inputs
            _abort_partly(context, id_, outputs, inputs, str(error))
        outputs = kind.read(self._aws, id_, inputs) or inputs
        return provider_pb2.CreateResponse(id=id_, properties=_struct(outputs))

    @_explained
    def Read(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.ReadRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Look at a resource."""
        kind, inputs = _type_of(request.urn), _plain(request.inputs)
        outputs = kind.read(self._aws, request.id, {**_plain(request.properties), **inputs})
        if outputs is None:
            return provider_pb2.ReadResponse()
        keys = inputs.keys() if inputs else outputs.keys() - kind.computed
        if kind.tagged and outputs.get("tags"):
            keys = keys | {"tags"}
        seen = {key: outputs[key] for key in keys if key in outputs}
        return provider_pb2.ReadResponse(
            id=request.id, properties=_struct(outputs), inputs=_struct(seen)
        )

    @_explained
    def Update(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.UpdateRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Change a resource in place."""
        kind, news, state = _type_of(request.urn), _plain(request.news), _plain(request.olds)
        merged = {**state, **news}
        if request.preview:
            tags = {"tagsAll": kind.all_tags(self._aws, news)} if kind.tagged else {}
            return provider_pb2.UpdateResponse(properties=_struct({**merged, **tags}))
        changed = kind.changed(self._aws, _plain(request.old_inputs), state, news)
        kind.update(self._aws, request.id, news, changed)
        known = {key: value for key, value in merged.items() if key in news or key in kind.computed}
        outputs = kind.read(self._aws, request.id, known) or merged
        return provider_pb2.UpdateResponse(properties=_struct(outputs))

    @_explained
    def Delete(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.DeleteRequest, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Delete a resource."""
        _type_of(request.urn).remove(self._aws, request.id, _plain(request.properties))
        return empty_pb2.Empty()

    @_explained
    def Invoke(  # noqa: N802  # the protocol's name
        self, request: provider_pb2.InvokeRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """Call a function."""
        function = FUNCTIONS.get(request.tok)
        if function is None:
            raise LookupError(f"the stand-in for the AWS plugin has no function {request.tok}")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(_struct(function(self._aws, _plain(request.args))))
        return response

    def Cancel(  # noqa: N802  # the protocol's name
        self, _request: empty_pb2.Empty, _context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Let what is going on come to its end: nothing here takes long."""
        return empty_pb2.Empty()


def serve() -> None:
    """Serve on a free port, which the engine reads from the standard output."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    server.stop(None)


def _type_of(urn: str) -> ResourceType:
    token = urn.split("::")[2].rpartition("$")[2]
    kind = TYPES.get(token)
    if kind is None:
        raise LookupError(f"the stand-in for the AWS plugin has no type {token}")
    return kind


def _changed_keys(olds: Properties, news: Properties) -> set[str]:
    return {key for key in olds.keys() | news.keys() if olds.get(key) != news.get(key)}


def _diff(
    changed: set[str], replacing: frozenset[str], *, delete_first: bool = False
) -> provider_pb2.DiffResponse:
    kinds = provider_pb2.DiffResponse
    replaces = sorted(changed & replacing)
    return provider_pb2.DiffResponse(
        changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE,
        diffs=sorted(changed),
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and delete_first,
    )


def _plain(struct: struct_pb2.Struct) -> Properties:
    values: Properties = _whole(json_format.MessageToDict(struct))
    return {key: value for key, value in values.items() if not key.startswith("__")}


def _whole(value: Any) -> Any:
    """Numbers of the protocol are floats; most of AWS's are integers."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _struct(values: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def _abort(context: grpc.ServicerContext, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError


def _abort_partly(
    context: grpc.ServicerContext, id_: str, outputs: Properties, inputs: Properties, message: str
) -> NoReturn:
    """Fail, and let the engine keep the resource."""
    failed = provider_pb2.ErrorResourceInitFailed(
        id=id_, properties=_struct(outputs), inputs=_struct(inputs), reasons=[message]
    )
    status = status_pb2.Status(code=2, message=message)
    status.details.add().Pack(failed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    _abort(context, message)
