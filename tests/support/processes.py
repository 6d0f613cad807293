"""The Pulumi CLI and its dynamic provider, which run below this process: to kill them."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterable
from typing import Literal

import psutil

Victim = Literal["plugin", "everything", "engine"]


def kill_cli(victim: Victim) -> list[psutil.Process]:
    """Kill the CLI that this process runs, its dynamic provider, or both.

    Args:
        victim: "engine" is the CLI alone, "plugin" the provider alone.

    Returns:
        The processes that are left to themselves.
    """
    engines, plugins = _below("pulumi"), _below("pulumi.dynamic")
    kill({"engine": engines, "plugin": plugins, "everything": engines + plugins}[victim])
    return plugins if victim == "engine" else []


def interrupt_cli() -> None:
    """Send SIGINT to the CLI that this process runs."""
    for process in _below("pulumi"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)


def _below(word: str) -> list[psutil.Process]:
    """The processes below this one with a word for their name or in their command line."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if word in (process.name(), *process.cmdline()):
                found.append(process)
    return found


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes, and wait until they have ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            # Not `wait`: it would take the exit code from whoever started the process.
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.001)
