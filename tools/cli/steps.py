"""Runs a step that takes minutes as a process, and shows that it is under way."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.progress import BarColumn, Progress, SpinnerColumn, TimeElapsedColumn

from tools.screen import is_plain

_PLAIN_LINE_SECONDS = 15
_LOOK_SECONDS = 0.2
_SECONDS_TO_END = 5
_REASON_LENGTH = 200
# Seconds since the start and the number of things done.
_Update = Callable[[float, int], None]


say = functools.partial(print, flush=True)  # a log is read while it grows


class StepFailedError(Exception):
    """A step failed, or was given up; the message is a clause that says which and why."""


@dataclass(frozen=True)
class Step:
    """A command that takes its time.

    Attributes:
        doing: what it is doing: "building".
        failed: the clause for when it fails: "the Go module could not be built".
        variables: environment variables that it gets beside those of this process.
        limit: seconds after which it is given up.
        child_limit: seconds after which it is given up if it has started no process by then.
        unit: what is counted in its output: "packages".
        counts: returns whether a line of its output stands for one of them.
        total: how many of them there will be, if that is known.
    """

    doing: str
    failed: str
    command: Sequence[str]
    folder: Path
    variables: Mapping[str, str]
    limit: float
    child_limit: float | None = None
    unit: str = ""
    counts: Callable[[str], bool] = field(default=lambda _line: False)
    total: int | None = None

    def run(self) -> list[str]:
        """Run the command, which ends with all that it started; returns the lines of its output.

        Raises:
            StepFailedError: it failed, or was given up.
        """
        output: list[str] = []
        with subprocess.Popen(  # noqa: S603  # the steps of this package
            self.command,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            reader = threading.Thread(target=_collect, args=(process, output))
            reader.start()
            try:
                with self._shown() as update:
                    self._wait(process, output, update)
            except BaseException:
                _end(process)
                raise
            finally:
                reader.join()
        if process.returncode != 0:
            raise StepFailedError(f"{self.failed} ({_reason(output, process.returncode)})")
        return output

    def _wait(self, process: subprocess.Popen[str], output: list[str], update: _Update) -> None:
        started = time.monotonic()
        limit = self.limit if self.child_limit is None else self.child_limit
        while process.poll() is None:
            elapsed = time.monotonic() - started
            update(elapsed, sum(map(self.counts, output)))
            if limit != self.limit and psutil.Process(process.pid).children():
                limit = self.limit
            if elapsed > limit:
                raise StepFailedError(f"{self.failed} (given up after {limit:.0f} s)")
            time.sleep(_LOOK_SECONDS)

    @contextlib.contextmanager
    def _shown(self) -> Iterator[_Update]:
        if is_plain():
            yield self._plain_lines()
            return
        count = "{task.completed}" + self._of_total if self.unit else ""
        columns = (SpinnerColumn(), "{task.description}", BarColumn(), count, TimeElapsedColumn())
        with Progress(*columns, transient=True) as bar:
            task = bar.add_task(self.doing, total=self.total)
            yield lambda _elapsed, done: bar.update(task, completed=done)

    @property
    def _of_total(self) -> str:
        return (f" of {self.total}" if self.total else "") + f" {self.unit}"

    def _plain_lines(self) -> _Update:
        said = 0

        def update(elapsed: float, done: int) -> None:
            nonlocal said
            if elapsed // _PLAIN_LINE_SECONDS > said:
                said += 1
                count = f", {done}{self._of_total}" if self.unit else ""
                say(f"  {self.doing}: {elapsed:.0f} s{count}")

        return update


def _collect(process: subprocess.Popen[str], output: list[str]) -> None:
    for line in process.stdout or ():
        output.append(line.rstrip())  # one by one: they are counted meanwhile


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started: what it has in hand is put away first, if it can."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: a zombie's group
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)


def _reason(output: Sequence[str], code: int) -> str:
    lines = [line for line in output if line.strip()]
    return lines[-1].strip()[:_REASON_LENGTH] if lines else f"exit code {code}"
