"""WorkSpaces pools as AWS keeps them: their fields, states, sessions, tags and directories."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.common_models import BaseModel
from moto.core.resource_tagging import TaggedResource
from moto.core.utils import unix_time, utcnow
from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.managed_state_model import ManagedState
from moto.utilities.paginator import paginate
from moto.utilities.tagging_service import TaggingService
from moto.utilities.utils import get_partition
from moto.workspaces.exceptions import (
    InvalidParameterValuesException,
    ResourceAlreadyExistsException,
)
from moto.workspaces.models import WorkSpaceDirectory, WorkSpacesBackend

from .exceptions import (
    InvalidResourceStateException,
    OperationInProgressException,
    OperationNotSupportedException,
    ResourceLimitExceededException,
    ResourceNotFoundException,
)

# Assumption: AWS documents no defaults for pools. These are the ones that it documents for
# AppStream fleets (CreateFleet), on which pools are built: no disconnection of idle users.
DEFAULT_TIMEOUT_SETTINGS = {
    "DisconnectTimeoutInSeconds": 900,
    "IdleDisconnectTimeoutInSeconds": 0,
    "MaxUserDurationInSeconds": 57600,
}
TAGS_LIMIT = 50
PASSING_STATES = ("CREATING", "STARTING", "STOPPING", "UPDATING")

# The Availability Zones of pools, from "AWS Regions and Availability Zones for WorkSpaces Pools"
# in the administration guide; in other Regions any zone will do.
ZONES = {
    "us-east-1": ("use1-az2", "use1-az4", "use1-az6"),
    "us-west-2": ("usw2-az1", "usw2-az2", "usw2-az3"),
    "ap-south-1": ("aps1-az1", "aps1-az3"),
    "ap-northeast-2": ("apne2-az1", "apne2-az3"),
    "ap-southeast-1": ("apse1-az1", "apse1-az2"),
    "ap-southeast-2": ("apse2-az1", "apse2-az3"),
    "ap-northeast-1": ("apne1-az1", "apne1-az4"),
    "ca-central-1": ("cac1-az1", "cac1-az2"),
    "eu-central-1": ("euc1-az2", "euc1-az3"),
    "eu-west-1": ("euw1-az1", "euw1-az2", "euw1-az3"),
}

# The API reference has 20 for sessions; for the others a page of the largest size.
_NAMES = {"input_token": "next_token", "limit_key": "limit"}
PAGINATION_MODEL = {
    operation: {**_NAMES, "limit_default": size, "unique_attribute": unique}
    for operation, size, unique in (
        ("describe_workspaces_pools", 25, "position"),
        ("describe_workspaces_pool_sessions", 20, "position"),
        ("find_directories", 25, "directory_id"),
        ("describe_workspace_bundles", 25, "bundle_id"),
    )
}


class Position(str):
    """Where an item stands in its list: a NextToken finds it, or the next one where it has gone."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __str__(self) -> "Position":  # the paginator compares this with what a token has
        """The position itself."""
        return self

    def __eq__(self, token: object) -> bool:
        """Whether a page that begins at a token's position may begin here."""
        return isinstance(token, str) and self >= token


@dataclass(eq=False)
class PoolSettings:
    """What differs between accounts, or is not documented well enough to be one way only.

    Attributes:
        state_after_creation: RUNNING or STOPPED.
        always_on_can_stop: Whether a pool that is ALWAYS_ON can be stopped and started.
        terminate_requires_stopped: Whether TerminateWorkspacesPool refuses a RUNNING pool.
        update_requires_stopped: Members of UpdateWorkspacesPool refused unless STOPPED.
        pool_limit: The quota of pools in an account and region; None is no limit.
    """

    state_after_creation: str = "RUNNING"
    always_on_can_stop: bool = False
    terminate_requires_stopped: bool = False
    update_requires_stopped: frozenset[str] = frozenset({"RunningMode"})
    pool_limit: int | None = None


