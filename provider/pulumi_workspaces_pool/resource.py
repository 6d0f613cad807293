"""WorkspacesPool, its typed arguments and outputs: what a program sees."""

# No annotations as text here: for each resource Pulumi would evaluate all of them again.
import contextlib
import functools
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, overload

import pulumi
import pulumi.dynamic
from pulumi.dynamic.dynamic import PROVIDER_KEY

from .inputs import (
    id_for_engine,
    in_pythons_spelling,
    inputs_for_engine,
    secret_names,
)
from .masking import DEFAULT_TAGS, SECRETS_KEY
from .nested import (
    ApplicationSettings,
    ApplicationSettingsArgs,
    ApplicationSettingsArgsDict,
    AssumeRoleArgs,
    AssumeRoleInput,
    Capacity,
    CapacityArgs,
    CapacityArgsDict,
    CapacityStatus,
    TimeoutSettings,
    TimeoutSettingsArgs,
    TimeoutSettingsArgsDict,
    WorkspacesPoolError,
    input_type,
    named,
)
from .options import (
    Members,
    checked,
    options_for_engine,
    plain_aliases,
    warn_of_inherited_provider,
)

_LANGUAGE_HOST = "pulumi-language-python-exec"


@input_type
class WorkspacesPoolArgs:
    """The arguments of a `WorkspacesPool`, which describes them."""

    # Nested types as `InputType`: from it Pulumi translates their names for the engine.
    description: pulumi.Input[str]
    bundle_id: pulumi.Input[str]
    directory_id: pulumi.Input[str]
    capacity: pulumi.Input[pulumi.InputType[CapacityArgs]]
    pool_name: pulumi.Input[str] | None = None
    application_settings: pulumi.Input[pulumi.InputType[ApplicationSettingsArgs]] | None = None
    timeout_settings: pulumi.Input[pulumi.InputType[TimeoutSettingsArgs]] | None = None
    running_mode: pulumi.Input[str] | None = None
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None
    desired_state: pulumi.Input[str] | None = None
    disconnect_active_sessions: pulumi.Input[bool] | None = None
    adopt_pool_id: pulumi.Input[str] | None = None
    assume_role: pulumi.Input[pulumi.InputType[AssumeRoleArgs]] | None = None
    region: pulumi.Input[str] | None = None


_OBJECTS: dict[str, type] = {
    "capacity": CapacityArgs,
    "application_settings": ApplicationSettingsArgs,
    "timeout_settings": TimeoutSettingsArgs,
    "assume_role": AssumeRoleArgs,
}


class _Properties(WorkspacesPoolArgs, dict):  # type: ignore[type-arg]  # Pulumi adds the provider to it
    def __init__(self, inputs: Mapping[str, Any]) -> None:
        dict.__init__(self, _properties(inputs))


def _properties(inputs: Mapping[str, Any]) -> dict[str, Any]:
    # Outputs that are not inputs are listed too: that is how Pulumi comes to resolve them.
    carried = inputs_for_engine(inputs, _OBJECTS)
    outputs = dict.fromkeys(WorkspacesPool.__annotations__)
    configured = [DEFAULT_TAGS] if pulumi.runtime.is_config_secret(DEFAULT_TAGS) else []
    return {**outputs, **carried, SECRETS_KEY: secret_names(carried, configured)}


