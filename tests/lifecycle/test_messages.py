"""Messages: a failure is one sentence that names the pool, what happened and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_workspaces_pool.testing.emulator import Fault
from support.program import PoolProgram

NOWHERE = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}


def _unknown_credentials(program: PoolProgram) -> None:
    refused = Fault.error("InvalidClientTokenId", "The security token is invalid", 403)
    program.emulator.fail("*", refused)


def _not_permitted(program: PoolProgram) -> None:
    program.emulator.fail("CreateWorkspacesPool", Fault.access_denied("CreateWorkspacesPool"))


def _unreachable(program: PoolProgram) -> None:
    program.stack.set_config("aws:endpoints", '[{"workspaces": "http://127.0.0.1:9"}]')
    program.stack.set_config("aws:maxRetries", "0")


def _signed_in(access_key: str, **arguments: object) -> Callable[[PoolProgram], None]:
    def sign_in(program: PoolProgram) -> None:
        credentials = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": ""}
        program.stack = program.stack.with_environment(**NOWHERE, **credentials)
        program.change("desks", **arguments)

    return sign_in


# What keeps a pool from being created, and what is said of it.
TROUBLES: dict[str, tuple[Callable[[PoolProgram], None], str]] = {
    "no such bundle": (
        lambda program: program.change("desks", bundle_id="wsb-nothere01"),
        "check that the bundle and the directory exist in this region",
    ),
    "not permitted": (
        _not_permitted,
        "AWS denied the action workspaces:CreateWorkspacesPool (User: ",
    ),
    "unknown credentials": (_unknown_credentials, "AWS does not know these credentials"),
    "unreachable": (_unreachable, "check the network, the region and aws:endpoints"),
    "half a credential": (_signed_in("testing"), "check the AWS credentials of this run"),
    "nobody": (
        _signed_in("", assume_role={"role_arn": "arn:aws:iam::111122223333:role/deploy"}),
        "no AWS credentials were found; sign in to AWS",
    ),
}


@pytest.mark.parametrize(("trouble", "said"), TROUBLES.values(), ids=TROUBLES)
def test_what_keeps_a_pool_from_being_created_is_explained(
    program: PoolProgram, trouble: Callable[[PoolProgram], None], said: str
) -> None:
    program.declare("desks", pool_name="desks")
    trouble(program)
    program.stack.up().expect_failure('The pool "desks" could not be created: ', said)


def _stops_with(program: PoolProgram, code: str, message: str) -> None:
    """Let the next pool come up as AWS's own errors leave it."""
    emulator = program.emulator
    emulator.state_after_creation = "STOPPED"
    emulator.on(
        "CreateWorkspacesPool", "after", lambda _: emulator.set_errors("desks", [(code, message)])
    )
    program.declare("desks", pool_name="desks")


def test_a_new_pool_that_stops_with_errors_fails_once_and_then_warns(program: PoolProgram) -> None:
    _stops_with(program, "IMAGE_NOT_FOUND", "Gone.")
    program.stack.up().expect_failure(
        "is STOPPED and AWS reports IMAGE_NOT_FOUND (Gone): choose a bundle",
        'set desired_state="RUNNING" to start it',
    )
    assert "IMAGE_NOT_FOUND" in program.stack.up().expect().text
    program.stack.up().expect(same=2)


def test_that_a_new_pool_is_stopped_is_no_error(program: PoolProgram) -> None:
    _stops_with(program, "WORKSPACES_POOL_STOPPED", "The pool is stopped.")
    program.stack.up().expect()
