"""Between the calls of the WorkSpaces API and the models: JSON in, JSON out."""

import json
from typing import Any

from moto.core.utils import get_service_model
from moto.workspaces.responses import WorkSpacesResponse

from .exceptions import InvalidParameterValuesException, SerializationException
from .models import WorkSpacesPoolsBackend, directory_to_dict, workspaces_pools_backends
from .paging import page
from .validation import validate


class WorkSpacesPoolsResponse(WorkSpacesResponse):
    """moto's answers for WorkSpaces, with those for pools."""

    @property
    def workspaces_backend(self) -> WorkSpacesPoolsBackend:
        """The backend of the account and region of this call."""
        return workspaces_pools_backends[self.current_account][self.region]

    def _get_action(self) -> str:
        # moto's looks into the body first, where a tag could pass for an action.
        return str(self.headers.get("X-Amz-Target", "")).split(".")[-1]

    def _validated(self) -> dict[str, Any]:
        """The request, checked against the operation's input shape."""
        try:
            request = json.loads(self.body or "{}")
        except ValueError as error:
            raise SerializationException("The request is not valid JSON.") from error
        operation = get_service_model("workspaces").operation_model(self._get_action())
        parameters: dict[str, Any] = validate(operation.input_shape, request)
        return parameters

    # Pools

    def create_workspaces_pool(self) -> str:
        """CreateWorkspacesPool."""
        request = self._validated()
        pool = self.workspaces_backend.create_workspaces_pool(
            name=request["PoolName"],
            description=request["Description"],
            bundle_id=request["BundleId"],
            directory_id=request["DirectoryId"],
            capacity=request["Capacity"],
            tags=request.get("Tags", []),
            application_settings=request.get("ApplicationSettings"),
            timeout_settings=request.get("TimeoutSettings"),
            running_mode=request.get("RunningMode"),
        )
        return json.dumps({"WorkspacesPool": pool.to_dict()})

    def describe_workspaces_pools(self) -> str:
        """DescribeWorkspacesPools."""
        request = self._validated()
        pools = self.workspaces_backend.describe_workspaces_pools(
            pool_ids=request.get("PoolIds", []), filters=request.get("Filters", [])
        )
        shown, token = page(pools, lambda pool: [pool.created_at, pool.pool_id], 25, request)
        return _listing("WorkspacesPools", [pool.to_dict() for pool in shown], token)

    def update_workspaces_pool(self) -> str:
        """UpdateWorkspacesPool."""
        request = self._validated()
        pool = self.workspaces_backend.update_workspaces_pool(
            pool_id=request.pop("PoolId"), changes=self._known_members(request)
        )
        return json.dumps({"WorkspacesPool": pool.to_dict()})

    def start_workspaces_pool(self) -> str:
        """StartWorkspacesPool."""
        self.workspaces_backend.start_workspaces_pool(self._validated()["PoolId"])
        return "{}"

    def stop_workspaces_pool(self) -> str:
        """StopWorkspacesPool."""
        self.workspaces_backend.stop_workspaces_pool(self._validated()["PoolId"])
        return "{}"

    def terminate_workspaces_pool(self) -> str:
        """TerminateWorkspacesPool."""
        self.workspaces_backend.terminate_workspaces_pool(self._validated()["PoolId"])
        return "{}"

    def describe_workspaces_pool_sessions(self) -> str:
        """DescribeWorkspacesPoolSessions."""
        request = self._validated()
        sessions = self.workspaces_backend.describe_workspaces_pool_sessions(
            pool_id=request["PoolId"], user_id=request.get("UserId")
        )
        shown, token = page(sessions, lambda item: [item.start_time, item.session_id], 50, request)
        return _listing("Sessions", [session.to_dict() for session in shown], token)

    def terminate_workspaces_pool_session(self) -> str:
        """TerminateWorkspacesPoolSession."""
        self.workspaces_backend.terminate_workspaces_pool_session(self._validated()["SessionId"])
        return "{}"

    def _known_members(self, request: dict[str, Any]) -> dict[str, Any]:
        operation = get_service_model("workspaces").operation_model(self._get_action())
        return {name: request[name] for name in operation.input_shape.members if name in request}

    # Tags

    def create_tags(self) -> str:
        """CreateTags."""
        request = self._validated()
        self.workspaces_backend.create_tags(request["ResourceId"], request["Tags"])
        return "{}"

    def describe_tags(self) -> str:
        """DescribeTags."""
        tags = self.workspaces_backend.describe_tags(self._validated()["ResourceId"])
        return json.dumps({"TagList": tags})

    def delete_tags(self) -> str:
        """DeleteTags."""
        request = self._validated()
        self.workspaces_backend.delete_tags(request["ResourceId"], request["TagKeys"])
        return "{}"

    # Directories and bundles

    def register_workspace_directory(self) -> str:
        """RegisterWorkspaceDirectory; moto's own unless it is for POOLS."""
        request = self._validated()
        if request.get("WorkspaceType") != "POOLS":
            if "DirectoryId" not in request:
                raise InvalidParameterValuesException("DirectoryId is required.")
            return super().register_workspace_directory()
        directory = self.workspaces_backend.register_pools_directory(
            name=request.get("WorkspaceDirectoryName"),
            subnet_ids=request.get("SubnetIds", []),
            tags=request.get("Tags", []),
            user_identity_type=request.get("UserIdentityType"),
            description=request.get("WorkspaceDirectoryDescription"),
            active_directory_config=request.get("ActiveDirectoryConfig"),
            tenancy=request.get("Tenancy"),
        )
        answer = {"DirectoryId": directory.directory_id, "State": directory.state}
        directory.state = "REGISTERED"
        return json.dumps(answer)

    def describe_workspace_directories(self) -> str:
        """DescribeWorkspaceDirectories."""
        request = self._validated()
        directories = self.workspaces_backend.find_directories(
            directory_ids=request.get("DirectoryIds", []),
            names=request.get("WorkspaceDirectoryNames", []),
            filters=request.get("Filters", []),
        )
        shown, token = page(directories, lambda item: [item.directory_id], 25, request)
        return _listing("Directories", [directory_to_dict(item) for item in shown], token)

    def deregister_workspace_directory(self) -> str:
        """DeregisterWorkspaceDirectory."""
        self.workspaces_backend.deregister_workspace_directory(self._validated()["DirectoryId"])
        return "{}"

    def modify_saml_properties(self) -> str:
        """ModifySamlProperties."""
        return self._modify_directory("saml_properties", "SamlProperties")

    def modify_workspace_access_properties(self) -> str:
        """ModifyWorkspaceAccessProperties."""
        return self._modify_directory("workspace_access_properties", "WorkspaceAccessProperties")

    def modify_certificate_based_auth_properties(self) -> str:
        """ModifyCertificateBasedAuthProperties."""
        return self._modify_directory(
            "certificate_based_auth_properties", "CertificateBasedAuthProperties"
        )

    def modify_streaming_properties(self) -> str:
        """ModifyStreamingProperties."""
        return self._modify_directory("streaming_properties", "StreamingProperties")

    def _modify_directory(self, attribute: str, member: str) -> str:
        request = self._validated()
        self.workspaces_backend.modify_directory(
            request["ResourceId"], attribute, request.get(member, {})
        )
        return "{}"

    def describe_workspace_bundles(self) -> str:
        """DescribeWorkspaceBundles."""
        request = self._validated()
        bundles = self.workspaces_backend.describe_workspace_bundles(
            bundle_ids=request.get("BundleIds", []), owner=request.get("Owner")
        )
        shown, token = page(bundles, lambda item: [item.bundle_id], 25, request)
        return _listing("Bundles", [bundle.to_dict() for bundle in shown], token)


def _listing(result_key: str, shown: list[dict[str, Any]], next_token: str | None) -> str:
    return json.dumps({result_key: shown, **({"NextToken": next_token} if next_token else {})})
