"""An Amazon WorkSpaces Pool in an existing directory."""

import pulumi

from pulumi_workspaces_pool import WorkspacesPool

config = pulumi.Config()
pool = WorkspacesPool(
    "desks",
    description=config.require("description"),
    bundle_id=config.require("bundleId"),
    directory_id=config.require("directoryId"),
    capacity={"desired_user_sessions": config.require_int("desiredUserSessions")},
    tags={"Project": pulumi.get_project()},
)
pulumi.export("poolId", pool.pool_id)
pulumi.export("poolArn", pool.pool_arn)
pulumi.export("poolName", pool.pool_name)
pulumi.export("state", pool.state)
