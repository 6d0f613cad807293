"""Commands typed in a project's folder, whose program runs in Pulumi's own language host."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import threading
import venv
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from pulumi import automation

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from pulumi_workspaces_pool.testing.plugin import ProjectCopier, StackFactory
from support.examples import EXAMPLES

pytestmark = pytest.mark.needs_language_host


class Internet(BaseHTTPRequestHandler):
    """A proxy to nowhere, which keeps what it was asked for."""

    asked: ClassVar[list[str]] = []

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_error(502)

    do_GET = do_CONNECT  # noqa: N815  # http.server's name

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def internet() -> Iterator[str]:
    Internet.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Internet) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Terminal:
    """A terminal in a project's folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def type(self, command: str) -> str:
        """Run a command that has to succeed; returns what it printed."""
        code, shown = self.run(command)
        assert code == 0, shown
        return shown

    def run(self, command: str) -> tuple[int, str]:
        """Run a command; returns its exit code and what it printed."""
        done = subprocess.run(
            command.split(),
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def virtual_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with this package and what it needs, as `pulumi install` makes it."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    # The tools of Python's own are not linked: pip would write through the link. And the package of
    # pulumi-aws has a plugin, which the CLI would get.
    left_out = ("pip", "setuptools", "wheel", "pulumi_aws")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(left_out) and not (packages / entry.name).exists():
            (packages / entry.name).symlink_to(entry)
    for name in ("setuptools", "wheel"):
        if not list(packages.glob(f"{name}-*.dist-info")):
            # `pulumi install` has pip upgrade it: without an index it has to be there.
            metadata = packages / f"{name}-99.dist-info" / "METADATA"
            metadata.parent.mkdir()
            metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n")
    return folder


@pytest.fixture
def terminal(
    pulumi_project: ProjectCopier,
    pulumi_stack: StackFactory,
    virtual_environment: Path,
    emulated_aws: EmulatorServer,
    internet: str,
) -> Terminal:
    """A terminal in a copy of examples/quickstart, with a stack on emulated AWS."""
    folder = pulumi_project(EXAMPLES / "quickstart")
    project = folder / "Pulumi.yaml"
    text = project.read_text().replace("virtualenv: venv", f"virtualenv: {virtual_environment}")
    project.write_text(text)
    stack = pulumi_stack(folder)
    config = {
        "aws:region": "us-east-1",
        "directoryId": emulated_aws.emulator.default_directory_id,
        "bundleId": emulated_aws.emulator.default_bundle_id,
    }
    stack.set_all_config({key: automation.ConfigValue(value) for key, value in config.items()})
    personal = ("AWS_", "PULUMI_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(personal)}
    environment |= stack.workspace.env_vars
    # The project's virtual environment says which Python runs.
    del environment["PULUMI_PYTHON_CMD"]
    return Terminal(folder, environment | {"HTTPS_PROXY": internet, "PIP_NO_INDEX": "1"})


def test_a_pool_is_brought_up_refreshed_and_destroyed(
    terminal: Terminal, emulated_aws: EmulatorServer
) -> None:
    terminal.type("pulumi up --yes")
    (pool,) = emulated_aws.emulator.pools()
    assert terminal.type("pulumi stack output poolId").strip() == pool["PoolId"]
    assert "2 unchanged" in terminal.type("pulumi refresh --yes")
    assert "2 unchanged" in terminal.type("pulumi up --yes --skip-preview")
    terminal.type("pulumi destroy --yes")
    assert emulated_aws.emulator.pools() == []


def test_a_failing_up_shows_its_sentence_and_no_traceback(
    terminal: Terminal, emulated_aws: EmulatorServer
) -> None:
    fault = Fault.access_denied("CreateWorkspacesPool")
    emulated_aws.emulator.fail("CreateWorkspacesPool", fault)
    code, shown = terminal.run("pulumi up --yes --skip-preview")
    assert code != 0
    assert "add workspaces:CreateWorkspacesPool to the IAM policy" in shown
    assert "Traceback" not in shown
    assert "KeyboardInterrupt" not in shown


def test_install_does_not_ask_for_a_plugin_of_this_package(terminal: Terminal) -> None:
    terminal.type("pulumi install")
    assert Internet.asked == []


def test_a_preview_does_not_ask_for_a_plugin_of_this_package(terminal: Terminal) -> None:
    assert "2 to create" in terminal.type("pulumi preview")
    assert Internet.asked == []
