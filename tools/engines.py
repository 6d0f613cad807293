"""Finds the engine that the demo runs on, and says why it is this one."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pulumi_workspaces_pool.testing.stacks import CLI, LOCAL, EngineName

INSTALLED_BY_MAKE = Path(__file__).resolve().parent.parent / ".pulumi-cli" / "bin"
CHOICES = ("auto", LOCAL, CLI)

_NONE_FOUND = "no `pulumi` is on the PATH, and none was installed here with `make cli`"
_ANSWER_SECONDS = 30


class NoEngineError(Exception):
    """The engine that was asked for is not there."""


@dataclass(frozen=True)
class Engine:
    """An engine, and the reason for it.

    Attributes:
        name: "local" or "cli".
        title: what it is.
        reason: why it was chosen.
        note: what else a person should know to follow what is shown; may be empty.
    """

    name: EngineName
    title: str
    reason: str
    note: str = ""


def choose_engine(wish: str) -> Engine:
    """Choose the Pulumi CLI where there is one, otherwise the local engine.

    A CLI that `make cli` has installed is put on this process's PATH.

    Args:
        wish: one of `CHOICES`.

    Returns:
        The engine.

    Raises:
        NoEngineError: the CLI was asked for, and there is none that works.
    """
    if wish == LOCAL:
        return _local("it was asked for")
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), str(INSTALLED_BY_MAKE)])
    found = shutil.which("pulumi")
    version = _version(found) if found else ""
    if found and version:
        is_ours = Path(found).parent == INSTALLED_BY_MAKE
        place = "`make cli` installed it here" if is_ours else f"it is on the PATH, at {found}"
        return Engine(CLI, f"the Pulumi CLI {version}", place)
    reason = f"`{found}` does not answer to `pulumi version`" if found else _NONE_FOUND
    if wish == CLI:
        raise NoEngineError(f"The Pulumi CLI cannot be used: {reason}.")
    return _local(reason)


def _local(reason: str) -> Engine:
    return Engine(
        LOCAL,
        "the local engine of this project",
        reason,
        "Each `pulumi ...` below runs as `python -m pulumi_workspaces_pool.testing.engine ...`.",
    )


def _version(command: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # the person's own CLI
            [command, "version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_ANSWER_SECONDS,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
