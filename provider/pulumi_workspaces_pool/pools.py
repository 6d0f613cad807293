"""A pool's life on AWS: create, describe, update, start, stop, terminate, tags, sessions.

Every flow here looks, acts and looks again, so that it can be taken up wherever an earlier run was
interrupted, and so that an answer lost on the way does no harm.
"""

from __future__ import annotations

import copy
import functools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from . import errors
from .cached import cached_once
from .client import Aws
from .configuration import Settings
from .errors import AwsError, PoolError, PoolGoneError, PoolUnreadyError, pool_label
from .markers import CREATING, RESTARTING
from .spec import tags_from_api, tags_to_api
from .waiter import Patience, Poller, Pool, spoken

T = TypeVar("T")

RUNNING = "RUNNING"
STOPPED = "STOPPED"
DELETING = "DELETING"
SETTLED = (RUNNING, STOPPED)

_NOT_FOUND = "ResourceNotFoundException"
_ALREADY_EXISTS = "ResourceAlreadyExistsException"
_INVALID_STATE = "InvalidResourceStateException"
_BUSY = ("OperationInProgressException", _INVALID_STATE)

# Reads may lag behind writes: what was written is given so long (seconds) to show.
LAG = 60.0
# A pool that is not there is looked for again so often, or so long (seconds), before that is
# believed.
_LOOKS_FOR_MISSING = 3
_MISSING_GRACE = 1.0
_MISSING = "missing"
# A call that AWS refuses for the pool's state is made again for so long (seconds), with a look each
# time: AWS may show that a change has ended before it lets the next one in.
_BUSY_GRACE = 5.0


@dataclass(frozen=True)
class Target:
    """Where a pool is to be.

    Attributes:
        fields: parameters of UpdateWorkspacesPool that are to hold; a nested None takes that
            member away.
        desired_state: RUNNING or STOPPED, or None to leave starting and stopping to others.
        disconnect_active_sessions: whether users' sessions may be ended where a stop needs it.
        marker: the value of this resource's marker tags.
    """

    fields: Mapping[str, Any]
    desired_state: str | None
    disconnect_active_sessions: bool
    marker: str


class NameTakenError(PoolError):
    """Another pool has the name.

    Attributes:
        holder: the pool that has it, as AWS shows it.
    """

    def __init__(self, holder: Pool) -> None:
        """Say who holds the name, and how to go on.

        Args:
            holder: the pool that has the name.
        """
        self.holder = holder
        label = pool_label(holder["PoolName"], holder["PoolId"])
        super().__init__(
            f"The name is taken: {label} is {holder['State']} in this account and region and was "
            f'not made by this resource; set adopt_pool_id="{holder["PoolId"]}" to manage it here, '
            "choose another pool_name, or, if this replaces the pool itself, set "
            "delete_before_replace=True."
        )


@cached_once
def pools_of(settings: Settings, region: str) -> Pools:
    """Give the one set of pools a process has for these settings and this region."""
    aws = Aws(settings, region)
    # All that come at once wait here, and then look at their pools together.
    aws.prepare()
    return Pools(aws)