def _random_id(prefix: str) -> str:
    return prefix + mock_random.get_random_string(length=9, lower_case=True)


class PoolSession(BaseModel):
    """One user's streaming session on a pool."""

    def __init__(self, pool_id: str, user_id: str, max_seconds: int) -> None:
        """Start a session that AWS would end after `max_seconds`."""
        self.session_id = str(mock_random.uuid4())
        self.user_id = user_id
        began = unix_time()
        self.position = Position(f"{began:017.6f} {self.session_id}")
        self.shown = {
            "AuthenticationType": "SAML",
            "ConnectionState": "CONNECTED",
            "SessionId": self.session_id,
            "InstanceId": f"i-{mock_random.get_random_hex(17)}",
            "PoolId": pool_id,
            "ExpirationTime": began + max_seconds,
            "NetworkAccessConfiguration": {
                "EniPrivateIpAddress": "10.0.0.10",
                "EniId": f"eni-{mock_random.get_random_hex(17)}",
            },
            "StartTime": began,
            "UserId": user_id,
        }


class WorkspacesPool(ManagedState, BaseModel):
    """A pool: its fields in AWS's form, its state, and the transition that it is in."""

    def __init__(self, account_id: str, region: str, request: dict[str, Any]) -> None:
        """Take a request of CreateWorkspacesPool; what it leaves out gets AWS's default."""
        super().__init__("workspaces::pool", transitions=[("CREATING", "RUNNING")])
        self.account_id = account_id
        self.region = region
        self.pool_id = _random_id("wspool-")
        self.arn = (
            f"arn:{get_partition(region)}:workspaces:{region}:{account_id}"
            f":workspacespool/{self.pool_id}"
        )
        created_at = unix_time()
        self.position = Position(f"{created_at:017.6f} {self.pool_id}")
        self.sessions: dict[str, PoolSession] = {}
        self.fields: dict[str, Any] = {
            "PoolId": self.pool_id,
            "PoolArn": self.arn,
            "CreatedAt": created_at,
            "ApplicationSettings": {"Status": "DISABLED"},
            "TimeoutSettings": DEFAULT_TIMEOUT_SETTINGS,
            "RunningMode": "AUTO_STOP",
        }
        self.change(request)

    @property
    def name(self) -> str:
        """The pool's name, which is unique in its account and region."""
        return str(self.fields["PoolName"])

    @property
    def max_session_seconds(self) -> int:
        """How long a session may last."""
        settings = {**DEFAULT_TIMEOUT_SETTINGS, **self.fields["TimeoutSettings"]}
        return int(settings["MaxUserDurationInSeconds"])

    def begin(self, state: str, next_state: str) -> None:
        """Enter a passing state, to be left for `next_state`."""
        self._transitions = [(state, next_state)]
        self._status, self._tick, self._time_progressed = state, 0, datetime.now()  # as moto's

    def change(self, members: dict[str, Any]) -> None:
        """Take members of a request to create or update the pool."""
        # Assumption: members of TimeoutSettings that are not given keep their values.
        timeouts = {**self.fields["TimeoutSettings"], **members.get("TimeoutSettings", {})}
        self.overwrite({**members, "TimeoutSettings": timeouts})

    def overwrite(self, fields: dict[str, Any]) -> None:
        """Replace fields; enabled application settings have the account's bucket."""
        self.fields.update(deepcopy(fields))
        settings = self.fields["ApplicationSettings"]
        if settings["Status"] == "ENABLED":
            # AWS names it wspool-app-settings-<region>-<account>-<random>, one per account and
            # region: so the random part does not differ between pools.
            bucket = f"wspool-app-settings-{self.region}-{self.account_id}-emulated"
            settings["S3BucketName"] = bucket

    def capacity_status(self) -> dict[str, int]:
        """The session slots: there are none unless the pool runs."""
        desired = self.fields["Capacity"]["DesiredUserSessions"]
        state, following = self._status, self._get_next_status(self._status)
        running = state in ("RUNNING", "STOPPING") or (state, following) == ("UPDATING", "RUNNING")
        actual = desired if running else 0
        active = len(self.sessions)
        return {
            "AvailableUserSessions": max(0, actual - active),
            "DesiredUserSessions": desired,
            "ActualUserSessions": actual,
            "ActiveUserSessions": active,
        }

    def to_dict(self) -> dict[str, Any]:
        """The pool as DescribeWorkspacesPools shows it."""
        shown = {**self.fields, "State": self._status, "CapacityStatus": self.capacity_status()}
        del shown["Capacity"]
        return {name: deepcopy(value) for name, value in shown.items() if value}


