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
    engines, plugins = [], []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "pulumi":
                engines.append(process)
            elif "pulumi.dynamic" in process.cmdline():
                plugins.append(process)
    kill(engines if victim == "engine" else plugins if victim == "plugin" else engines + plugins)
    return plugins if victim == "engine" else []


def interrupt_cli() -> None:
    """Send SIGINT to the CLI that this process runs."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "pulumi":
                process.send_signal(signal.SIGINT)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes, and wait until they have ended."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            # Not `wait`: it would take the exit code from whoever started the process.
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.001)
