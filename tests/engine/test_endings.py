"""How a run ends: always, with everything that it started, and with the right exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_workspaces_pool.testing.engine.deployment import Options
from pulumi_workspaces_pool.testing.engine.stack import Workspace
from support.processes import dynamic_hosts, until

PROGRAM = "a = R('a', name='a')\npulumi.export('out', a.out)\npulumi.export('id', a.id)\n"


def start(world: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pulumi_workspaces_pool.testing.engine", "up"],
        cwd=world.folder,
        env={**os.environ, **world.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_interrupted_run_ends_while_the_program_still_tells_its_outputs(
    local_world: Any,
) -> None:
    local_world.program(PROGRAM)
    local_world.orders(**{"create:a": "wait"})
    running = start(local_world)
    until(lambda: "waiting" in local_world.peek(), "the provider is called")
    running.send_signal(2)
    assert running.stderr is not None
    assert "cancelling" in running.stderr.readline()
    local_world.orders(**{"create:a": "wait", "release": "a"})
    shown, _ = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "error: update canceled" in shown
    assert list(local_world.resources()) == ["a"]


@pytest.mark.parametrize(
    ("orders", "more"),
    [
        ({"create:a": "fail"}, ""),
        ({"create:a": "partly"}, ""),
        ({"create:a": "die"}, ""),
        ({}, "raise ValueError('boom')"),
        ({}, "a.out.apply(lambda out: 1 / 0)"),
        ({}, "R('a', name='again')"),
        ({}, "import os\nos._exit(3)"),
        ({}, "R('bad', size=0)"),
    ],
    ids=["failed", "partly", "died", "raised", "later", "twice", "gone", "refused"],
)
def test_a_failed_run_ends(local_world: Any, orders: Mapping[str, str], more: str) -> None:
    local_world.program(PROGRAM + more)
    local_world.orders(**orders)
    running = start(local_world)
    shown, complaints = running.communicate(timeout=30)
    assert running.returncode == 1, shown
    assert "error: " in shown
    assert complaints == ""


def test_a_run_that_fails_early_leaves_no_process(local_world: Any) -> None:
    local_world.program(PROGRAM)
    local_world.stack.up()
    # The state says that a host will be needed, so one is started; this program needs none.
    local_world.program("raise pulumi.RunError('no')")
    local_world.fails(local_world.stack.up)
    until(lambda: not dynamic_hosts(os.getpid()), "all processes have ended")


def test_an_interrupt_before_the_run_begins_is_not_lost(local_world: Any) -> None:
    local_world.program(PROGRAM)
    environment = {**os.environ, **local_world.env}
    workspace = Workspace("dev", Path(local_world.folder), environment)
    lines: list[str] = []
    workspace.interrupt()
    assert workspace.run("up", Options(), lines.append, lines.append).code == 1
    assert "    error: update canceled" in lines
    assert local_world.calls() == []