class PoolsDirectory(WorkSpaceDirectory):
    """A directory that WorkSpaces keeps itself, not AWS Directory Service: what pools need."""

    def __init__(
        self, account_id: str, region: str, directory_id: str, request: dict[str, Any]
    ) -> None:
        """Take a request of RegisterWorkspaceDirectory, its subnets and tags checked."""
        subnet_ids = request.get("SubnetIds", [])
        # What moto's own reads of a directory of Directory Service.
        directory: Any = SimpleNamespace(
            directory_id=directory_id,
            alias=directory_id,
            name=request["WorkspaceDirectoryName"],
            launch_time=utcnow(),
            dns_ip_addrs=[],
            directory_type="CUSTOMER_MANAGED",
            vpc_settings={"SubnetIds": subnet_ids},
        )
        code = f"SLiad+{mock_random.get_random_string(length=6).upper()}"
        tenancy, tags = request.get("Tenancy", ""), request.get("Tags", [])
        super().__init__(account_id, region, directory, code, "", subnet_ids, False, tenancy, tags)
        self.workspace_type = request["WorkspaceType"]
        self.workspace_creation_properties = {"EnableInternetAccess": False}
        self.saml_properties = {"Status": "DISABLED"}
        self.streaming_properties: dict[str, Any] = {}
        self.shown = {
            "WorkspaceDirectoryName": directory.name,
            "WorkspaceDirectoryDescription": request.get("WorkspaceDirectoryDescription"),
            "UserIdentityType": request.get("UserIdentityType", "CUSTOMER_MANAGED"),
            "ActiveDirectoryConfig": request.get("ActiveDirectoryConfig"),
        }

    def delete_security_group(self) -> None:
        """Nothing to delete: there is no security group of a directory of this kind."""

    def to_dict(self) -> dict[str, Any]:
        """The directory as DescribeWorkspaceDirectories shows it."""
        streaming = {"StreamingProperties": self.streaming_properties}
        shown = {**super().to_dict(), **self.shown, **streaming}
        return {name: value for name, value in shown.items() if value}


class WorkspaceBundle(BaseModel):
    """A bundle: the image and hardware of a pool's WorkSpaces."""

    def __init__(self, bundle_id: str, name: str, owner: str, compute_type: str) -> None:
        """Describe a bundle that is available; the owner is AMAZON or an account."""
        self.bundle_id = bundle_id
        self.owner = owner
        self.shown = {
            "BundleId": bundle_id,
            "Name": name,
            "Owner": owner,
            "Description": name,
            "ImageId": f"wsi-{mock_random.get_random_hex(9)}",
            "RootStorage": {"Capacity": "200"},
            "UserStorage": {"Capacity": "100"},
            "ComputeType": {"Name": compute_type},
            "LastUpdatedTime": unix_time(),
            "CreationTime": unix_time(),
            "State": "AVAILABLE",
            "BundleType": "REGULAR",
        }


