"""Providers that change the seam to the dynamic host in the process that runs them."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import ResourceProvider

from pulumi_workspaces_pool import host
from pulumi_workspaces_pool.provider import WorkspacesPoolProvider


class BlindProvider(ResourceProvider):
    """Runs under an SDK whose frames hold nothing that is known here."""

    def __reduce__(self) -> Any:
        return _blind, ()


class HastyProvider(ResourceProvider):
    """Looks after its engine all the time, instead of some times a minute."""

    def __reduce__(self) -> Any:
        return _hasty, ()


def _hasty() -> WorkspacesPoolProvider:
    host._WATCH_PAUSE = 0.05
    return WorkspacesPoolProvider("organization", ())


def _blind() -> WorkspacesPoolProvider:
    host._enter_call = lambda: None
    return WorkspacesPoolProvider("organization", ())
