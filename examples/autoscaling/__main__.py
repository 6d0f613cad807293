"""An Amazon WorkSpaces Pool that follows its users, and office hours."""

import pulumi
import pulumi_aws as aws

from pulumi_workspaces_pool import WorkspacesPool

config = pulumi.Config()
least = config.require_int("minUserSessions")
most = config.require_int("maxUserSessions")

pool = WorkspacesPool(
    "desks",
    description="Desktops of the office",
    bundle_id=config.require("bundleId"),
    directory_id=config.require("directoryId"),
    capacity={"desired_user_sessions": least},
    # From here on Application Auto Scaling sets the capacity.
    opts=pulumi.ResourceOptions(ignore_changes=["capacity"]),
)
target = aws.appautoscaling.Target(
    "desks",
    service_namespace="workspaces",
    resource_id=pulumi.Output.concat("workspacespool/", pool.pool_id),
    scalable_dimension="workspaces:workspacespool:DesiredUserSessions",
    min_capacity=least,
    max_capacity=most,
    # Scheduled actions move these two.
    opts=pulumi.ResourceOptions(ignore_changes=["minCapacity", "maxCapacity"]),
)

# Keep so much of the pool in use, both ways.
aws.appautoscaling.Policy(
    "utilization",
    policy_type="TargetTrackingScaling",
    service_namespace=target.service_namespace,
    resource_id=target.resource_id,
    scalable_dimension=target.scalable_dimension,
    target_tracking_scaling_policy_configuration={
        "target_value": config.require_int("targetUtilization"),
        "predefined_metric_specification": {
            "predefined_metric_type": "WorkSpacesAverageUserSessionsCapacityUtilization",
        },
        "scale_out_cooldown": 120,
        "scale_in_cooldown": 600,
    },
)

# And add sessions at once when none is left: a new one takes minutes to come up.
surge = aws.appautoscaling.Policy(
    "surge",
    policy_type="StepScaling",
    service_namespace=target.service_namespace,
    resource_id=target.resource_id,
    scalable_dimension=target.scalable_dimension,
    step_scaling_policy_configuration={
        "adjustment_type": "PercentChangeInCapacity",
        "cooldown": 300,
        "step_adjustments": [{"metric_interval_upper_bound": "0", "scaling_adjustment": 20}],
    },
)
aws.cloudwatch.MetricAlarm(
    "nothing-left",
    alarm_description="Every session of the pool is taken",
    namespace="AWS/WorkSpaces",
    metric_name="AvailableUserSessionCapacity",
    dimensions={"WorkSpaces pool ID": pool.pool_id},
    statistic="Average",
    comparison_operator="LessThanOrEqualToThreshold",
    threshold=0,
    period=60,
    evaluation_periods=3,
    alarm_actions=[surge.arn],
)

# Office hours: outside them nothing is kept ready, and nothing is added.
for name, schedule, low, high in (
    ("opens", config.require("opens"), least, most),
    ("closes", config.require("closes"), 0, 0),
):
    aws.appautoscaling.ScheduledAction(
        name,
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        schedule=schedule,
        timezone=config.require("timezone"),
        scalable_target_action={"min_capacity": low, "max_capacity": high},
    )

pulumi.export("poolId", pool.pool_id)
pulumi.export("scalableTarget", target.resource_id)
