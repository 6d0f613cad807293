"""A user's program, which mypy --strict and pyright check: nothing runs it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

import pulumi_workspaces_pool as workspaces


class Team(pulumi.ComponentResource):
    """A component that hands its options on to its pool."""

    pool: workspaces.WorkspacesPool

    def __init__(
        self,
        name: str,
        *,
        sessions: pulumi.Input[int],
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the team's pool."""
        super().__init__("company:index:Team", name, {}, opts)
        own = pulumi.ResourceOptions(parent=self, ignore_changes=["capacity"])
        self.pool = workspaces.WorkspacesPool(
            name,
            description=pulumi.Output.concat("Desks of ", name),
            bundle_id="wsb-1a2b3c4d5",
            directory_id="wsd-1a2b3c4d5",
            capacity={"desired_user_sessions": sessions},
            application_settings=workspaces.ApplicationSettingsArgs(status="ENABLED"),
            timeout_settings={"idle_disconnect_timeout_in_seconds": 900},
            tags={"Team": name, **(tags or {})},
            opts=pulumi.ResourceOptions.merge(opts, own),
        )
        self.register_outputs({"pool_id": self.pool.pool_id})


def in_ireland(
    args: pulumi.ResourceTransformArgs,
) -> pulumi.ResourceTransformResult | None:
    """Move every pool of the stack."""
    if not args.type_.endswith(":WorkspacesPool"):
        return None
    return pulumi.ResourceTransformResult({**args.props, "region": "eu-west-1"}, args.opts)


pulumi.runtime.register_resource_transform(in_ireland)

team = Team("design", sessions=pulumi.Output.from_input(3))
args = workspaces.WorkspacesPoolArgs(
    description="More",
    bundle_id=team.pool.bundle_id,
    directory_id=team.pool.directory_id,
    capacity=workspaces.CapacityArgs(desired_user_sessions=2),
    assume_role={"role_arn": "arn:aws:iam::111122223333:role/deploy"},
)
more = workspaces.WorkspacesPool("more", args, pulumi.ResourceOptions(depends_on=[team]))
theirs = workspaces.WorkspacesPool.get("theirs", "wspool-1a2b3c4d5", region="eu-west-1")
found = workspaces.get_workspaces_pool(pool_name="desks", opts=pulumi.InvokeOptions(parent=team))
later = workspaces.get_workspaces_pools_output(
    filters=[{"operator": "CONTAINS", "values": ["desk"]}],
    opts=pulumi.InvokeOutputOptions(depends_on=[more]),
)

pool_id: pulumi.Output[str] = team.pool.pool_id
sessions: pulumi.Output[int] = team.pool.capacity.apply(lambda c: c.desired_user_sessions)
available: pulumi.Output[int] = theirs.capacity_status.apply(lambda s: s.available_user_sessions)
name: str = found.pool_name
names: pulumi.Output[list[str]] = later.apply(lambda pools: [pool.pool_name for pool in pools])

# What a type checker has to find; an ignore that is needless is an error.
workspaces.CapacityArgs(desired_user_sessions="2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
workspaces.CapacityArgs(2)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
workspaces.WorkspacesPool(  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    "lacks", description="", bundle_id="", directory_id=""
)
workspaces.get_workspaces_pool(pool_id=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
