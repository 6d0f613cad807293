"""One poller for all the pools that are waiting: shared looks, growing intervals, deadlines."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Pool = Mapping[str, Any]
Describe = Callable[[Sequence[str]], Mapping[str, Pool | Exception]]

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


@dataclass(frozen=True)
class Patience:
    """How long an operation may take, and who hears of it meanwhile.

    Attributes:
        deadline: when it ends, on the clock of `time.monotonic`.
        progress: called with a line such as "CREATING for 2m10s".
    """

    deadline: float
    progress: Callable[[str], None]

    @classmethod
    def of(cls, seconds: float, progress: Callable[[str], None]) -> Patience:
        """Be patient for so many seconds from now."""
        return cls(time.monotonic() + seconds, progress)

    @property
    def exhausted(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.deadline


@dataclass
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

    def __init__(self, describe: Describe) -> None:
        """Share the looks of one account and region.

        Args:
            describe: gives the pools that exist among at most 25 ids, by id, or what is wrong with
                an id.
        """
        self._describe = describe
        self._changed = threading.Condition()
        self._looks: list[_Look] = []
        self._running = False

    def look(self, pool_id: str) -> Pool | None:
        """See a pool now, together with whoever looks at the same moment.

        Args:
            pool_id: the pool's id.

        Returns:
            The pool as AWS shows it, or None if it is not there.

        Raises:
            AwsError: AWS refused, or could not be reached.
        """
        now = time.monotonic()
        return self._see(_Look(pool_id, now, _GATHER_NOW, _GATHER_NOW_MOST))

    def look_later(self, pool_id: str, waited: float) -> Pool | None:
        """See a pool again, as soon as is sensible after so long a wait.

        Args:
            pool_id: the pool's id.
            waited: how long it has been waited for so far, in seconds.

        Returns:
            The pool as AWS shows it, or None if it is not there.

        Raises:
            AwsError: AWS refused, or could not be reached.
        """
        interval = min(_LONGEST, max(_SHORTEST, waited * _SHARE_OF_WAIT))
        # Jitter spreads load; it keeps no secret.
        interval *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
        due = time.monotonic() + interval
        return self._see(_Look(pool_id, due, _GATHER_LATER, _GATHER_LATER_MOST))

    def _see(self, look: _Look) -> Pool | None:
        with self._changed:
            if not self._running:
                # Where no thread can be started, nobody is left to wait for one.
                threading.Thread(target=self._run, name="pool-poller", daemon=True).start()
                self._running = True
            self._looks.append(look)
            self._changed.notify()
        look.answered.wait()
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
                pause = self._pause(time.monotonic())
                if pause <= 0:
                    return self._take()
                self._changed.wait(pause)
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
        try:
            pools = self._describe(ids)
        except Exception as error:  # whoever looked is told, whatever it is
            for look in batch:
                look.error = error
                look.answered.set()
            return
        for look in batch:
            found = pools.get(look.pool_id)
            if isinstance(found, Exception):
                look.error = found
            else:
                look.pool = found
            look.answered.set()


def spoken(seconds: float) -> str:
    """Say a duration as people do, such as "2m10s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
