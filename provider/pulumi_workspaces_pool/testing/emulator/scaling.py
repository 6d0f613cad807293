"""Application Auto Scaling of pools: the namespace `workspaces`, which moto's does not know."""

import re
from inspect import signature
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend,
    FakeApplicationAutoscalingPolicy,
    FakeScalableTarget,
)
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.base_backend import BackendDict
from moto.core.exceptions import JsonRESTError

from .models import workspaces_pools_backends

NAMESPACE = "workspaces"
DIMENSION = "workspaces:workspacespool:DesiredUserSessions"


_TARGET = ("service_namespace", "resource_id", "scalable_dimension")


class PoolsScalingBackend(ApplicationAutoscalingBackend):
    """moto's Application Auto Scaling of one account and region, with pools to scale."""

    pools_backends: BackendDict[Any] = workspaces_pools_backends

    def register_scalable_target(
        self,
        namespace: str,
        r_id: str,
        dimension: str,
        min_capacity: int | None,
        max_capacity: int | None,
        role_arn: str,
        suspended_state: str,
    ) -> FakeScalableTarget:
        """RegisterScalableTarget; a pool has to exist."""
        rest = (role_arn, suspended_state)
        if namespace != NAMESPACE:
            return super().register_scalable_target(
                namespace, r_id, dimension, min_capacity, max_capacity, *rest
            )
        self._check_pool(r_id, dimension)
        known = self.targets.get(dimension, {}).get(r_id)
        limits = _limits(min_capacity, max_capacity, known)
        if known is not None:
            known.update(*limits, suspended_state)
            return known
        target = FakeScalableTarget(self, namespace, r_id, dimension, *limits, *rest)
        return self._add_scalable_target(target)

    def deregister_scalable_target(self, namespace: str, r_id: str, dimension: str) -> None:
        """DeregisterScalableTarget; its policies and scheduled actions go with it."""
        if namespace == NAMESPACE:
            self._check_target(namespace, r_id, dimension)
        super().deregister_scalable_target(namespace, r_id, dimension)
        target = (namespace, r_id, dimension)
        self.policies = {
            key: policy for key, policy in self.policies.items() if _target_of(policy) != target
        }
        self.scheduled_actions = [
            action for action in self.scheduled_actions if _target_of(action) != target
        ]

    def put_scaling_policy(
        self,
        policy_name: str,
        service_namespace: str,
        resource_id: str,
        scalable_dimension: str,
        *body: Any,
        **named: Any,
    ) -> FakeApplicationAutoscalingPolicy:
        """PutScalingPolicy; the ARN stays when a policy is put again."""
        target = (service_namespace, resource_id, scalable_dimension)
        if service_namespace == NAMESPACE:
            self._check_target(*target)
        key = FakeApplicationAutoscalingPolicy.formulate_key(*target, policy_name)
        known = self.policies.get(key)
        policy = super().put_scaling_policy(policy_name, *target, *body, **named)
        if known is not None:
            policy.policy_arn = known.policy_arn
        return policy

    def put_scheduled_action(self, *given: Any, **named: Any) -> None:
        """PutScheduledAction."""
        given_by_name = signature(super().put_scheduled_action).bind(*given, **named).arguments
        names = ("service_namespace", "resource_id", "scalable_dimension")
        target = [given_by_name[name] for name in names]
        if target[0] == NAMESPACE:
            self._check_target(*target)
        super().put_scheduled_action(**given_by_name)

    def _check_pool(self, resource_id: str, dimension: str) -> None:
        found = re.fullmatch(r"workspacespool/(wspool-[0-9a-z]+)", resource_id)
        if dimension != DIMENSION or found is None:
            raise AWSValidationException(
                "Unsupported service namespace, resource type or scalable dimension"
            )
        pools_backends = self.pools_backends[self.account_id]
        if self.region_name not in pools_backends or all(
            pool.pool_id != found[1] for pool in pools_backends[self.region_name].live_pools()
        ):
            raise AWSValidationException(f"WorkSpaces pool doesn't exist: {resource_id}")

    def _check_target(self, namespace: str, resource_id: str, dimension: str) -> None:
        if not self._scalable_target_exists(resource_id, dimension):
            raise JsonRESTError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: {namespace}, "
                f"resource ID: {resource_id}, scalable dimension: {dimension}",
            )


def _limits(
    least: int | None, most: int | None, known: FakeScalableTarget | None
) -> tuple[int, int]:
    """The capacities to go on with: those given, or those the target has."""
    if known is not None:
        least = known.min_capacity if least is None else least
        most = known.max_capacity if most is None else most
    if least is None or most is None:
        raise AWSValidationException("minCapacity and maxCapacity are required.")
    if least > most:
        raise AWSValidationException("Maximum capacity cannot be less than minimum capacity")
    return least, most


def _target_of(scaled: Any) -> tuple[Any, ...]:
    return tuple(getattr(scaled, name) for name in _TARGET)


class PoolsScalingResponse(ApplicationAutoScalingResponse):
    """moto's answers for Application Auto Scaling, which let the namespace of pools pass."""

    backends: BackendDict[Any] = BackendDict(PoolsScalingBackend, "application-autoscaling")

    @property
    def applicationautoscaling_backend(self) -> PoolsScalingBackend:
        """The backend of the account and region of this call."""
        backend: PoolsScalingBackend = self.backends[self.current_account][self.region]
        return backend

    def _validate_params(self) -> None:
        dimension = self._get_param("ScalableDimension")
        if self._get_param("ServiceNamespace") != NAMESPACE or dimension not in (None, DIMENSION):
            super()._validate_params()
