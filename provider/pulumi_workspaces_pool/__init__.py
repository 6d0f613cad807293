"""An Amazon WorkSpaces Pool as a Pulumi resource."""

from .lookups import (
    GetWorkspacesPoolResult,
    PoolNameFilter,
    get_workspaces_pool,
    get_workspaces_pool_output,
    get_workspaces_pools,
    get_workspaces_pools_output,
)
from .nested import (
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
    WorkspacesPoolError,
)
from .resource import WorkspacesPool, WorkspacesPoolArgs

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
    "WorkspacesPoolArgs",
    "WorkspacesPoolError",
    "get_workspaces_pool",
    "get_workspaces_pool_output",
    "get_workspaces_pools",
    "get_workspaces_pools_output",
]
