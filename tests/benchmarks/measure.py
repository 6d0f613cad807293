"""Runs the programs on the Pulumi CLI, with the emulator in a process of its own."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pulumi_workspaces_pool.testing.emulator import RemoteEmulator
from pulumi_workspaces_pool.testing.stacks import StackUnderTest

from .programs import PLAIN_SCRIPT, Program

PLAIN = "plain boto3"
OPERATIONS = ("up", "up again", "preview", "refresh", "destroy")
PARALLEL = 100
# What changes nothing can be repeated.
_REPEATED = ("up again", "preview", "refresh")
_ROUNDS = 5


@dataclass
class Run:
    """What one program came to with one number of resources.

    Attributes:
        program: the program's name.
        count: how many resources.
        seconds: how long each operation took; the median of those that are repeated.
        calls: the API calls of each operation, by name.
        ids_described: how many pools the DescribeWorkspacesPools calls of `up` asked for.
        state_bytes: the bytes of state a resource.
        provider_bytes: the bytes of `__provider` in it.
        plugin_memory_mib: the peak memory of the plugin's process, in MiB.
    """

    program: str
    count: int
    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, dict[str, int]] = field(default_factory=dict)
    ids_described: int = 0
    state_bytes: int = 0
    provider_bytes: int = 0
    plugin_memory_mib: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The figures, for a file."""
        return asdict(self)


@contextlib.contextmanager
def emulated(creating: float) -> Iterator[tuple[RemoteEmulator, dict[str, str]]]:
    """Emulated AWS in a process of its own, and the variables that its clients need.

    Args:
        creating: how long a creation takes, in seconds; every other transition takes no time.
    """
    module = "pulumi_workspaces_pool.testing.emulator"
    timing = ["--creating", str(creating)]
    for transition in ("--starting", "--stopping", "--updating", "--deleting"):
        timing += [transition, "0"]
    command = [sys.executable, "-u", "-m", module, "--port", "0", *timing]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        environment: dict[str, str] = {}
        for line in process.stdout:
            if line.strip().startswith("export "):
                name, _, value = line.strip().removeprefix("export ").partition("=")
                environment[name] = value
            if "AWS_EC2_METADATA_DISABLED" in environment:
                break
        yield RemoteEmulator(environment["AWS_ENDPOINT_URL"]), environment
    finally:
        process.terminate()
        process.wait()


def run_stacks(programs: Sequence[Program], count: int, creating: float) -> list[Run]:
    """Bring a stack of each program up, again, preview, refresh and destroy it, side by side.

    Each operation is made of all programs in turn, before the next one: how fast the machine is
    just then touches all of them alike. What changes nothing is repeated, and the median kept.

    Args:
        programs: the programs.
        count: how many resources each declares.
        creating: how long the emulated creation of a pool takes, in seconds.

    Returns:
        The figures of each program.
    """
    with contextlib.ExitStack() as opened:
        stacks = [opened.enter_context(_stack(program, count, creating)) for program in programs]
        for operation in OPERATIONS:
            for _ in range(_ROUNDS if operation in _REPEATED else 1):
                for stack in stacks:
                    stack.measure(operation)
        return [stack.run for stack in stacks]


def run_script(count: int, creating: float) -> Run:
    """Create pools with boto3 and a thread for each: the limit that nothing can beat."""
    run = Run(PLAIN, count)
    with emulated(creating) as (emulator, environment):
        command = [sys.executable, "-c", PLAIN_SCRIPT, str(count)]
        started = time.perf_counter()
        subprocess.run(command, env={**os.environ, **environment}, check=True)
        run.seconds["up"] = time.perf_counter() - started
        run.calls["up"] = _counted(emulator)
    return run


def import_seconds(modules: str, rounds: int = 15) -> float:
    """The least time of some rounds that a new Python takes to import modules, in seconds."""
    program = (
        "import time; started = time.perf_counter()\n"
        f"import {modules}\nprint(time.perf_counter() - started)"
    )
    command = [sys.executable, "-c", program]
    return min(float(subprocess.check_output(command, text=True)) for _ in range(rounds))


class _Measured:
    """A stack and the emulated AWS of its own; `run` keeps the figures."""

    def __init__(self, stack: StackUnderTest, emulator: RemoteEmulator, run: Run) -> None:
        self.run = run
        self._stack = stack
        self._emulator = emulator
        self._rounds: dict[str, list[float]] = collections.defaultdict(list)

    def measure(self, operation: str) -> None:
        run = self.run
        self._emulator.clear_calls()
        method = getattr(self._stack, operation.partition(" ")[0])
        with _peak_memory_of_plugins() as peak:
            started = time.perf_counter()
            method(parallel=PARALLEL)
            seconds = time.perf_counter() - started
        self._rounds[operation].append(seconds)
        run.seconds[operation] = statistics.median(self._rounds[operation])
        run.calls[operation] = _counted(self._emulator)
        run.plugin_memory_mib = max(run.plugin_memory_mib, peak[0])
        if operation == "up":
            self._look_at_what_up_left()

    def _look_at_what_up_left(self) -> None:
        made = [entry for entry in self._stack.resources() if "pulumi-python:" in entry["type"]]
        self.run.state_bytes = max(len(json.dumps(entry)) for entry in made)
        self.run.provider_bytes = max(
            len(json.dumps(entry["outputs"]["__provider"])) for entry in made
        )
        self.run.ids_described = sum(
            len(call.parameters.get("PoolIds", ()))
            for call in self._emulator.calls
            if call.operation == "DescribeWorkspacesPools"
        )


@contextlib.contextmanager
def _stack(program: Program, count: int, creating: float) -> Iterator[_Measured]:
    with tempfile.TemporaryDirectory() as folder, emulated(creating) as (emulator, environment):
        project = program.write(Path(folder) / "project", count)
        state = Path(folder) / "state"
        stack = StackUnderTest(project, state=state, environment=environment)
        yield _Measured(stack, emulator, Run(program.name, count))


def _counted(emulator: RemoteEmulator) -> dict[str, int]:
    return dict(collections.Counter(call.operation for call in emulator.calls))


@contextlib.contextmanager
def _peak_memory_of_plugins() -> Iterator[list[float]]:
    """Watch the dynamic hosts below this process; the list holds MiB."""
    peak = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "pulumi.dynamic" in process.cmdline():
                        peak[0] = max(peak[0], process.memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()
