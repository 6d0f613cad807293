"""Gets this project a Pulumi CLI: `python -m tools.cli`, or `make cli`."""

from __future__ import annotations

from pathlib import Path

from semver import VersionInfo

FOLDER = Path(__file__).resolve().parents[2] / ".pulumi-cli"
BIN = FOLDER / "bin"
LOWEST_CLI = VersionInfo(3, 260, 0)
"""The lowest version of the CLI that this project was tried with."""
