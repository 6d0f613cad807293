"""The process that the CLI starts: it says its port, then serves until it is ended."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from concurrent import futures
from typing import Any, TypeVar

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from support.structs import to_properties, to_struct

from .api import Aws
from .types import FUNCTIONS, TYPES, NotServedError, ResourceType

_THREADS = 32

Request = TypeVar("Request")
Answer = TypeVar("Answer")


def _served(
    method: Callable[[Any, Request], Answer],
) -> Callable[[Any, Request, grpc.ServicerContext], Answer]:
    """Let what AWS or the stand-in refuses reach the engine as one line."""

    @functools.wraps(method)
    def served(self: Any, request: Request, context: grpc.ServicerContext) -> Answer:
        try:
            return method(self, request)
        except (ClientError, BotoCoreError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except NotServedError as error:
            of = getattr(request, "urn", "") or getattr(request, "tok", "")
            sentence = f"the stand-in for the AWS plugin refuses {of}: {error}"
            context.abort(grpc.StatusCode.UNKNOWN, sentence)
        raise AssertionError

    return served


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """Serves the types of `TYPES` and the functions of `FUNCTIONS`."""

    _aws: Aws

    @_served
    def GetPluginInfo(self, _request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="0.0.0-stand-in")

    @_served
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        config = {key.rpartition(":")[2]: value for key, value in request.variables.items()}
        if config.keys() - {"region"}:
            raise NotServedError(f"it only knows aws:region of {', '.join(sorted(config))}")
        self._aws = Aws(config.get("region"))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @_served
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        kind, inputs = _type(request), to_properties(request.news)
        if "name" in kind.names and "name" not in inputs:
            automatic = f"{request.urn.rpartition('::')[2]}-{secrets.token_hex(4)[:7]}"
            inputs["name"] = to_properties(request.olds).get("name", automatic)
        kind.refuse_unknown(self._aws, inputs)
        return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    @_served
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        changed = _changed(request)
        kinds = provider_pb2.DiffResponse
        changes = kinds.DIFF_SOME if changed else kinds.DIFF_NONE
        replaces = _type(request).replacing(self._aws, changed)
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=replaces)

    @_served
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        kind, inputs = _type(request), to_properties(request.properties)
        if request.preview:
            planned = {**dict.fromkeys(kind.outputs, UNKNOWN), **inputs}
            return provider_pb2.CreateResponse(properties=to_struct(planned))
        id_ = kind.create_resource(self._aws, inputs)
        outputs = kind.read_resource(self._aws, id_, inputs) or inputs
        return provider_pb2.CreateResponse(id=id_, properties=to_struct(outputs))

    @_served
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        state = to_properties(request.properties)
        outputs = _type(request).read_resource(self._aws, request.id, state)
        if outputs is None:
            return provider_pb2.ReadResponse()
        inputs = {key: outputs[key] for key in to_properties(request.inputs)}
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_struct(outputs), inputs=to_struct(inputs)
        )

    @_served
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        news = to_properties(request.news)
        if not request.preview:
            _type(request).update_resource(self._aws, request.id, news, _changed(request))
        outputs = {**to_properties(request.olds), **news}
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @_served
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        _type(request).delete_resource(self._aws, request.id, to_properties(request.properties))
        return empty_pb2.Empty()

    @_served
    def Invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        if request.tok not in FUNCTIONS:
            raise NotServedError("no example uses this function")
        found = to_struct(FUNCTIONS[request.tok](self._aws, to_properties(request.args)))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(found)  # a keyword of Python's
        return response


def _type(request: Any) -> ResourceType:
    token = request.urn.split("::")[2].rpartition("$")[2]
    if token not in TYPES:
        raise NotServedError("no example uses this type")
    return TYPES[token]


def _changed(request: Any) -> set[str]:
    olds, news = to_properties(request.old_inputs), to_properties(request.news)
    return {key for key in {**olds, **news} if olds.get(key) != news.get(key)}


def main() -> None:
    """Serve on a free port, which the engine reads from the standard output."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


main()
