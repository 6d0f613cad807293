"""What a test may do to emulated AWS behind its back: look, change, hold, break, listen."""

from __future__ import annotations

import copy
import itertools
import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from moto.core.base_backend import BackendDict
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.model_instances import reset_model_data
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request
from moto.core.utils import get_service_model
from moto.moto_api import state_manager
from moto.utilities.tagging_service import TaggingService
from moto.utilities.utils import get_partition

from . import models
from .faults import Fault, PlannedFault
from .limits import RequestLimits
from .models import (
    PoolsDirectory,
    PoolSession,
    PoolSettings,
    WorkspaceBundle,
    WorkspacesPool,
    WorkSpacesPoolsBackend,
)
from .responses import WorkSpacesPoolsResponse
from .scaling import PoolsScalingBackend, PoolsScalingResponse
from .validation import validate

DEFAULT_REGION = "us-east-1"
CALLS_KEPT = 10_000  # a server may be polled for days

# moto's transitions: of a pool that is held, and by default.
_HELD, _IMMEDIATE = "workspaces::pool, held", "workspaces::pool"
state_manager.set_transition(_HELD, {"progression": "manual", "times": math.inf})

Moment = Literal["before", "after"]


@dataclass(frozen=True)
class Timing:
    """How long each transition of a pool takes, in seconds; 0 is settled at the next look.

    Attributes:
        creating: From CREATING to the state after creation.
        starting: From STARTING to RUNNING.
        stopping: From STOPPING to STOPPED.
        updating: From UPDATING back to the state before.
        deleting: From DELETING to gone.
    """

    creating: float = 0.0
    starting: float = 0.0
    stopping: float = 0.0
    updating: float = 0.0
    deleting: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no transition can take."""
        for name, seconds in asdict(self).items():
            _check(_is_number(seconds), f"{name} takes 0 or more seconds, not {seconds!r}")


@dataclass(eq=False)
class EmulatorSettings(PoolSettings):
    """The behaviours of `PoolSettings` that can be chosen, the timing, and what is there at first.

    Attributes:
        timing: How long transitions take; applies to those that start later.
        default_directory_id: A directory for POOLS that is there in every account and region.
        other_directory_id: A second one.
        default_bundle_id: A bundle that is there in every account and region.
        other_bundle_id: A second one.
    """

    timing: Timing = field(default_factory=Timing)
    default_directory_id: str = "wsd-emulated1"
    other_directory_id: str = "wsd-emulated2"
    default_bundle_id: str = "wsb-emulated1"
    other_bundle_id: str = "wsb-emulated2"

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse a value that the setting cannot have."""
        updated = _members("UpdateWorkspacesPoolRequest")
        allowed: dict[str, Callable[[], bool]] = {
            "timing": lambda: isinstance(value, Timing),
            "state_after_creation": lambda: value in ("RUNNING", "STOPPED"),
            "always_on_can_stop": lambda: value in (True, False),
            "terminate_requires_stopped": lambda: value in (True, False),
            "update_requires_stopped": lambda: updated.keys() >= set(value),
            "pool_limit": lambda: value is None or _is_number(value),
        }
        _check(name not in allowed or allowed[name](), f"{name} cannot be {value!r}")
        if name.endswith("_directory_id"):
            _check_values(updated, {"DirectoryId": value})
        if name.endswith("_bundle_id"):
            _check_values(updated, {"BundleId": value})
        super().__setattr__(name, value)


@dataclass
class Call:
    """A call of the WorkSpaces API.

    Attributes:
        operation: AWS's name of it, such as CreateWorkspacesPool.
        parameters: The members of the request.
        region: The region that it was for.
        account: The account that its credentials belong to.
        status: The HTTP status answered; 0 if there was no answer (yet).
        error: The AWS error code answered, None if there was none.
        at: When it arrived, as `time.monotonic()`.
        user_agent: What the client said of itself.
    """

    operation: str
    parameters: dict[str, Any]
    region: str
    account: str
    status: int = 0
    error: str | None = None
    at: float = field(default_factory=time.monotonic)
    user_agent: str = ""

    @property
    def throttled(self) -> bool:
        """Whether it was refused because of a limit on requests (or a fault that says so)."""
        return self.error == "ThrottlingException"


