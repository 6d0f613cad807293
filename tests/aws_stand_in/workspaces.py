"""Directories, as WorkSpaces registers them."""

from __future__ import annotations

from typing import Any

from .resource_type import Properties, ResourceType, from_api, tag_list, tag_map, to_api
from .session import Aws

# Groups of properties that are set by a call of their own, in the order of the real plugin.
_GROUPS = {
    "samlProperties": ("modify_saml_properties", "SamlProperties"),
    "certificateBasedAuthProperties": (
        "modify_certificate_based_auth_properties",
        "CertificateBasedAuthProperties",
    ),
    "selfServicePermissions": ("modify_selfservice_permissions", "SelfservicePermissions"),
    "workspaceAccessProperties": (
        "modify_workspace_access_properties",
        "WorkspaceAccessProperties",
    ),
    "workspaceCreationProperties": (
        "modify_workspace_creation_properties",
        "WorkspaceCreationProperties",
    ),
}
_FOR_POOLS = frozenset(
    {"workspaceDirectoryName", "workspaceDirectoryDescription", "userIdentityType"}
)


class Directory(ResourceType):
    """aws.workspaces.Directory."""

    token = "aws:workspaces/directory:Directory"  # noqa: S105  # a type's name
    tagged = True
    defaults = {"workspaceType": "PERSONAL"}  # noqa: RUF012
    replaces = frozenset(
        {
            "activeDirectoryConfig",
            "directoryId",
            "region",
            "subnetIds",
            "tenancy",
            "userIdentityType",
            "workspaceDirectoryDescription",
            "workspaceDirectoryName",
            "workspaceType",
        }
    )
    computed = frozenset(
        {"alias", "directoryId", "directoryName", "directoryType", "iamRoleId", "registrationCode"}
    )

    def required_of(self, inputs: Properties) -> frozenset[str]:
        """What a directory for POOLS needs, and what one of Directory Service needs."""
        return _FOR_POOLS if inputs["workspaceType"] == "POOLS" else frozenset({"directoryId"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        """RegisterWorkspaceDirectory."""
        members = (
            "directoryId",
            "subnetIds",
            "tenancy",
            "userIdentityType",
            "workspaceDirectoryName",
            "workspaceDirectoryDescription",
            "activeDirectoryConfig",
            "workspaceType",
        )
        request = to_api({key: inputs[key] for key in members if key in inputs})
        answer = aws.client("workspaces", inputs).register_workspace_directory(
            Tags=tag_list(self.all_tags(aws, inputs)), **request
        )
        return str(answer["DirectoryId"])

    def complete(self, aws: Aws, id_: str, inputs: Properties) -> None:
        """Set the groups of properties that registering does not take."""
        self._set_groups(aws, id_, inputs, set(inputs))

    def describe(self, aws: Aws, id_: str, state: Properties) -> Properties | None:
        """DescribeWorkspaceDirectories and DescribeTags."""
        workspaces = aws.client("workspaces", state)
        found = workspaces.describe_workspace_directories(DirectoryIds=[id_])["Directories"]
        if not found or found[0]["State"] == "DEREGISTERED":
            return None
        shown = from_api(found[0])
        shown["selfServicePermissions"] = shown.pop("selfservicePermissions", None)
        tags = workspaces.describe_tags(ResourceId=id_)["TagList"]
        members = (self.replaces | self.computed | _GROUPS.keys()) - {"region"}
        described = {key: shown[key] for key in members if shown.get(key) is not None}
        known = state.get("subnetIds")
        if known and sorted(known) == sorted(described.get("subnetIds", [])):
            described["subnetIds"] = known  # a set, whose order means nothing
        return {**described, "directoryId": id_, "tagsAll": tag_map(tags)}

    def update(self, aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        """Set the groups of properties that changed, and tags."""
        self._set_groups(aws, id_, news, changed)
        if changed & {"tags", "tagsAll"}:
            self._set_tags(aws.client("workspaces", news), id_, self.all_tags(aws, news))

    def delete(self, aws: Aws, id_: str, state: Properties) -> None:
        """DeregisterWorkspaceDirectory."""
        aws.client("workspaces", state).deregister_workspace_directory(DirectoryId=id_)

    @staticmethod
    def _set_groups(aws: Aws, id_: str, news: Properties, changed: set[str]) -> None:
        for key, (operation, member) in _GROUPS.items():
            if key in changed and key in news:
                modify = getattr(aws.client("workspaces", news), operation)
                modify(ResourceId=id_, **{member: to_api(news[key])})

    @staticmethod
    def _set_tags(workspaces: Any, id_: str, wanted: dict[str, str]) -> None:
        held = tag_map(workspaces.describe_tags(ResourceId=id_)["TagList"])
        gone = sorted(held.keys() - wanted.keys())
        if gone:
            workspaces.delete_tags(ResourceId=id_, TagKeys=gone)
        workspaces.create_tags(ResourceId=id_, Tags=tag_list(wanted))
