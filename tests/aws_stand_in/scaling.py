"""Application Auto Scaling: Target, Policy, ScheduledAction."""

from __future__ import annotations

from typing import Any

from .resource_type import Properties, ResourceType, from_api, to_api
from .session import Aws

_TARGET = ("serviceNamespace", "resourceId", "scalableDimension")


def _of_target(properties: Properties) -> Properties:
    request: Properties = to_api({key: properties[key] for key in _TARGET})
    return request


class _ScalingType(ResourceType):
    """A resource of Application Auto Scaling."""

    required = frozenset(_TARGET)
    computed = frozenset({"arn"})
    # What is gone with its target is deleted as well.
    missing = frozenset({"ObjectNotFoundException", "ValidationException"})

    @staticmethod
    def _client(aws: Aws, properties: Properties) -> Any:
        return aws.client("application-autoscaling", properties)


class Target(_ScalingType):
    """aws.appautoscaling.Target."""

    token = "aws:appautoscaling/target:Target"  # noqa: S105  # a type's name
    required = frozenset({*_TARGET, "minCapacity", "maxCapacity"})
    replaces = frozenset({*_TARGET, "region"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """RegisterScalableTarget; the id is that of what is scaled."""
        self._register(aws, inputs)
        return str(inputs["resourceId"])

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeScalableTargets."""
        found = self._client(aws, state).describe_scalable_targets(
            ServiceNamespace=state["serviceNamespace"],
            ResourceIds=[id_],
            ScalableDimension=state["scalableDimension"],
        )["ScalableTargets"]
        if not found:
            return None
        shown = from_api(found[0])
        members = (*_TARGET, "minCapacity", "maxCapacity")
        return {**{key: shown[key] for key in members}, "arn": shown["scalableTargetARN"]}

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:  # noqa: ARG002
        """RegisterScalableTarget again."""
        self._register(aws, news)

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:  # noqa: ARG002
        """DeregisterScalableTarget."""
        self._client(aws, state).deregister_scalable_target(**_of_target(state))

    def _register(self, aws: Aws, inputs: Properties) -> None:
        self._client(aws, inputs).register_scalable_target(
            **_of_target(inputs),
            MinCapacity=inputs["minCapacity"],
            MaxCapacity=inputs["maxCapacity"],
        )


class Policy(_ScalingType):
    """aws.appautoscaling.Policy."""

    token = "aws:appautoscaling/policy:Policy"  # noqa: S105  # a type's name
    named = True
    defaults = {"policyType": "StepScaling"}  # noqa: RUF012
    replaces = frozenset({*_TARGET, "name", "region"})

    _CONFIGURATIONS = ("targetTrackingScalingPolicyConfiguration", "stepScalingPolicyConfiguration")

    def create(self, aws: Aws, inputs: Properties) -> str:
        """PutScalingPolicy; the id is the name."""
        self._put(aws, inputs)
        return str(inputs["name"])

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeScalingPolicies."""
        policies = self._client(aws, state).describe_scaling_policies(
            ServiceNamespace=state["serviceNamespace"], ResourceId=state["resourceId"]
        )["ScalingPolicies"]
        found = [policy for policy in policies if policy["PolicyName"] == id_]
        if not found:
            return None
        shown = from_api(found[0])
        members = (*_TARGET, "policyType", *self._CONFIGURATIONS)
        held = {key: shown[key] for key in members if key in shown}
        alarms = [alarm["alarmARN"] for alarm in shown.get("alarms") or []]
        step = held.get("stepScalingPolicyConfiguration")
        if step:
            step["stepAdjustments"] = [_step_shown(item) for item in step["stepAdjustments"]]
        return {**held, "arn": shown["policyARN"], "alarmArns": alarms, "name": id_}

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:  # noqa: ARG002
        """PutScalingPolicy again."""
        self._put(aws, news)

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeleteScalingPolicy."""
        self._client(aws, state).delete_scaling_policy(PolicyName=id_, **_of_target(state))

    def _put(self, aws: Aws, inputs: Properties) -> None:
        given = {key: inputs[key] for key in self._CONFIGURATIONS if key in inputs}
        step = given.get("stepScalingPolicyConfiguration")
        if step:
            adjustments = [_step(item) for item in step.get("stepAdjustments") or []]
            given["stepScalingPolicyConfiguration"] = {**step, "stepAdjustments": adjustments}
        self._client(aws, inputs).put_scaling_policy(
            PolicyName=inputs["name"],
            PolicyType=inputs["policyType"],
            **_of_target(inputs),
            **to_api(given),
        )


def _step(adjustment: Properties) -> Properties:
    # The bounds are texts in programs, so that one can be left out.
    bounds = ("metricIntervalLowerBound", "metricIntervalUpperBound")
    return {key: float(item) if key in bounds else item for key, item in adjustment.items()}


def _step_shown(adjustment: Properties) -> Properties:
    bounds = ("metricIntervalLowerBound", "metricIntervalUpperBound")
    return {key: f"{item:g}" if key in bounds else item for key, item in adjustment.items()}


class ScheduledAction(_ScalingType):
    """aws.appautoscaling.ScheduledAction."""

    token = "aws:appautoscaling/scheduledAction:ScheduledAction"  # noqa: S105  # a type's name
    named = True
    required = frozenset({*_TARGET, "schedule", "scalableTargetAction"})
    defaults = {"timezone": "UTC"}  # noqa: RUF012
    replaces = frozenset({*_TARGET, "name", "region"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """PutScheduledAction."""
        self._put(aws, inputs)
        return "-".join((inputs["name"], inputs["serviceNamespace"], inputs["resourceId"]))

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:  # noqa: ARG002
        """DescribeScheduledActions."""
        found = self._client(aws, state).describe_scheduled_actions(
            ScheduledActionNames=[state["name"]],
            ServiceNamespace=state["serviceNamespace"],
            ResourceId=state["resourceId"],
        )["ScheduledActions"]
        if not found:
            return None
        shown = from_api(found[0])
        members = (*_TARGET, "schedule", "timezone", "scalableTargetAction")
        return {**{key: shown[key] for key in members}, "arn": shown["scheduledActionARN"]}

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:  # noqa: ARG002
        """PutScheduledAction again."""
        self._put(aws, news)

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:  # noqa: ARG002
        """DeleteScheduledAction."""
        self._client(aws, state).delete_scheduled_action(
            ScheduledActionName=state["name"], **_of_target(state)
        )

    def _put(self, aws: Aws, inputs: Properties) -> None:
        self._client(aws, inputs).put_scheduled_action(
            ScheduledActionName=inputs["name"],
            Schedule=inputs["schedule"],
            Timezone=inputs["timezone"],
            ScalableTargetAction=to_api(inputs["scalableTargetAction"]),
            **_of_target(inputs),
        )
