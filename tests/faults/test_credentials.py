"""No byte of a credential is in the state, in what is printed or in what is logged."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from support.answering import answering
from support.dynamic_host import DynamicHost, in_a_fork
from support.outcomes import CliStack, Outcome
from support.processes import kill_cli
from support.program import PoolProgram

Source = Literal["environment", "configuration", "profile"]

# Made up; of the form of real ones, with what a URL or JSON would write differently.
ACCESS_KEY = "AKIAQ7XEXAMPLEK3YZ2B"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # noqa: S105
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample+token/=="  # noqa: S105
CREDENTIALS = (ACCESS_KEY, SECRET_KEY, TOKEN)
NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
VARIABLES = dict(zip(NAMES, CREDENTIALS, strict=True))
CONFIGURATION = dict(zip(("aws:accessKey", "aws:secretKey", "aws:token"), CREDENTIALS, strict=True))
NEEDLES = (*CREDENTIALS, *(quote(part, safe="") for part in CREDENTIALS))
ECHO = (
    f"The canonical string is host:aws x-amz-security-token:{TOKEN} signed with {SECRET_KEY} of "
    f"{ACCESS_KEY}; as a query X-Amz-Security-Token={quote(TOKEN, safe='')}"
)


# Which calls meet which fault.
TROUBLES: dict[str, tuple[str, Fault] | None] = {
    "none": None,
    "SignatureDoesNotMatch": ("*", Fault.error("SignatureDoesNotMatch", ECHO, 403)),
    "InvalidSignatureException": ("*", Fault.error("InvalidSignatureException", ECHO, 403)),
    "UnrecognizedClientException": ("*", Fault.error("UnrecognizedClientException", ECHO, 403)),
    "ExpiredTokenException": ("*", Fault.error("ExpiredTokenException", ECHO, 403)),
    "ValidationException": ("*", Fault.error("ValidationException", ECHO, 400)),
    "InternalServerError": ("*", Fault.error("InternalServerError", ECHO, 500)),
    "an error that nobody knows": ("*", Fault.error("Odd", ECHO, 400)),
    "an error after AWS accepted": ("DescribeWorkspacesPools", Fault.error("Odd", ECHO, 400)),
    "AccessDeniedException": ("CreateWorkspacesPool", Fault.access_denied("CreateWorkspacesPool")),
}


def _signed_in(program: PoolProgram, source: Source, folder: Path) -> CliStack:
    """The program's stack, with the credentials in one place and nowhere else."""
    nowhere = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_MAX_ATTEMPTS": "2"}
    if source == "environment":
        return program.stack.with_environment(**{**nowhere, **VARIABLES})
    if source == "configuration":
        stack = program.stack.with_environment(**nowhere)
        for key, value in CONFIGURATION.items():
            stack.set_config(key, value, secret=True)
        return stack
    (folder / "aws-config").write_text("[profile desks]\nregion = us-east-1\n")
    (folder / "aws-credentials").write_text(
        f"[desks]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
        f"aws_session_token = {TOKEN}\n"
    )
    stack = program.stack.with_environment(
        **nowhere,
        AWS_CONFIG_FILE=str(folder / "aws-config"),
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "aws-credentials"),
    )
    stack.set_config("aws:profile", "desks")
    return stack


def _expect_nothing_of_them(stack: CliStack, outcome: Outcome, folder: Path) -> None:
    for needle in NEEDLES:
        assert needle not in outcome.text
    # The state and its history, and the configuration; an export would decrypt what is secret.
    for path in (folder / "state", stack.folder):
        for file in filter(Path.is_file, path.rglob("*")):
            content = file.read_bytes()
            assert not any(needle.encode() in content for needle in NEEDLES), file


@pytest.mark.needs_cli
@pytest.mark.parametrize("source", ["environment", "configuration", "profile"])
def test_no_credential_is_in_the_state_or_in_what_the_engine_prints(
    program: PoolProgram, tmp_path: Path, source: Source
) -> None:
    stack = _signed_in(program, source, tmp_path)
    program.declare("desks", pool_name="desks")
    up = stack.up(debug=True).expect()  # with the debug lines of the provider
    _expect_nothing_of_them(stack, up, tmp_path)
    program.emulator.on("UpdateWorkspacesPool", "after", lambda _call: kill_cli("plugin"))
    program.change("desks", description="Changed")
    crashed = stack.up(debug=True).expect_failure()
    _expect_nothing_of_them(stack, crashed, tmp_path)


@pytest.mark.parametrize(
    ("trouble", "source"),
    list(zip(TROUBLES, itertools.cycle(["environment", "configuration"]), strict=False)),
)
def test_no_credential_is_in_what_the_provider_answers_and_logs(
    emulated_aws: EmulatorServer, trouble: str, source: Source
) -> None:
    if met := TROUBLES[trouble]:
        emulated_aws.emulator.fail(*met, times=1000)
    answer, logged = _created(emulated_aws.environment(), source, emulated_aws)
    assert ("could not be" in answer) == (trouble != "none")
    for needle in NEEDLES:
        assert needle not in answer + logged


@pytest.mark.parametrize("status", [200, 403, 500])
def test_no_credential_is_shown_where_something_between_echoes_the_request(
    emulated_aws: EmulatorServer, status: int
) -> None:
    with answering(_echo, status) as url:
        environment = {**emulated_aws.environment(), "AWS_ENDPOINT_URL": url}
        answer, logged = _created(environment, "environment", emulated_aws)
    assert "The pool" in answer
    for needle in NEEDLES:
        assert needle not in answer + logged


def _created(environment: dict[str, str], source: Source, aws: EmulatorServer) -> tuple[str, str]:
    """Create a pool over gRPC; give the provider's answer and all that it logged."""
    is_configured = source == "configuration"
    config = CONFIGURATION if is_configured else {}
    given = {"AWS_ACCESS_KEY_ID": ""} if is_configured else VARIABLES
    environment = {**environment, "AWS_MAX_ATTEMPTS": "1", **given}
    with DynamicHost(environment, config, start=in_a_fork) as host:
        inputs: dict[str, Any] = {
            "description": "Desks",
            "poolName": "desks",
            "bundleId": aws.emulator.default_bundle_id,
            "directoryId": aws.emulator.default_directory_id,
            "capacity": {"desiredUserSessions": 1},
            "region": "us-east-1",
        }
        answer = host.create(inputs, timeout=2)
        return str(answer), "\n".join(line.message for line in host.logged)


def _echo(headers: Mapping[str, str]) -> bytes:
    """What a proxy of the worst kind answers: the headers of the request."""
    return f"<html>{headers}{ECHO}</html>".encode()
