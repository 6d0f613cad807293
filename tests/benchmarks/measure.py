"""Runs the programs on an engine, with the emulator in a process of its own, and keeps figures."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from pulumi_workspaces_pool.testing.emulator import RemoteEmulator
from pulumi_workspaces_pool.testing.stacks import EngineName, StackUnderTest

from .programs import PLAIN_SCRIPT, Program

OPERATIONS = ("up", "up again", "preview", "refresh", "destroy")
PARALLEL = 100


@dataclass
class Run:
    """What one program came to with one number of resources on one engine.

    Attributes:
        engine: "local", "cli", or "none" for the plain script.
        program: the program's name.
        count: how many resources.
        seconds: how long each operation took.
        calls: the API calls of each operation, by name.
        ids_described: how many pools the DescribeWorkspacesPools calls of `up` asked for.
        state_bytes: the bytes of state a resource.
        plugin_memory_mib: the peak memory of the plugin's process, in MiB.
    """

    engine: str
    program: str
    count: int
    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, dict[str, int]] = field(default_factory=dict)
    ids_described: int = 0
    state_bytes: int = 0
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


def run_stack(engine: EngineName, program: Program, count: int, creating: float) -> Run:
    """Bring a stack of a program up, again, preview, refresh and destroy it.

    Args:
        engine: the engine to use.
        program: the program.
        count: how many resources it declares.
        creating: how long the emulated creation of a pool takes, in seconds.

    Returns:
        The figures.
    """
    run = Run(engine, program.name, count)
    with tempfile.TemporaryDirectory() as folder, emulated(creating) as (emulator, environment):
        project = program.write(Path(folder) / "project", count)
        state = Path(folder) / "state"
        stack = StackUnderTest(engine, project, state=state, environment=environment)
        with _peak_memory_of_plugins() as peak:
            for operation in OPERATIONS:
                _timed(stack, operation, emulator, run)
                if operation == "up":
                    run.state_bytes = _state_bytes(stack)
        run.plugin_memory_mib = peak[0]
    return run


def run_script(count: int, creating: float) -> Run:
    """Create pools with boto3 and a thread for each: the limit that no engine can beat."""
    run = Run("none", "plain boto3", count)
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


def _timed(stack: StackUnderTest, operation: str, emulator: RemoteEmulator, run: Run) -> None:
    emulator.clear_calls()
    method = getattr(stack, operation.partition(" ")[0])
    started = time.perf_counter()
    outcome = method(parallel=PARALLEL)
    run.seconds[operation] = time.perf_counter() - started
    if not outcome.ok:
        raise RuntimeError(f"{run.program} x {run.count}: {operation} failed:\n{outcome.text}")
    run.calls[operation] = _counted(emulator)
    if operation == "up":
        run.ids_described = sum(
            len(call.parameters.get("PoolIds", ()))
            for call in emulator.calls
            if call.operation == "DescribeWorkspacesPools"
        )


def _counted(emulator: RemoteEmulator) -> dict[str, int]:
    return dict(collections.Counter(call.operation for call in emulator.calls))


def _state_bytes(stack: StackUnderTest) -> int:
    entries = [entry for entry in stack.resources() if "pulumi-python:" in entry["type"]]
    return round(sum(len(json.dumps(entry)) for entry in entries) / max(1, len(entries)))


@contextlib.contextmanager
def _peak_memory_of_plugins() -> Iterator[list[float]]:
    """Watch the dynamic hosts that this process's engines start; the list holds MiB."""
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
