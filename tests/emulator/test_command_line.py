"""`python -m pulumi_workspaces_pool.testing.emulator`, as a person uses it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, RemoteEmulator
from pulumi_workspaces_pool.testing.emulator.__main__ import main

from .conftest import pool_request, refused, state

COMMAND = [sys.executable, "-m", "pulumi_workspaces_pool.testing.emulator"]


class Running:
    """The command, what it printed at first, and the environment that it asks for."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Read up to the last line of the introduction."""
        self.process = process
        self.introduction = ""
        assert process.stdout is not None
        while "pulumi up" not in self.introduction:
            line = process.stdout.readline()
            assert line, process.communicate()
            self.introduction += line
        self.environment = dict(re.findall(r"export (\w+)=(\S+)", self.introduction))

    def end(self, number: int) -> tuple[int, str, str]:
        """Send a signal: the exit code, the rest of stdout, stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@contextmanager
def running(*options: str) -> Iterator[Running]:
    command = [*COMMAND, "--port", "0", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def client_of(environment: dict[str, str]) -> Any:
    with patch.dict(os.environ, {**environment, "AWS_MAX_ATTEMPTS": "1"}):
        return boto3.Session().client("workspaces")


def test_it_introduces_itself_serves_and_says_goodbye() -> None:
    options = ["--directory", "wsd-chosen000", "--bundle", "wsb-chosen000", "--creating", "60"]
    with running(*options, "--state-after-creation", "STOPPED") as command:
        assert "Emulated AWS listens on http://127.0.0.1:" in command.introduction
        assert "wsd-chosen000" in command.introduction
        client = client_of(command.environment)
        remote = RemoteEmulator(command.environment["AWS_ENDPOINT_URL"])
        assert remote.default_directory_id == "wsd-chosen000"
        request = pool_request("wsb-chosen000", "wsd-chosen000")
        pool_id = client.create_workspaces_pool(**request)["WorkspacesPool"]["PoolId"]
        assert state(client, pool_id) == "CREATING"
        assert remote.timing.creating == 60
        assert remote.timing.starting > 0
        remote.age(pool_id, 60)
        assert state(client, pool_id) == "STOPPED"
        code, out, err = command.end(signal.SIGINT)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"Goodbye.*\n", out)


def test_its_rate_of_requests_can_be_limited() -> None:
    with running("--rate", "0", "--burst", "2") as command:
        remote = RemoteEmulator(command.environment["AWS_ENDPOINT_URL"])
        client = client_of(command.environment)
        client.describe_workspaces_pools()
        client.describe_workspaces_pools()
        with refused("ThrottlingException"):
            client.describe_workspaces_pools()
        assert [call.throttled for call in remote.calls][:3] == [False, False, True]
        remote.limit_rate(None)
        client.describe_workspaces_pools()


def test_it_ends_on_sigterm_too() -> None:
    with running() as command:
        code, _, err = command.end(signal.SIGTERM)
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--creating", "-1"], "creating takes 0 or more seconds, not -1"),
        (["--updating", "inf"], "updating takes 0 or more seconds, not inf"),
        (["--deleting", "soon"], "--deleting: invalid float value: 'soon'"),
        (["--port", "65536"], "a port is 0 to 65535, not 65536"),
        (["--directory", "desks"], "DirectoryId cannot be 'desks'"),
        (["--bundle", "desks"], "BundleId cannot be 'desks'"),
        (["--rate", "-1"], "a rate is 0 or more a second, not -1"),
        (["--burst", "5"], "--burst needs a --rate"),
        (["--rate", "5", "--burst", "0"], "a burst is 1 or more requests, not 0"),
        (["--state-after-creation", "BROKEN"], "invalid choice"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert message in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_in_a_line(server: EmulatorServer) -> None:
    port = server.url.rsplit(":", 1)[1]
    result = subprocess.run(
        [*COMMAND, "--port", port], capture_output=True, text=True, check=False, timeout=20
    )
    assert result.returncode == 1
    assert re.fullmatch(rf"cannot listen on 127.0.0.1:{port}: .*\n", result.stderr)


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not installed")
def test_the_aws_cli_can_talk_to_it(server: EmulatorServer) -> None:
    server.emulator.add_pool("pool")
    command = "aws workspaces describe-workspaces-pools --output text"
    result = subprocess.run(
        [*command.split(), "--query", "WorkspacesPools[].[PoolName,State]"],
        env={**os.environ, **server.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.stdout.split() == ["pool", "RUNNING"], result.stderr
