"""Application Auto Scaling of pools: the namespace that moto refuses."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Aws

DIMENSION = "workspaces:workspacespool:DesiredUserSessions"


def target_of(pool_id: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "workspaces",
        "ResourceId": f"workspacespool/{pool_id}",
        "ScalableDimension": DIMENSION,
    }


@pytest.fixture
def target(aws: Aws) -> dict[str, str]:
    """A pool that is registered for 2 to 10 sessions."""
    target = target_of(aws.create(aws.client()))
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**target, MinCapacity=2, MaxCapacity=10)
    return target


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_pool_is_registered_and_shown(aws: Aws, target: dict[str, str]) -> None:
    scaling = aws.client("application-autoscaling")
    shown = scaling.describe_scalable_targets(ServiceNamespace="workspaces")["ScalableTargets"]
    assert len(shown) == 1
    assert {key: shown[0][key] for key in target} == target
    assert (shown[0]["MinCapacity"], shown[0]["MaxCapacity"]) == (2, 10)


def test_registering_again_changes_only_what_is_given(aws: Aws, target: dict[str, str]) -> None:
    scaling = aws.client("application-autoscaling")
    scaling.register_scalable_target(**target, MaxCapacity=20)
    shown = scaling.describe_scalable_targets(ServiceNamespace="workspaces")["ScalableTargets"]
    assert (shown[0]["MinCapacity"], shown[0]["MaxCapacity"]) == (2, 20)


def test_a_pool_that_does_not_exist_is_refused(aws: Aws) -> None:
    scaling = aws.client("application-autoscaling")
    code, message = refusal(
        scaling.register_scalable_target,
        **target_of("wspool-000000000"),
        MinCapacity=1,
        MaxCapacity=2,
    )
    assert code == "ValidationException"
    assert "workspacespool/wspool-000000000" in message


@pytest.mark.parametrize(
    "limits",
    [{}, {"MinCapacity": 1}, {"MaxCapacity": 1}, {"MinCapacity": 3, "MaxCapacity": 2}],
)
def test_limits_that_are_missing_or_crossed_are_refused(aws: Aws, limits: dict[str, int]) -> None:
    target = target_of(aws.create(aws.client()))
    scaling = aws.client("application-autoscaling")
    code, _ = refusal(scaling.register_scalable_target, **target, **limits)
    assert code == "ValidationException"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ScalableDimension": "workspaces:workspacespool:Other"},
        {"ServiceNamespace": "nowhere"},
        {"ResourceId": "fleet/one"},
    ],
)
def test_other_dimensions_namespaces_and_resources_are_refused(
    aws: Aws, wrong: dict[str, str]
) -> None:
    target = {**target_of(aws.create(aws.client())), **wrong}
    scaling = aws.client("application-autoscaling")
    code, _ = refusal(scaling.register_scalable_target, **target, MinCapacity=1, MaxCapacity=2)
    assert code == "ValidationException"


def test_policies_and_scheduled_actions_need_a_target_and_go_with_it(
    aws: Aws, target: dict[str, str]
) -> None:
    scaling = aws.client("application-autoscaling")
    tracking = {
        "TargetValue": 75.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "WorkSpacesAverageUserSessionsCapacityUtilization"
        },
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
    policies = scaling.describe_scaling_policies(ServiceNamespace="workspaces")["ScalingPolicies"]
    assert policies[0]["TargetTrackingScalingPolicyConfiguration"] == tracking

    scaling.deregister_scalable_target(**target)
    shown = scaling.describe_scheduled_actions(ServiceNamespace="workspaces")
    assert shown["ScheduledActions"] == []
    shown = scaling.describe_scaling_policies(ServiceNamespace="workspaces")
    assert shown["ScalingPolicies"] == []
    for call, request in (
        (scaling.put_scaling_policy, policy),
        (scaling.put_scheduled_action, action),
        (scaling.deregister_scalable_target, {}),
    ):
        code, message = refusal(call, **target, **request)
        assert code == "ObjectNotFoundException"
        assert target["ResourceId"] in message


def test_other_namespaces_stay_those_of_moto(aws: Aws) -> None:
    scaling = aws.client("application-autoscaling")
    table = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    scaling.register_scalable_target(**table, MinCapacity=1, MaxCapacity=2)
    shown = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert shown[0]["ResourceId"] == "table/orders"


def test_each_region_has_its_own_targets_and_a_reset_forgets_them(
    aws: Aws,
    target: dict[str, str],  # noqa: ARG001  # registered in the first region
) -> None:
    def targets(region: str) -> int:
        scaling = aws.client("application-autoscaling", region=region)
        shown = scaling.describe_scalable_targets(ServiceNamespace="workspaces")
        return len(shown["ScalableTargets"])

    assert (targets("us-east-1"), targets("eu-west-1")) == (1, 0)
    aws.emulator.reset()
    assert targets("us-east-1") == 0