class Pools:
    """The pools of one account and region."""

    def __init__(self, aws: Aws) -> None:
        """Work with the pools that a connection reaches.

        Args:
            aws: the connection.
        """
        self._aws = aws
        self._poller = Poller(self._describe)
        self._before_write: Callable[[], None] = lambda: None

    def for_operation(self, before_write: Callable[[], None]) -> Pools:
        """Give the same pools to one operation that may come to be wanted no more.

        Args:
            before_write: called before each call that changes something; raises to prevent it.

        Returns:
            The pools, with the connection and the poller shared.
        """
        pools = copy.copy(self)
        pools._before_write = before_write
        return pools

    # Looking

    def find(self, pool_id: str) -> Pool | None:
        """Look for a pool, and believe that it is missing only after some looks.

        Args:
            pool_id: the pool's id.

        Returns:
            The pool as DescribeWorkspacesPools shows it, or None if it is gone.

        Raises:
            AwsError: AWS refused, or could not be reached.
        """
        pool = self._poller.look(pool_id)
        for _ in range(_LOOKS_FOR_MISSING - 1):
            if pool is not None:
                break
            pool = self._poller.look_later(pool_id, waited=0)
        return pool

    def tags(self, pool_id: str) -> dict[str, str]:
        """Read a pool's tags, markers included (DescribeTags)."""

        def read() -> dict[str, str]:
            answer = self._aws.call("DescribeTags", ResourceId=pool_id)
            return tags_from_api(answer.get("TagList", []))

        return self._despite_lag(pool_id, read)

    def sessions(self, pool_id: str) -> list[str]:
        """List the ids of the sessions of a pool's users (DescribeWorkspacesPoolSessions)."""

        def read() -> list[str]:
            pages = self._pages("DescribeWorkspacesPoolSessions", PoolId=pool_id)
            return [session["SessionId"] for page in pages for session in page.get("Sessions", [])]

        return self._despite_lag(pool_id, read)

    def _despite_lag(self, pool_id: str, read: Callable[[], T]) -> T:
        """Read again what AWS does not find of a pool that was there a moment ago."""
        for _ in range(_LOOKS_FOR_MISSING - 1):
            try:
                return read()
            except AwsError as error:
                if error.code != _NOT_FOUND:
                    raise
            self._poller.look_later(pool_id, waited=0)
        return read()

    def named(self, name: str) -> Pool | None:
        """Find a pool by its exact name (DescribeWorkspacesPools with a filter)."""
        # AWS's filter takes no name of one character.
        filters = [{"Name": "PoolName", "Values": [name], "Operator": "EQUALS"}]
        found = self.list(filters) if len(name) > 1 else self.list()
        return next((pool for pool in found if pool["PoolName"] == name), None)

    def list(self, filters: Sequence[Mapping[str, Any]] = ()) -> list[Pool]:
        """List pools (DescribeWorkspacesPools, all pages).

        Args:
            filters: the API's filters; none lists all pools.

        Returns:
            The pools as the API shows them.

        Raises:
            AwsError: AWS refused, or could not be reached.
        """
        parameters = {"Filters": list(filters)} if filters else {}
        pages = self._pages("DescribeWorkspacesPools", **parameters)
        return [pool for page in pages for pool in page.get("WorkspacesPools", [])]

    def account_of_credentials(self) -> str:
        """The id of the account whose pools these are."""
        return self._aws.account

    # Creating

    def create(
        self,
        fields: Mapping[str, Any],
        names: Iterable[str],
        marker: str,
        patience: Patience,
        name_taken: Callable[[NameTakenError], None],
    ) -> tuple[Pool, bool]:
        """Create a pool, or take over the one that an interrupted run of this resource created.

        Args:
            fields: the parameters of CreateWorkspacesPool but for the name.
            names: the names to try, in order.
            marker: the value of this resource's marker tag.
            patience: how long it may take.
            name_taken: told of each name that another pool has; raises to give up.

        Returns:
            The pool, which may still be CREATING and carries the marker, and whether this call
            created it.

        Raises:
            AwsError: AWS refused, or could not be reached.
            PoolError: no name is free.
        """
        for name in names:
            try:
                return self._create_named(name, fields, marker, patience)
            except NameTakenError as taken:
                name_taken(taken)
        raise PoolError("No name is free for the pool; set pool_name.")

    def _create_named(
        self, name: str, fields: Mapping[str, Any], marker: str, patience: Patience
    ) -> tuple[Pool, bool]:
        tags = [*fields.get("Tags", []), *tags_to_api({CREATING: marker})]
        started = time.monotonic()
        while True:
            try:
                answer = self._write(
                    "CreateWorkspacesPool", **{**fields, "PoolName": name, "Tags": tags}
                )
            except AwsError as error:
                if error.code != _ALREADY_EXISTS:
                    raise
                refusal = error
            else:
                return answer["WorkspacesPool"], True
            holder = self.named(name)
            if holder is None:
                # Created a moment ago and not yet shown, or gone since.
                if time.monotonic() - started > LAG or patience.exhausted:
                    raise refusal
                time.sleep(1)
            elif holder["State"] == DELETING:
                self.wait_until_gone(holder["PoolId"], patience)
            elif self.tags(holder["PoolId"]).get(CREATING) == marker:
                return holder, False
            else:
                raise NameTakenError(holder)

    def finish_creation(self, pool_id: str) -> None:
        """Take the creation marker off: from here on the engine's state knows the pool."""
        self.remove_tags(pool_id, [CREATING])

    # Settling

    def settled(self, pool_id: str, patience: Patience, *, just_created: bool = False) -> Pool:
        """Wait until a pool is RUNNING or STOPPED.

        Args:
            pool_id: the pool's id.
            patience: how long to wait.
            just_created: whether reads may not show the pool yet.

        Returns:
            The pool.

        Raises:
            PoolGoneError: the pool is not there, or is being deleted.
            PoolUnreadyError: the time is up.
            AwsError: AWS refused a look.
        """
        grace = LAG if just_created else _MISSING_GRACE
        return self._wait(pool_id, lambda pool: pool["State"] in SETTLED, patience, grace=grace)

    def wait_until_gone(self, pool_id: str, patience: Patience) -> None:
        """Wait until a pool that is being terminated is gone."""
        try:
            self._wait(pool_id, lambda _pool: False, patience, gone_at=(_MISSING,), grace=0)
        except PoolGoneError:
            return

    def _wait(
        self,
        pool_id: str,
        reached: Callable[[Pool], bool],
        patience: Patience,
        gone_at: tuple[str, ...] = (_MISSING, DELETING),
        grace: float = _MISSING_GRACE,
    ) -> Pool:
        """Look at a pool, at growing intervals, until it is where it should be.

        `gone_at` holds the states that mean the pool is lost; a missing pool is lost only after
        `grace` seconds.
        """
        started = since = time.monotonic()
        pool: Pool | None = None
        look = functools.partial(self._poller.look, pool_id)
        state = "unknown"
        while True:
            try:
                pool = look()
            except AwsError as error:
                if not errors.is_passing(error) or patience.exhausted:
                    raise
                patience.progress(f"{state}; AWS does not answer ({error.code})")
            else:
                seen = pool["State"] if pool else _MISSING
                if pool is not None and reached(pool):
                    return pool
                waited = time.monotonic() - started
                if seen in gone_at and (seen != _MISSING or waited >= grace):
                    raise PoolGoneError(_lost(pool_id, seen))
                if seen != state:
                    state, since = seen, time.monotonic()
                patience.progress(f"{state} for {spoken(time.monotonic() - since)}")
            if patience.exhausted:
                raise PoolUnreadyError(_timed_out(pool_id, pool, time.monotonic() - started))
            remaining = patience.deadline - time.monotonic()
            waited = min(time.monotonic() - since, remaining * 5)
            look = functools.partial(self._poller.look_later, pool_id, waited)

    # Changing

    def converge(
        self, pool_id: str, target: Target, patience: Patience, *, just_created: bool = False
    ) -> Pool:
        """Bring a pool to its target, from wherever an earlier run left it.

        A change of the running mode of a running pool stops it, changes it and starts it again; a
        marker tag remembers meanwhile that it was running.

        Args:
            pool_id: the pool's id.
            target: where it is to be.
            patience: how long it may take.
            just_created: whether this run has just created it: reads may not show it yet, and no
                earlier run can have left it amid a change.

        Returns:
            The pool, RUNNING or STOPPED.

        Raises:
            PoolGoneError: the pool is not there any more.
            PoolUnreadyError: it could not be brought there in time.
            PoolError: its users are connected, or AWS refused.
        """
        pool = self.settled(pool_id, patience, just_created=just_created)
        # In whatever state: the last step of a change, taking its marker off, may be what is left.
        restart = not just_created and self._is_restarting(pool_id, target)
        pending = _pending(target.fields, pool)
        if pending:
            was_running = pool["State"] == RUNNING
            pool = self._change(pool, pending, target, patience)
            restart = restart or (was_running and pool["State"] == STOPPED)
        wanted = target.desired_state or (RUNNING if restart else None)
        if wanted == STOPPED and pool["State"] != STOPPED:
            pool = self.stop(pool_id, target.disconnect_active_sessions, patience)
        elif wanted == RUNNING and pool["State"] != RUNNING:
            pool = self.start(pool_id, patience)
        if restart:
            self.remove_tags(pool_id, [RESTARTING])
        return pool

    def _change(
        self, pool: Pool, pending: Mapping[str, Any], target: Target, patience: Patience
    ) -> Pool:
        """Send the fields that differ; a pool that has to be stopped for it is left stopped."""
        pool_id, running = pool["PoolId"], pool["State"] == RUNNING
        if running and "RunningMode" not in pending:
            try:
                return self._update(pool_id, pending, patience)
            except AwsError as error:
                # AWS does not document which fields need a stopped pool: it is asked.
                if error.code != _INVALID_STATE:
                    raise
        if running:
            self._stop_to_restart(pool_id, target, patience)
        return self._update(pool_id, pending, patience)

    def _stop_to_restart(self, pool_id: str, target: Target, patience: Patience) -> None:
        marked = {RESTARTING: target.marker}
        self.stop(pool_id, target.disconnect_active_sessions, patience, marked)

    def _is_restarting(self, pool_id: str, target: Target) -> bool:
        return self.tags(pool_id).get(RESTARTING) == target.marker

    def _update(self, pool_id: str, fields: Mapping[str, Any], patience: Patience) -> Pool:
        self._call_when_possible("UpdateWorkspacesPool", pool_id, patience, **_without_none(fields))
        accepted = time.monotonic()

        def shows(pool: Pool) -> bool:
            return pool["State"] in SETTLED and not _differing(fields, pool)

        def late(pool: Pool) -> bool:
            return pool["State"] in SETTLED and time.monotonic() - accepted > LAG

        pool = self._wait(pool_id, lambda pool: shows(pool) or late(pool), patience)
        if not shows(pool):
            left = ", ".join(sorted(_differing(fields, pool)))
            raise PoolUnreadyError(
                f"AWS accepted the change of {left} of {pool_label(pool['PoolName'], pool_id)} but "
                "does not show it; run `pulumi refresh` to see what it holds, then `pulumi up`."
            )
        return pool

    def start(self, pool_id: str, patience: Patience) -> Pool:
        """Start a pool unless it runs already, and wait until it does (StartWorkspacesPool)."""
        return self._move(pool_id, "StartWorkspacesPool", RUNNING, patience)

    def stop(
        self,
        pool_id: str,
        disconnect_active_sessions: bool,
        patience: Patience,
        marked: Mapping[str, str] | None = None,
    ) -> Pool:
        """Stop a pool unless it is stopped already, and wait until it is (StopWorkspacesPool).

        Args:
            pool_id: the pool's id.
            disconnect_active_sessions: whether to end users' sessions; otherwise they are an error.
            patience: how long it may take.
            marked: tags to set once its users are no reason to let it run.

        Returns:
            The pool, STOPPED.

        Raises:
            PoolError: users are connected and may not be disconnected, or AWS refused.
        """
        pool = self.settled(pool_id, patience)
        if pool["State"] == RUNNING:
            self._free_of_sessions(pool, disconnect_active_sessions, patience)
        self.add_tags(pool_id, marked or {})
        return self._move(pool_id, "StopWorkspacesPool", STOPPED, patience)

    def _move(self, pool_id: str, operation: str, to: str, patience: Patience) -> Pool:
        pool = self.settled(pool_id, patience)
        if pool["State"] == to:
            return pool
        moved = self._call_when_possible(operation, pool_id, patience, unless_state=to)
        accepted = time.monotonic()
        left = not moved

        def ended(pool: Pool) -> bool:
            nonlocal left
            left = left or pool["State"] not in SETTLED
            back = left or time.monotonic() - accepted > LAG
            return pool["State"] == to or (pool["State"] in SETTLED and back)

        pool = self._wait(pool_id, ended, patience)
        if pool["State"] != to:
            raise PoolUnreadyError(_went_back(pool, to))
        return pool

    def _call_when_possible(
        self,
        operation: str,
        pool_id: str,
        patience: Patience,
        *,
        unless_state: str | None = None,
        **parameters: Any,
    ) -> bool:
        """Make a call that AWS refuses while the pool is busy; False: it is not needed any more."""
        started = time.monotonic()
        while True:
            try:
                self._write(operation, PoolId=pool_id, **parameters)
            except AwsError as error:
                if error.code == _NOT_FOUND and self.find(pool_id) is None:
                    raise PoolGoneError(_lost(pool_id, _MISSING)) from None
                waited = time.monotonic() - started
                if error.code not in _BUSY or waited > _BUSY_GRACE or patience.exhausted:
                    raise
                # Busy with what somebody else asked for, or with this very call, whose answer
                # was lost on the way.
                # The longer it lasts, the longer the pause: a tenth of what is given here.
                pool = self._wait_while_busy(pool_id, patience, waited=waited * 10)
                if pool["State"] == unless_state:
                    return False
            else:
                return True

    def _wait_while_busy(self, pool_id: str, patience: Patience, waited: float) -> Pool:
        self._poller.look_later(pool_id, waited)
        return self.settled(pool_id, patience)

    # Deleting

    def terminate(self, pool_id: str, disconnect_active_sessions: bool, patience: Patience) -> None:
        """Terminate a pool and wait until it is gone; one that is gone already is fine.

        Args:
            pool_id: the pool's id.
            disconnect_active_sessions: whether to end users' sessions; otherwise they are an error.
            patience: how long it may take.

        Raises:
            PoolError: users are connected and may not be disconnected, or AWS refused.
        """
        pool = self.find(pool_id)
        if pool is None:
            return
        try:
            if pool["State"] != DELETING:
                self._stop_and_terminate(pool_id, disconnect_active_sessions, patience)
        except PoolGoneError:
            # Somebody else was faster.
            pass
        self.wait_until_gone(pool_id, patience)

    def _stop_and_terminate(
        self, pool_id: str, disconnect_active_sessions: bool, patience: Patience
    ) -> None:
        try:
            self.stop(pool_id, disconnect_active_sessions, patience)
        except AwsError as error:
            # AWS's documentation is at odds with itself on stopping an ALWAYS_ON pool: where it
            # cannot be stopped, terminating is for AWS to decide.
            if error.code not in (*_BUSY, "OperationNotSupportedException"):
                raise
        self._call_when_possible("TerminateWorkspacesPool", pool_id, patience)

    def _free_of_sessions(self, pool: Pool, disconnect: bool, patience: Patience) -> None:
        pool_id = pool["PoolId"]
        sessions = self.sessions(pool_id)
        if sessions and not disconnect:
            users = "1 user session" if len(sessions) == 1 else f"{len(sessions)} user sessions"
            raise PoolError(
                f"The {pool_label(pool['PoolName'], pool_id)} has {users} active, so it was not "
                "stopped; wait until its users have left, or set disconnect_active_sessions=True "
                "to end their sessions."
            )
        for done, session in enumerate(sessions):
            patience.progress(f"ending user session {done + 1} of {len(sessions)}")
            self._end_session(session)

    def _end_session(self, session_id: str) -> None:
        try:
            self._write("TerminateWorkspacesPoolSession", SessionId=session_id)
        except AwsError as error:
            # A session that has ended or is ending is as good.
            if error.code not in (_NOT_FOUND, "OperationInProgressException"):
                raise

    # Tags

    def add_tags(self, pool_id: str, tags: Mapping[str, str]) -> None:
        """Set tags on a pool (CreateTags); none is no call."""
        if tags:
            self._write("CreateTags", ResourceId=pool_id, Tags=tags_to_api(tags))

    def remove_tags(self, pool_id: str, keys: Iterable[str]) -> None:
        """Take tags off a pool (DeleteTags); none is no call."""
        wanted = sorted(keys)
        if wanted:
            self._write("DeleteTags", ResourceId=pool_id, TagKeys=wanted)

    # Calls

    def _write(self, operation: str, **parameters: Any) -> dict[str, Any]:
        self._before_write()
        return self._aws.call(operation, **parameters)

    def _describe(self, pool_ids: Sequence[str]) -> Mapping[str, Pool | Exception]:
        """Describe at most 25 pools; those that do not exist are left out."""
        try:
            answer = self._aws.call("DescribeWorkspacesPools", PoolIds=list(pool_ids))
            found = answer.get("WorkspacesPools", [])
        except AwsError as error:
            if error.code != _NOT_FOUND:
                if len(pool_ids) == 1 or errors.is_passing(error):
                    raise
                return self._describe_one_by_one(pool_ids)
            # One missing pool fails the call for all of them; the list has those that exist.
            found = self.list() if len(pool_ids) > 1 else []
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

    def _pages(self, operation: str, **parameters: Any) -> Iterable[dict[str, Any]]:
        while True:
            page = self._aws.call(operation, **parameters)
            yield page
            if not page.get("NextToken"):
                return
            parameters["NextToken"] = page["NextToken"]


