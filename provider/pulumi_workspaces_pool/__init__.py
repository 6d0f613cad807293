"""An Amazon WorkSpaces Pool as a Pulumi resource."""

from .lookups import (
    GetWorkspacesPoolResult,
    PoolNameFilter,
    get_workspaces_pool,
    get_workspaces_pool_output,
    get_workspaces_pools,
    get_workspaces_pools_output,
)
from .resource import (
    ApplicationSettings,
    ApplicationSettingsArgs,
    ApplicationSettingsArgsDict,
    AssumeRoleArgs,
    AssumeRoleArgsDict,
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
    "AssumeRoleArgs",
    "AssumeRoleArgsDict",
    "Capacity",
    "CapacityArgs",
    "CapacityArgsDict",
    "CapacityStatus",
    "GetWorkspacesPoolResult",
    "PoolNameFilter",
    "TimeoutSettings",
    "TimeoutSettingsArgs",
    "TimeoutSettingsArgsDict",
    "WorkspacesPool",
    "WorkspacesPoolError",
    "get_workspaces_pool",
    "get_workspaces_pool_output",
    "get_workspaces_pools",
    "get_workspaces_pools_output",
]
