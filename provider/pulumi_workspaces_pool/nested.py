"""The objects in a pool's arguments and outputs, as types of Pulumi's."""

# No annotations as text here: for each resource Pulumi would evaluate all of them again.
import sys
from typing import TypeVar

import pulumi

from .inputs import camel_case

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict, dataclass_transform
else:
    from typing_extensions import NotRequired, TypedDict, dataclass_transform

T = TypeVar("T")


def named(cls: type[T]) -> type[T]:
    """Give each annotated property of a class its name in the engine."""
    for name in cls.__annotations__:
        default = {"default": None} if name in vars(cls) else {}
        setattr(cls, name, pulumi.property(camel_case(name), **default))
    return cls


@dataclass_transform(kw_only_default=True)
def input_type(cls: type[T]) -> type[T]:
    """Make a class one of Pulumi's input types, as `pulumi.input_type` does."""
    return pulumi.input_type(named(cls))


def output_type(cls: type[T]) -> type[T]:
    """Make a class one of Pulumi's output types, as `pulumi.output_type` does."""
    return pulumi.output_type(named(cls))


@input_type
class CapacityArgs:
    """The capacity of a pool (API type Capacity)."""

    desired_user_sessions: pulumi.Input[int]
    """How many user sessions the pool is to offer: 0 or more."""


class CapacityArgsDict(TypedDict):
    """`CapacityArgs` as a dictionary."""

    desired_user_sessions: pulumi.Input[int]


@input_type
class ApplicationSettingsArgs:
    """Whether users' application settings persist (API type ApplicationSettingsRequest)."""

    status: pulumi.Input[str]
    """ENABLED or DISABLED."""
    settings_group: pulumi.Input[str] | None = None
    """The path prefix in the S3 bucket, at most 100 characters; pools with the same one share their
    users' settings."""


class ApplicationSettingsArgsDict(TypedDict):
    """`ApplicationSettingsArgs` as a dictionary."""

    status: pulumi.Input[str]
    settings_group: NotRequired[pulumi.Input[str]]


@input_type
class TimeoutSettingsArgs:
    """When sessions end (API type TimeoutSettings)."""

    disconnect_timeout_in_seconds: pulumi.Input[int] | None = None
    """How long a session outlives a disconnection: 60 to 36000 seconds."""
    idle_disconnect_timeout_in_seconds: pulumi.Input[int] | None = None
    """How long an idle user stays connected: 0 to 36000 seconds."""
    max_user_duration_in_seconds: pulumi.Input[int] | None = None
    """How long a session may last: 600 to 432000 seconds."""


class TimeoutSettingsArgsDict(TypedDict, total=False):
    """`TimeoutSettingsArgs` as a dictionary."""

    disconnect_timeout_in_seconds: pulumi.Input[int]
    idle_disconnect_timeout_in_seconds: pulumi.Input[int]
    max_user_duration_in_seconds: pulumi.Input[int]


@input_type
class AssumeRoleArgs:
    """A role to assume (AssumeRole of the STS API)."""

    role_arn: pulumi.Input[str]
    """The role's ARN."""
    external_id: pulumi.Input[str] | None = None
    """What the role asks for of whoever assumes it: 2 to 1224 characters."""
    session_name: pulumi.Input[str] | None = None
    """The name of the session in CloudTrail: 2 to 64 characters; otherwise botocore's choice."""


class AssumeRoleArgsDict(TypedDict):
    """`AssumeRoleArgs` as a dictionary."""

    role_arn: pulumi.Input[str]
    external_id: NotRequired[pulumi.Input[str]]
    session_name: NotRequired[pulumi.Input[str]]


@output_type
class Capacity(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """The capacity of a pool."""

    desired_user_sessions: int


@output_type
class CapacityStatus(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """What a pool's capacity is being used for, when AWS last said (API type CapacityStatus)."""

    desired_user_sessions: int
    available_user_sessions: int
    actual_user_sessions: int
    active_user_sessions: int


@output_type
class ApplicationSettings(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """Whether users' application settings persist, and where."""

    status: str
    settings_group: str | None = None
    s3_bucket_name: str | None = None


@output_type
class TimeoutSettings(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """When sessions end, in seconds."""

    disconnect_timeout_in_seconds: int | None = None
    idle_disconnect_timeout_in_seconds: int | None = None
    max_user_duration_in_seconds: int | None = None


@output_type
class WorkspacesPoolError(dict):  # type: ignore[type-arg]  # Pulumi's output types are plain dicts
    """An error that AWS reports of a pool (API type WorkspacesPoolError)."""

    error_code: str | None = None
    error_message: str | None = None


AssumeRoleInput = pulumi.Input[AssumeRoleArgs | AssumeRoleArgsDict]
