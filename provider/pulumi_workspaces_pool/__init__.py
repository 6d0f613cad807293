"""An Amazon WorkSpaces Pool as a Pulumi resource."""

from .resource import (
    ApplicationSettings,
    ApplicationSettingsArgs,
    ApplicationSettingsArgsDict,
    Capacity,
    CapacityArgs,
    CapacityArgsDict,
    CapacityStatus,
    TimeoutSettings,
    TimeoutSettingsArgs,
    TimeoutSettingsArgsDict,
    WorkspacesPool,
    WorkspacesPoolError,
)

__all__ = [
    "ApplicationSettings",
    "ApplicationSettingsArgs",
    "ApplicationSettingsArgsDict",
    "Capacity",
    "CapacityArgs",
    "CapacityArgsDict",
    "CapacityStatus",
    "TimeoutSettings",
    "TimeoutSettingsArgs",
    "TimeoutSettingsArgsDict",
    "WorkspacesPool",
    "WorkspacesPoolError",
]
