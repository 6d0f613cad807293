"""Runs the programs on the Pulumi CLI, with the emulator in a process of its own."""

from __future__ import annotations

import collections
import contextlib
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from pulumi_workspaces_pool.testing.emulator import RemoteEmulator, Timing
from pulumi_workspaces_pool.testing.stacks import StackUnderTest

from .limits import UNLIMITED, Limit
from .programs import PLAIN_SCRIPT, Program

PLAIN = "plain boto3"
PARALLEL = 100
# What changes nothing can be repeated.
_REPEATED = ("up again", "preview", "refresh")


@dataclass(frozen=True)
class Promise:
    """A figure that is not to exceed a limit."""

    what: str
    figure: float
    limit: float

    @property
    def kept(self) -> bool:
        return self.figure <= self.limit


@dataclass
class Run:
    """What one program came to with one number of resources.

    Attributes:
        program: the program's name.
        count: how many resources.
        seconds: how long each operation took; the median of those that are repeated.
        calls: the API calls of each operation that AWS accepted, by name.
        throttled: those that it refused because of a limit.
        cpu_seconds: the CPU time of the plugin's process in each operation.
        memory_mib: the peak memory of the plugin's process in each operation, in MiB.
        ids_described: how many pools the DescribeWorkspacesPools calls of `up` asked for.
        state_bytes: the bytes of state a resource.
        provider_bytes: the bytes of `__provider` in it.
    """

    program: str
    count: int
    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, dict[str, int]] = field(default_factory=dict)
    throttled: dict[str, dict[str, int]] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    memory_mib: dict[str, float] = field(default_factory=dict)
    ids_described: int = 0
    state_bytes: int = 0
    provider_bytes: int = 0

    def count_calls(self, operation: str, emulator: RemoteEmulator) -> None:
        calls = emulator.calls
        for kept, throttled in ((self.calls, False), (self.throttled, True)):
            names = [call.operation for call in calls if call.throttled == throttled]
            kept[operation] = dict(collections.Counter(names))


@contextlib.contextmanager
def emulated(timing: Timing) -> Iterator[tuple[RemoteEmulator, dict[str, str]]]:
    """Emulated AWS in a process of its own, and the variables that its clients need.

    Args:
        timing: how long the transitions of a pool take.
    """
    command = [sys.executable, "-m", "pulumi_workspaces_pool.testing.emulator", "--port=0"]
    command += [f"--{transition}={seconds}" for transition, seconds in asdict(timing).items()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            exports = itertools.takewhile(
                lambda line: "For example" not in line, process.stdout or ()
            )
            environment = dict(re.findall(r"export (\w+)=(\S+)", "".join(exports)))
            yield RemoteEmulator(environment["AWS_ENDPOINT_URL"]), environment
        finally:
            process.terminate()
            process.communicate()


def run_stacks(
    programs: Sequence[Program],
    count: int,
    timing: Timing,
    operations: Sequence[str],
    *,
    rounds: int = 1,
    parallel: int = PARALLEL,
    limit: Limit = UNLIMITED,
    variables: Mapping[str, str] | None = None,
) -> list[Run]:
    """Run operations on a stack of each program, side by side.

    Each operation is made of all programs in turn, before the next one: how fast the machine is
    just then touches all of them alike.

    Args:
        programs: the programs.
        count: how many resources each declares.
        timing: how long the transitions of an emulated pool take.
        operations: up, up again, update, preview, refresh, destroy.
        rounds: how often what changes nothing is repeated, to keep the median.
        parallel: how many resources at once.
        limit: how many requests emulated AWS takes.
        variables: environment variables for the CLI.

    Returns:
        The figures of each program.
    """
    with contextlib.ExitStack() as opened:
        stacks = [
            opened.enter_context(_stack(program, count, timing, variables or {}))
            for program in programs
        ]
        for operation in operations:
            for _ in range(rounds if operation in _REPEATED else 1):
                for stack in stacks:
                    stack.measure(operation, parallel, limit)
        return [stack.run for stack in stacks]


def run_script(count: int, timing: Timing, pause: float, limit: Limit = UNLIMITED) -> Run:
    """Create pools with boto3 and a thread for each, which looks at its pool after each pause."""
    run = Run(PLAIN, count)
    with emulated(timing) as (emulator, environment):
        command = [sys.executable, "-c", PLAIN_SCRIPT, str(count), str(pause)]
        with limit.applied(emulator):
            started = time.perf_counter()
            subprocess.run(command, env={**os.environ, **environment}, check=True)
            run.seconds["up"] = time.perf_counter() - started
        run.count_calls("up", emulator)
    return run


def import_seconds(modules: str, rounds: int = 15) -> float:
    """The least time of some rounds that a new Python takes to import modules, in seconds."""
    program = (
        "import time; started = time.perf_counter()\n"
        f"import {modules}\nprint(time.perf_counter() - started)"
    )
    command = [sys.executable, "-c", program]
    return min(float(subprocess.check_output(command, text=True)) for _ in range(rounds))


@dataclass
class _Measured:
    """A stack and the emulated AWS of its own; `run` keeps the figures."""

    run: Run
    program: Program
    stack: StackUnderTest
    emulator: RemoteEmulator
    rounds: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))

    def measure(self, operation: str, parallel: int, limit: Limit) -> None:
        run = self.run
        self.emulator.clear_calls()
        if operation == "update":
            self.program.write(self.stack.folder, run.count, "Another description")
        method = {"up again": "up", "update": "up"}.get(operation, operation)
        with limit.applied(self.emulator), _Plugin() as plugin:
            started = time.perf_counter()
            getattr(self.stack, method)(parallel=parallel)
            self.rounds[operation].append(time.perf_counter() - started)
        run.seconds[operation] = statistics.median(self.rounds[operation])
        run.cpu_seconds[operation] = plugin.cpu_seconds
        run.memory_mib[operation] = plugin.memory_mib
        run.count_calls(operation, self.emulator)
        if operation == "up":
            self._look_at_what_up_left()

    def _look_at_what_up_left(self) -> None:
        made = [entry for entry in self.stack.resources() if "pulumi-python:" in entry["type"]]
        self.run.state_bytes = max(len(json.dumps(entry)) for entry in made)
        self.run.provider_bytes = max(
            len(json.dumps(entry["outputs"]["__provider"])) for entry in made
        )
        self.run.ids_described = sum(
            len(call.parameters.get("PoolIds", ()))
            for call in self.emulator.calls
            if call.operation == "DescribeWorkspacesPools"
        )


@contextlib.contextmanager
def _stack(
    program: Program, count: int, timing: Timing, variables: Mapping[str, str]
) -> Iterator[_Measured]:
    with tempfile.TemporaryDirectory() as folder, emulated(timing) as (emulator, environment):
        project = program.write(Path(folder) / "project", count)
        state = Path(folder) / "state"
        stack = StackUnderTest(project, state=state, environment={**environment, **variables})
        yield _Measured(Run(program.name, count), program, stack, emulator)


class _Plugin(threading.Thread):
    """Looks at the dynamic host below this process while it runs."""

    cpu_seconds = 0.0
    memory_mib = 0.0

    def __enter__(self) -> _Plugin:
        self._ended = threading.Event()
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(0.1):
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "pulumi.dynamic" in process.cmdline():
                        self._watch(process)

    def _watch(self, process: psutil.Process) -> None:
        while not self._ended.wait(0.02):
            times, memory = process.cpu_times(), process.memory_info()
            self.cpu_seconds = max(self.cpu_seconds, times.user + times.system)
            self.memory_mib = max(self.memory_mib, memory.rss / 2**20)
