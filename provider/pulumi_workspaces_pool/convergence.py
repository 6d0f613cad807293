"""Bringing one pool to where it should be: every change on AWS, and the wait that follows it.

Each flow looks, acts and looks again, so that it can be taken up wherever an earlier run was
interrupted, and so that an answer lost on the way does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import errors, messages, spec
from .changes import Patch
from .errors import AwsError, Label, Pool
from .ownership import RESTARTING
from .pools import NOT_FOUND, RUNNING, STOPPED, Pools
from .waiter import DELETING, LAG, MISSING, MISSING_GRACE, Goal, Reporter, Waiter

SETTLED = (RUNNING, STOPPED)
ALWAYS_ON = "ALWAYS_ON"

_INVALID_STATE = "InvalidResourceStateException"
_NOT_SUPPORTED = "OperationNotSupportedException"
_BUSY = ("OperationInProgressException", _INVALID_STATE)
# A pool that cannot be stopped, such as an ALWAYS_ON one, or one that need not be.
_NO_STOP = (*_BUSY, _NOT_SUPPORTED)

# Seconds for which AWS may refuse a bundle or a directory for the state of a running pool before
# the pool is stopped for it: AWS may show that a change has ended before it lets the next one in.
_STATE_GRACE = 5.0
# What may need a stopped pool: the running mode is documented to, and AWS is asked of the others.
_NEEDS_STOP = "runningMode"
_MAY_NEED_STOP = ("bundleId", "directoryId")


@dataclass(frozen=True)
class Target:
    """Where a pool is to be.

    Attributes:
        patch: what UpdateWorkspacesPool is to set and to remove.
        desired_state: RUNNING or STOPPED, or None to leave starting and stopping to others.
        marker: the owner's marker, for a pool that is stopped for a change.
        restarting: whether an earlier run stopped the pool for a change.
    """

    patch: Patch
    desired_state: str | None
    marker: str
    restarting: bool = False


class Convergence:
    """The changes of one operation."""

    def __init__(
        self, pools: Pools, waiter: Waiter, reporter: Reporter, *, disconnect_sessions: bool
    ) -> None:
        """Work on pools until the waiter's deadline; `disconnect_sessions` may end users' own."""
        self._pools = pools
        self._waiter = waiter
        self._clock = waiter.clock
        self._reporter = reporter
        self._disconnect_sessions = disconnect_sessions

    # Waiting

    def settled(
        self, label: Label, pool: Pool | None = None, *, just_created: bool = False
    ) -> Pool:
        """Wait until a pool is RUNNING or STOPPED; one just created may not be shown yet."""
        grace = LAG if just_created else MISSING_GRACE
        goal = Goal(lambda pool: pool["State"] in SETTLED, grace=grace)
        return self._waiter.wait_for(label, goal, pool)

    # Changing

    def converge(self, pool: Pool, target: Target) -> Pool:
        """Bring a settled pool to its target, from wherever an earlier run left it.

        A change of the running mode of a running pool stops it, changes it and starts it again; a
        marker tag remembers meanwhile that it was running.
        """
        pending = target.patch.pending(spec.from_api(pool))
        restart = target.restarting
        if pending:
            pool, was_stopped = self._change(pool, pending, target)
            restart = restart or was_stopped
        wanted = target.desired_state or (RUNNING if restart else None)
        if wanted == STOPPED:
            pool = self.stop(pool)
        elif wanted == RUNNING:
            pool = self.start(pool)
        if restart:
            self._pools.remove_tags(pool["PoolId"], [RESTARTING])
        return pool

    def _change(self, pool: Pool, pending: Mapping[str, Any], target: Target) -> tuple[Pool, bool]:
        """Send the properties that differ; returns the pool, and whether it was stopped for it."""
        running = pool["State"] == RUNNING
        # A pool that is ALWAYS_ON cannot be stopped, so AWS is asked to change that as it runs.
        can_stop = pool.get("RunningMode") != ALWAYS_ON
        if running and not (_NEEDS_STOP in pending and can_stop):
            may_need_stop = any(name in pending for name in (*_MAY_NEED_STOP, _NEEDS_STOP))
            grace = _STATE_GRACE if may_need_stop else None
            try:
                return self._update(pool, pending, grace), False
            except AwsError as error:
                # AWS does not document which properties need a stopped pool: it is asked.
                if grace is None or error.code != _INVALID_STATE:
                    raise
        if running:
            pool = self.stop(pool, {RESTARTING: target.marker})
        return self._update(pool, pending), running

    def _update(self, pool: Pool, pending: Mapping[str, Any], grace: float | None = None) -> Pool:
        pool_id, answered = pool["PoolId"], pool

        def update() -> None:
            nonlocal answered
            answered = self._pools.update(pool_id, pending)

        self._call_when_possible(pool, update, grace)
        accepted = self._clock.now()
        patch = Patch(dict(pending))

        def shows(pool: Pool) -> bool:
            return pool["State"] in SETTLED and not patch.unlike(spec.from_api(pool))

        def late(pool: Pool) -> bool:
            return pool["State"] in SETTLED and self._clock.now() - accepted > LAG

        goal = Goal(lambda pool: shows(pool) or late(pool))
        pool = self._waiter.wait_for(Label.of(pool), goal, answered)
        if not shows(pool):
            unshown = sorted(patch.unlike(spec.from_api(pool)))
            raise errors.UnshownChangeError(Label.of(pool), properties=unshown)
        return pool

    def start(self, pool: Pool) -> Pool:
        """Start a settled pool unless it runs, and wait until it does (StartWorkspacesPool)."""
        return self._move(pool, self._pools.start, RUNNING)

    def stop(self, pool: Pool, marked: Mapping[str, str] | None = None) -> Pool:
        """Stop a settled pool unless it is stopped, and wait until it is (StopWorkspacesPool).

        The tags are set once its users are no reason to let it run.
        """
        if pool["State"] == RUNNING:
            self._end_sessions(pool, "stopped")
            self._pools.add_tags(pool["PoolId"], marked or {})
        return self._move(pool, self._pools.stop, STOPPED)

    def _move(self, pool: Pool, call: Callable[[str], None], to: str) -> Pool:
        if pool["State"] == to:
            return pool
        pool_id = pool["PoolId"]
        # A pool that is ALWAYS_ON is refused for its mode, not for what it is busy with.
        grace = _STATE_GRACE if pool.get("RunningMode") == ALWAYS_ON else None
        made = self._call_when_possible(pool, lambda: call(pool_id), grace, unless=to)
        accepted = self._clock.now()
        left = not made

        def ended(pool: Pool) -> bool:
            nonlocal left
            left = left or pool["State"] not in SETTLED
            back = left or self._clock.now() - accepted > LAG
            return pool["State"] == to or (pool["State"] in SETTLED and back)

        pool = self._waiter.wait_for(Label.of(pool), Goal(ended))
        if pool["State"] != to:
            raise errors.WentBackError(pool=pool, wanted=to)
        return pool

    def _call_when_possible(
        self,
        pool: Pool,
        call: Callable[[], None],
        grace: float | None = None,
        unless: str | None = None,
    ) -> bool:
        """Make a call that AWS refuses while the pool is busy; returns whether it was made.

        A refusal for the state is final after `grace` seconds, or else at the deadline. The call is
        not needed any more once the pool is in the state `unless`: another run, or the same call,
        whose answer was lost on the way, may have brought it there.
        """
        made = False
        refusal: AwsError | None = None
        started = self._clock.now()

        def accepted(pool: Pool) -> bool:
            nonlocal made, refusal
            if refusal is not None and pool["State"] not in SETTLED:
                return False
            if pool["State"] == unless:
                return True
            try:
                call()
            except AwsError as error:
                if error.code == NOT_FOUND and self._pools.find(pool["PoolId"]) is None:
                    raise errors.PoolGoneError(Label.of(pool), MISSING) from None
                if error.code == _NOT_SUPPORTED and _starts_by_itself(pool, unless):
                    made = True
                    return True
                late = grace is not None and self._clock.now() - started >= grace
                if error.code not in _BUSY or late:
                    raise
                refusal = error
                return False
            made = True
            return True

        try:
            self._waiter.wait_for(Label.of(pool), Goal(accepted), pool)
        except errors.TimedOutError:
            if refusal is None:
                raise
            raise refusal from None
        return made

    # Deleting

    def terminate(self, pool: Pool) -> None:
        """Terminate a pool and wait until it is gone (TerminateWorkspacesPool).

        AWS is asked to terminate a running pool; only where it refuses that for the state, the pool
        is stopped first.
        """
        label = Label.of(pool)
        try:
            if pool["State"] != DELETING:
                self._terminate(pool)
        except errors.PoolGoneError:
            # Somebody else was faster.
            pass
        self._waiter.wait_until_gone(label)

    def _terminate(self, pool: Pool) -> None:
        label, pool_id = Label.of(pool), pool["PoolId"]
        if pool["State"] not in (STOPPED, "CREATING"):
            self._end_sessions(pool, "deleted")
        try:
            self._pools.terminate(pool_id)
        except AwsError as error:
            if error.code not in _BUSY and error.code != NOT_FOUND:
                raise
        else:
            return
        pool = self.settled(label)
        try:
            self._reporter.progress(messages.STOPPED_TO_DELETE)
            pool = self.stop(pool)
        except AwsError as error:
            # An ALWAYS_ON pool cannot be stopped: whether it can be terminated is for AWS to say.
            if error.code not in _NO_STOP:
                raise
        self._call_when_possible(pool, lambda: self._pools.terminate(pool_id))

    def _end_sessions(self, pool: Pool, doing: str) -> None:
        sessions = self._pools.sessions(pool["PoolId"])
        if sessions and not self._disconnect_sessions:
            raise errors.SessionsActiveError(Label.of(pool), count=len(sessions), doing=doing)
        for done, session in enumerate(sessions):
            self._reporter.progress(messages.ending_session(done + 1, len(sessions)))
            self._pools.end_session(session)


def _starts_by_itself(pool: Pool, wanted: str | None) -> bool:
    """Whether AWS starts a pool that it does not let be started, which is only waited for then."""
    return wanted == RUNNING and pool.get("RunningMode") == ALWAYS_ON
