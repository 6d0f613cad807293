"""Between the calls of the WorkSpaces API and the models: JSON or CBOR in and out."""

import json
import re
import zlib
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from botocore.parsers import ResponseParserError
from moto.core.base_backend import BackendDict
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import InvalidToken, JsonRESTError
from moto.core.request import Request
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.workspaces.exceptions import InvalidParameterValuesException
from moto.workspaces.responses import WorkSpacesResponse

from . import cbor
from .exceptions import SerializationException
from .models import (
    WorkspacesPool,
    WorkSpacesPoolsBackend,
    directory_to_dict,
    workspaces_pools_backends,
)
from .validation import typed, validate

Item = TypeVar("Item")
_Find = Callable[..., tuple[list[Item], str | None]]
_SCOPE = re.compile(r"AWS4-HMAC-SHA256 +Credential=[^/,]+/[0-9]{8}/[^/,]+/[^/,]+/aws4_request(,|$)")


def _relayed(method: str, *members: str) -> Callable[["WorkSpacesPoolsResponse"], str]:
    """An operation that hands members of the request to the backend, and answers nothing."""

    def relay(self: "WorkSpacesPoolsResponse") -> str:
        getattr(self.workspaces_backend, method)(*(self.members[member] for member in members))
        return "{}"

    return relay


def _modified(member: str) -> Callable[["WorkSpacesPoolsResponse"], str]:
    """An operation that changes a group of a directory's properties."""

    def modify(self: "WorkSpacesPoolsResponse") -> str:
        self.workspaces_backend.modify_directory(
            self.members["ResourceId"],
            camelcase_to_underscores(member),
            self.members.get(member, {}),
        )
        return "{}"

    return modify


