"""Processes that the engine starts, and that must not outlive it.

The dynamic host and most programs never look whether the engine is still there. On Linux the
kernel is told to end them with their parent; elsewhere they are ended when a run ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PATIENCE = 5.0
_LAUNCH = """
import ctypes, os, signal, sys
parent = int(sys.argv[1])
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != parent:
    sys.exit("the engine has ended")
os.execv(sys.argv[2], sys.argv[2:])
"""


class Child:
    """One process, in a group of its own, whose output is passed on line by line."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> None:
        """Start the process.

        Args:
            arguments: the command line; the first is the executable.
            folder: its working directory.
            env: its environment.
            on_line: gets every line of its output; called on other threads.
        """
        self._on_line = on_line
        self._process = _spawn(arguments, folder, env)
        self._readers = [
            self._reader(self._process.stdout),
            self._reader(self._process.stderr),
        ]

    def first_line(self) -> str:
        """The first line of the standard output, which is how a plugin tells its port.

        Returns:
            The line; empty if the process ended without one.
        """
        assert self._process.stdout is not None  # noqa: S101 it was asked for
        return self._process.stdout.readline().strip()

    def pass_on(self) -> None:
        """Begin passing lines on."""
        for reader in self._readers:
            reader.start()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end and for the last line.

        Args:
            timeout: seconds to wait at most; None for as long as it takes.

        Returns:
            The exit code, or None if the time was up.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            if reader.is_alive():
                reader.join(1.0)
        return code

    def end(self, patience: float = _PATIENCE) -> None:
        """End the process with everything that it started; first by asking.

        Args:
            patience: seconds between asking and ending.
        """
        for ask, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, _PATIENCE)):
            self._signal(ask)
            if self.wait(seconds) is not None:
                break
        # The process may be gone with its children still there.
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _reader(self, stream: IO[str] | None) -> threading.Thread:
        def read() -> None:
            if stream is None:
                return
            with contextlib.suppress(ValueError, OSError), stream:
                for line in stream:
                    self._on_line(line.rstrip("\n"))

        return threading.Thread(target=read, daemon=True)


def _spawn(arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
    if sys.platform == "linux":
        # Not a preexec_fn: that is not safe in a process with threads, and this one has many.
        arguments = [sys.executable, "-S", "-E", "-c", _LAUNCH, str(os.getpid()), *arguments]
    return subprocess.Popen(  # noqa: S603 running the person's own program is what this is for
        arguments,
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
