"""examples/autoscaling: Application Auto Scaling sets the capacity, and Pulumi lets it."""

from __future__ import annotations

from typing import Any

from support.examples import Example

from .conftest import ExampleFactory

RESOURCES = 8


def held(example: Example) -> dict[str, Any]:
    """What Application Auto Scaling has for the pool."""
    scaling = example.client("application-autoscaling")
    workspaces = {"ServiceNamespace": "workspaces"}
    actions = scaling.describe_scheduled_actions(**workspaces)["ScheduledActions"]
    policies = scaling.describe_scaling_policies(**workspaces)["ScalingPolicies"]
    return {
        "targets": scaling.describe_scalable_targets(**workspaces)["ScalableTargets"],
        "policies": {policy["PolicyType"]: policy for policy in policies},
        "actions": {action["Schedule"]: action for action in actions},
    }


def test_the_pool_is_scaled_by_utilization_by_need_and_by_the_clock_and_pulumi_lets_it(
    example: ExampleFactory,
) -> None:
    scaled = example("autoscaling")
    emulator = scaled.emulator
    scaled.configure(directoryId=emulator.default_directory_id, bundleId=emulator.default_bundle_id)
    scaled.stack.preview().expect(create=RESOURCES)
    up = scaled.stack.up().expect()
    pool_id = up.outputs["poolId"]

    found = held(scaled)
    (target,) = found["targets"]
    assert target["ResourceId"] == f"workspacespool/{pool_id}" == up.outputs["scalableTarget"]
    assert target["ScalableDimension"] == "workspaces:workspacespool:DesiredUserSessions"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 50)
    tracking = found["policies"]["TargetTrackingScaling"]
    tracked = tracking["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["TargetValue"] == 75
    assert tracked["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "WorkSpacesAverageUserSessionsCapacityUtilization"
    }
    alarms = scaled.client("cloudwatch").describe_alarms()["MetricAlarms"]
    (alarm,) = alarms
    assert alarm["AlarmActions"] == [found["policies"]["StepScaling"]["PolicyARN"]]
    assert [item["Value"] for item in alarm["Dimensions"]] == [pool_id]
    closes = found["actions"]["cron(0 19 ? * MON-FRI *)"]
    assert closes["ScalableTargetAction"] == {"MinCapacity": 0, "MaxCapacity": 0}
    assert closes["Timezone"] == "Europe/Berlin"

    # What auto scaling does is no difference, and is not undone.
    scaling = scaled.client("application-autoscaling")
    emulator.drift(pool_id, Capacity={"DesiredUserSessions": 17})
    scaling.register_scalable_target(
        ServiceNamespace="workspaces",
        ResourceId=f"workspacespool/{pool_id}",
        ScalableDimension="workspaces:workspacespool:DesiredUserSessions",
        MinCapacity=0,
        MaxCapacity=0,
    )
    emulator.clear_calls()

    scaled.stack.up().expect(same=RESOURCES)
    scaled.stack.refresh().expect()
    scaled.stack.up().expect(same=RESOURCES)
    assert scaled.writes() == []
    assert scaled.desired_sessions(pool_id) == 17
    assert held(scaled)["targets"][0]["MaxCapacity"] == 0

    scaled.configure(targetUtilization=60)
    scaled.stack.up().expect(update=1, same=RESOURCES - 1)
    policy = held(scaled)["policies"]["TargetTrackingScaling"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 60
    assert scaled.desired_sessions(pool_id) == 17

    scaled.stack.destroy().expect()
    assert held(scaled) == {"targets": [], "policies": {}, "actions": {}}
    assert emulator.pools() == []