class WorkSpacesPoolsResponse(WorkSpacesResponse):
    """moto's answers for WorkSpaces, with those for pools."""

    use_raw_body = True
    backends: BackendDict[Any] = workspaces_pools_backends

    @property
    def workspaces_backend(self) -> WorkSpacesPoolsBackend:
        """The backend of the account and region of this call."""
        backend: WorkSpacesPoolsBackend = self.backends[self.current_account][self.region]
        return backend

    @property
    def _model(self) -> Any:
        return get_service_model("workspaces").operation_model(self._get_action())

    def _dispatch(
        self, request: Request, full_url: str | None = None, headers: Any = None
    ) -> TYPE_RESPONSE:
        """Answer a request in the protocol that it came in."""
        is_cbor = request.headers.get("smithy-protocol") == "rpc-v2-cbor"
        try:
            self.setup_class(request, full_url, headers)
            self.members = self._decoded(cbor.decoded if is_cbor else json.loads)
            status, answer_headers, body = self.call_action()
        except JsonRESTError as error:
            status, answer_headers, body = self._refusal(error)
        if is_cbor:
            shape = self._model.output_shape if status == 200 else None
            body = cbor.encoded(json.loads(body), shape)
            answer_headers = {**answer_headers, **cbor.HEADERS}
        return status, answer_headers, body

    def setup_class(
        self,
        request: Request,
        full_url: str | None = None,
        headers: Any = None,
        use_raw_body: bool | None = None,
    ) -> None:
        """Read what moto reads of a request, refusing what it cannot read."""
        authorization = request.headers.get("Authorization")
        if authorization is not None and not _SCOPE.match(authorization):
            raise JsonRESTError(
                "IncompleteSignatureException", "The Authorization header has no credential scope."
            )
        try:
            super().setup_class(request, full_url, headers, use_raw_body)
        except (OSError, EOFError, zlib.error) as error:
            raise SerializationException("The request is not valid gzip.") from error
        try:
            _ = self.workspaces_backend
        except KeyError as error:
            message = f"Credential should be scoped to a valid region: {self.region} is none."
            raise JsonRESTError("InvalidSignatureException", message) from error
        if self._get_action() not in get_service_model("workspaces").operation_names:
            raise JsonRESTError("UnknownOperationException", "WorkSpaces has no such operation.")

    def _get_action(self) -> str:
        # moto's looks into the body first, where a tag could pass for an action.
        if self.headers.get("smithy-protocol"):
            return str(self.path).rpartition("/operation/")[2]
        prefix, _, operation = str(self.headers.get("X-Amz-Target", "")).partition(".")
        return operation if prefix == "WorkspacesService" else ""

    def _decoded(self, decode: Callable[[bytes], Any]) -> Any:
        try:
            members = decode(self.body or b"{}")
            self.body = json.dumps(members, ensure_ascii=False)  # as moto's own methods want it
            self.body.encode()
        except (ValueError, TypeError, RecursionError, ResponseParserError, *cbor.ERRORS) as error:
            raise SerializationException("The request cannot be decoded.") from error
        return members

    def call_action(self) -> TYPE_RESPONSE:
        """Check the request against the operation's input shape, and carry it out."""
        try:
            own = camelcase_to_underscores(self._get_action()) in vars(WorkSpacesPoolsResponse)
            check = validate if own else typed
            self.members = check(self._model.input_shape, self.members)
        except JsonRESTError as error:
            return self._refusal(error)
        answer: TYPE_RESPONSE = super().call_action()
        return answer

    def _refusal(self, error: JsonRESTError) -> TYPE_RESPONSE:
        headers, body = self._enrich_response(dict(error.get_headers()), error.description)
        return error.code, headers, body

    def _known_members(self) -> dict[str, Any]:
        known = self._model.input_shape.members
        return {name: value for name, value in self.members.items() if name in known}

    def _listing(
        self, member: str, find: _Find[Item], show: Callable[[Item], Any], **criteria: Any
    ) -> str:
        token = self.members.get("NextToken")
        try:
            found, next_token = find(limit=self.members.get("Limit"), next_token=token, **criteria)
        except (InvalidToken, AttributeError, KeyError, TypeError) as error:
            if token is None:
                raise
            raise InvalidParameterValuesException(
                "The NextToken is not one of this request."
            ) from error
        listed = {member: [show(item) for item in found], "NextToken": next_token}
        return json.dumps({name: value for name, value in listed.items() if value is not None})

    # Pools

    def create_workspaces_pool(self) -> str:
        """CreateWorkspacesPool."""
        pool = self.workspaces_backend.create_workspaces_pool(self._known_members())
        return json.dumps({"WorkspacesPool": pool.to_dict()})

    def describe_workspaces_pools(self) -> str:
        """DescribeWorkspacesPools."""
        return self._listing(
            "WorkspacesPools",
            self.workspaces_backend.describe_workspaces_pools,
            WorkspacesPool.to_dict,
            pool_ids=self.members.get("PoolIds", []),
            filters=self.members.get("Filters", []),
        )

    def update_workspaces_pool(self) -> str:
        """UpdateWorkspacesPool."""
        changes = self._known_members()
        pool = self.workspaces_backend.update_workspaces_pool(changes.pop("PoolId"), changes)
        return json.dumps({"WorkspacesPool": pool.to_dict()})

    start_workspaces_pool = _relayed("start_workspaces_pool", "PoolId")

    stop_workspaces_pool = _relayed("stop_workspaces_pool", "PoolId")

    terminate_workspaces_pool = _relayed("terminate_workspaces_pool", "PoolId")

    def describe_workspaces_pool_sessions(self) -> str:
        """DescribeWorkspacesPoolSessions."""
        return self._listing(
            "Sessions",
            self.workspaces_backend.describe_workspaces_pool_sessions,
            attrgetter("shown"),
            pool_id=self.members["PoolId"],
            user_id=self.members.get("UserId"),
        )

    terminate_workspaces_pool_session = _relayed("terminate_workspaces_pool_session", "SessionId")

    # Tags

    create_tags = _relayed("create_tags", "ResourceId", "Tags")

    def describe_tags(self) -> str:
        """DescribeTags."""
        tags = self.workspaces_backend.describe_tags(self.members["ResourceId"])
        return json.dumps({"TagList": tags})

    delete_tags = _relayed("delete_tags", "ResourceId", "TagKeys")

    # Directories and bundles

    def register_workspace_directory(self) -> str:
        """RegisterWorkspaceDirectory; moto's own unless it is for POOLS."""
        if self.members.get("WorkspaceType") == "POOLS":
            directory = self.workspaces_backend.register_pools_directory(self.members)
            return json.dumps({"DirectoryId": directory.directory_id, "State": "REGISTERING"})
        if "DirectoryId" not in self.members:
            raise InvalidParameterValuesException("DirectoryId is required.")
        return super().register_workspace_directory()

    def describe_workspace_directories(self) -> str:
        """DescribeWorkspaceDirectories."""
        return self._listing(
            "Directories",
            self.workspaces_backend.find_directories,
            directory_to_dict,
            directory_ids=self.members.get("DirectoryIds", []),
            names=self.members.get("WorkspaceDirectoryNames", []),
            filters=self.members.get("Filters", []),
        )

    deregister_workspace_directory = _relayed("deregister_workspace_directory", "DirectoryId")

    modify_saml_properties = _modified("SamlProperties")
    modify_workspace_access_properties = _modified("WorkspaceAccessProperties")
    modify_certificate_based_auth_properties = _modified("CertificateBasedAuthProperties")
    modify_streaming_properties = _modified("StreamingProperties")

    def describe_workspace_bundles(self) -> str:
        """DescribeWorkspaceBundles."""
        return self._listing(
            "Bundles",
            self.workspaces_backend.describe_workspace_bundles,
            attrgetter("shown"),
            bundle_ids=self.members.get("BundleIds", []),
            owner=self.members.get("Owner"),
        )
