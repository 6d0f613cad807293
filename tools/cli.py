"""Installs the official Pulumi CLI into the project's folder, for those who have none."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import urllib.error
from pathlib import Path

from pulumi.automation import PulumiCommand

FOLDER = Path(__file__).resolve().parent.parent / ".pulumi-cli"
_REASON_LENGTH = 200


def main() -> int:
    """Install the CLI, unless it is there.

    Returns:
        The exit code: 1 if it could not be installed.
    """
    print(f"Installing the Pulumi CLI into {FOLDER.name}: a download of about 100 MB.", flush=True)
    try:
        installed = PulumiCommand.install(root=str(FOLDER))
    except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
        # The folder is kept only if there was something in it.
        with contextlib.suppress(OSError):
            FOLDER.rmdir()
        print(
            f"The Pulumi CLI could not be downloaded ({_reason(error)}): this needs the internet; "
            "`make demo` and `make test` work without it.",
            file=sys.stderr,
        )
        return 1
    # It is no part of the project, whatever a person's own git settings are.
    (FOLDER / ".gitignore").write_text("*\n")
    print(f"Pulumi CLI {installed.version} is installed: `make demo` uses it from now on.")
    return 0


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    if isinstance(error, subprocess.CalledProcessError):
        lines = (error.output or b"").decode(errors="replace").strip().splitlines()
        return lines[-1][:_REASON_LENGTH] if lines else f"exit code {error.returncode}"
    return str(error) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
