"""Application Auto Scaling of pools: the namespace `workspaces`, which moto's does not know."""

import re
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
        self, namespace: str, r_id: str, dimension: str, *_: Any, **given: Any
    ) -> FakeScalableTarget:
        """RegisterScalableTarget; a pool has to exist."""
        if namespace != NAMESPACE:
            return super().register_scalable_target(namespace, r_id, dimension, **given)
        self._check_pool(r_id, dimension)
        known = self.targets.get(dimension, {}).get(r_id)
        least, most = (
            getattr(known, name, None) if given[name] is None else given[name]
            for name in ("min_capacity", "max_capacity")
        )
        if least is None or most is None:
            raise AWSValidationException("minCapacity and maxCapacity are required.")
        if least > most:
            raise AWSValidationException("Maximum capacity cannot be less than minimum capacity")
        if known is not None:
            known.update(least, most, given["suspended_state"])
            return known
        target = FakeScalableTarget(self, namespace, r_id, dimension, **given)
        return self._add_scalable_target(target)

    def deregister_scalable_target(self, namespace: str, r_id: str, dimension: str) -> None:
        """DeregisterScalableTarget; its policies and scheduled actions go with it."""
        target = (namespace, r_id, dimension)
        self._check_target(*target)
        super().deregister_scalable_target(*target)
        self.policies = {
            key: policy for key, policy in self.policies.items() if _target_of(policy) != target
        }
        self.scheduled_actions = [
            action for action in self.scheduled_actions if _target_of(action) != target
        ]

    def put_scaling_policy(self, *_: Any, **given: Any) -> FakeApplicationAutoscalingPolicy:
        """PutScalingPolicy; the ARN stays when a policy is put again."""
        self._check_target(*(given[name] for name in _TARGET))
        named = (given[name] for name in (*_TARGET, "policy_name"))
        known = self.policies.get(FakeApplicationAutoscalingPolicy.formulate_key(*named))
        policy = super().put_scaling_policy(**given)
        if known is not None:
            policy.policy_arn = known.policy_arn
        return policy

    def put_scheduled_action(self, *_: Any, **given: Any) -> None:
        """PutScheduledAction."""
        self._check_target(*(given[name] for name in _TARGET))
        super().put_scheduled_action(**given)

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
        if namespace == NAMESPACE and not self._scalable_target_exists(resource_id, dimension):
            raise JsonRESTError(
                "ObjectNotFoundException",
                f"No scalable target registered for service namespace: {namespace}, "
                f"resource ID: {resource_id}, scalable dimension: {dimension}",
            )


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
