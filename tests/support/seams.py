"""Providers that show what the seam to the dynamic host can do, and what is left without it."""

from __future__ import annotations

import threading
from typing import Any

from pulumi.dynamic import CheckResult, CreateResult, ResourceProvider

from pulumi_workspaces_pool import host, messages
from pulumi_workspaces_pool.errors import UnknownHostError

_arrived = threading.Semaphore(0)
_together = threading.Event()


def _sentence(error: Exception, _name: str) -> str:
    known = isinstance(error, UnknownHostError)
    return messages.sentence(error) if known else f"A sentence about {error}"


class SeamProvider(ResourceProvider):
    """Uses the seam, as the pool's provider does."""

    serialize_as_secret_always = False

    @host.operation(_sentence)
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return CheckResult(news, [])

    @host.operation(_sentence)
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Fail, or wait until as many creates as wanted run at the same moment."""
        if "fail" in props:
            raise ValueError(props["fail"])
        _arrived.release()
        if props.get("last"):
            for _ in range(int(props["wanted"])):
                if not _arrived.acquire(timeout=20):
                    raise TimeoutError("the others did not arrive")
            _together.set()
        if not _together.wait(timeout=20):
            raise TimeoutError("the others did not arrive")
        call = host.current_call()
        return CreateResult("made", {"urn": call.urn, "timeout": call.timeout})


class BlindProvider(SeamProvider):
    """Runs under an SDK whose frames hold nothing that is known here."""

    def __reduce__(self) -> Any:
        return _blind, ()


class HastyProvider(SeamProvider):
    """Looks after its engine all the time, instead of some times a minute."""

    def __reduce__(self) -> Any:
        return _hasty, ()


def _hasty() -> HastyProvider:
    host._WATCH_PAUSE = 0.05
    return HastyProvider()


def _blind() -> BlindProvider:
    host._enter_call = lambda: None
    return BlindProvider()