def _lost(pool_id: str, state: str) -> str:
    return (
        f"The {pool_label(None, pool_id)} is {state}, though this program did not ask for it; run "
        "`pulumi refresh` and then `pulumi up` to create it anew."
    )


def _pending(fields: Mapping[str, Any], pool: Pool) -> dict[str, Any]:
    """The fields to send: those that differ, and those from which something is taken away."""
    differing = _differing(fields, pool)
    pending = {
        name: value for name, value in fields.items() if name in differing or _takes_away(value)
    }
    if "TimeoutSettings" in pending:
        # AWS does not say whether an update replaces the settings or adds to them: sent whole, it
        # comes to the same.
        held = pool.get("TimeoutSettings", {})
        pending["TimeoutSettings"] = {**held, **pending["TimeoutSettings"]}
    return pending


def _takes_away(value: Any) -> bool:
    return isinstance(value, Mapping) and None in value.values()


def _differing(fields: Mapping[str, Any], pool: Pool) -> set[str]:
    return {name for name, value in fields.items() if not _holds(pool, name, value)}


def _holds(pool: Pool, name: str, value: Any) -> bool:
    if name == "Capacity":
        name = "CapacityStatus"
    held = pool.get(name)
    if isinstance(value, Mapping):
        members = held if isinstance(held, Mapping) else {}
        return all(
            members.get(key) == wanted for key, wanted in value.items() if wanted is not None
        )
    return bool(held == value)


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {key: item for key, item in value.items() if item is not None}
        if isinstance(value, Mapping)
        else value
        for name, value in fields.items()
    }


def _timed_out(pool_id: str, pool: Pool | None, waited: float) -> str:
    label = pool_label(pool["PoolName"] if pool else None, pool_id)
    state = pool["State"] if pool else "not shown by AWS"
    said = errors.explain_pool_errors(list(pool.get("Errors", []))) if pool else ""
    reports = f" and AWS reports {said}" if said else ""
    return (
        f"The {label} is still {state} after {spoken(waited)}{reports}; run `pulumi up` again to "
        "go on waiting, or raise custom_timeouts."
    )


def _went_back(pool: Pool, to: str) -> str:
    label = pool_label(pool["PoolName"], pool["PoolId"])
    said = errors.explain_pool_errors(list(pool.get("Errors", [])))
    reports = f": AWS reports {said}" if said else ""
    return f"The {label} is {pool['State']}, not {to}{reports}; then run `pulumi up` again."