class ConnectionDroppedError(Exception):
    """There is to be no answer; whoever serves the call closes its connection."""

    def __init__(self, refused: bool) -> None:
        """Say whether even the connection is to be refused."""
        super().__init__("The connection is to be closed without an answer.")
        self.refused = refused


@dataclass(eq=False)
class Hook:
    """A callback that was registered with `Emulator.on`."""

    operation: str
    moment: Moment
    callback: Callable[[Call], object]
    cancelled: bool = False

    def cancel(self) -> None:
        """Call it no more; harmless if done twice."""
        self.cancelled = True


class Emulator(EmulatorSettings):
    """The control surface over all the accounts and regions of one emulated WorkSpaces.

    The attributes of `EmulatorSettings` (timing, state_after_creation, ...) can be set at any time.
    Pools are named by their id or, where only one has it, their name: without it the methods raise
    a KeyError, with a name that several have a ValueError. A value that makes no sense is a
    ValueError too. Accounts and regions are by default moto's 123456789012 and us-east-1.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, **settings: Any) -> None:
        """Begin without pools; the settings are those of `EmulatorSettings`.

        `clock` tells the seconds by which limits on requests are kept (`limit_rate`).
        """
        super().__init__(**settings)
        self._settings = settings
        self._clock = clock
        attributes = {"settings": self, "__module__": models.__name__}  # by which moto finds urls
        backend = type("Backend", (_Backend,), attributes)
        self.backends: BackendDict[_Backend] = BackendDict(backend, "workspaces")
        scaling = type("Scaling", (PoolsScalingBackend,), {"pools_backends": self.backends})
        self._scaling_backends: BackendDict[PoolsScalingBackend] = BackendDict(
            scaling, "application-autoscaling"
        )
        self._lock = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._faults: list[PlannedFault] = []
        self._limits = RequestLimits(self._clock)
        self._hooks: list[Hook] = []
        self._creations_to_hold = 0

    def reset(self) -> None:
        """Forget calls, faults, limits, hooks and all that moto holds; settings as constructed."""
        with self._lock:
            super().__init__(**self._settings)
            self._clear()
            BackendDict.reset()
            reset_model_data()

    # Calls

    @property
    def calls(self) -> list[Call]:
        """The last 10,000 WorkSpaces calls of all accounts and regions, as they arrived."""
        with self._lock:
            return [copy.deepcopy(call) for call in self._calls]

    def writes(self) -> list[Call]:
        """The calls that could change something: those that do not begin with Describe."""
        return [call for call in self.calls if not call.operation.startswith("Describe")]

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        with self._lock:
            self._calls.clear()

    # Pools

    def pools(self, region: str | None = None, account: str | None = None) -> list[dict[str, Any]]:
        """The live pools, in the order of their creation.

        Args:
            region: Only those of this region.
            account: Only those of this account.

        Returns:
            Each as boto3's describe_workspaces_pools shows it, with "Tags" as {key: value}.
        """
        with self._lock:
            return [self._shown(pool) for pool in self._live_pools(region, account)]

    def pool(self, pool: str) -> dict[str, Any]:
        """One live pool, as `pools` shows it.

        Args:
            pool: Its id or name.

        Raises:
            KeyError: There is none.
            ValueError: Several have the name.
        """
        with self._pool(pool) as found:
            return self._shown(found)

    def drift(self, pool: str, **changes: Any) -> None:
        """Change a pool without a call, as if somebody else had done it.

        A State that is set ends the pool's transition: it stays until something changes it.

        Args:
            pool: Its id or name.
            **changes: Fields by AWS's names, such as Description, Capacity, RunningMode, State,
                ApplicationSettings, TimeoutSettings, BundleId, DirectoryId, PoolName, Errors.

        Raises:
            TypeError: A pool has no such field.
            ValueError: The field cannot have such a value.
        """
        with self._pool(pool) as found:
            _overwrite(found, changes)

    def set_tags(self, pool: str, tags: dict[str, str]) -> None:
        """Add or overwrite tags without a call, also such as only AWS may set (`aws:...`)."""
        with self._pool(pool) as found:
            _check_tags(tags)
            backend = self._backend_of(found)
            backend.set_tags(found.pool_id, {**backend.tags_of(found.pool_id), **tags})

    def remove_tags(self, pool: str, keys: Iterable[str]) -> None:
        """Take tags away without a call."""
        with self._pool(pool) as found:
            gone, backend = set(keys), self._backend_of(found)
            tags = backend.tags_of(found.pool_id).items()
            backend.set_tags(found.pool_id, {key: tag for key, tag in tags if key not in gone})

    def set_errors(self, pool: str, errors: Iterable[tuple[str, str]]) -> None:
        """Replace the errors that the pool shows.

        Args:
            pool: Its id or name.
            errors: Pairs of an error code, such as SUBNET_NOT_FOUND, and a message.
        """
        listed = [{"ErrorCode": code, "ErrorMessage": message} for code, message in errors]
        self.drift(pool, Errors=listed)

    def remove(self, pool: str) -> None:
        """Let the pool be gone at once, as if somebody else had deleted it."""
        with self._pool(pool) as found:
            del self._backend_of(found).pools[found.pool_id]

    def age(self, pool: str, seconds: float) -> None:
        """Make it as if time had passed for the pool's current transition.

        Args:
            pool: Its id or name.
            seconds: How much time, 0 or more.
        """
        _check(_is_number(seconds), f"time that passed is 0 or more seconds, not {seconds!r}")
        with self._pool(pool) as found:
            found._time_progressed -= timedelta(seconds=seconds)

    def hold(self, pool: str) -> None:
        """Let no transition of the pool end until `release`."""
        with self._pool(pool) as found:
            found.model_name = _HELD

    def release(self, pool: str) -> None:
        """Let transitions of the pool end again."""
        with self._pool(pool) as found:
            transitions = self._backend_of(found).transitions
            found.model_name = transitions.get(found.pool_id, _IMMEDIATE)

    def hold_next_creation(self, count: int = 1) -> None:
        """Hold the next pools that are created, from the start.

        Args:
            count: How many pools.
        """
        _check(_is_number(count), f"a count is 0 or more, not {count!r}")
        with self._lock:
            self._creations_to_hold += count

    def open_sessions(self, pool: str, count: int = 1) -> list[str]:
        """Let users stream from the pool.

        Args:
            pool: Its id or name.
            count: How many users; they are user-1, user-2, ...

        Returns:
            The ids of the sessions.
        """
        _check(_is_number(count), f"a count is 0 or more, not {count!r}")
        with self._pool(pool) as found:
            taken = {session.user_id for session in found.sessions.values()}
            users = (user for n in itertools.count(1) if (user := f"user-{n}") not in taken)
            for user in itertools.islice(users, count):
                session = PoolSession(found.pool_id, user, found.max_session_seconds)
                found.sessions[session.session_id] = session
            return list(found.sessions)[len(taken) :]

    def close_sessions(self, pool: str) -> None:
        """Let all users of the pool leave."""
        with self._pool(pool) as found:
            found.sessions.clear()

    # What exists already

    def add_pool(
        self, name: str, *, region: str | None = None, account: str | None = None, **given: Any
    ) -> str:
        """Add a pool that somebody else made; it is RUNNING.

        Args:
            name: Its name.
            region: Where; the default is us-east-1.
            account: Whose; the default is moto's account, 123456789012.
            **given: Fields as for `drift`, and Tags as {key: value}.

        Returns:
            Its id.

        Raises:
            TypeError: A pool has no such field.
            ValueError: There is one of that name, or a field cannot have such a value.
        """
        with self._lock:
            backend = self._backend(account, region)
            names = [pool.name for pool in backend.live_pools()]
            _check(name not in names, f"there is a pool {name} already")
            fields = {
                "PoolName": name,
                "Description": "Made by somebody else",
                "BundleId": self.default_bundle_id,
                "DirectoryId": self.default_directory_id,
                "Capacity": {"DesiredUserSessions": 1},
            }
            pool = WorkspacesPool(backend.account_id, backend.region_name, fields)
            tags = given.pop("Tags", {})
            _check_tags(tags)
            _overwrite(pool, {"PoolName": name, "State": "RUNNING", **given})
            backend.pools[pool.pool_id] = pool
            backend.set_tags(pool.pool_id, tags)
            return pool.pool_id

    def add_directory(
        self,
        directory_id: str | None = None,
        workspace_type: str = "POOLS",
        region: str | None = None,
        account: str | None = None,
    ) -> str:
        """Register a directory.

        Args:
            directory_id: Its id; the default is a new one.
            workspace_type: POOLS or PERSONAL; pools are refused in the latter.
            region: Where; the default is us-east-1.
            account: Whose; the default is moto's account.

        Returns:
            Its id.
        """
        with self._lock:
            backend = self._backend(account, region)
            number = len(backend.workspace_directories) + 1
            directory_id = directory_id or f"wsd-emulated{number}"
            request = {
                "DirectoryId": directory_id,
                "WorkspaceDirectoryName": f"directory-{number}",
                "WorkspaceType": workspace_type,
            }
            _check_values(_members("RegisterWorkspaceDirectoryRequest"), request)
            directory = PoolsDirectory(
                backend.account_id, backend.region_name, directory_id, request
            )
            backend.workspace_directories[directory_id] = directory
            return directory_id

    def add_bundle(
        self,
        bundle_id: str | None = None,
        owner: str = "AMAZON",
        region: str | None = None,
        account: str | None = None,
    ) -> str:
        """Make a bundle available.

        Args:
            bundle_id: Its id; the default is a new one.
            owner: AMAZON or an account.
            region: Where; the default is us-east-1.
            account: For whom; the default is moto's account.

        Returns:
            Its id.
        """
        with self._lock:
            bundles = self._backend(account, region).bundles
            number = len(bundles) + 1
            bundle_id = bundle_id or f"wsb-emulated{number}"
            _check_values(_members("WorkspaceBundle"), {"BundleId": bundle_id})
            name = f"Standard with Windows (Server 2022 based) {number}"
            bundles[bundle_id] = WorkspaceBundle(bundle_id, name, owner, "STANDARD")
            return bundle_id

    # Faults, limits and hooks

    def fail(self, operation: str, fault: Fault, *, times: int = 1, skip: int = 0) -> None:
        """Let calls of an operation meet a fault.

        Faults for the same operation are met in the order in which they were planned.

        Args:
            operation: AWS's name of the operation, or "*" for all of WorkSpaces.
            fault: The fault.
            times: How many calls meet it.
            skip: How many calls are let through first.
        """
        _check_operation(operation)
        _check(_is_number(times) and _is_number(skip), "times and skip are 0 or more")
        with self._lock:
            self._faults.append(PlannedFault(operation, fault, times, skip))

    def stale_reads(self, count: int = 1, operation: str = "DescribeWorkspacesPools") -> None:
        """Let reads lag behind: they answer as before the last write to each pool.

        A pool that was just created is missing, one that was changed shows its old fields.

        Args:
            count: How many reads.
            operation: Which; DescribeTags shows the old tags.
        """
        self.fail(operation, Fault.stale(), times=count)

    def catch_up(self) -> None:
        """Let reads have caught up with every write so far: stale ones show nothing older."""
        with self._lock:
            for _, _, backend in self.backends.iter_backends():
                backend.before_last_write.clear()  # type: ignore[attr-defined]

    def clear_faults(self) -> None:
        """Plan no faults any more."""
        with self._lock:
            self._faults.clear()

    def limit_rate(self, rate: float | None, burst: int = 1, operation: str = "*") -> None:
        """Limit the requests of each account in each region; those beyond are throttled.

        As on AWS, each operation has a token bucket of its own. A call that finds it empty has no
        effect and meets no planned fault: it is answered as `Fault.throttling()` is, and
        `call.throttled` in `calls`. A limit may be changed at any time, and buckets keep what they
        hold, up to the new burst.

        Args:
            rate: Requests a second; None lifts the limit.
            burst: How many requests a full bucket lets through at once, 1 or more.
            operation: AWS's name of the operation, or "*" for all of WorkSpaces, also those that
                had a limit of their own.
        """
        _check_operation(operation)
        _check(rate is None or _is_number(rate), f"a rate is 0 or more a second, not {rate!r}")
        whole = isinstance(burst, int) and not isinstance(burst, bool)
        _check(whole and burst > 0, f"a burst is 1 or more requests, not {burst!r}")
        with self._lock:
            self._limits.limit(operation, rate, burst)

    def on(self, operation: str, moment: Moment, callback: Callable[[Call], object]) -> Hook:
        """Be called when a call arrives, or has taken effect; the callback may block.

        Args:
            operation: AWS's name of the operation, or "*" for all of WorkSpaces.
            moment: "before" it takes effect (and before it meets a fault), or "after" it was
                carried out or refused, its answer not yet sent: `call.status` tells which.
            callback: Called with the call, in the thread of the request.

        Returns:
            A handle: its `cancel()` ends it.
        """
        _check(moment in ("before", "after"), f"moment is 'before' or 'after', not {moment!r}")
        _check_operation(operation)
        with self._lock:
            self._hooks = [hook for hook in self._hooks if not hook.cancelled]
            self._hooks.append(Hook(operation, moment, callback))
            return self._hooks[-1]

    # Serving

    def dispatch(self, request: Request, full_url: str, headers: Any) -> TYPE_RESPONSE:
        """Answer one call of the WorkSpaces API, in the form of moto's dispatch.

        Raises:
            ConnectionDroppedError: There is to be no answer.
        """
        return _Response(self)._dispatch(request, full_url, headers)

    def dispatch_scaling(self, request: Request, full_url: str, headers: Any) -> TYPE_RESPONSE:
        """Answer one call of Application Auto Scaling, in the form of moto's dispatch."""
        response = PoolsScalingResponse()
        response.backends = self._scaling_backends
        with self._lock:
            answer: TYPE_RESPONSE = response._dispatch(request, full_url, headers)
        return answer

    def _backend(self, account: str | None, region: str | None) -> _Backend:
        account, region = account or DEFAULT_ACCOUNT_ID, region or DEFAULT_REGION
        _check(account.isdigit() and len(account) == 12, f"{account} is no account: 12 digits")
        _check(region in self.backends[account], f"WorkSpaces is in no region {region}")
        backend = self.backends[account][region]
        backend.seed()
        return backend

    def _live_pools(self, region: str | None, account: str | None) -> list[WorkspacesPool]:
        pools: list[WorkspacesPool] = []
        for its_account, its_region, backend in self.backends.iter_backends():
            if account in (None, its_account) and region in (None, its_region):
                pools += backend.live_pools()  # type: ignore[attr-defined]
        return sorted(pools, key=lambda pool: pool.position)

    def _shown(self, pool: WorkspacesPool) -> dict[str, Any]:
        shown = pool.to_dict()
        created_at = datetime.fromtimestamp(shown["CreatedAt"], timezone.utc)
        tags = self._backend_of(pool).tags_of(pool.pool_id)
        return {**shown, "CreatedAt": created_at, "Tags": tags}

    @contextmanager
    def _pool(self, name_or_id: str) -> Iterator[WorkspacesPool]:
        """The pool of that name or id, nobody else changing it meanwhile."""
        with self._lock:
            pools = self._live_pools(None, None)
            found = [pool for pool in pools if name_or_id in (pool.pool_id, pool.name)]
            if not found:
                raise KeyError(f"there is no pool {name_or_id}")
            _check(len(found) == 1, f"several pools are named {name_or_id}: give an id")
            yield found[0]

    def _backend_of(self, pool: WorkspacesPool) -> _Backend:
        return self.backends[pool.account_id][pool.region]

    def _next_fault(self, call: Call) -> Fault | None:
        with self._lock:
            if not self._limits.allows(call.operation, call.account, call.region):
                return Fault.throttling()
            met = [planned for planned in self._faults if planned.meets(call.operation)]
            for planned in met[:1]:
                planned.times -= 1
            return met[0].fault if met else None

    def _tell(self, moment: Moment, call: Call) -> None:
        with self._lock:
            hooks = [hook for hook in self._hooks if hook.moment == moment]
        for hook in hooks:
            if hook.operation in ("*", call.operation) and not hook.cancelled:
                hook.callback(copy.deepcopy(call))

    def _carry_out(
        self, call: Call, stale: bool, act: Callable[[], TYPE_RESPONSE]
    ) -> TYPE_RESPONSE:
        """Let a call take effect, nobody else acting, and remember what stale reads need."""
        with self._lock:
            backend = self.backends[call.account][call.region]
            if any(word in f"{call.operation} {call.parameters}" for word in _SEEDING):
                backend.seed()
            if call.operation.startswith("Describe"):
                with backend.as_before() if stale else nullcontext():
                    return act()
            target = call.parameters.get("PoolId") or call.parameters.get("ResourceId")
            pool = backend.pools.get(str(target))
            earlier = backend.snapshot(pool) if pool and pool.status else None
            known = set(backend.pools)
            answer = act()
            if pool is not None and answer[0] == 200:
                backend.before_last_write[pool.pool_id] = earlier
            for pool_id in backend.pools.keys() - known:
                backend.before_last_write[pool_id] = None
                if self._creations_to_hold > 0:
                    self._creations_to_hold -= 1
                    backend.pools[pool_id].model_name = _HELD
            return answer