class WorkSpacesPoolsBackend(WorkSpacesBackend):
    """moto's WorkSpaces of one account and region, with pools."""

    settings = PoolSettings()

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without pools, bundles and directories."""
        super().__init__(region_name, account_id)
        self.pools: dict[str, WorkspacesPool] = {}
        self.bundles: dict[str, WorkspaceBundle] = {}
        self.tagger = TaggingService()

    # Pools

    def create_workspaces_pool(self, request: dict[str, Any]) -> WorkspacesPool:
        """CreateWorkspacesPool; takes the members of the request."""
        self._check_bundle_and_directory(request)
        pools, name = self.live_pools(), request["PoolName"]
        if any(pool.name == name for pool in pools):
            raise ResourceAlreadyExistsException(f"The pool {name} already exists.")
        limit = self.settings.pool_limit
        if limit is not None and len(pools) >= limit:
            raise ResourceLimitExceededException(f"The limit of {limit} pools has been reached.")
        tags = merged_tags({}, request.pop("Tags", []))
        pool = WorkspacesPool(self.account_id, self.region_name, request)
        self.pools[pool.pool_id] = pool
        self.set_tags(pool.pool_id, tags)
        after = "RUNNING" if self._is_always_on(pool) else self.settings.state_after_creation
        self.begin(pool, "CREATING", after)
        return pool

    def begin(self, pool: WorkspacesPool, state: str, next_state: str) -> None:
        """Let a pool enter a passing state."""
        pool.begin(state, next_state)

    def live_pools(self) -> list[WorkspacesPool]:
        """All the pools, in the order of their creation; those whose deletion ended are dropped."""
        live = [pool for pool in list(self.pools.values()) if self._is_live(pool)]
        return sorted(live, key=lambda pool: pool.position)

    def get_pool(self, pool_id: str) -> WorkspacesPool:
        """The pool, its transition ended if it is time; ResourceNotFoundException if none."""
        pool = self.pools.get(pool_id)
        if pool is None or not self._is_live(pool):
            raise ResourceNotFoundException("WorkSpaces pool", pool_id)
        return pool

    def _is_live(self, pool: WorkspacesPool) -> bool:
        state = pool.status
        if state in ("STOPPED", "DELETED"):
            pool.sessions.clear()
        if state == "DELETED":
            self.tagger.delete_all_tags_for_resource(pool.arn)
            self.pools.pop(pool.pool_id, None)
        return state != "DELETED"

    @paginate(PAGINATION_MODEL)
    def describe_workspaces_pools(
        self, pool_ids: list[str], filters: list[dict[str, Any]]
    ) -> list[WorkspacesPool]:
        """DescribeWorkspacesPools; filters must all hold, each by any of its values."""
        pools = [self.get_pool(pool_id) for pool_id in dict.fromkeys(pool_ids)]
        pools = sorted(pools, key=lambda pool: pool.position) if pool_ids else self.live_pools()
        return [pool for pool in pools if all(_matches(pool.name, given) for given in filters)]

    def update_workspaces_pool(self, pool_id: str, changes: dict[str, Any]) -> WorkspacesPool:
        """UpdateWorkspacesPool; `changes` are the members of the request beside PoolId."""
        pool = self.get_pool(pool_id)
        state = self._settled_state(pool)
        self._check_changes(pool, changes)
        pool.change(changes)
        # Assumption: a pool that can no longer be started is started by AWS.
        self.begin(pool, "UPDATING", "RUNNING" if self._is_always_on(pool) else state)
        return pool

    def start_workspaces_pool(self, pool_id: str) -> None:
        """StartWorkspacesPool."""
        pool = self.get_pool(pool_id)
        self._check_state(pool, "STOPPED", "started")
        if self._is_always_on(pool):
            raise OperationNotSupportedException(f"The pool {pool_id} is ALWAYS_ON.")
        self.begin(pool, "STARTING", "RUNNING")

    def stop_workspaces_pool(self, pool_id: str) -> None:
        """StopWorkspacesPool."""
        pool = self.get_pool(pool_id)
        self._check_state(pool, "RUNNING", "stopped")
        if self._is_always_on(pool):
            # The API reference does not list OperationNotSupportedException for this operation.
            raise InvalidResourceStateException(f"The pool {pool_id} is ALWAYS_ON.")
        self.begin(pool, "STOPPING", "STOPPED")

    def terminate_workspaces_pool(self, pool_id: str) -> None:
        """TerminateWorkspacesPool."""
        pool = self.get_pool(pool_id)
        if self._settled_state(pool) == "DELETING":
            raise OperationInProgressException(f"The pool {pool_id} is already being deleted.")
        if self.settings.terminate_requires_stopped:
            self._check_state(pool, "STOPPED", "terminated")
        self.begin(pool, "DELETING", "DELETED")

    @paginate(PAGINATION_MODEL)
    def describe_workspaces_pool_sessions(
        self, pool_id: str, user_id: str | None
    ) -> list[PoolSession]:
        """DescribeWorkspacesPoolSessions."""
        sessions = self.get_pool(pool_id).sessions.values()
        found = [session for session in sessions if user_id in (None, session.user_id)]
        return sorted(found, key=lambda session: session.position)

    def terminate_workspaces_pool_session(self, session_id: str) -> None:
        """TerminateWorkspacesPoolSession."""
        for pool in self.live_pools():
            if pool.sessions.pop(session_id, None):
                return
        raise ResourceNotFoundException("session", session_id)

    def _is_always_on(self, pool: WorkspacesPool) -> bool:
        return pool.fields["RunningMode"] == "ALWAYS_ON" and not self.settings.always_on_can_stop

    def _check_bundle_and_directory(self, members: dict[str, Any]) -> None:
        if "BundleId" in members and members["BundleId"] not in self.bundles:
            raise ResourceNotFoundException("bundle", members["BundleId"])
        if "DirectoryId" in members:
            directory = self._directory(members["DirectoryId"])
            if directory_to_dict(directory)["WorkspaceType"] != "POOLS":
                message = f"The directory {directory.directory_id} is not for POOLS."
                raise InvalidParameterValuesException(message)

    def _directory(self, directory_id: str) -> WorkSpaceDirectory:
        if directory_id not in self.workspace_directories:
            raise ResourceNotFoundException("directory", directory_id)
        return self.workspace_directories[directory_id]

    def _check_changes(self, pool: WorkspacesPool, changes: dict[str, Any]) -> None:
        if pool.status == "DELETING":
            raise InvalidResourceStateException(f"The pool {pool.pool_id} is being deleted.")
        if not changes:
            raise InvalidParameterValuesException("The request changes nothing of the pool.")
        # Assumption: what a pool that is ALWAYS_ON can never be, it need not be for a change.
        needs_stop = () if self._is_always_on(pool) else self.settings.update_requires_stopped
        for member in changes.keys() & needs_stop:
            self._check_state(pool, "STOPPED", f"given another {member}")
        self._check_bundle_and_directory(changes)

    @staticmethod
    def _settled_state(pool: WorkspacesPool) -> str:
        state = str(pool.status)
        if state in PASSING_STATES:
            raise OperationInProgressException(f"The pool {pool.pool_id} is {state}.")
        return state

    def _check_state(self, pool: WorkspacesPool, required: str, done: str) -> None:
        state = self._settled_state(pool)
        if state != required:
            raise InvalidResourceStateException(
                f"The pool {pool.pool_id} is {state}; to be {done} it must be {required}."
            )

    # Tags

    def create_tags(self, resource_id: str, tags: list[dict[str, str]]) -> None:
        """CreateTags."""
        self.set_tags(resource_id, merged_tags(self.tags_of(resource_id), tags))

    def describe_tags(self, resource_id: str) -> list[dict[str, str]]:
        """DescribeTags."""
        return TaggingService.convert_dict_to_tags_input(self.tags_of(resource_id))

    def delete_tags(self, resource_id: str, tag_keys: list[str]) -> None:
        """DeleteTags; a key that is not there is no error."""
        check_tag_keys(tag_keys)
        tags = self.tags_of(resource_id)
        kept = {key: value for key, value in tags.items() if key not in tag_keys}
        self.set_tags(resource_id, kept)

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """The tags of a pool, or of a resource that moto tags."""
        if resource_id.startswith("wspool-"):
            return self.tagger.get_tag_dict_for_resource(self.get_pool(resource_id).arn)
        tags = self._other_resource(resource_id).tags or []
        return {tag["Key"]: tag.get("Value", "") for tag in tags}

    def set_tags(self, resource_id: str, tags: dict[str, str]) -> None:
        """Replace the tags of a pool, or of a resource that moto tags."""
        listed = TaggingService.convert_dict_to_tags_input(tags)
        if resource_id.startswith("wspool-"):
            arn = self.get_pool(resource_id).arn
            self.tagger.delete_all_tags_for_resource(arn)
            self.tagger.tag_resource(arn, listed)
        else:
            self._other_resource(resource_id).tags = listed

    def _other_resource(self, resource_id: str) -> Any:
        for resources in (self.workspaces, self.workspace_directories, self.workspace_images):
            if resource_id in resources:
                return resources[resource_id]
        raise ResourceNotFoundException("resource", resource_id)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """What the Resource Groups Tagging API sees of WorkSpaces."""
        yield from super().iter_tagged_resources()
        for pool in self.live_pools():
            yield TaggedResource(pool.arn, self.tags_of(pool.pool_id), "workspaces:workspacespool")

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """UntagResources of the Resource Groups Tagging API."""
        self.delete_tags(arn.rsplit("/", maxsplit=1)[-1], tag_keys)

    # Directories and bundles

    def register_pools_directory(self, request: dict[str, Any]) -> PoolsDirectory:
        """RegisterWorkspaceDirectory with WorkspaceType POOLS; takes the members of the request."""
        name, subnet_ids = request.get("WorkspaceDirectoryName"), request.get("SubnetIds", [])
        if not name or "UserIdentityType" not in request or len(subnet_ids) != 2:
            needed = "WorkspaceDirectoryName, UserIdentityType and two SubnetIds"
            raise InvalidParameterValuesException(f"A directory for POOLS needs {needed}.")
        self._check_subnets(subnet_ids)
        if any(known.directory_name == name for known in self.workspace_directories.values()):
            raise ResourceAlreadyExistsException(f"A directory named {name} is registered already.")
        tags = TaggingService.convert_dict_to_tags_input(merged_tags({}, request.get("Tags", [])))
        members = {**request, "Tags": tags}
        directory = PoolsDirectory(self.account_id, self.region_name, _random_id("wsd-"), members)
        self.workspace_directories[directory.directory_id] = directory
        return directory

    def _check_subnets(self, subnet_ids: list[str]) -> None:
        zones = set()
        for subnet_id in subnet_ids:
            try:
                subnet = ec2_backends[self.account_id][self.region_name].get_subnet(subnet_id)
            except InvalidSubnetIdError as error:
                message = f"The subnet {subnet_id} does not exist."
                raise InvalidParameterValuesException(message) from error
            zones.add(subnet.availability_zone_id)
        if len(zones) < len(subnet_ids) or zones - set(ZONES.get(self.region_name, zones)):
            raise OperationNotSupportedException(
                "The subnets must be in separate Availability Zones that WorkSpaces Pools "
                f"supports; they are in {', '.join(sorted(zones))}."
            )

    @paginate(PAGINATION_MODEL)
    def find_directories(
        self, directory_ids: list[str], names: list[str], filters: list[dict[str, Any]]
    ) -> list[WorkSpaceDirectory]:
        """DescribeWorkspaceDirectories, with the names and filters that moto leaves out."""
        shown = [(known, directory_to_dict(known)) for known in self.workspace_directories.values()]
        found = [
            directory
            for directory, members in shown
            if (not directory_ids or directory.directory_id in directory_ids)
            and (not names or members.get("WorkspaceDirectoryName") in names)
            and all(_has_attribute(members, given) for given in filters)
        ]
        return sorted(found, key=lambda directory: directory.directory_id)

    def deregister_workspace_directory(self, directory_id: str) -> None:
        """DeregisterWorkspaceDirectory."""
        self._directory(directory_id)
        pools = [pool for pool in self.live_pools() if pool.fields["DirectoryId"] == directory_id]
        personal = [
            workspace.workspace_id
            for workspace in self.workspaces.values()
            if workspace.directory_id == directory_id
        ]
        if pools or personal:
            names = ", ".join([*(pool.name for pool in pools), *personal])
            raise OperationNotSupportedException(f"{names} must be removed from {directory_id}.")
        super().deregister_workspace_directory(directory_id)

    def modify_directory(self, directory_id: str, attribute: str, changes: dict[str, Any]) -> None:
        """Merge changes into one of a directory's groups of properties."""
        directory = self._directory(directory_id)
        setattr(directory, attribute, {**getattr(directory, attribute, {}), **changes})

    @paginate(PAGINATION_MODEL)
    def describe_workspace_bundles(
        self, bundle_ids: list[str], owner: str | None
    ) -> list[WorkspaceBundle]:
        """DescribeWorkspaceBundles; without an owner, the account's own."""
        if bundle_ids and owner:
            raise InvalidParameterValuesException("BundleIds and Owner exclude each other.")
        found = [self.bundles[bundle_id] for bundle_id in bundle_ids if bundle_id in self.bundles]
        if not bundle_ids:
            owner = owner or self.account_id
            found = [bundle for bundle in self.bundles.values() if bundle.owner == owner]
        return sorted(found, key=lambda bundle: bundle.bundle_id)


