"""A throw-away copy of the quickstart project, on emulated AWS and on one of the engines."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer, Timing
from pulumi_workspaces_pool.testing.stacks import EngineName, StackUnderTest

ROOT = Path(__file__).resolve().parent.parent
STACK = "demo"

# Long enough that a person sees the states, short enough that nobody waits.
_TIMING = Timing(creating=2.8, starting=1, stopping=1.1, updating=1, deleting=1.1)
# How long an engine may take to end after an interruption, before it is made to.
_PATIENCE_SECONDS = 5
_LOOK_SECONDS = 0.1
_LONGEST_SECONDS = 60


@dataclass(frozen=True)
class Finished:
    """A command of the engine that has ended.

    Attributes:
        exit_code: its exit code.
        text: all that it printed.
    """

    exit_code: int
    text: str


class Sandbox:
    """The project, its stack, and the AWS behind it.

    Attributes:
        stack: the stack.
        aws: the control surface of the emulated AWS.
    """

    def __init__(self, engine: EngineName, folder: Path, server: EmulatorServer) -> None:
        """Set the project up.

        Args:
            engine: the engine to use.
            folder: an empty folder for everything.
            server: the emulated AWS, which serves already.
        """
        self.aws: Emulator = server.emulator
        self._url = server.url
        self._region = server.environment()["AWS_REGION"]
        state = folder / "state"
        temporary = folder / "tmp"
        for made in (state, temporary):
            made.mkdir()
        self.stack = StackUnderTest(
            engine,
            _copy_project(folder / "project"),
            state=state,
            name=STACK,
            environment={
                **server.environment(),
                "TMPDIR": str(temporary),
                # All that the program needs is installed: looking for more costs seconds.
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            },
        )

    def run(self, arguments: list[str], on_line: Callable[[str], None]) -> Finished:
        """Run a command of the engine.

        Args:
            arguments: such as ["up", "--yes"].
            on_line: gets every line that it prints, as it is printed.

        Returns:
            What it came to.
        """
        lines: list[str] = []
        process = self._start(arguments)
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                on_line(lines[-1])
            return Finished(process.wait(), "\n".join(lines))
        finally:
            self._end(process)

    def change_as_a_colleague(self, pool_id: str, **changes: Any) -> None:
        """Change a pool with a client of one's own, and wait until AWS is done.

        Args:
            pool_id: the pool's id.
            **changes: members of UpdateWorkspacesPool.
        """
        client = boto3.client(
            "workspaces",
            region_name=self._region,
            endpoint_url=self._url,
            aws_access_key_id="colleague",
            aws_secret_access_key="colleague",  # noqa: S106  # emulated AWS knows no secrets
        )
        client.update_workspaces_pool(PoolId=pool_id, **changes)
        while self.aws.pool(pool_id)["State"] == "UPDATING":
            time.sleep(_LOOK_SECONDS)

    def _start(self, arguments: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603  # one of the two engines
            self.stack.command(*arguments),
            cwd=self.stack.folder,
            env=self.stack.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C is for the demo alone, which then ends the engine in good order.
            start_new_session=True,
        )

    def _end(self, process: subprocess.Popen[str]) -> None:
        """End a process and what it started; nothing happens if it has ended."""
        # The first signal lets an engine finish what is under way, the second one does not.
        for _ in range(2):
            if process.poll() is None:
                self._hurry()
                process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_PATIENCE_SECONDS)
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()

    def _hurry(self) -> None:
        """Let AWS be done at once, now and with all that still comes."""
        self.aws.timing = Timing()
        for pool in self.aws.pools():
            self.aws.age(pool["PoolId"], _LONGEST_SECONDS)


@contextlib.contextmanager
def open_sandbox(engine: EngineName) -> Iterator[Sandbox]:
    """Make a sandbox, of which nothing is left afterwards.

    Args:
        engine: the engine to use.
    """
    with (
        tempfile.TemporaryDirectory(prefix="pulumi-workspaces-pool-demo-") as folder,
        EmulatorServer(timing=_TIMING) as server,
    ):
        yield Sandbox(engine, Path(folder).resolve(), server)


def _copy_project(folder: Path) -> Path:
    # The project's own folder stays as it is: engines write a stack's configuration beside it.
    shutil.copytree(
        ROOT / "examples" / "quickstart",
        folder / "examples" / "quickstart",
        symlinks=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder
