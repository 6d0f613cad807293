"""The types of resources, each by the operations of AWS's API that it consists of."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.structs import Properties

from .api import Aws, member_of, shown_as


class NotServedError(Exception):
    """A program asks for something that no example uses."""


@dataclass(frozen=True)
class ResourceType:
    """One type of resource.

    A property goes to each operation that has a member of its name. What no operation can change
    replaces the resource.

    Attributes:
        service: boto3's name of the service.
        create: the operation that creates a resource.
        read: the one that shows it, or a list with it.
        delete: the one that deletes it.
        found: the member of what `read` answers that holds the resource, or the list.
        id_path: where the id is in the inputs, or in what `create` answers.
        identity: the properties that tell one resource from others.
        updates: the operations that change it; those of inputs that `create` does not take follow
            that one.
        setters: functions of a client, the id and the value, for inputs that no operation takes.
        names: the members for properties whose names differ.
        outputs: what is known only of an existing resource.
    """

    service: str
    create: str
    read: str
    delete: str
    found: str
    id_path: tuple[str, ...]
    identity: tuple[str, ...] = ("id",)
    updates: tuple[str, ...] = ()
    setters: Mapping[str, Callable[[Any, str, Any], None]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()

    def refuse_unknown(self, aws: Aws, inputs: Properties) -> None:
        """Refuse inputs that would reach nothing."""
        unknown = inputs.keys() - self._taken(aws, (self.create, *self.updates), inputs)
        if unknown:
            raise NotServedError(f"it does not know the inputs {', '.join(sorted(unknown))}")

    def replacing(self, aws: Aws, changed: set[str]) -> set[str]:
        """The changed inputs that only another resource can have."""
        if "tags" in changed:
            raise NotServedError("it does not change tags")
        return changed - (self._taken(aws, self.updates, changed) - {*self.identity})

    def create_resource(self, aws: Aws, inputs: Properties) -> str:
        """Create a resource with all its inputs; gives its id."""
        answer = self._call(aws, self.create, inputs)
        id_ = str(functools.reduce(operator.getitem, self.id_path, {**inputs, **answer}))
        taken = {key for key in inputs if self._member(aws, self.create, key)}
        self.update_resource(aws, id_, inputs, inputs.keys() - taken)
        return id_

    def update_resource(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        for operation in self.updates:
            if any(self._member(aws, operation, key) for key in changed):
                self._call(aws, operation, {**news, "id": id_})
        for key in changed & self.setters.keys():
            self.setters[key](aws.client(self.service), id_, news.get(key))

    def read_resource(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """The state as AWS shows it; None if the resource is gone."""
        identity = self._identity(id_, state)
        found = self._call(aws, self.read, identity)[self.found]
        for shown in found if isinstance(found, list) else [found]:
            if {**identity, **self._shown(shown, identity)} == identity:
                return {**state, **self._shown(shown, {**dict.fromkeys(self.outputs), **state})}
        return None

    def delete_resource(self, aws: Aws, id_: str, state: Properties) -> None:
        self._call(aws, self.delete, self._identity(id_, state))

    def _identity(self, id_: str, state: Properties) -> Properties:
        return {key: {**state, "id": id_}[key] for key in self.identity}

    def _shown(self, shown: Properties, known: Properties) -> Properties:
        """The known properties that AWS shows, in the program's own form."""
        members = {key: member_of(shown, key, self.names) for key in known}
        return {key: shown_as(known[key], shown[name]) for key, name in members.items() if name}

    def _taken(self, aws: Aws, operations: tuple[str, ...], keys: Iterable[str]) -> set[str]:
        """The keys that reach AWS by one of the operations, or by a setter."""
        pairs = itertools.product(operations, keys)
        reached = {key for operation, key in pairs if self._member(aws, operation, key)}
        return reached | self.setters.keys()

    def _member(self, aws: Aws, operation: str, key: str) -> str | None:
        return member_of(aws.members(self.service, operation), key, self.names)

    def _call(self, aws: Aws, operation: str, properties: Properties) -> Properties:
        members = {self._member(aws, operation, key): value for key, value in properties.items()}
        return aws.call(self.service, operation, {name: members[name] for name in members if name})


