"""Amazon WorkSpaces Pools that were made by hand, taken over."""

import sys
from typing import TypedDict

import pulumi

from pulumi_workspaces_pool import WorkspacesPool, get_workspaces_pool

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired


class Adopted(TypedDict):
    """A row of the table: the pool, and what is to be otherwise than it is now."""

    poolId: str
    description: NotRequired[str]
    bundleId: NotRequired[str]
    directoryId: NotRequired[str]
    desiredUserSessions: NotRequired[int]


config = pulumi.Config()
table: dict[str, Adopted] = config.require_object("pools")

for name, row in table.items():
    # What the table leaves out stays as it is.
    found = get_workspaces_pool(pool_id=row["poolId"])
    pool = WorkspacesPool(
        name,
        adopt_pool_id=row["poolId"],
        description=row.get("description") or found.description or name,
        bundle_id=row.get("bundleId", found.bundle_id),
        directory_id=row.get("directoryId", found.directory_id),
        capacity={
            "desired_user_sessions": row.get(
                "desiredUserSessions", found.capacity.desired_user_sessions
            )
        },
        opts=pulumi.ResourceOptions(protect=config.require_bool("protect")),
    )
    pulumi.export(name, {"poolId": pool.pool_id, "poolName": pool.pool_name, "state": pool.state})
