"""Lookups: a program finds pools that it does not manage."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.outcomes import CliStack, CliStackFactory

_PROGRAM = """
import pulumi
import pulumi_workspaces_pool as pools

config = pulumi.Config()
one = pools.get_workspaces_pool(pool_name=config.require("wanted"))
again = pools.get_workspaces_pool_output(pool_id=pulumi.Output.from_input(one.pool_id))
every = pools.get_workspaces_pools()
some = pools.get_workspaces_pools_output(
    filters=[{"operator": "CONTAINS", "values": [pulumi.Output.from_input("lab")]}]
)
role = {"role_arn": pulumi.Output.from_input("arn:aws:iam::111122223333:role/deploy")}
theirs = pools.get_workspaces_pool_output(pool_name="desks", assume_role=role)
all_theirs = pools.get_workspaces_pools(
    assume_role={"role_arn": "arn:aws:iam::111122223333:role/deploy"}
)
pulumi.export("theirs", [theirs.pool_id, *[pool.pool_id for pool in all_theirs]])
pulumi.export("one", [one.pool_id, one.tags, one.capacity.desired_user_sessions, one.state])
pulumi.export("again", again.pool_name)
pulumi.export("idle", again.timeout_settings.idle_disconnect_timeout_in_seconds)
pulumi.export("every", [pool.pool_name for pool in every])
pulumi.export("some", some.apply(lambda found: [pool.pool_name for pool in found]))
"""


@pytest.fixture
def stack(tmp_path: Path, cli_stack: CliStackFactory) -> CliStack:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: lookups\nruntime: python\n")
    (folder / "__main__.py").write_text(_PROGRAM)
    return cli_stack(folder)


def test_pools_are_found_by_name_by_id_by_filter_and_in_another_account(
    stack: CliStack, emulated_aws: EmulatorServer
) -> None:
    emulator = emulated_aws.emulator
    desks = emulator.add_pool("desks", Tags={"Team": "design", "aws:made": "by AWS"})
    for name in ("lab-a", "lab-b"):
        emulator.add_pool(name)
    theirs = emulator.add_pool("desks", account="111122223333")
    stack.configure(wanted="desks")
    up = stack.up()
    assert up.ok, up.text
    held = emulator.pool(desks)
    desired = held["CapacityStatus"]["DesiredUserSessions"]
    assert up.outputs == {
        "theirs": [theirs, theirs],
        "one": [desks, {"Team": "design"}, desired, "RUNNING"],
        "again": "desks",
        "idle": 0,
        "every": ["desks", "lab-a", "lab-b"],
        "some": ["lab-a", "lab-b"],
    }
    assert emulator.writes() == []


def test_a_pool_that_is_not_there_is_named_in_one_sentence(stack: CliStack) -> None:
    stack.configure(wanted="missing")
    preview = stack.preview()
    assert not preview.ok
    assert 'The pool "missing" does not exist in us-east-1' in preview.text
    assert "Traceback" not in preview.text