_Snapshot = tuple[WorkspacesPool, dict[str, Any]]  # a pool and its tags

# What makes the directories and bundles of `Emulator` appear: moto's own tests count directories.
_SEEDING = ("Pool", "Bundle", "wsd-", "wsb-")


class _Backend(WorkSpacesPoolsBackend):
    """Pools whose transitions are timed and held, and that remember how they were."""

    settings: Emulator

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.before_last_write: dict[str, _Snapshot | None] = {}
        self.transitions: dict[str, str] = {}  # by pool id, also of pools that are held
        self.seeded = False

    def seed(self) -> None:
        if not self.seeded:
            self.seeded = True
            settings, place = self.settings, (self.region_name, self.account_id)
            for directory_id in (settings.default_directory_id, settings.other_directory_id):
                settings.add_directory(directory_id, "POOLS", *place)
            for bundle_id in (settings.default_bundle_id, settings.other_bundle_id):
                settings.add_bundle(bundle_id, "AMAZON", *place)

    def begin(self, pool: WorkspacesPool, state: str, next_state: str) -> None:
        super().begin(pool, state, next_state)
        seconds = getattr(self.settings.timing, state.lower())
        name = f"workspaces::pool, {seconds!r} s" if seconds else _IMMEDIATE
        if seconds:  # by its length, so that another timing changes no transition under way
            state_manager.set_transition(name, {"progression": "time", "seconds": seconds})
        self.transitions[pool.pool_id] = name
        if pool.model_name != _HELD:
            pool.model_name = name

    def snapshot(self, pool: WorkspacesPool) -> _Snapshot:
        twin = object.__new__(WorkspacesPool)  # not one more of the pools that moto tracks
        twin.__dict__ = copy.deepcopy(pool.__dict__)
        return twin, self.tagger.get_tag_dict_for_resource(pool.arn)

    @contextmanager
    def as_before(self) -> Iterator[None]:
        """Each pool as before its last write."""
        pools, tags = self.pools, self.tagger.tags
        self.pools, self.tagger.tags = dict(pools), dict(tags)
        for pool_id, earlier in self.before_last_write.items():
            self.pools.pop(pool_id, None)
            if earlier is not None:
                self.pools[pool_id], self.tagger.tags[earlier[0].arn] = earlier
        try:
            yield
        finally:
            self.pools, self.tagger.tags = pools, tags


