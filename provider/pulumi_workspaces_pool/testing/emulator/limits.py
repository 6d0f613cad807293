"""Request limits as AWS has them: a token bucket for each operation, account and region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Bucket:
    rate: float
    burst: int
    tokens: float
    filled_at: float

    def fill(self, now: float) -> None:
        tokens = self.tokens + self.rate * (now - self.filled_at)
        self.tokens, self.filled_at = min(self.burst, tokens), now


class RequestLimits:
    """How many calls of each operation are let through."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Limit nothing; `clock` tells the time in seconds."""
        self._clock = clock
        self._limits: dict[str, tuple[float, int] | None] = {}  # by operation
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def limit(self, operation: str, rate: float | None, burst: int) -> None:
        """Let through `burst` calls at once, and `rate` a second; None lifts the limit."""
        if operation == "*":
            self._limits.clear()
        self._limits[operation] = None if rate is None else (rate, burst)
        for key, bucket in list(self._buckets.items()):
            bucket.fill(self._clock())  # until now at the rate that was
            limit = self._limit_of(key[0])
            if limit is None:
                del self._buckets[key]
            else:
                bucket.rate, bucket.burst = limit

    def allows(self, operation: str, account: str, region: str) -> bool:
        """Whether a call is let through, which takes a token."""
        limit = self._limit_of(operation)
        if limit is None:
            return True
        full = _Bucket(*limit, tokens=limit[1], filled_at=self._clock())
        bucket = self._buckets.setdefault((operation, account, region), full)
        bucket.fill(self._clock())
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _limit_of(self, operation: str) -> tuple[float, int] | None:
        return self._limits.get(operation, self._limits.get("*"))
