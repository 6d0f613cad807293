"""Limits on requests: what they alone allow, and how the emulated AWS comes to have them."""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_workspaces_pool.testing.emulator import RemoteEmulator


@dataclass(frozen=True)
class Limit:
    """A bucket for each operation, which is full when an operation of Pulumi begins.

    Attributes:
        burst: how many requests a full bucket takes at once.
        rates: from which second on it takes how many requests a second; none: any number.
    """

    burst: int = 0
    rates: tuple[tuple[float, float], ...] = ()

    @property
    def name(self) -> str:
        rates = ", then ".join(f"{rate:g}" for _, rate in self.rates)
        return f"{rates}/s, burst {self.burst}"

    def seconds(self, requests: int) -> float:
        """The least time after which so many requests of one operation can have been taken."""
        left = float(max(0, requests - self.burst))
        for (begin, rate), (end, _) in itertools.pairwise([*self.rates, (math.inf, 0.0)]):
            if left <= rate * (end - begin):
                return begin + left / rate if left else 0.0
            left -= rate * (end - begin)
        return math.inf

    @contextlib.contextmanager
    def applied(self, emulator: RemoteEmulator) -> Iterator[None]:
        """Let emulated AWS have this limit from now on, with full buckets."""
        emulator.limit_rate(None)
        for _, rate in self.rates[:1]:
            emulator.limit_rate(rate, self.burst)
        timers = [
            threading.Timer(begin, emulator.limit_rate, (rate, self.burst))
            for begin, rate in self.rates[1:]
        ]
        for timer in timers:
            timer.start()
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()


UNLIMITED = Limit()
FIVE = Limit(10, ((0, 5),))
TWO = Limit(5, ((0, 2),))
CHANGING = Limit(10, ((0, 5), (5, 2), (15, 10)))
