"""The engine's gRPC services: what programs and plugins call.

``ResourceMonitor`` takes registrations, ``Engine`` takes messages. Follows the protocol in
``pulumi.runtime.proto`` and https://pulumi-developer-docs.readthedocs.io/latest/docs/references/protobuf.html.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import (
    alias_pb2,
    callback_pb2,
    callback_pb2_grpc,
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
)

from .errors import StepError
from .goals import Alias, Goal, OutputsRequest, ReadRequest, Registration
from .plugins import CHANNEL_OPTIONS, rpc_message
from .project import Value
from .providers import ProviderRegistry
from .state import Resource
from .urns import (
    DYNAMIC_PACKAGE,
    PROVIDER_PREFIX,
    is_provider_type,
    package_of,
    provided_package,
    split_reference,
    urn_type,
)
from .values import (
    Properties,
    from_struct,
    from_value,
    output_dependencies,
    secret,
    to_struct,
    with_dependencies,
    without_outputs,
)

_FEATURE = resource_pb2.ResourceMonitorFeature
_FEATURES = {
    "secrets": _FEATURE.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": _FEATURE.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": _FEATURE.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "aliasSpecs": _FEATURE.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "deletedWith": _FEATURE.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "replaceWith": _FEATURE.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "replacementTrigger": _FEATURE.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    "transforms": _FEATURE.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "invokeTransforms": _FEATURE.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
}
# A call that waits holds a thread, and a program waits for as many resources as it likes.
_THREADS = 4096


class ShutDownError(Exception):
    """The run is over; whoever still waits gets no answer."""


class Session(Protocol):
    """What the services need of the run."""

    registry: ProviderRegistry

    @property
    def project(self) -> str:
        """The project's name."""

    @property
    def stack(self) -> str:
        """The stack's name."""

    @property
    def config(self) -> Mapping[str, Value]:
        """The stack's configuration."""

    @property
    def preview(self) -> bool:
        """Whether nothing is really done."""

    @property
    def parallel(self) -> int:
        """How many steps are done at once."""

    def ask(self, event: Registration | ReadRequest) -> Future[Resource]:
        """Hand an event over to be worked on."""

    def outputs(self, event: OutputsRequest) -> Future[None]:
        """Hand a component's outputs over."""

    def wait_for_end(self) -> None:
        """Wait until the program is not needed any more."""

    def log(self, severity: int, message: str, urn: str, *, ephemeral: bool) -> None:
        """Show what a program or plugin has to say."""


class Server:
    """The services on a port of their own."""

    def __init__(self, session: Session) -> None:
        """Start serving.

        Args:
            session: the run that they serve.
        """
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="service")
        self._server = grpc.server(self._threads, options=CHANNEL_OPTIONS)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(
            ResourceMonitor(session), self._server
        )
        engine_pb2_grpc.add_EngineServicer_to_server(Engine(session), self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self) -> None:
        """End the services. Nobody must be waiting for an answer any more."""
        self._server.stop(grace=1.0).wait()
        self._threads.shutdown(wait=False)


