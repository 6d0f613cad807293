"""The emulator beside a person's own AWS settings."""

from __future__ import annotations

import os
import subprocess
import sys

_PROGRAM = """
import os
from urllib.request import Request, urlopen

from pulumi_workspaces_pool.testing.emulator import EmulatorServer

assert (os.environ["AWS_PROFILE"], os.environ["AWS_DEFAULT_PROFILE"]) == ("gone", "gone too")
with EmulatorServer() as server:
    target = {"X-Amz-Target": "WorkspacesService.DescribeWorkspacesPools"}
    print(urlopen(Request(server.url, b"{}", target)).read().decode())
"""


def test_a_profile_that_does_not_exist_here_is_no_hindrance() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={**os.environ, "AWS_PROFILE": "gone", "AWS_DEFAULT_PROFILE": "gone too"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert '"WorkspacesPools"' in ran.stdout
