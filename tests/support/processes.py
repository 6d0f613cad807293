"""Processes that a test started, with what those started in turn: to find them and to kill them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable

_PATIENCE = 60.0


def all_processes() -> dict[int, str]:
    """The command line of each process of this machine by its id."""
    return {pid: command for pid, _, command in _listed()}


def descendants(root: int) -> dict[int, str]:
    """Find what a process started, directly or not.

    Args:
        root: the process's id.

    Returns:
        The command line of each process by its id.
    """
    rows = _listed()
    found: dict[int, str] = {}
    family = {root}
    while family:
        children = {pid: command for pid, parent, command in rows if parent in family}
        family = children.keys() - found.keys()
        found.update(children)
    return found


def _listed() -> list[tuple[int, int, str]]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [(int(row[0]), int(row[1]), row[-1]) for row in rows]


def dynamic_hosts(root: int) -> list[int]:
    """The processes that run dynamic providers for the engine with this id."""
    return [pid for pid, command in descendants(root).items() if "-m pulumi.dynamic" in command]


def kill(pid: int) -> None:
    """End a process by SIGKILL; it may have ended already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_family(root: int) -> None:
    """End a process and all that it started by SIGKILL."""
    family = descendants(root)
    kill(root)
    for pid in family:
        kill(pid)


def has_ended(pid: int) -> bool:
    """Whether a process has ended, though its parent may not have noticed yet."""
    listed = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()[:1] in ("", "Z")


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition.

    Args:
        condition: looked at again and again.
        what: what is waited for, for the error.

    Raises:
        TimeoutError: it does not come true in a minute.
    """
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain until {what}")
        time.sleep(0.01)
