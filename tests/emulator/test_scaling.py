"""Application Auto Scaling of pools: the namespace that moto refuses."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Aws, refused

DIMENSION = "workspaces:workspacespool:DesiredUserSessions"
INVALID = "ValidationException"


def target_of(pool_id: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "workspaces",
        "ResourceId": f"workspacespool/{pool_id}",
        "ScalableDimension": DIMENSION,
    }


@pytest.fixture
def scaling(aws: Aws) -> Any:
    return aws.client("application-autoscaling")


@pytest.fixture
def pool(aws: Aws) -> dict[str, str]:
    """A pool, as Application Auto Scaling names it."""
    return target_of(aws.emulator.add_pool("pool"))


@pytest.fixture
def target(scaling: Any, pool: dict[str, str]) -> dict[str, str]:
    """A pool that is registered for 2 to 10 sessions."""
    scaling.register_scalable_target(**pool, MinCapacity=2, MaxCapacity=10)
    return pool


def targets(scaling: Any, namespace: str = "workspaces") -> Any:
    return scaling.describe_scalable_targets(ServiceNamespace=namespace)["ScalableTargets"]


def test_a_pool_is_registered_and_again_only_for_what_changes(
    scaling: Any, target: dict[str, str]
) -> None:
    for most in (10, 20):
        (shown,) = targets(scaling)
        expected = {**target, "MinCapacity": 2, "MaxCapacity": most}
        assert {key: shown[key] for key in expected} == expected
        scaling.register_scalable_target(**target, MaxCapacity=20)


def test_a_pool_that_does_not_exist_is_refused(scaling: Any) -> None:
    with refused(INVALID, "workspacespool/wspool-000000000"):
        scaling.register_scalable_target(
            **target_of("wspool-000000000"), MinCapacity=1, MaxCapacity=2
        )


@pytest.mark.parametrize(
    "limits",
    [{}, {"MinCapacity": 1}, {"MaxCapacity": 1}, {"MinCapacity": 3, "MaxCapacity": 2}],
)
def test_limits_that_are_missing_or_crossed_are_refused(
    scaling: Any, pool: dict[str, str], limits: dict[str, int]
) -> None:
    with refused(INVALID):
        scaling.register_scalable_target(**pool, **limits)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ScalableDimension": "workspaces:workspacespool:Other"},
        {"ServiceNamespace": "nowhere"},
        {"ResourceId": "fleet/one"},
    ],
)
def test_other_dimensions_namespaces_and_resources_are_refused(
    scaling: Any, pool: dict[str, str], wrong: dict[str, str]
) -> None:
    with refused(INVALID):
        scaling.register_scalable_target(**{**pool, **wrong}, MinCapacity=1, MaxCapacity=2)


def test_policies_and_scheduled_actions_need_a_target_and_go_with_it(
    scaling: Any, target: dict[str, str]
) -> None:
    metric = "WorkSpacesAverageUserSessionsCapacityUtilization"
    tracking = {
        "TargetValue": 75.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
    }
    policy = {
        "PolicyName": "track",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }
    first = scaling.put_scaling_policy(**target, **policy)["PolicyARN"]
    assert scaling.put_scaling_policy(**target, **policy)["PolicyARN"] == first
    action = {"ScheduledActionName": "morning", "Schedule": "cron(0 7 ? * MON-FRI *)"}
    scaling.put_scheduled_action(**target, **action, ScalableTargetAction={"MinCapacity": 5})

    def left() -> tuple[Any, Any]:
        policies = scaling.describe_scaling_policies(ServiceNamespace="workspaces")
        actions = scaling.describe_scheduled_actions(ServiceNamespace="workspaces")
        return policies["ScalingPolicies"], actions["ScheduledActions"]

    (shown,), (_,) = left()
    assert shown["TargetTrackingScalingPolicyConfiguration"] == tracking
    scaling.deregister_scalable_target(**target)
    assert left() == ([], [])
    for call, request in (
        (scaling.put_scaling_policy, policy),
        (scaling.put_scheduled_action, action),
        (scaling.deregister_scalable_target, {}),
    ):
        with refused("ObjectNotFoundException", target["ResourceId"]):
            call(**target, **request)


def test_other_namespaces_stay_those_of_moto(scaling: Any) -> None:
    table = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    scaling.register_scalable_target(**table, MinCapacity=1, MaxCapacity=2)
    assert targets(scaling, "dynamodb")[0]["ResourceId"] == "table/orders"
    scaling.deregister_scalable_target(**table)
    with refused(INVALID):
        scaling.deregister_scalable_target(**table)


@pytest.mark.usefixtures("target")
def test_each_region_has_its_own_targets_and_a_reset_forgets_them(aws: Aws, scaling: Any) -> None:
    elsewhere = aws.client("application-autoscaling", region="eu-west-1")
    assert (len(targets(scaling)), targets(elsewhere)) == (1, [])
    aws.emulator.reset()
    assert targets(scaling) == []
