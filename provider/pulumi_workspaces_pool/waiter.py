"""Waiting for pools: the clock, deadlines, one poller for all who wait, and the one wait loop."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from . import messages
from .errors import AwsError, CancelledError, Label, Pool, PoolGoneError, TimedOutError

Describe = Callable[[Sequence[str]], Mapping[str, Pool | Exception]]

DELETING = "DELETING"
UNKNOWN = "unknown"
MISSING = "missing"
"""The states, beside those of the API, of a pool before AWS is asked and where it shows none."""

# A pool that is not shown is missing only after so long (seconds).
MISSING_GRACE = 0.5
# Seconds for which AWS may fail in a wait, and in a look before anything else.
OUTAGE = 300.0
SHORT_OUTAGE = 30.0
# Reads may lag behind writes: seconds for which reads may not show an accepted write.
LAG = 60.0
# DescribeWorkspacesPools takes 25 ids.
BATCH = 25
# A look waits so long (seconds) for others to come along, again after each that does, up to the
# most: those of a refresh come as fast as the engine asks, those of pools that wait at any time.
_GATHER_NOW, _GATHER_NOW_MOST = 0.1, 1.0
_GATHER_LATER, _GATHER_LATER_MOST = 0.04, 0.25
# A pool is looked at after a tenth of the time it has waited so far, so that it is told that it is
# ready at most a tenth late, whether that takes seconds or half an hour.
_SHARE_OF_WAIT = 0.1
_SHORTEST = 0.25
_LONGEST = 15.0
_JITTER = 0.1
# Seconds between a wait's looks at whether the run is cancelled.
CANCEL_PAUSE = 1.0


class Clock:
    """The machine's clock; tests hand in one that they turn."""

    def now(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait until a condition is notified, for at most `seconds`."""
        condition.wait(seconds)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        time.sleep(seconds)


class AllPools(dict[str, Pool | Exception]):
    """What a `Describe` returns that had to list the pools of the account: it answers any look."""


class Reporter(Protocol):
    """Whoever asked for an operation, and hears of it while it runs."""

    def progress(self, line: str) -> None:
        """Show how far the operation is, such as "CREATING for 2m10s"."""

    def warn(self, sentence: str) -> None:
        """Show a warning that stays."""

    def cancelled(self) -> bool:
        """Return whether the operation is to end at its next wait."""

    def before_write(self) -> None:
        """Raise if nobody is left to record what a change on AWS would come to."""


class SilentReporter:
    """Nobody: for a look that is part of no operation."""

    def progress(self, line: str) -> None:
        """Show nothing."""

    def warn(self, sentence: str) -> None:
        """Show nothing."""

    def cancelled(self) -> bool:
        """Never end early."""
        return False

    def before_write(self) -> None:
        """Let every write pass."""


@dataclass(frozen=True)
class Deadline:
    """The moment, in seconds of a clock, at which an operation's time is up."""

    end: float
    clock: Clock

    @classmethod
    def after(cls, seconds: float, clock: Clock) -> Deadline:
        """A deadline `seconds` from now."""
        return cls(clock.now() + seconds, clock)

    @property
    def remaining(self) -> float:
        """Seconds that are left; negative once the time is up."""
        return self.end - self.clock.now()

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return self.remaining <= 0


@dataclass(eq=False)
class _Look:
    """One wish to see a pool, due at a moment."""

    pool_id: str
    due: float
    gather: float
    gather_most: float
    answered: threading.Event = field(default_factory=threading.Event)
    pool: Pool | None = None
    error: Exception | None = None


class Poller:
    """Looks at pools for everyone who waits, 25 with one call.

    Whoever waits costs a thread that sleeps and nothing else. The calls are made by one thread,
    which ends when nobody waits.
    """

    def __init__(self, describe: Describe, clock: Clock | None = None) -> None:
        """Share the looks of one account and region, by the machine's clock or another.

        `describe` returns, of at most 25 ids, the pools that exist, or what is wrong with an id.
        """
        self.clock = clock or Clock()
        self._describe = describe
        self._changed = threading.Condition()
        self._looks: list[_Look] = []
        self._running = False

    def look(self, pool_id: str) -> Pool | None:
        """See a pool, None if it is not there, together with whoever looks at the same moment."""
        return self._see(_Look(pool_id, self.clock.now(), _GATHER_NOW, _GATHER_NOW_MOST))

    def look_later(
        self, pool_id: str, waited: float, cancelled: Callable[[], bool] = bool
    ) -> Pool | None:
        """See a pool again, as soon as is sensible for who has `waited` so many seconds.

        Raises InterruptedError once `cancelled` returns True.
        """
        interval = min(_LONGEST, max(_SHORTEST, waited * _SHARE_OF_WAIT))
        # Jitter spreads load; it keeps no secret.
        interval *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
        due = self.clock.now() + interval
        return self._see(_Look(pool_id, due, _GATHER_LATER, _GATHER_LATER_MOST), cancelled)

    def _see(self, look: _Look, cancelled: Callable[[], bool] = bool) -> Pool | None:
        with self._changed:
            if not self._running:
                # Where no thread can be started, nobody is left to wait for one.
                threading.Thread(target=self._run, name="pool-poller", daemon=True).start()
                self._running = True
            self._looks.append(look)
            self._changed.notify()
        while not look.answered.wait(CANCEL_PAUSE):
            if cancelled():
                raise InterruptedError
        if look.error is not None:
            raise look.error
        return look.pool

    def _run(self) -> None:
        while batch := self._next_batch():
            self._answer(batch)

    def _next_batch(self) -> list[_Look]:
        """Wait for the next looks that are due; nothing left means that the thread ends."""
        with self._changed:
            while self._looks:
                pause = self._pause(self.clock.now())
                if pause <= 0:
                    return self._take()
                self.clock.wait(self._changed, pause)
            self._running = False
            return []

    def _pause(self, now: float) -> float:
        """How long to wait, in seconds, before the next call is worth making."""
        due = [look for look in self._looks if look.due <= now]
        if not due:
            return min(look.due for look in self._looks) - now
        if len({look.pool_id for look in due}) >= BATCH:
            return 0
        # Somebody else may be about to look as well: one call then serves both.
        quiet = max(look.due + look.gather for look in due)
        return min(quiet, *(look.due + look.gather_most for look in due)) - now

    def _take(self) -> list[_Look]:
        """Take the looks that are due; others ride along while the call has room for their ids."""
        ids: set[str] = set()
        for look in sorted(self._looks, key=lambda look: look.due):
            if len(ids) < BATCH:
                ids.add(look.pool_id)
        batch = [look for look in self._looks if look.pool_id in ids]
        self._looks = [look for look in self._looks if look.pool_id not in ids]
        return batch

    def _answer(self, batch: list[_Look]) -> None:
        ids = list(dict.fromkeys(look.pool_id for look in batch))
        with self._changed:
            waiting = set(self._looks)
        try:
            pools = self._describe(ids)
        except Exception as error:  # whoever looked is told, whatever it is
            for look in batch:
                look.error = error
                look.answered.set()
            return
        if isinstance(pools, AllPools):
            with self._changed:
                self._looks = [look for look in self._looks if look not in waiting]
            batch = [*batch, *waiting]
        for look in batch:
            found = pools.get(look.pool_id)
            if isinstance(found, Exception):
                look.error = found
            else:
                look.pool = found
            look.answered.set()


@dataclass(frozen=True)
class Goal:
    """What a pool is waited for.

    Attributes:
        reached: returns whether a pool, as AWS shows it, is where it should be; may make the call
            that brings it there.
        lost_at: the states in which the wait is in vain.
        grace: seconds for which reads may not show a pool that is there.
        outage: seconds for which AWS may fail; while it throttles, only the deadline counts.
    """

    reached: Callable[[Pool], bool]
    lost_at: tuple[str, ...] = (MISSING, DELETING)
    grace: float = MISSING_GRACE
    outage: float = OUTAGE

    def refuse_lost(self, label: Label, state: str, waited: float) -> None:
        """Raise PoolGoneError for a pool that is in vain waited for, after `waited` seconds."""
        if state in self.lost_at and (state != MISSING or waited >= self.grace):
            raise PoolGoneError(label, state)


class Waiter:
    """Waits for pools on behalf of one operation."""

    def __init__(
        self, poller: Poller, deadline: Deadline, reporter: Reporter | None = None
    ) -> None:
        """Wait until a deadline; the reporter hears of the progress, and may end the wait."""
        self.deadline = deadline
        self.clock = poller.clock
        self._poller = poller
        self._reporter = reporter or SilentReporter()

    def wait_for(self, label: Label, goal: Goal, pool: Pool | None = None) -> Pool:
        """Look at a pool, at growing intervals, until it is where it should be.

        Args:
            label: the pool's id, and its name where that is known.
            goal: what to wait for, and what is lost.
            pool: the pool, where it was seen just now.

        Raises:
            PoolGoneError: the pool is in a state in which the wait is in vain.
            TimedOutError: the deadline has passed.
            CancelledError: the run is to end.
            AwsError: AWS refused a look, or failed for longer than the goal allows.
        """
        pool_id = str(label.pool_id)
        started = since = self.clock.now()
        state = UNKNOWN
        waited: float | None = None
        if pool is not None:
            if goal.reached(pool):
                return pool
            state, waited = pool["State"], 0.0
        failing_since: float | None = None
        while True:
            try:
                seen = self._look(pool_id, waited)
            except AwsError as error:
                now = self.clock.now()
                failing_since = now if error.is_throttled else failing_since or now
                self._endure(error, state, goal.outage - (now - failing_since))
                # AWS is asked again soon, however long the pool has been waited for.
                waited = now - failing_since
                continue
            except InterruptedError:
                raise CancelledError(label, state) from None
            failing_since = None
            if seen is not None:
                label = Label.of(seen)
                if goal.reached(seen):
                    return seen
            now, shown = self.clock.now(), seen["State"] if seen else MISSING
            goal.refuse_lost(label, shown, now - started)
            if shown != state:
                state, since = shown, now
            self._reporter.progress(messages.progress(state, now - since))
            pool = seen
            if self.deadline.expired:
                total = self.clock.now() - started
                raise TimedOutError(label, state, total, list((pool or {}).get("Errors", [])))
            # The last look is not to be long after the deadline.
            waited = min(self.clock.now() - since, self.deadline.remaining * 5)

    def wait_until_gone(self, label: Label) -> None:
        """Wait until a pool that is being terminated is gone."""
        try:
            self.wait_for(label, Goal(lambda _pool: False, lost_at=(MISSING,), grace=0))
        except PoolGoneError:
            return

    def _endure(self, error: AwsError, state: str, patience: float) -> None:
        """Show why a wait goes on without an answer, unless it ends: in `patience` seconds."""
        believed = state != UNKNOWN or not error.is_not_of_aws
        if not (error.is_transient and believed) or patience <= 0 or self.deadline.expired:
            raise error
        throttled, unanswered = messages.throttled, messages.no_answer
        line = throttled(error.operation) if error.is_throttled else unanswered(state, error.code)
        self._reporter.progress(line)

    def _look(self, pool_id: str, waited: float | None) -> Pool | None:
        if waited is None:
            return self._poller.look(pool_id)
        if self._reporter.cancelled():
            raise InterruptedError
        return self._poller.look_later(pool_id, waited, self._reporter.cancelled)
