"""WorkspacesPool, its typed arguments and outputs: what a program sees."""

# No annotations as text here: for each resource Pulumi would evaluate all of them again.
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi.dynamic

from .program import end_quietly

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict


class CapacityArgsDict(TypedDict):
    """The capacity of a pool, as a dictionary."""

    desired_user_sessions: pulumi.Input[int]
    """How many user sessions the pool is to offer: 0 or more."""


@pulumi.input_type
class CapacityArgs:
    """The capacity of a pool (API type Capacity)."""

    desired_user_sessions: pulumi.Input[int] = pulumi.property("desiredUserSessions")

    def __init__(self, *, desired_user_sessions: pulumi.Input[int]) -> None:
        """Declare a capacity.

        Args:
            desired_user_sessions: how many user sessions the pool is to offer: 0 or more.
        """
        pulumi.set(self, "desired_user_sessions", desired_user_sessions)


class ApplicationSettingsArgsDict(TypedDict):
    """Whether users' application settings persist, as a dictionary."""

    status: pulumi.Input[str]
    """ENABLED or DISABLED."""
    settings_group: NotRequired[pulumi.Input[str]]
    """The path prefix in the S3 bucket: at most 100 characters."""


@pulumi.input_type
class ApplicationSettingsArgs:
    """Whether users' application settings persist (API type ApplicationSettingsRequest)."""

    status: pulumi.Input[str]
    settings_group: pulumi.Input[str] | None = pulumi.property("settingsGroup")

    def __init__(
        self, *, status: pulumi.Input[str], settings_group: pulumi.Input[str] | None = None
    ) -> None:
        """Declare application settings.

        Args:
            status: ENABLED or DISABLED.
            settings_group: the path prefix in the S3 bucket, at most 100 characters; pools with the
                same one share their users' settings.
        """
        pulumi.set(self, "status", status)
        if settings_group is not None:
            pulumi.set(self, "settings_group", settings_group)


class TimeoutSettingsArgsDict(TypedDict, total=False):
    """When sessions end, as a dictionary; all in seconds."""

    disconnect_timeout_in_seconds: pulumi.Input[int]
    """How long a session outlives a disconnection: 60 to 36000 seconds."""
    idle_disconnect_timeout_in_seconds: pulumi.Input[int]
    """How long an idle user stays connected: 0 to 36000 seconds."""
    max_user_duration_in_seconds: pulumi.Input[int]
    """How long a session may last: 600 to 432000 seconds."""


@pulumi.input_type
class TimeoutSettingsArgs:
    """When sessions end (API type TimeoutSettings)."""

    disconnect_timeout_in_seconds: pulumi.Input[int] | None = pulumi.property(
        "disconnectTimeoutInSeconds"
    )
    idle_disconnect_timeout_in_seconds: pulumi.Input[int] | None = pulumi.property(
        "idleDisconnectTimeoutInSeconds"
    )
    max_user_duration_in_seconds: pulumi.Input[int] | None = pulumi.property(
        "maxUserDurationInSeconds"
    )

    def __init__(
        self,
        *,
        disconnect_timeout_in_seconds: pulumi.Input[int] | None = None,
        idle_disconnect_timeout_in_seconds: pulumi.Input[int] | None = None,
        max_user_duration_in_seconds: pulumi.Input[int] | None = None,
    ) -> None:
        """Declare when sessions end.

        Args:
            disconnect_timeout_in_seconds: how long a session outlives a disconnection: 60 to 36000
                seconds.
            idle_disconnect_timeout_in_seconds: how long an idle user stays connected: 0 to 36000
                seconds.
            max_user_duration_in_seconds: how long a session may last: 600 to 432000 seconds.
        """
        for name, value in (
            ("disconnect_timeout_in_seconds", disconnect_timeout_in_seconds),
            ("idle_disconnect_timeout_in_seconds", idle_disconnect_timeout_in_seconds),
            ("max_user_duration_in_seconds", max_user_duration_in_seconds),
        ):
            if value is not None:
                pulumi.set(self, name, value)


class AssumeRoleArgsDict(TypedDict):
    """A role to assume, as a dictionary."""

    role_arn: pulumi.Input[str]
    """The role's ARN."""
    external_id: NotRequired[pulumi.Input[str]]
    """What the role asks for of whoever assumes it: 2 to 1224 characters."""
    session_name: NotRequired[pulumi.Input[str]]
    """The name of the session in CloudTrail: 2 to 64 characters."""