class Engine(engine_pb2_grpc.EngineServicer):
    """Takes messages, and keeps the root resource."""

    def __init__(self, session: Session) -> None:
        """Serve a run."""
        self._session = session
        self._root = ""

    def Log(  # noqa: N802 the protocol's name
        self,
        request: engine_pb2.LogRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> empty_pb2.Empty:
        """Show a message."""
        self._session.log(
            request.severity, request.message, request.urn, ephemeral=request.ephemeral
        )
        return empty_pb2.Empty()

    def GetRootResource(  # noqa: N802 the protocol's name
        self,
        request: engine_pb2.GetRootResourceRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> engine_pb2.GetRootResourceResponse:
        """Tell the root resource."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(  # noqa: N802 the protocol's name
        self,
        request: engine_pb2.SetRootResourceRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> engine_pb2.SetRootResourceResponse:
        """Keep the root resource."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()


@dataclass
class _Known:
    """What later registrations inherit from one that was answered."""

    goal: Goal
    providers: Mapping[str, str]
    transforms: list[Transform] = field(default_factory=list)


class ResourceMonitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Takes what a program asks for."""

    def __init__(self, session: Session) -> None:
        """Serve a run."""
        self._session = session
        self._guard = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._defaults: dict[str, Future[Resource]] = {}
        self._stack_transforms: list[Transform] = []
        self._stack_invoke_transforms: list[InvokeTransform] = []

    # -- what is supported --

    def SupportsFeature(  # noqa: N802 the protocol's name
        self,
        request: resource_pb2.SupportsFeatureRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> resource_pb2.SupportsFeatureResponse:
        """Tell whether a feature is supported."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def GetDeploymentInfo(  # noqa: N802 the protocol's name
        self,
        request: empty_pb2.Empty,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> resource_pb2.DeploymentInfo:
        """Tell what the run is about."""
        session = self._session
        return resource_pb2.DeploymentInfo(
            project=session.project,
            stack=session.stack,
            organization="organization",
            config={key: value.text for key, value in session.config.items()},
            configSecretKeys=[key for key, value in session.config.items() if value.secret],
            dryRun=session.preview,
            parallel=session.parallel,
            supportedFeatures=list(_FEATURES.values()),
        )

    def Call(  # noqa: N802 the protocol's name
        self, request: resource_pb2.ResourceCallRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CallResponse:
        """Refuse to call a resource's method."""
        _refuse(context, f"calling methods of resources ({request.tok})")

    def RegisterPackage(  # noqa: N802 the protocol's name
        self, request: resource_pb2.RegisterPackageRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterPackageResponse:
        """Refuse parameterised packages."""
        _refuse(context, f"parameterized packages ({request.name})")

    def RegisterResourceHook(  # noqa: N802 the protocol's name
        self, request: resource_pb2.RegisterResourceHookRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Refuse hooks."""
        _refuse(context, f"resource hooks ({request.name})")

    def RegisterErrorHook(  # noqa: N802 the protocol's name
        self, request: resource_pb2.RegisterErrorHookRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Refuse hooks."""
        _refuse(context, f"error hooks ({request.name})")

    # -- transforms --

    def RegisterStackTransform(  # noqa: N802 the protocol's name
        self,
        request: callback_pb2.Callback,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> empty_pb2.Empty:
        """Take a transform of all resources."""
        with self._guard:
            self._stack_transforms.append(Transform(request))
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(  # noqa: N802 the protocol's name
        self,
        request: callback_pb2.Callback,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> empty_pb2.Empty:
        """Take a transform of all invokes."""
        with self._guard:
            self._stack_invoke_transforms.append(InvokeTransform(request))
        return empty_pb2.Empty()

    # -- resources --

    def RegisterResource(  # noqa: N802 the protocol's name
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        """Take a registration, and answer once the resource is there."""
        with _answering(context):
            return self._register(request, context)

    def _register(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        _refuse_options(request, context)
        self._inherit(request)
        transforms = self._transforms(request)
        properties, options = _transformed(request, self._options(request), transforms)
        goal = _goal(request, options, properties)
        providers = self._component_providers(request, options)
        if goal.custom and not is_provider_type(goal.type):
            goal.provider = self._provider_reference(
                goal.type, options.provider, options.version, options.plugin_download_url
            )
        if is_provider_type(goal.type) and options.version:
            goal.properties["version"] = options.version
        resource = self._session.ask(Registration(goal)).result()
        with self._guard:
            own = [Transform(callback) for callback in request.transforms]
            self._known[resource.urn] = _Known(goal, providers, own)
        # A component's outputs are those of an earlier run until it tells them.
        outputs = resource.outputs if goal.custom else {}
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn,
            id=resource.id,
            object=to_struct(outputs, secrets=request.acceptSecrets),
        )

    def RegisterResourceOutputs(  # noqa: N802 the protocol's name
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Take a component's outputs."""
        with _answering(context):
            outputs = without_outputs(from_struct(request.outputs))
            self._session.outputs(OutputsRequest(request.urn, outputs)).result()
        return empty_pb2.Empty()

    def ReadResource(  # noqa: N802 the protocol's name
        self, request: resource_pb2.ReadResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ReadResourceResponse:
        """Read a resource that the stack does not manage."""
        with _answering(context):
            reference = self._provider_reference(
                request.type, request.provider, request.version, request.pluginDownloadURL
            )
            event = ReadRequest(
                type=request.type,
                name=request.name,
                id=from_value_string(request.id),
                parent=request.parent,
                provider=reference,
                properties=without_outputs(from_struct(request.properties)),
                dependencies=list(request.dependencies),
                additional_secret_outputs=list(request.additionalSecretOutputs),
            )
            resource = self._session.ask(event).result()
            return resource_pb2.ReadResourceResponse(
                urn=resource.urn,
                properties=to_struct(resource.outputs, secrets=request.acceptSecrets),
            )

    def Invoke(  # noqa: N802 the protocol's name
        self, request: resource_pb2.ResourceInvokeRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ResourceInvokeResponse:
        """Call a function of a provider."""
        with _answering(context):
            return self._invoke(request)

    def _invoke(
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        arguments = without_outputs(from_struct(request.args))
        options = resource_pb2.TransformInvokeOptions(
            provider=request.provider or self._parents_provider(request.parent, request.tok),
            version=request.version,
            plugin_download_url=request.pluginDownloadURL,
        )
        for transform in list(self._stack_invoke_transforms):
            arguments, options = transform(request.tok, arguments, options)
        reference = self._provider_reference(
            request.tok, options.provider, options.version, options.plugin_download_url
        )
        provider = self._session.registry.find(reference)
        if provider is None:
            raise StepError(f"unknown provider '{reference}'")
        try:
            returned, failures = provider.invoke(request.tok, arguments, self._session.preview)
        except StepError as error:
            raise StepError(f"invocation of {request.tok} returned an error: {error}") from None
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(returned, secrets=True))
        for failure in failures:
            response.failures.add(property=failure.property, reason=failure.reason)
        return response

    def SignalAndWaitForShutdown(  # noqa: N802 the protocol's name
        self,
        request: empty_pb2.Empty,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> empty_pb2.Empty:
        """The program has registered everything; answer when it may end."""
        self._session.wait_for_end()
        return empty_pb2.Empty()

    # -- what a registration inherits --

    def _inherit(self, request: resource_pb2.RegisterResourceRequest) -> None:
        with self._guard:
            parent = self._known.get(request.parent)
        if parent is None:
            return
        goal = parent.goal
        if not request.deletedWith:
            request.deletedWith = goal.deleted_with
        if not request.HasField("protect") and goal.protect is not None:
            request.protect = goal.protect
        if not request.HasField("retainOnDelete") and goal.retain_on_delete is not None:
            request.retainOnDelete = goal.retain_on_delete
        if not request.provider and goal.provider:
            package = provided_package(urn_type(split_reference(goal.provider)[0]))
            if not request.custom or package == package_of(request.type):
                request.provider = goal.provider

    def _parents_provider(self, parent: str, token: str) -> str:
        with self._guard:
            known = self._known.get(parent)
        return known.providers.get(package_of(token), "") if known else ""

    def _component_providers(
        self,
        request: resource_pb2.RegisterResourceRequest,
        options: resource_pb2.TransformResourceOptions,
    ) -> dict[str, str]:
        providers = dict(options.providers)
        with self._guard:
            parent = self._known.get(request.parent)
        if parent is not None and not request.custom:
            providers = {**parent.providers, **providers}
        return providers

    def _options(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.TransformResourceOptions:
        options = resource_pb2.TransformResourceOptions(
            depends_on=request.dependencies,
            ignore_changes=request.ignoreChanges,
            replace_on_changes=request.replaceOnChanges,
            version=request.version,
            provider=request.provider,
            plugin_download_url=request.pluginDownloadURL,
            deleted_with=request.deletedWith,
            additional_secret_outputs=request.additionalSecretOutputs,
            providers=request.providers,
            replace_with=request.replace_with,
            aliases=[*(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs), *request.aliases],
        )
        if request.HasField("protect"):
            options.protect = request.protect
        if request.HasField("retainOnDelete"):
            options.retain_on_delete = request.retainOnDelete
        if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
            options.delete_before_replace = request.deleteBeforeReplace
        if request.HasField("customTimeouts"):
            options.custom_timeouts.CopyFrom(request.customTimeouts)
        if request.HasField("replacement_trigger"):
            options.replacement_trigger.CopyFrom(request.replacement_trigger)
        if request.custom and not options.provider:
            package = package_of(request.type)
            found = options.providers.get(package)
            options.provider = found or self._parents_provider(request.parent, request.type)
        return options

    def _transforms(self, request: resource_pb2.RegisterResourceRequest) -> list[Transform]:
        transforms = [Transform(callback) for callback in request.transforms]
        with self._guard:
            parent = self._known.get(request.parent)
            while parent is not None:
                transforms += parent.transforms
                parent = self._known.get(parent.goal.parent)
            return transforms + self._stack_transforms

    # -- default providers --

    def _provider_reference(self, token: str, given: str, version: str, url: str) -> str:
        if given or is_provider_type(token):
            return given
        package = package_of(token)
        if package != "pulumi":
            self._refuse_default(package, token)
        name = "default"
        if package != DYNAMIC_PACKAGE and version:
            name += "_" + re.sub(r"[^A-Za-z0-9]", "_", version)
        with self._guard:
            known = self._defaults.get(f"{package}/{name}")
            if known is None:
                goal = Goal(f"{PROVIDER_PREFIX}{package}", name, custom=True)
                goal.properties = self._package_config(package)
                goal.properties.update({"version": version} if version else {})
                goal.properties.update({"pluginDownloadURL": url} if url else {})
                known = self._session.ask(Registration(goal))
                self._defaults[f"{package}/{name}"] = known
        resource = known.result()
        return f"{resource.urn}::{resource.id}"

    def _refuse_default(self, package: str, token: str) -> None:
        disabled = self._session.config.get("pulumi:disable-default-providers")
        names = re.findall(r'"\s*([^"]*?)\s*"', disabled.text) if disabled else []
        if package in names or "*" in names:
            raise StepError(
                f"Default provider for '{package}' disabled. "
                f"'{token}' must use an explicit provider."
            )

    def _package_config(self, package: str) -> Properties:
        # The dynamic host gets everything: its providers look their configuration up by full keys.
        config: Properties = {}
        for key, value in self._session.config.items():
            namespace, _, name = key.partition(":")
            text = secret(value.text) if value.secret else value.text
            if package == DYNAMIC_PACKAGE:
                config[key] = text
            elif namespace == package:
                config[name] = text
        return config


class _answering:  # noqa: N801 used as a statement, not as a class
    """Turns what goes wrong in a call into the call's status."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        """Watch over one call."""
        self._context = context

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Abort the call where something went wrong."""
        if isinstance(error, ShutDownError):
            self._context.abort(grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")
        if isinstance(error, (StepError, ValueError)):
            self._context.abort(grpc.StatusCode.UNKNOWN, str(error))
        if isinstance(error, grpc.RpcError):
            self._context.abort(grpc.StatusCode.UNKNOWN, rpc_message(error))


def _refuse(context: grpc.ServicerContext, what: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the local engine does not support {what}")
    raise AssertionError  # pragma: no cover - abort raises


def _refuse_options(
    request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
) -> None:
    refused = {
        "remote components": request.remote,
        "the resource option 'import'": bool(request.importId),
        "parameterized packages": bool(request.packageRef),
        "the resource option 'hooks'": bool(request.hooks.ListFields()),
        "the resource option 'envVarMappings'": bool(request.envVarMappings),
        "the resource option 'stateMigrations'": bool(request.state_migrations),
    }
    for what, used in refused.items():
        if used:
            _refuse(context, f"{what} (resource {request.name!r} of type {request.type})")


def _goal(
    request: resource_pb2.RegisterResourceRequest,
    options: resource_pb2.TransformResourceOptions,
    properties: Properties,
) -> Goal:
    dependencies = set(options.depends_on if request.transforms else request.dependencies)
    if request.transforms:
        # The resource's own transforms have put other values in: what they depend on is in them.
        by_property = {key: output_dependencies(value) for key, value in properties.items()}
        dependencies.update(*by_property.values())
    else:
        by_property = _property_dependencies(request, properties)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        properties=without_outputs(properties),
        parent=request.parent,
        provider=options.provider,
        protect=options.protect if options.HasField("protect") else None,
        retain_on_delete=(
            options.retain_on_delete if options.HasField("retain_on_delete") else None
        ),
        delete_before_replace=(
            options.delete_before_replace if options.HasField("delete_before_replace") else None
        ),
        dependencies=sorted(dependencies),
        property_dependencies={key: sorted(urns) for key, urns in by_property.items()},
        ignore_changes=list(options.ignore_changes),
        replace_on_changes=list(options.replace_on_changes),
        replace_with=list(options.replace_with),
        replacement_trigger=(
            without_outputs(from_value(options.replacement_trigger))
            if options.HasField("replacement_trigger")
            else None
        ),
        additional_secret_outputs=list(options.additional_secret_outputs),
        aliases=[_alias(alias) for alias in options.aliases],
        custom_timeouts=_timeouts(options),
        deleted_with=options.deleted_with,
    )


def _property_dependencies(
    request: resource_pb2.RegisterResourceRequest, properties: Properties
) -> dict[str, set[str]]:
    if not request.propertyDependencies:
        return {key: set(request.dependencies) for key in properties}
    found = {key: set(entry.urns) for key, entry in request.propertyDependencies.items()}
    for key, value in properties.items():
        found.setdefault(key, set()).update(output_dependencies(value))
    return found


def _alias(alias: alias_pb2.Alias) -> Alias:
    if alias.WhichOneof("alias") != "spec":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def _timeouts(options: resource_pb2.TransformResourceOptions) -> dict[str, float]:
    given = options.custom_timeouts
    texts = {name: getattr(given, name) for name in ("create", "update", "delete", "read")}
    return {name: parse_duration(text) for name, text in texts.items() if text}


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(text: str) -> float:
    """Read a duration such as ``1h30m`` or ``90s``.

    Returns:
        Seconds.

    Raises:
        StepError: it is none.
    """
    parts = re.findall(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)", text)
    if not parts or "".join(map("".join, parts)) != text:
        raise StepError(f"unable to parse customTimeout Value {text}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def from_value_string(text: str) -> Any:
    """Read an id, which may be one that is not known yet."""
    return from_value(struct_pb2.Value(string_value=text))


# -- callbacks --------------------------------------------------------------------------------


class _Callback:
    """A function in the program that the engine can call."""

    def __init__(self, callback: callback_pb2.Callback) -> None:
        """Connect to the program."""
        self._token = callback.token
        channel = grpc.insecure_channel(callback.target, options=CHANNEL_OPTIONS)
        self._stub = callback_pb2_grpc.CallbacksStub(channel)

    def call(self, request: bytes) -> bytes:
        """Call it with a serialised request."""
        invoke = callback_pb2.CallbackInvokeRequest(token=self._token, request=request)
        response: bytes = self._stub.Invoke(invoke).response
        return response


class Transform(_Callback):
    """Changes a registration before the engine sees it."""

    def __call__(
        self,
        request: resource_pb2.RegisterResourceRequest,
        properties: Properties,
        options: resource_pb2.TransformResourceOptions,
    ) -> tuple[Properties, resource_pb2.TransformResourceOptions]:
        """Transform properties and options."""
        message = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=to_struct(properties, secrets=True),
            options=options,
        )
        answer = self.call(message.SerializeToString())
        response = resource_pb2.TransformResponse.FromString(answer)
        return (
            from_struct(response.properties) if response.HasField("properties") else properties,
            response.options if response.HasField("options") else options,
        )


class InvokeTransform(_Callback):
    """Changes a function call before the engine sees it."""

    def __call__(
        self, token: str, arguments: Properties, options: resource_pb2.TransformInvokeOptions
    ) -> tuple[Properties, resource_pb2.TransformInvokeOptions]:
        """Transform arguments and options."""
        message = resource_pb2.TransformInvokeRequest(
            token=token, args=to_struct(arguments, secrets=True), options=options
        )
        answer = self.call(message.SerializeToString())
        response = resource_pb2.TransformInvokeResponse.FromString(answer)
        return (
            without_outputs(from_struct(response.args)) if response.HasField("args") else arguments,
            response.options if response.HasField("options") else options,
        )


def _transformed(
    request: resource_pb2.RegisterResourceRequest,
    options: resource_pb2.TransformResourceOptions,
    transforms: Iterable[Transform],
) -> tuple[Properties, resource_pb2.TransformResourceOptions]:
    properties = from_struct(request.object)
    if request.transforms:
        by_property = _property_dependencies(request, properties)
        properties = {
            key: with_dependencies(value, by_property.get(key, ()))
            for key, value in properties.items()
        }
    for transform in transforms:
        properties, options = transform(request, properties, options)
    return properties, options