@named
class WorkspacesPool(pulumi.dynamic.Resource, module="workspaces", name="WorkspacesPool"):
    """An Amazon WorkSpaces Pool.

    Creating, changing and deleting one follow CreateWorkspacesPool, UpdateWorkspacesPool,
    StartWorkspacesPool, StopWorkspacesPool and TerminateWorkspacesPool. A new name, region or
    account replaces the pool; everything else is changed in place.
    """

    pool_id: pulumi.Output[str]
    """The pool's id, `wspool-` and 9 characters; also the resource's id."""
    pool_arn: pulumi.Output[str]
    """The pool's Amazon Resource Name."""
    pool_name: pulumi.Output[str]
    """The pool's name."""
    description: pulumi.Output[str]
    """The pool's description."""
    bundle_id: pulumi.Output[str]
    """The bundle that the pool's machines are made from."""
    directory_id: pulumi.Output[str]
    """The directory that the pool belongs to."""
    capacity: pulumi.Output[Capacity]
    """The capacity that the pool is to have."""
    capacity_status: pulumi.Output[CapacityStatus]
    """What the capacity was being used for when the pool was last read."""
    application_settings: pulumi.Output[ApplicationSettings | None]
    """Whether users' application settings persist, and in which S3 bucket."""
    timeout_settings: pulumi.Output[TimeoutSettings | None]
    """When sessions end."""
    running_mode: pulumi.Output[str]
    """AUTO_STOP or ALWAYS_ON."""
    state: pulumi.Output[str]
    """The pool's state when it was last read, such as RUNNING or STOPPED."""
    errors: pulumi.Output[Sequence[WorkspacesPoolError]]
    """What AWS reports to be wrong with the pool."""
    created_at: pulumi.Output[str]
    """When the pool was created, as an ISO 8601 time."""
    tags: pulumi.Output[Mapping[str, str]]
    """The pool's tags, but for AWS's own and those that `aws:defaultTags` alone gave it."""
    tags_all: pulumi.Output[Mapping[str, str]]
    """All of the pool's tags but AWS's own; a secret, as a default tag may be one."""
    region: pulumi.Output[str]
    """The region that the pool is in."""

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        description: pulumi.Input[str],
        bundle_id: pulumi.Input[str],
        directory_id: pulumi.Input[str],
        capacity: pulumi.Input[CapacityArgs | CapacityArgsDict],
        pool_name: pulumi.Input[str] | None = None,
        application_settings: (
            pulumi.Input[ApplicationSettingsArgs | ApplicationSettingsArgsDict] | None
        ) = None,
        timeout_settings: pulumi.Input[TimeoutSettingsArgs | TimeoutSettingsArgsDict] | None = None,
        running_mode: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        desired_state: pulumi.Input[str] | None = None,
        disconnect_active_sessions: pulumi.Input[bool] | None = None,
        adopt_pool_id: pulumi.Input[str] | None = None,
        assume_role: AssumeRoleInput | None = None,
        region: pulumi.Input[str] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        args: WorkspacesPoolArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *given: Any, **arguments: Any) -> None:  # noqa: D417  # named above
        """Declare a pool.

        Args:
            resource_name: the name of the resource in the program.
            description: 1 to 255 characters: letters, digits, spaces and _ . / ( ) -
            bundle_id: the bundle of the pool's machines, such as `wsb-1a2b3c4d5`.
            directory_id: a directory registered for POOLS, such as `wsd-1a2b3c4d5`.
            capacity: how many user sessions the pool is to offer.
            pool_name: 1 to 64 characters: letters, digits and _ . -, the first a letter or digit;
                left out, the pool is named after the resource. A new name replaces the pool.
            application_settings: whether users' application settings persist.
            timeout_settings: when sessions end.
            running_mode: AUTO_STOP (AWS's default) or ALWAYS_ON; on a running pool a change stops
                it, changes it and starts it again.
            tags: at most 49 tags; keys of up to 127 and values of up to 255 characters.
            desired_state: RUNNING or STOPPED is kept; left out, starting and stopping the pool is
                left to others.
            disconnect_active_sessions: whether a stop or a delete may end the sessions of users;
                otherwise a pool in use is an error.
            adopt_pool_id: a pool to take over instead of creating one.
            assume_role: a role to assume for this pool, after those of `aws:assumeRoles`; a role of
                another account replaces the pool.
            region: the pool's region; left out, `aws:region` or that of boto3's environment. A new
                region replaces the pool.
            args: all arguments but the name and the options, in place of single ones.
            opts: Pulumi's resource options, second where there is no `args`; `custom_timeouts` is
                30 minutes for each operation where it is left out.
        """  # the overloads name the arguments
        self._register(resource_name, *_declaration(*given, **arguments))

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002  # the name that every Pulumi resource gives it
        opts: pulumi.ResourceOptions | None = None,
        *,
        assume_role: AssumeRoleInput | None = None,
        region: pulumi.Input[str] | None = None,
    ) -> "WorkspacesPool":
        """Read a pool that something else manages.

        Args:
            resource_name: the name of the resource in the program.
            id: the pool's id, such as `wspool-1a2b3c4d5`.
            opts: Pulumi's resource options.
            assume_role: a role to assume for this pool, after those of `aws:assumeRoles`.
            region: the pool's region; left out, `aws:region` or that of boto3's environment.

        Returns:
            The pool, whose outputs are what AWS holds.
        """
        pool = cls.__new__(cls)
        pool._register(resource_name, {"assume_role": assume_role, "region": region}, opts, id)
        return pool

    def _register(
        self, resource_name: str, inputs: Mapping[str, Any], opts: Any, pool_id: Any = ...
    ) -> None:
        # A program that imports the package, but declares no pool, need not load the provider.
        from .provider import WorkspacesPoolProvider  # noqa: PLC0415

        _end_quietly()
        ours = options_for_engine(opts, resource_name, *_property_paths())
        ours.id = ours.id if pool_id is ... else id_for_engine(pool_id)
        provider = WorkspacesPoolProvider(pulumi.get_organization(), plain_aliases(opts))
        # The provider will be among the properties.
        self._declared = _Properties(inputs)
        with unpatched_pickler():
            super().__init__(provider, resource_name, self._declared, ours)
        is_placed = inputs.get("region") is not None or inputs.get("assume_role") is not None
        warn_of_inherited_provider(self, ours, is_placed)

    @property
    def _transformations(self) -> list[pulumi.ResourceTransformation]:
        """Those that apply to the pool, its parents' included, and what they lead to is checked."""
        given = [checked(transformation) for transformation in self._given_transformations]
        return [*given, self._transformed] if given else []

    @_transformations.setter
    def _transformations(self, given: list[pulumi.ResourceTransformation]) -> None:
        self._given_transformations = given

    def _transformed(
        self, args: pulumi.ResourceTransformationArgs
    ) -> pulumi.ResourceTransformationResult | None:
        if args.resource is not self:  # but a child, which inherits the transformations
            return None
        inputs, outputs = _property_paths()
        given = in_pythons_spelling(args.props, {*inputs, *outputs})
        own = {name: value for name, value in given.items() if not name.startswith("__")}
        props = {**_properties(own), PROVIDER_KEY: self._declared[PROVIDER_KEY]}
        opts = options_for_engine(args.opts, args.name, inputs, outputs)
        return pulumi.ResourceTransformationResult(props, opts)


