"""`make demo` keeps its promises: with and without a CLI, when interrupted, when it fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support.commands import ROOT, TIMEOUT_SECONDS, run_module


@pytest.fixture(params=[pytest.param("cli", marks=pytest.mark.needs_cli), "no cli"])
def with_cli(request: pytest.FixtureRequest) -> bool:
    """Whether the machine has a CLI."""
    return bool(request.param == "cli")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder with a short path: one of pytest's is too long for a socket in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def environment(temporary: Path) -> dict[str, str]:
    """The variables of a person whose own settings must not matter, on a machine without a CLI."""
    folders = os.environ["PATH"].split(os.pathsep)
    return {
        **os.environ,
        "PATH": os.pathsep.join(one for one in folders if not shutil.which("pulumi", path=one)),
        "PYTHONPATH": "tests",
        "TMPDIR": str(temporary),
        "AWS_PROFILE": "a-profile-that-is-nowhere",
        "AWS_ENDPOINT_URL_WORKSPACES": "http://127.0.0.1:9",
        "PULUMI_STACK": "a-stack-that-is-nowhere",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }


@pytest.fixture(autouse=True)
def checkout() -> Iterator[None]:
    """The checkout is the same after a test as before it."""
    before = _checkout()
    yield
    assert _checkout() == before


def test_shows_the_main_job_as_plain_lines(with_cli: bool, environment: dict[str, str]) -> None:
    if with_cli:
        environment["PATH"] = os.environ["PATH"]
    demo = run_module("tools.demo", environment=environment)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert demo.stderr == ""
    assert "\x1b" not in demo.stdout
    assert "Traceback" not in demo.stdout
    lines = demo.stdout.splitlines()
    told = "The Pulumi CLI " if with_cli else "without the Pulumi CLI: there is none"
    assert told in "\n".join(lines[:4]), "what runs it is said before it begins"
    assert ("$ pulumi up" in lines) == with_cli, "what does not run is not shown as if it did"
    assert [line for line in lines if line.startswith("== ")] == [
        "== 1. Preview",
        "== 2. Create",
        "== 3. Change nothing",
        "== 4. Change in place",
        "== 5. Find drift and put it right",
        "== 6. Destroy",
    ]
    assert any("CREATING for " in line for line in lines)
    for promise in (
        "ok: the pool in AWS is: RUNNING",
        "ok: write calls: 0",
        "ok: one UpdateWorkspacesPool, of: Capacity and Description",
        "ok: drift found, desired sessions in AWS: 9",
        "ok: pools left in AWS: 0",
    ):
        assert promise in lines
    assert any(line.startswith("ok: poolArn: arn:aws:workspaces:") for line in lines)
    assert lines[-1].startswith("ok: All was as promised")
    assert _left(environment) == []


def test_fails_with_a_sentence_where_the_cli_fails(
    environment: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "bin" / "pulumi"
    broken.parent.mkdir()
    broken.write_text('#!/bin/sh\n[ "$1" = version ] && echo v3.999.0 && exit 0\nexit 3\n')
    broken.chmod(0o755)
    environment["PATH"] = os.pathsep.join([str(broken.parent), environment["PATH"]])
    demo = run_module("tools.demo", environment=environment)
    assert demo.returncode == 1
    assert demo.stdout.splitlines()[2] == "The Pulumi CLI 3.999.0 runs it."
    assert demo.stdout.splitlines()[-1].startswith("NOT OK: The Pulumi CLI did not work: ")
    assert demo.stderr == ""
    assert _left(environment) == []


def test_leaves_nothing_when_it_is_interrupted(with_cli: bool, environment: dict[str, str]) -> None:
    number = signal.SIGINT if with_cli else signal.SIGTERM
    if with_cli:
        environment["PATH"] = os.environ["PATH"]
    with subprocess.Popen(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout
        for line in demo.stdout:
            if "CREATING for" in line:
                demo.send_signal(number)
                break
        rest = demo.stdout.read()
        assert demo.wait(TIMEOUT_SECONDS) == 128 + number, rest
    assert rest.splitlines()[-1] == "Interrupted. Nothing of the demo is left."
    assert "Traceback" not in rest
    assert _left(environment) == []


def _checkout() -> list[str]:
    """What the CLI would leave there; git ignores most of it."""
    patterns = ("Pulumi*.yaml", ".pulumi*", "examples/quickstart/[!_]*")
    return sorted(str(path) for pattern in patterns for path in ROOT.glob(pattern))


def _left(environment: dict[str, str]) -> list[str]:
    """The files that are left, and the processes that know this test's own folder."""
    temporary = Path(environment["TMPDIR"])
    deadline = time.monotonic() + 5
    while (found := list(_processes(str(temporary)))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [*(path.name for path in temporary.iterdir()), *found]


def _processes(folder: str) -> Iterator[str]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is somebody else's
            if folder in str(process.environ()):
                yield " ".join(process.cmdline())
