"""Installs the official Pulumi CLI, in a process of its own: the SDK sets itself no time limit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from semver import VersionInfo

from tools.cli.go_module import pinned_version
from tools.cli.steps import Step, say

_ROOT = Path(__file__).resolve().parents[2]
_REACHED_SECONDS = 10
_LIMIT_SECONDS = 600


def install(work: Path) -> Path:
    """Install the official CLI, of the version that would be built otherwise.

    Args:
        work: where to; what is half done is left in it.

    Returns:
        The folder of its executables.
    """
    say(f"Asking for the official installer: given up if out of reach for {_REACHED_SECONDS} s.")
    target = work / "official"
    Step(
        doing="installing the official CLI",
        failed="the official installer could not be used",
        command=[sys.executable, "-m", "tools.cli.official", str(target), str(pinned_version())],
        folder=_ROOT,
        variables={"TMPDIR": str(work)},
        limit=_LIMIT_SECONDS,
        # It downloads a script and then runs it: once that runs, the internet is there.
        child_limit=_REACHED_SECONDS,
    ).run()
    return target / "bin"


def _install_here(root: str, version: str) -> None:
    from pulumi.automation import PulumiCommand  # noqa: PLC0415  # takes a second, only here

    try:
        PulumiCommand.install(root=root, version=VersionInfo.parse(version))
    except subprocess.CalledProcessError as error:
        sys.exit((error.output or b"").decode(errors="replace") or str(error))
    except OSError as error:
        sys.exit(str(getattr(error, "reason", error)))


if __name__ == "__main__":
    _install_here(*sys.argv[1:])
