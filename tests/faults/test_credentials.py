"""No byte of a credential is in the state, in what is printed or in what is logged."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest

from pulumi_workspaces_pool.testing.emulator import Emulator, EmulatorServer, Fault
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
NEEDLES = (*CREDENTIALS, *(quote(part, safe="") for part in CREDENTIALS))
ECHO = (
    f"The canonical string is host:aws x-amz-security-token:{TOKEN} signed with {SECRET_KEY} of "
    f"{ACCESS_KEY}; as a query X-Amz-Security-Token={quote(TOKEN, safe='')}"
)


def _echoed(code: str, status: int = 403) -> Callable[[Emulator], None]:
    def plan(emulator: Emulator) -> None:
        emulator.fail("*", Fault.error(code, ECHO, status), times=1000)

    return plan


def _denied(emulator: Emulator) -> None:
    denied = Fault.access_denied("CreateWorkspacesPool")
    emulator.fail("CreateWorkspacesPool", denied, times=1000)


def _partly(emulator: Emulator) -> None:
    emulator.fail("DescribeWorkspacesPools", Fault.error("Odd", ECHO, 400), times=1000)


TROUBLES: dict[str, Callable[[Emulator], None]] = {
    "none": lambda _: None,
    "SignatureDoesNotMatch": _echoed("SignatureDoesNotMatch"),
    "InvalidSignatureException": _echoed("InvalidSignatureException"),
    "UnrecognizedClientException": _echoed("UnrecognizedClientException"),
    "ExpiredTokenException": _echoed("ExpiredTokenException"),
    "ValidationException": _echoed("ValidationException", 400),
    "InternalServerError": _echoed("InternalServerError", 500),
    "an error that nobody knows": _echoed("Odd", 400),
    "an error after AWS accepted": _partly,
    "AccessDeniedException": _denied,
}


def _signed_in(program: PoolProgram, source: Source, folder: Path) -> CliStack:
    """The program's stack, with the credentials in one place and nowhere else."""
    nowhere = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_MAX_ATTEMPTS": "2"}
    if source == "environment":
        given = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_SESSION_TOKEN": TOKEN,
        }
        return program.stack.with_environment(**{**nowhere, **given})
    if source == "configuration":
        stack = program.stack.with_environment(**nowhere)
        stack.set_config("aws:accessKey", ACCESS_KEY, secret=True)
        stack.set_config("aws:secretKey", SECRET_KEY, secret=True)
        stack.set_config("aws:token", TOKEN, secret=True)
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
    up = stack.up(debug=True)  # with the debug lines of the provider
    assert up.ok, up.text
    _expect_nothing_of_them(stack, up, tmp_path)
    program.emulator.on("UpdateWorkspacesPool", "after", lambda _call: kill_cli("plugin"))
    program.change("desks", description="Changed")
    crashed = stack.up(debug=True)
    assert not crashed.ok
    _expect_nothing_of_them(stack, crashed, tmp_path)


@pytest.mark.parametrize(
    ("trouble", "source"),
    list(zip(TROUBLES, itertools.cycle(["environment", "configuration"]), strict=False)),
)
def test_no_credential_is_in_what_the_provider_answers_and_logs(
    emulated_aws: EmulatorServer, trouble: str, source: Source
) -> None:
    TROUBLES[trouble](emulated_aws.emulator)
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
    config: dict[str, str] = {}
    environment = {**environment, "AWS_MAX_ATTEMPTS": "1", "AWS_ACCESS_KEY_ID": ""}
    if source == "configuration":
        config = {"aws:accessKey": ACCESS_KEY, "aws:secretKey": SECRET_KEY, "aws:token": TOKEN}
    else:
        environment["AWS_ACCESS_KEY_ID"] = ACCESS_KEY
        environment["AWS_SECRET_ACCESS_KEY"] = SECRET_KEY
        environment["AWS_SESSION_TOKEN"] = TOKEN
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