@contextlib.contextmanager
def unpatched_pickler() -> Iterator[None]:
    """Undo what the SDK puts around these methods for every dynamic resource of a process.

    A thousand pools would be sorted a thousand times each, and end in a RecursionError.
    """
    methods = {name: getattr(pickle._Pickler, name) for name in ("_batch_setitems", "save_dict")}
    try:
        yield
    finally:
        for name, method in methods.items():
            setattr(pickle._Pickler, name, method)


@functools.cache
def _property_paths() -> tuple[Members, Members]:
    """The inputs and the outputs that a property path may name, and what is in them."""
    nested = {name: list(kind.__annotations__) for name, kind in _OBJECTS.items()}
    nested["capacity_status"] = list(CapacityStatus.__annotations__)
    below: Members = {**nested, "tags": None, "errors": None}
    inputs, outputs = (
        {name: below.get(name, ()) for name in kind.__annotations__}
        for kind in (WorkspacesPoolArgs, WorkspacesPool)
    )
    return inputs, {**outputs, "application_settings": list(ApplicationSettings.__annotations__)}


def _declaration(args: Any = None, opts: Any = None, **arguments: Any) -> tuple[Any, Any]:
    """The inputs and the options of a declaration in either of its forms."""
    if isinstance(args, WorkspacesPoolArgs):
        arguments = {**vars(args), **arguments}
    elif args is not None:
        if opts is not None:
            raise TypeError("a WorkspacesPool takes WorkspacesPoolArgs and opts, or opts alone")
        opts = args
    return vars(WorkspacesPoolArgs(**arguments)), opts


def _end_quietly() -> None:
    """Show no traceback where the engine ends the program, as it does when a resource fails.

    The engine interrupts the program, which waits for its outputs: the traceback of the
    KeyboardInterrupt would bury the reason of the failure.
    """
    in_language_host = any(Path(word).name == _LANGUAGE_HOST for word in sys.orig_argv)
    # A program that has a hook of its own reports as it likes.
    if in_language_host and sys.excepthook is sys.__excepthook__:
        sys.excepthook = _report


def _report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        # The SDK's coroutines, which are dropped with their loop, would complain as well.
        sys.unraisablehook = lambda _complaint: None
    else:
        sys.__excepthook__(kind, error, traceback)
