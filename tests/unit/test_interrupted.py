"""A program that the engine interrupts, as when a resource fails, ends without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

_LANGUAGE_HOST = "pulumi-language-python-exec"
# What the language host's executor does, with an engine that never answers.
_EXECUTOR = """
import asyncio, logging, runpy, signal, sys, threading
import pulumi

# A test that runs in the background of a shell would start it without one.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Engine(pulumi.runtime.Mocks):
    ended = threading.Event()

    def new_resource(self, args):
        if args.name == "desks":
            print("creating", flush=True)
            self.ended.wait(20)
        return args.name, args.inputs

    def call(self, args):
        return {}

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)
engine = Engine()
pulumi.runtime.set_mocks(engine)
try:
    program = lambda: runpy.run_path(sys.argv[1], run_name="__main__") and None
    loop.run_until_complete(pulumi.runtime.stack.run_pulumi_func(program))
finally:
    engine.ended.set()
    loop.close()
"""
_PROGRAM = """
import atexit, asyncio
import pulumi
from pulumi_workspaces_pool import WorkspacesPool

atexit.register(print, "atexit ran")
pool = WorkspacesPool(
    "desks",
    description="Desks",
    bundle_id="wsb-1a2b3c4d5",
    directory_id="wsd-1a2b3c4d5",
    capacity={"desired_user_sessions": 1},
)

async def work():
    try:
        await asyncio.sleep(20)
    finally:
        print("finally ran")

background = asyncio.ensure_future(work())
pulumi.export("state", pool.state.apply(str.lower))
"""


def _interrupted(folder: Path, executor: str, setup: str = "") -> tuple[str, str]:
    """Interrupt a program while its pool is created; returns its output and its errors."""
    (folder / executor).write_text(_EXECUTOR)
    (folder / "__main__.py").write_text(setup + _PROGRAM)
    command = [sys.executable, str(folder / executor), str(folder / "__main__.py")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "creating\n"
        run.send_signal(signal.SIGINT)
        shown, errors = run.communicate(timeout=30)
    assert run.returncode == -signal.SIGINT
    return shown, errors


def test_the_language_host_shows_no_traceback_and_the_programs_own_ending_runs(
    tmp_path: Path,
) -> None:
    shown, errors = _interrupted(tmp_path, _LANGUAGE_HOST)
    assert errors == ""
    assert sorted(shown.splitlines()) == ["atexit ran", "finally ran"]


def test_a_programs_own_hook_reports_the_interruption(tmp_path: Path) -> None:
    hook = "import sys\nsys.excepthook = lambda kind, *_: print('hook:', kind.__name__)\n"
    shown, _ = _interrupted(tmp_path, _LANGUAGE_HOST, hook)
    assert "hook: KeyboardInterrupt" in shown


def test_anywhere_else_an_interruption_is_reported_as_ever(tmp_path: Path) -> None:
    _, errors = _interrupted(tmp_path, "inline.py")
    assert "Traceback" in errors
    assert "KeyboardInterrupt" in errors


def test_another_failure_in_the_language_host_is_reported_as_ever(tmp_path: Path) -> None:
    script = tmp_path / _LANGUAGE_HOST
    script.write_text("from pulumi_workspaces_pool import resource as r\nr._end_quietly()\n1 / 0\n")
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert "ZeroDivisionError" in run.stderr
