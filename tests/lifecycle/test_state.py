"""The state: what it holds of a pool, and that the local engine's is the CLI's."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.stacks import StackUnderTest
from support.program import PoolProgram


def test_the_provider_in_the_state_is_a_reference_of_at_most_200_bytes(
    program: PoolProgram,
) -> None:
    program.declare("desks")
    assert program.stack.up().ok
    serialized = program.stack.resource("desks")["inputs"]["__provider"]
    assert isinstance(serialized, str), "the provider is no secret"
    assert len(serialized) <= 200
    assert b"WorkspacesPoolProvider" in base64.b64decode(serialized)


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="there is no pulumi on the PATH")
@pytest.mark.parametrize("pulumi_engine", ["local"])
def test_the_cli_takes_the_local_engines_state_and_sees_no_changes(
    program: PoolProgram, emulated_aws: EmulatorServer, tmp_path: Path
) -> None:
    program.declare("desks", tags={"Team": "design"})
    program.declare("named", pool_name="named", desired_state="STOPPED")
    assert program.stack.up().ok

    cli = StackUnderTest(
        "cli",
        tmp_path / "project",
        state=tmp_path / "cli-state",
        environment=emulated_aws.environment(),
    )
    cli.import_state(program.stack.export())
    preview = cli.preview(expect_no_changes=True)
    assert preview.ok, preview.text
    program.emulator.clear_calls()
    up = cli.up(expect_no_changes=True)
    assert up.ok, up.text
    assert program.emulator.calls == []
    assert json.dumps(cli.export().deployment)
    assert cli.destroy().ok
    assert program.emulator.pools() == []