class _Response(WorkSpacesPoolsResponse):
    """Answers a call from the emulator's state, and lets it meet faults and hooks on the way."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self.emulator = emulator
        self.backends = emulator.backends

    def call_action(self) -> TYPE_RESPONSE:
        call = Call(
            operation=self._get_action(),
            parameters=self.members if isinstance(self.members, dict) else {},
            region=self.region,
            account=self.current_account,
            user_agent=self.headers.get("User-Agent", ""),
        )
        with self.emulator._lock:
            self.emulator._calls.append(call)
        self.emulator._tell("before", call)
        fault = self.emulator._next_fault(call)
        if fault and fault.kind in ("refused", "dropped_before"):
            raise ConnectionDroppedError(refused=fault.kind == "refused")
        if fault and fault.kind == "access_denied":
            message = self._not_authorized(fault.code)
            fault = replace(fault, kind="error", code="AccessDeniedException", message=message)
        if fault and fault.kind == "error":
            status, headers, body = self._error(fault.code, fault.message, fault.status)
        else:
            status, headers, body = self._carried_out(call, fault)
        error = None if status < 400 else _decoded(body).get("__type", "UnknownError")
        if not (fault and fault.kind == "error"):
            self.emulator._tell("after", replace(call, status=status, error=error))
        if fault and fault.kind == "dropped_after":
            raise ConnectionDroppedError(refused=False)
        with self.emulator._lock:
            call.status, call.error = status, error
        headers["Content-Type"] = "application/x-amz-json-1.1"
        return status, headers, body

    def _carried_out(self, call: Call, fault: Fault | None) -> TYPE_RESPONSE:
        stale = fault is not None and fault.kind == "stale"
        try:
            status, headers, body = self.emulator._carry_out(call, stale, super().call_action)
        except NotImplementedError as error:
            return self._error("NotImplemented", str(error), 501)
        if fault is not None and fault.kind == "state" and status == 200:
            body = _with_state(body, fault.state)
        return status, headers, body

    def _error(self, code: str, message: str, status: int) -> TYPE_RESPONSE:
        return status, *self._refusal(JsonRESTError(code, message))[1:]

    def _not_authorized(self, action: str) -> str:
        partition, account = get_partition(self.region), self.current_account
        pool_id = _decoded(self.body).get("PoolId", "*")
        return (
            f"User: arn:{partition}:iam::{account}:user/emulated is not authorized to perform: "
            f"{action} on resource: arn:{partition}:workspaces:{self.region}:{account}"
            f":workspacespool/{pool_id} because no identity-based policy allows the {action} action"
        )


def _decoded(body: Any) -> dict[str, Any]:
    try:
        decoded = json.loads(body or "{}")
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _with_state(body: Any, state: str) -> str:
    answer = _decoded(body)
    for pool in [*answer.get("WorkspacesPools", []), answer.get("WorkspacesPool", {})]:
        if pool:
            pool["State"] = state
    return json.dumps(answer)


def _overwrite(pool: WorkspacesPool, changes: dict[str, Any]) -> None:
    shown = _members("WorkspacesPool")
    known = {**_members("CreateWorkspacesPoolRequest"), "Errors": shown["Errors"]}
    known["State"] = shown["State"]
    del known["Tags"]
    if unknown := changes.keys() - known.keys():
        raise TypeError(f"a pool has no field {', '.join(sorted(unknown))}")
    _check_values(known, changes)
    pool.overwrite({name: value for name, value in changes.items() if name != "State"})
    if "State" in changes:
        pool.begin(changes["State"], changes["State"])  # in no transition


def _check(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _check_operation(operation: str) -> None:
    known = get_service_model("workspaces").operation_names
    _check(operation in ("*", *known), f"WorkSpaces has no operation {operation}")


def _check_tags(tags: dict[str, str]) -> None:
    listed = TaggingService.convert_dict_to_tags_input(dict(tags))
    _check_values(_members("CreateTagsRequest"), {"Tags": listed})


def _check_values(members: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Refuse values that the members of a shape cannot have."""
    for name, value in values.items():
        try:
            validate(members[name], value)
        except JsonRESTError as error:
            raise ValueError(f"{name} cannot be {value!r}: {error.message}") from error


def _members(shape: str) -> dict[str, Any]:
    members: dict[str, Any] = get_service_model("workspaces").shape_for(shape).members  # type: ignore[attr-defined]
    return members


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