@pulumi.input_type
class AssumeRoleArgs:
    """A role to assume (AssumeRole of the STS API)."""

    role_arn: pulumi.Input[str] = pulumi.property("roleArn")
    external_id: pulumi.Input[str] | None = pulumi.property("externalId")
    session_name: pulumi.Input[str] | None = pulumi.property("sessionName")

    def __init__(
        self,
        *,
        role_arn: pulumi.Input[str],
        external_id: pulumi.Input[str] | None = None,
        session_name: pulumi.Input[str] | None = None,
    ) -> None:
        """Declare a role to assume.

        Args:
            role_arn: the role's ARN.
            external_id: what the role asks for of whoever assumes it: 2 to 1224 characters.
            session_name: the name of the session in CloudTrail: 2 to 64 characters; left out,
                botocore makes one up.
        """
        pulumi.set(self, "role_arn", role_arn)
        for name, value in (("external_id", external_id), ("session_name", session_name)):
            if value is not None:
                pulumi.set(self, name, value)


@pulumi.output_type
class Capacity(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """The capacity of a pool."""

    desired_user_sessions: int = pulumi.property("desiredUserSessions")


@pulumi.output_type
class CapacityStatus(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """What a pool's capacity is being used for, when AWS last said (API type CapacityStatus)."""

    desired_user_sessions: int = pulumi.property("desiredUserSessions")
    available_user_sessions: int = pulumi.property("availableUserSessions")
    actual_user_sessions: int = pulumi.property("actualUserSessions")
    active_user_sessions: int = pulumi.property("activeUserSessions")


@pulumi.output_type
class ApplicationSettings(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """Whether users' application settings persist, and where."""

    status: str
    settings_group: str | None = pulumi.property("settingsGroup", default=None)
    s3_bucket_name: str | None = pulumi.property("s3BucketName", default=None)


@pulumi.output_type
class TimeoutSettings(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """When sessions end, in seconds."""

    disconnect_timeout_in_seconds: int | None = pulumi.property(
        "disconnectTimeoutInSeconds", default=None
    )
    idle_disconnect_timeout_in_seconds: int | None = pulumi.property(
        "idleDisconnectTimeoutInSeconds", default=None
    )
    max_user_duration_in_seconds: int | None = pulumi.property(
        "maxUserDurationInSeconds", default=None
    )


@pulumi.output_type
class WorkspacesPoolError(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """An error that AWS reports of a pool (API type WorkspacesPoolError)."""

    error_code: str | None = pulumi.property("errorCode", default=None)
    error_message: str | None = pulumi.property("errorMessage", default=None)


CapacityInput = pulumi.Input[CapacityArgs | CapacityArgsDict]
ApplicationSettingsInput = pulumi.Input[ApplicationSettingsArgs | ApplicationSettingsArgsDict]
AssumeRoleInput = pulumi.Input[AssumeRoleArgs | AssumeRoleArgsDict]
TimeoutSettingsInput = pulumi.Input[TimeoutSettingsArgs | TimeoutSettingsArgsDict]


@pulumi.input_type
class _Inputs(dict):  # type: ignore[type-arg]  # Pulumi reads the names and types off this class
    """The names and types of the inputs, from which Pulumi translates them for the engine."""

    description: pulumi.Input[str]
    bundle_id: pulumi.Input[str] = pulumi.property("bundleId")
    directory_id: pulumi.Input[str] = pulumi.property("directoryId")
    capacity: pulumi.Input[pulumi.InputType[CapacityArgs]]
    pool_name: pulumi.Input[str] | None = pulumi.property("poolName")
    application_settings: pulumi.Input[pulumi.InputType[ApplicationSettingsArgs]] | None = (
        pulumi.property("applicationSettings")
    )
    timeout_settings: pulumi.Input[pulumi.InputType[TimeoutSettingsArgs]] | None = pulumi.property(
        "timeoutSettings"
    )
    running_mode: pulumi.Input[str] | None = pulumi.property("runningMode")
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    desired_state: pulumi.Input[str] | None = pulumi.property("desiredState")
    disconnect_active_sessions: pulumi.Input[bool] | None = pulumi.property(
        "disconnectActiveSessions"
    )
    adopt_pool_id: pulumi.Input[str] | None = pulumi.property("adoptPoolId")
    assume_role: pulumi.Input[pulumi.InputType[AssumeRoleArgs]] | None = pulumi.property(
        "assumeRole"
    )
    region: pulumi.Input[str] | None

    def __init__(self, values: Mapping[str, Any]) -> None:
        # Outputs that are not inputs are listed too: that is how Pulumi comes to resolve them.
        super().__init__({**dict.fromkeys(_OUTPUTS), **values})


_OUTPUTS = (
    "pool_id",
    "pool_arn",
    "pool_name",
    "description",
    "bundle_id",
    "directory_id",
    "capacity",
    "capacity_status",
    "application_settings",
    "timeout_settings",
    "running_mode",
    "state",
    "errors",
    "created_at",
    "tags",
    "region",
)


class WorkspacesPool(pulumi.dynamic.Resource, module="workspaces", name="WorkspacesPool"):
    """An Amazon WorkSpaces Pool.

    Creating, changing and deleting one follow CreateWorkspacesPool, UpdateWorkspacesPool,
    StartWorkspacesPool, StopWorkspacesPool and TerminateWorkspacesPool. A new name, region or
    account replaces the pool; everything else is changed in place.
    """

    pool_id: pulumi.Output[str] = pulumi.property("poolId")
    """The pool's id, `wspool-` and 9 characters; also the resource's id."""
    pool_arn: pulumi.Output[str] = pulumi.property("poolArn")
    """The pool's Amazon Resource Name."""
    pool_name: pulumi.Output[str] = pulumi.property("poolName")
    """The pool's name."""
    description: pulumi.Output[str]
    """The pool's description."""
    bundle_id: pulumi.Output[str] = pulumi.property("bundleId")
    """The bundle that the pool's machines are made from."""
    directory_id: pulumi.Output[str] = pulumi.property("directoryId")
    """The directory that the pool belongs to."""
    capacity: pulumi.Output[Capacity]
    """The capacity that the pool is to have."""
    capacity_status: pulumi.Output[CapacityStatus] = pulumi.property("capacityStatus")
    """What the capacity was being used for when the pool was last read."""
    application_settings: pulumi.Output[ApplicationSettings | None] = pulumi.property(
        "applicationSettings"
    )
    """Whether users' application settings persist, and in which S3 bucket."""
    timeout_settings: pulumi.Output[TimeoutSettings | None] = pulumi.property("timeoutSettings")
    """When sessions end."""
    running_mode: pulumi.Output[str] = pulumi.property("runningMode")
    """AUTO_STOP or ALWAYS_ON."""
    state: pulumi.Output[str]
    """The pool's state when it was last read, such as RUNNING or STOPPED."""
    errors: pulumi.Output[Sequence[WorkspacesPoolError]]
    """What AWS reports to be wrong with the pool."""
    created_at: pulumi.Output[str] = pulumi.property("createdAt")
    """When the pool was created, as an ISO 8601 time."""
    tags: pulumi.Output[Mapping[str, str]]
    """The pool's tags, but for AWS's own."""
    region: pulumi.Output[str]
    """The region that the pool is in."""

    def __init__(
        self,
        resource_name: str,
        *,
        description: pulumi.Input[str],
        bundle_id: pulumi.Input[str],
        directory_id: pulumi.Input[str],
        capacity: CapacityInput,
        pool_name: pulumi.Input[str] | None = None,
        application_settings: ApplicationSettingsInput | None = None,
        timeout_settings: TimeoutSettingsInput | None = None,
        running_mode: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        desired_state: pulumi.Input[str] | None = None,
        disconnect_active_sessions: pulumi.Input[bool] | None = None,
        adopt_pool_id: pulumi.Input[str] | None = None,
        assume_role: AssumeRoleInput | None = None,
        region: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
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
            opts: Pulumi's resource options; `custom_timeouts` is 30 minutes for each operation
                where it is left out.
        """
        self._register(
            resource_name,
            {
                "description": description,
                "bundle_id": bundle_id,
                "directory_id": directory_id,
                "capacity": capacity,
                "pool_name": pool_name,
                "application_settings": application_settings,
                "timeout_settings": timeout_settings,
                "running_mode": running_mode,
                "tags": tags,
                "desired_state": desired_state,
                "disconnect_active_sessions": disconnect_active_sessions,
                "adopt_pool_id": adopt_pool_id,
                "assume_role": assume_role,
                "region": region,
            },
            opts,
        )

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
        by_id = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        pool._register(resource_name, {"assume_role": assume_role, "region": region}, by_id)
        return pool

    def _register(
        self, resource_name: str, values: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        # A program that imports the package, but declares no pool, need not load the provider.
        from .provider import WorkspacesPoolProvider  # noqa: PLC0415

        end_quietly()
        super().__init__(WorkspacesPoolProvider(), resource_name, _Inputs(values), opts)
