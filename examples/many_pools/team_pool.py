"""What each team gets: a pool, its hours, and an alarm before it runs short."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from pulumi_workspaces_pool import WorkspacesPool


class Team(TypedDict):
    """A row of the table of teams."""

    sessions: int
    """How many sessions the team has in its hours."""
    spare: int
    """The alarm goes off when fewer than these are left."""
    opens: str
    """When the hours begin, as a cron expression of Application Auto Scaling."""
    closes: str
    """When they end."""
    timezone: str
    """The time zone of both."""


class TeamPool(pulumi.ComponentResource):
    """The pool of one team."""

    pool: WorkspacesPool

    def __init__(
        self,
        name: str,
        team: Team,
        *,
        directory_id: pulumi.Input[str],
        bundle_id: pulumi.Input[str],
        alarm_topics: list[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare what the team gets.

        Args:
            name: the team's name.
            team: its row of the table.
            directory_id: the directory of the pool.
            bundle_id: the bundle of its machines.
            alarm_topics: the SNS topics that are told when the pool runs short.
            opts: Pulumi's resource options.
        """
        super().__init__("example:workspaces:TeamPool", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.pool = WorkspacesPool(
            name,
            description=f"Desktops of team {name}",
            bundle_id=bundle_id,
            directory_id=directory_id,
            capacity={"desired_user_sessions": team["sessions"]},
            tags={"Team": name},
            opts=pulumi.ResourceOptions.merge(
                child, pulumi.ResourceOptions(ignore_changes=["capacity"])
            ),
        )
        aws.cloudwatch.MetricAlarm(
            f"{name}-runs-short",
            alarm_description=f"Fewer than {team['spare']} desktops of team {name} are left",
            namespace="AWS/WorkSpaces",
            metric_name="AvailableUserSessionCapacity",
            dimensions={"WorkSpaces pool ID": self.pool.pool_id},
            statistic="Minimum",
            comparison_operator="LessThanThreshold",
            threshold=team["spare"],
            period=60,
            evaluation_periods=5,
            alarm_actions=alarm_topics,
            tags={"Team": name},
            opts=child,
        )
        target = aws.appautoscaling.Target(
            name,
            service_namespace="workspaces",
            resource_id=pulumi.Output.concat("workspacespool/", self.pool.pool_id),
            scalable_dimension="workspaces:workspacespool:DesiredUserSessions",
            min_capacity=team["sessions"],
            max_capacity=team["sessions"],
            opts=pulumi.ResourceOptions.merge(
                child, pulumi.ResourceOptions(ignore_changes=["minCapacity", "maxCapacity"])
            ),
        )
        for action, schedule, sessions in (
            ("opens", team["opens"], team["sessions"]),
            ("closes", team["closes"], 0),
        ):
            aws.appautoscaling.ScheduledAction(
                f"{name}-{action}",
                service_namespace=target.service_namespace,
                resource_id=target.resource_id,
                scalable_dimension=target.scalable_dimension,
                schedule=schedule,
                timezone=team["timezone"],
                scalable_target_action={"min_capacity": sessions, "max_capacity": sessions},
                opts=child,
            )
        self.register_outputs({"poolId": self.pool.pool_id})