def _set_egress(ec2: Any, group_id: str, rules: list[Properties]) -> None:
    """Put the program's rules in the place of the one that AWS gives a new group."""
    (group,) = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
    permissions = [
        {
            "IpProtocol": rule["protocol"],
            "FromPort": int(rule["fromPort"]),
            "ToPort": int(rule["toPort"]),
            "IpRanges": [{"CidrIp": cidr} for cidr in rule["cidrBlocks"]],
        }
        for rule in rules
    ]
    ec2.authorize_security_group_egress(GroupId=group_id, IpPermissions=permissions)


def _ec2(noun: str, id_member: str, *id_path: str, **more: Any) -> ResourceType:
    """A type of EC2, whose operations are named alike."""
    names = {"id": (id_member, "Resources"), **more.pop("names", {})}
    updates = ("CreateTags", *more.pop("updates", ()))
    return ResourceType(
        "ec2",
        f"Create{noun}",
        f"Describe{noun}s",
        f"Delete{noun}",
        found=f"{noun}s",
        id_path=(*id_path, id_member),
        names=names,
        updates=updates,
        **more,
    )


def _scaling(put: str, nouns: str, delete: str, id_key: str, **more: Any) -> ResourceType:
    """A type of Application Auto Scaling: what creates a resource changes it as well."""
    target = ("serviceNamespace", "resourceId", "scalableDimension")
    return ResourceType(
        "application-autoscaling",
        put,
        f"Describe{nouns}",
        delete,
        found=nouns,
        id_path=(id_key,),
        identity=target if id_key in target else (*target, id_key),
        updates=(put,),
        **more,
    )


TYPES = {
    "aws:ec2/vpc:Vpc": _ec2("Vpc", "VpcId", "Vpc", updates=("ModifyVpcAttribute",)),
    "aws:ec2/subnet:Subnet": _ec2("Subnet", "SubnetId", "Subnet"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2(
        "SecurityGroup", "GroupId", setters={"egress": _set_egress}, names={"name": ("GroupName",)}
    ),
    "aws:iam/role:Role": ResourceType(
        "iam",
        "CreateRole",
        "GetRole",
        "DeleteRole",
        found="Role",
        id_path=("name",),
        identity=("name",),
        names={"name": ("RoleName",), "assumeRolePolicy": ("AssumeRolePolicyDocument",)},
        outputs=("arn",),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ResourceType(
        "iam",
        "AttachRolePolicy",
        "ListAttachedRolePolicies",
        "DetachRolePolicy",
        found="AttachedPolicies",
        id_path=("policyArn",),
        identity=("role", "policyArn"),
        names={"role": ("RoleName",)},
    ),
    "aws:workspaces/directory:Directory": ResourceType(
        "workspaces",
        "RegisterWorkspaceDirectory",
        "DescribeWorkspaceDirectories",
        "DeregisterWorkspaceDirectory",
        found="Directories",
        id_path=("DirectoryId",),
        updates=("ModifySamlProperties", "ModifyWorkspaceCreationProperties"),
        names={"id": ("DirectoryId", "ResourceId")},
        outputs=("registrationCode",),
    ),
    "aws:appautoscaling/target:Target": _scaling(
        "RegisterScalableTarget", "ScalableTargets", "DeregisterScalableTarget", "resourceId"
    ),
    "aws:appautoscaling/policy:Policy": _scaling(
        "PutScalingPolicy",
        "ScalingPolicies",
        "DeleteScalingPolicy",
        "name",
        names={"name": ("PolicyName",), "arn": ("PolicyARN",)},
        outputs=("arn",),
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": _scaling(
        "PutScheduledAction",
        "ScheduledActions",
        "DeleteScheduledAction",
        "name",
        names={"name": ("ScheduledActionName",)},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        "cloudwatch",
        "PutMetricAlarm",
        "DescribeAlarms",
        "DeleteAlarms",
        found="MetricAlarms",
        id_path=("name",),
        identity=("name",),
        updates=("PutMetricAlarm",),
        names={"name": ("AlarmName",)},
    ),
}


def get_bundle(aws: Aws, arguments: Properties) -> Properties:
    """aws.workspaces.get_bundle, by owner and name."""
    pages = aws.client("workspaces").get_paginator("describe_workspace_bundles")
    for page in pages.paginate(Owner=arguments["owner"]):
        for bundle in page["Bundles"]:
            if bundle["Name"] == arguments["name"]:
                return {"id": bundle["BundleId"], "bundleId": bundle["BundleId"]}
    raise NotServedError(f"there is no bundle {arguments['name']}")


FUNCTIONS = {"aws:workspaces/getBundle:getBundle": get_bundle}
