"""The lock of a stack: held by a run that is alive, and by nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.engine.errors import EngineError
from pulumi_workspaces_pool.testing.engine.state import StateFile

_HOLD = """
import sys
from pathlib import Path
from pulumi_workspaces_pool.testing.engine.state import StateFile

with StateFile(Path(sys.argv[1]), "dev").locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_that_is_alive_holds_the_lock_and_a_killed_one_does_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    stack = StateFile(tmp_path, "dev")
    with pytest.raises(EngineError, match=f"locked by process {holder.pid}"), stack.locked():
        pass
    holder.kill()
    # It has ended, but stays in the list of processes until its parent asks how.
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
    with stack.locked():
        pass
    holder.communicate()