def directory_to_dict(directory: WorkSpaceDirectory) -> dict[str, Any]:
    """A directory as shown, with the type that moto's own do not know they have."""
    workspace_type = getattr(directory, "workspace_type", "PERSONAL")
    return {**directory.to_dict(), "WorkspaceType": workspace_type}


def merged_tags(tags: dict[str, str], more: list[dict[str, str]]) -> dict[str, str]:
    """Tags with more of them in the API's form; refuses what AWS refuses."""
    check_tag_keys([tag["Key"] for tag in more])
    merged = {**tags, **{tag["Key"]: tag.get("Value", "") for tag in more}}
    if len([key for key in merged if not key.startswith("aws:")]) > TAGS_LIMIT:
        raise ResourceLimitExceededException(f"A resource has at most {TAGS_LIMIT} tags.")
    return merged


def check_tag_keys(keys: list[str]) -> None:
    """Refuse keys that are AWS's own and keys given twice."""
    for key in keys:
        if key.lower().startswith("aws:"):
            raise InvalidParameterValuesException(f"The tag key {key} is reserved.")
        if keys.count(key) > 1:
            raise InvalidParameterValuesException(f"The tag key {key} is given more than once.")


def _matches(name: str, given: dict[str, Any]) -> bool:
    if given["Operator"] in ("CONTAINS", "NOTCONTAINS"):
        found = any(value in name for value in given["Values"])
    else:
        found = name in given["Values"]
    return found is not given["Operator"].startswith("NOT")


def _has_attribute(shown: dict[str, Any], given: dict[str, Any]) -> bool:
    member = {"USER_IDENTITY_TYPE": "UserIdentityType", "WORKSPACE_TYPE": "WorkspaceType"}
    return shown.get(member[given["Name"]]) in given["Values"]


workspaces_pools_backends = BackendDict(WorkSpacesPoolsBackend, "workspaces")
