"""The pools of one account and region on AWS: each operation of the API, by properties."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from . import errors, spec
from .cached import cached_once
from .client import Aws, ambient_region
from .configuration import Settings
from .errors import AwsError, Label, Pool
from .retries import Retries
from .waiter import (
    MISSING,
    OUTAGE,
    SHORT_OUTAGE,
    AllPools,
    Clock,
    Deadline,
    Goal,
    Poller,
    Reporter,
    SilentReporter,
    Waiter,
)

T = TypeVar("T")

RUNNING = "RUNNING"
STOPPED = "STOPPED"

NOT_FOUND = "ResourceNotFoundException"
_READS_DESPITE_LAG = 3


@cached_once
def pools_of(settings: Settings, region: str) -> Pools:
    """Return the process-wide `Pools` for these settings and region."""
    aws = Aws(settings, region)
    # All that come at once wait here, and then look at their pools together.
    aws.prepare()
    return Pools(aws)


def pools_at(settings: Settings, properties: Mapping[str, Any]) -> tuple[str, Pools]:
    """Return the region and the pools that a resource or a lookup works on.

    Of its properties `assumeRole` and `region` count.
    """
    settings = settings.assuming(properties.get("assumeRole"))
    region = properties.get("region") or settings.region or ambient_region(settings)
    if region is None:
        raise errors.NoRegionError
    return region, pools_of(settings, region)


class Pools:
    """The pools of one account and region."""

    def __init__(self, aws: Aws, clock: Clock | None = None) -> None:
        """Work with the pools that a connection reaches, by the machine's clock or another."""
        self._aws = aws
        self._retries: dict[str, Retries] = {}
        self._reporter: Reporter = SilentReporter()
        self._deadline: Deadline | None = None
        self.poller = Poller(self._describe, clock)

    def for_operation(self, deadline: Deadline, reporter: Reporter) -> Pools:
        """Return the same pools for one operation, which has a deadline and may be cancelled."""
        pools = copy.copy(self)
        pools._deadline, pools._reporter = deadline, reporter
        return pools

    # Reads

    def find(self, pool_id: str) -> Pool | None:
        """Look for a pool (DescribeWorkspacesPools), more than once where it is not shown."""
        waiter = Waiter(self.poller, self._patience(), self._reporter)
        # Retries that are configured have been made by botocore.
        outage = 0 if self._aws.retries_configured else SHORT_OUTAGE
        try:
            shown = Goal(lambda _pool: True, lost_at=(MISSING,), outage=outage)
            return waiter.wait_for(Label(pool_id=pool_id), shown)
        except errors.PoolGoneError:
            return None

    def tags(self, pool_id: str) -> dict[str, str]:
        """Read a pool's tags, this provider's included (DescribeTags)."""
        answer = self._despite_lag(pool_id, lambda: self._call("DescribeTags", ResourceId=pool_id))
        return spec.tags_from_api(answer["TagList"])

    def sessions(self, pool_id: str) -> list[str]:
        """List the ids of the sessions of a pool's users (DescribeWorkspacesPoolSessions)."""
        pages = self._despite_lag(
            pool_id,
            lambda: list(_pages(self._call, "DescribeWorkspacesPoolSessions", PoolId=pool_id)),
        )
        return [session["SessionId"] for page in pages for session in page["Sessions"]]

    def _despite_lag(self, pool_id: str, read: Callable[[], T]) -> T:
        """Read again what AWS does not find of a pool that was there a moment ago."""
        for _ in range(_READS_DESPITE_LAG - 1):
            try:
                return read()
            except AwsError as error:
                if error.code != NOT_FOUND:
                    raise
            self.poller.look_later(pool_id, waited=0)
        return read()

    def named(self, name: str) -> Pool | None:
        """Find a pool by its exact name (DescribeWorkspacesPools with a filter)."""
        # AWS's filter takes no name of one character.
        filters = [{"Name": "PoolName", "Values": [name], "Operator": "EQUALS"}]
        found = self.list(filters) if len(name) > 1 else self.list()
        return next((pool for pool in found if pool["PoolName"] == name), None)

    def list(self, filters: Sequence[Mapping[str, Any]] = ()) -> list[Pool]:
        """List pools (DescribeWorkspacesPools, all pages); without filters all of them."""
        parameters = {"Filters": list(filters)} if filters else {}
        pages = _pages(self._call, "DescribeWorkspacesPools", **parameters)
        return [pool for page in pages for pool in page["WorkspacesPools"]]

    def refuse_another_account(self, label: Label, arn: str | None) -> None:
        """Make sure that the credentials are of the account that a pool belongs to.

        STS GetCallerIdentity says which account that is, or else the ARN of any pool they show.
        Without the pool's ARN nothing is known, and nothing refused.
        """
        its_account = spec.account_of(arn)
        if its_account is None or self._aws.settings.skip_requesting_account_id:
            return
        try:
            reached = self._aws.account
        except AwsError as error:
            reached = self._account_of_pools(label, error, its_account)
        if reached != its_account:
            raise errors.WrongAccountError(label, its_account=its_account, reached=reached)

    def _account_of_pools(self, label: Label, refusal: AwsError, likely: str) -> str:
        try:
            shown = {spec.account_of(pool["PoolArn"]) for pool in self.list()}
        except AwsError:
            shown = set()
        if not shown:
            raise errors.UnprovenGoneError(label, cause=refusal) from None
        return likely if likely in shown else str(shown.pop())

    # Writes

    def create(self, name: str, properties: Mapping[str, Any], tags: Mapping[str, str]) -> Pool:
        """Create a pool (CreateWorkspacesPool); returns it as AWS does, CREATING."""
        given = {**properties, "poolName": name, "tags": tags}
        fields = spec.to_api("CreateWorkspacesPool", given)
        pool: Pool = self._write("CreateWorkspacesPool", **fields)["WorkspacesPool"]
        return pool

    def update(self, pool_id: str, properties: Mapping[str, Any]) -> Pool:
        """Change a pool's properties in place (UpdateWorkspacesPool); returns it as AWS does."""
        fields = {**spec.to_api("UpdateWorkspacesPool", dict(properties)), "PoolId": pool_id}
        pool: Pool = self._write("UpdateWorkspacesPool", **fields)["WorkspacesPool"]
        return pool

    def start(self, pool_id: str) -> None:
        """Begin to start a pool (StartWorkspacesPool)."""
        self._write("StartWorkspacesPool", PoolId=pool_id)

    def stop(self, pool_id: str) -> None:
        """Begin to stop a pool (StopWorkspacesPool)."""
        self._write("StopWorkspacesPool", PoolId=pool_id)

    def terminate(self, pool_id: str) -> None:
        """Begin to delete a pool (TerminateWorkspacesPool)."""
        self._write("TerminateWorkspacesPool", PoolId=pool_id)

    def end_session(self, session_id: str) -> None:
        """End a user's session (TerminateWorkspacesPoolSession), unless it ends already."""
        try:
            self._write("TerminateWorkspacesPoolSession", SessionId=session_id)
        except AwsError as error:
            if error.code not in (NOT_FOUND, "OperationInProgressException"):
                raise

    def add_tags(self, pool_id: str, tags: Mapping[str, str]) -> None:
        """Set tags on a pool (CreateTags); none is no call."""
        if tags:
            self._write("CreateTags", ResourceId=pool_id, Tags=spec.tags_to_api(tags))

    def remove_tags(self, pool_id: str, keys: Iterable[str]) -> None:
        """Take tags off a pool (DeleteTags); none is no call."""
        wanted = sorted(keys)
        if wanted:
            self._write("DeleteTags", ResourceId=pool_id, TagKeys=wanted)

    # Calls

    def _write(self, operation: str, **parameters: Any) -> dict[str, Any]:
        self._aws.refuse_account()
        return self._call(operation, self._reporter.before_write, **parameters)

    def _call(
        self, operation: str, before: Callable[[], None] = lambda: None, /, **parameters: Any
    ) -> dict[str, Any]:
        """Make a call, again where that may help; `before` each attempt."""

        def send() -> dict[str, Any]:
            before()
            return self._aws.call(operation, **parameters)

        retries = self._retries.setdefault(
            operation,
            Retries(operation, self.poller.clock, lambda: self._aws.retries_configured),
        )
        return retries.call(send, self._patience(), self._reporter)

    def _patience(self) -> Deadline:
        return self._deadline or Deadline.after(OUTAGE, self.poller.clock)

    def _describe(self, pool_ids: Sequence[str]) -> Mapping[str, Pool | Exception]:
        """Describe at most 25 pools; those that do not exist are left out."""
        try:
            # Whoever waits for the answer decides whether to go on without one.
            pages = list(_pages(self._aws.call, "DescribeWorkspacesPools", PoolIds=list(pool_ids)))
            found = [pool for page in pages for pool in page["WorkspacesPools"]]
        except AwsError as error:
            if error.code != NOT_FOUND:
                if len(pool_ids) == 1 or error.is_transient:
                    raise
                return self._describe_one_by_one(pool_ids)
            # One missing pool fails the call for all of them; the list has those that exist.
            if len(pool_ids) == 1:
                return {}
            return AllPools({pool["PoolId"]: pool for pool in self.list()})
        return {pool["PoolId"]: pool for pool in found}

    def _describe_one_by_one(self, pool_ids: Sequence[str]) -> Mapping[str, Pool | Exception]:
        """One id that AWS does not take fails the call for all: it is to fail alone."""
        found: dict[str, Pool | Exception] = {}
        for pool_id in pool_ids:
            try:
                found.update(self._describe([pool_id]))
            except AwsError as error:
                found[pool_id] = error
        return found


def _pages(
    call: Callable[..., dict[str, Any]], operation: str, **parameters: Any
) -> Iterator[dict[str, Any]]:
    while True:
        page = call(operation, **parameters)
        yield page
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]
