"""Roles and the policies attached to them."""

from __future__ import annotations

import json
import time

from .resource_type import Properties, ResourceType, tag_list, tag_map
from .session import Aws


class Role(ResourceType):
    """aws.iam.Role."""

    token = "aws:iam/role:Role"  # noqa: S105  # a type's name
    named = True
    tagged = True
    regional = False
    required = frozenset({"assumeRolePolicy"})
    defaults = {"path": "/", "maxSessionDuration": 3600}  # noqa: RUF012
    replaces = frozenset({"name", "path"})
    computed = frozenset({"arn", "createDate", "uniqueId"})
    missing = frozenset({"NoSuchEntity"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """CreateRole; the id is the name."""
        described = {"Description": inputs["description"]} if "description" in inputs else {}
        aws.client("iam", inputs).create_role(
            RoleName=inputs["name"],
            Path=inputs["path"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            Tags=tag_list(self.all_tags(aws, inputs)),
            **described,
        )
        return str(inputs["name"])

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """GetRole."""
        found = aws.client("iam", state).get_role(RoleName=id_)["Role"]
        policy = found["AssumeRolePolicyDocument"]
        known = state.get("assumeRolePolicy")
        same = known is not None and json.loads(known) == policy
        return {
            "arn": found["Arn"],
            "name": found["RoleName"],
            "path": found["Path"],
            "uniqueId": found["RoleId"],
            "createDate": found["CreateDate"].isoformat(),
            "assumeRolePolicy": known if same else json.dumps(policy),
            "tagsAll": tag_map(found.get("Tags")),
        }

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """UpdateAssumeRolePolicy, UpdateRole and tags."""
        iam = aws.client("iam", news)
        if "assumeRolePolicy" in changed:
            iam.update_assume_role_policy(RoleName=id_, PolicyDocument=news["assumeRolePolicy"])
        if changed & {"description", "maxSessionDuration"}:
            iam.update_role(
                RoleName=id_,
                Description=news.get("description", ""),
                MaxSessionDuration=news["maxSessionDuration"],
            )
        if changed & {"tags", "tagsAll"}:
            held = tag_map(iam.get_role(RoleName=id_)["Role"].get("Tags"))
            iam.untag_role(RoleName=id_, TagKeys=list(held))
            iam.tag_role(RoleName=id_, Tags=tag_list(self.all_tags(aws, news)))

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeleteRole."""
        aws.client("iam", state).delete_role(RoleName=id_)


class RolePolicyAttachment(ResourceType):
    """aws.iam.RolePolicyAttachment."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"  # noqa: S105  # a type's name
    regional = False
    required = frozenset({"role", "policyArn"})
    replaces = frozenset({"role", "policyArn"})
    missing = frozenset({"NoSuchEntity"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """AttachRolePolicy; the id is the role's name and a number, as the real plugin's."""
        aws.client("iam", inputs).attach_role_policy(
            RoleName=inputs["role"], PolicyArn=inputs["policyArn"]
        )
        return f"{inputs['role']}-{time.time_ns()}"

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:  # noqa: ARG002
        """ListAttachedRolePolicies."""
        iam = aws.client("iam", state)
        attached = iam.list_attached_role_policies(RoleName=state["role"])["AttachedPolicies"]
        known = {policy["PolicyArn"] for policy in attached}
        held = {"role": state["role"], "policyArn": state["policyArn"]}
        return held if state["policyArn"] in known else None

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """Never called: every change replaces the attachment."""

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:  # noqa: ARG002
        """DetachRolePolicy."""
        aws.client("iam", state).detach_role_policy(
            RoleName=state["role"], PolicyArn=state["policyArn"]
        )
