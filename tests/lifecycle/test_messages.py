"""Messages: a failure is one sentence that names the pool, what happened and what to do."""

from __future__ import annotations

import pytest

from pulumi_workspaces_pool.testing.emulator import Fault
from support.program import PoolProgram


def test_a_preview_refuses_every_wrong_input_and_calls_nothing(program: PoolProgram) -> None:
    program.declare(
        "desks",
        bundle_id="bundle",
        capacity={"desired_user_sessions": -1},
        running_mode="SOMETIMES",
        tags={"aws:mine": "no"},
    )
    preview = program.stack.preview()
    assert not preview.ok
    for path, rule in (
        ("bundleId", "must match the pattern ^wsb-[0-9a-z]{8,63}$"),
        ("capacity.desiredUserSessions", "must be at least 0, but is -1"),
        ("runningMode", "must be one of AUTO_STOP, ALWAYS_ON"),
        ('tags["aws:mine"]', "reserved prefix"),
    ):
        assert path in preview.text
        assert rule in preview.text
    assert "Traceback" not in preview.text
    assert program.emulator.calls == []


def test_a_missing_permission_is_named(program: PoolProgram) -> None:
    program.emulator.fail("CreateWorkspacesPool", Fault.access_denied("CreateWorkspacesPool"))
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert not up.ok
    assert (
        'The pool "desks" could not be created: AWS denied the action '
        "workspaces:CreateWorkspacesPool (User: "
    ) in up.text
    assert "add workspaces:CreateWorkspacesPool to the IAM policy" in up.text
    assert "Traceback" not in up.text
    assert program.stack.up().ok


def test_a_missing_bundle_says_what_to_check(program: PoolProgram) -> None:
    program.declare("desks", pool_name="desks", bundle_id="wsb-nothere01")
    up = program.stack.up()
    assert not up.ok
    assert 'The pool "desks" could not be created: AWS answered CreateWorkspacesPool' in up.text
    assert "check that the bundle and the directory exist in this region" in up.text
    assert "Traceback" not in up.text


def test_a_failure_after_aws_accepted_keeps_the_pool_in_the_state(program: PoolProgram) -> None:
    program.emulator.hold_next_creation()
    program.declare("desks", pool_name="desks", opts={"custom_timeouts": {"create": "2s"}})
    up = program.stack.up()
    assert not up.ok
    held = program.emulator.pool("desks")
    assert f'The pool "desks" ({held["PoolId"]}) is still CREATING after' in up.text
    assert "run `pulumi up` again to go on waiting" in up.text
    assert "Traceback" not in up.text
    assert program.stack.resource("desks")["id"] == held["PoolId"]

    program.emulator.release("desks")
    program.emulator.clear_calls()
    up = program.stack.up()
    assert up.ok, up.text
    assert "CreateWorkspacesPool" not in {operation for operation, _ in program.write_calls()}
    assert program.stack.up().changes == {"same": 2}


def test_a_pools_own_errors_are_shown_with_what_to_do(program: PoolProgram) -> None:
    program.emulator.hold_next_creation()
    program.emulator.on(
        "CreateWorkspacesPool",
        "after",
        lambda _call: program.emulator.set_errors(
            "desks", [("SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES", "Subnet subnet-1 is full.")]
        ),
    )
    program.declare("desks", pool_name="desks", opts={"custom_timeouts": {"create": "2s"}})
    up = program.stack.up()
    assert not up.ok
    assert (
        "SUBNET_HAS_INSUFFICIENT_IP_ADDRESSES (Subnet subnet-1 is full): free addresses in the "
        "directory's subnets or use larger ones"
    ) in up.text


@pytest.mark.parametrize("missing", ["credentials", "endpoint"])
def test_an_aws_that_cannot_be_reached_is_explained(program: PoolProgram, missing: str) -> None:
    if missing == "credentials":
        code, said = "InvalidClientTokenId", "AWS does not know these credentials"
        program.emulator.fail("*", Fault.error(code, "The security token is invalid", 403))
    else:
        said = "check the network, the region and aws:endpoints"
        program.stack.set_config("aws:endpoints", '[{"workspaces": "http://127.0.0.1:9"}]')
        program.stack.set_config("aws:maxRetries", "0")
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert not up.ok
    assert said in up.text
    assert "Traceback" not in up.text


def test_half_of_a_credential_is_explained(program: PoolProgram) -> None:
    stack = program.stack.with_environment(
        AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="", AWS_CONFIG_FILE="/nonexistent"
    )
    program.declare("desks", pool_name="desks")
    up = stack.up()
    assert not up.ok
    assert "check the AWS credentials of this run" in up.text
    assert "a fault in pulumi-workspaces-pool itself" not in up.text


def test_a_role_without_anybody_to_assume_it_is_explained(program: PoolProgram) -> None:
    stack = program.stack.with_environment(
        AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_SHARED_CREDENTIALS_FILE="/nonexistent"
    )
    role = {"role_arn": "arn:aws:iam::111122223333:role/deploy"}
    program.declare("desks", pool_name="desks", assume_role=role)
    up = stack.up()
    assert not up.ok
    assert "no AWS credentials were found; sign in to AWS" in up.text
    assert "Traceback" not in up.text


def test_a_name_where_an_id_belongs_is_explained(program: PoolProgram) -> None:
    program.reads["theirs"] = {"id": "desks"}
    program.write()
    up = program.stack.up()
    assert not up.ok
    assert '"desks" is not the id of a pool, such as wspool-1a2b3c4d5' in up.text


def test_a_new_pool_that_stops_with_errors_fails_once_and_then_warns(program: PoolProgram) -> None:
    program.emulator.state_after_creation = "STOPPED"
    program.emulator.on("CreateWorkspacesPool", "after", lambda _call: _break(program))
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert not up.ok
    assert "is STOPPED and AWS reports IMAGE_NOT_FOUND (Gone): choose a bundle" in up.text
    assert 'set desired_state="RUNNING" to start it' in up.text
    up = program.stack.up()
    assert up.ok, up.text
    assert "IMAGE_NOT_FOUND" in up.text
    assert program.stack.up().changes == {"same": 2}


def test_that_a_new_pool_is_stopped_is_no_error(program: PoolProgram) -> None:
    program.emulator.state_after_creation = "STOPPED"
    stopped = [("WORKSPACES_POOL_STOPPED", "The pool is stopped.")]
    program.emulator.on(
        "CreateWorkspacesPool", "after", lambda _: program.emulator.set_errors("desks", stopped)
    )
    program.declare("desks", pool_name="desks")
    up = program.stack.up()
    assert up.ok, up.text


def _break(program: PoolProgram) -> None:
    program.emulator.set_errors("desks", [("IMAGE_NOT_FOUND", "Gone.")])
