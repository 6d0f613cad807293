"""A throw-away stack of the quickstart project on emulated AWS, with the Pulumi CLI or without."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer, Timing
from pulumi_workspaces_pool.testing.stacks import StackUnderTest, copy_project
from support.memory_stack import MemoryStack
from support.outcomes import CliStack

ROOT = Path(__file__).resolve().parent.parent
STACK = "demo"

# Long enough that a person sees the states, short enough that nobody waits.
_TIMING = Timing(creating=2.8, starting=1, stopping=1.1, updating=1, deleting=1.1)
_LONGEST_SECONDS = 60


class _HostedStack(MemoryStack):
    """The quickstart's pool, for Pulumi's dynamic host alone."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
        declared = project["config"].items()
        self._values = {key: str(its["default"]) for key, its in declared if "default" in its}
        super().__init__(self._pools, environment, name=STACK, project=project["name"])

    def configure(self, **values: str) -> None:
        self._values.update(values)

    def _pools(self) -> dict[str, dict[str, Any]]:
        """What examples/quickstart/__main__.py declares."""
        values = self._values
        return {
            "desks": {
                "description": values["description"],
                "bundle_id": values["bundleId"],
                "directory_id": values["directoryId"],
                "capacity": {"desired_user_sessions": int(values["desiredUserSessions"])},
            }
        }


DemoStack = CliStack | _HostedStack


def hurry(aws: Emulator) -> None:
    """Let AWS be done at once, now and with all that still comes."""
    aws.timing = Timing()
    for pool in aws.pools():
        aws.age(pool["PoolId"], _LONGEST_SECONDS)


@contextlib.contextmanager
def open_sandbox(
    *, has_cli: bool, on_line: Callable[[str], object]
) -> Iterator[tuple[DemoStack, Emulator]]:
    """Give a stack and the AWS behind it, of which nothing is left afterwards.

    Args:
        has_cli: whether the Pulumi CLI runs the project's program; otherwise Pulumi's dynamic host
            is called for the pool that the program declares.
        on_line: called with each line that a person would see, as it comes.
    """
    with (
        tempfile.TemporaryDirectory(prefix="pulumi-workspaces-pool-demo-") as name,
        EmulatorServer(timing=_TIMING) as server,
    ):
        folder = Path(name).resolve()
        (folder / "tmp").mkdir()
        environment = {**server.environment(), "TMPDIR": str(folder / "tmp")}
        stack = _cli_stack(folder, environment) if has_cli else _HostedStack(environment)
        stack.on_line = on_line
        yield stack, server.emulator


def _cli_stack(folder: Path, environment: Mapping[str, str]) -> CliStack:
    # The project's own folder stays as it is: a stack's configuration is written beside it.
    project = folder / "project"
    copy_project(ROOT / "examples" / "quickstart", project / "examples" / "quickstart")
    shutil.copy(ROOT / "Pulumi.yaml", project)
    (project / ".venv").symlink_to(sys.prefix)
    stack = StackUnderTest(project, state=folder / "state", name=STACK, environment=environment)
    return CliStack(stack)
