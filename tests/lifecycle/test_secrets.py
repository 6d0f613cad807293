"""What is a secret in the program is one in the state and in all that is shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from support.outcomes import CliStackFactory
from support.world import World

# Every value is a secret in one of the ways that there are; each text begins so, and each number
# and id is one that nothing else has.
PROGRAM = """
def secret(value):
    return Output.secret(value)

shared = {{
    "directory_id": secret("wsd-emulated2"),
    "bundle_id": secret("wsb-emulated2"),
    "capacity": {{"desired_user_sessions": secret(471108)}},
}}
patient = ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="{timeout}"))
texts = pool("texts", patient,
    pool_name=secret("hidden-name"),
    description=secret("hidden-description-{n}"),
    tags=secret({{"hidden-key": "hidden-value"}}),
    application_settings={{"status": "ENABLED", "settings_group": secret("hidden-group")}},
    timeout_settings={{"max_user_duration_in_seconds": secret(431777)}},
    **shared,
)
whole = pool("whole", patient,
    description=Output.from_input("hidden-description-{n}").apply(secret),
    application_settings=secret({{"status": "ENABLED", "settings_group": "hidden-inner"}}),
    assume_role={{
        "role_arn": "arn:aws:iam::123456789012:role/deploy",
        "external_id": secret("hidden-external-id"),
    }},
    tags={{"Plain": "to-be-seen", "Cost": secret("hidden-cost")}},
    {more}
    **shared,
)
for name in ("pool_name", "capacity_status", "application_settings", "tags", "tags_all"):
    pulumi.export(name, getattr(texts, name))
pulumi.export("cost", whole.tags["Cost"])
"""
CONFIG = {
    "aws:accessKey": "hidden-access-key",
    "aws:secretKey": "hidden-secret-key",
    "aws:token": "hidden-token",
    "aws:defaultTags": '{"tags": {"hidden-default": "hidden-of-all"}}',
}
HIDDEN = re.compile(r"hidden-[a-z]|\bws[bd]-emulated2|(?<![\d.])(471108|431777)(?![\d.])")
# The state as it is exported without --show-secrets has in place of a secret what is left here.
PLAINTEXT = re.compile(r'"plaintext": "(\\.|[^"\\])*"')
VERBOSE = {"debug": True, "log_verbosity": 9, "log_to_std_err": True}


@pytest.fixture
def world(tmp_path: Path, cli_stack: CliStackFactory, emulated_aws: EmulatorServer) -> World:
    """A project with an empty program, and secrets in its configuration."""
    world = World(tmp_path, cli_stack, emulated_aws)
    for key, value in CONFIG.items():
        world.stack.set_config(key, value, secret=True)
    return world


def test_no_secret_given_in_any_way_is_in_the_state_the_outputs_or_a_debug_log(
    world: World,
) -> None:
    shown: list[str] = []

    def run(operation: str, *, ok: bool = True, **fields: object) -> None:
        values = {"n": 1, "timeout": "1h", "more": "", **fields}
        world.program(PROGRAM.format(**values))
        outcome = getattr(world.stack, operation)(**VERBOSE)
        assert outcome.ok == ok, outcome.text
        state = json.dumps(world.stack.stack.export_stack().deployment)
        shown.extend((outcome.text, world.on_disk(), PLAINTEXT.sub("", state)))

    world.emulator.hold_next_creation(2)
    run("preview")
    run("up", ok=False, timeout="2s")
    assert "is still CREATING" in json.dumps(world.stack.resources()), "what initErrors say"
    for pool in world.emulator.pools():
        world.emulator.release(pool["PoolId"])
    run("up")
    error = {"ErrorCode": "SUBNET_NOT_FOUND", "ErrorMessage": "hidden-group"}
    world.emulator.drift("hidden-name", Errors=[error])
    run("refresh")
    outputs = world.stack.stack.outputs()
    assert outputs["pool_name"].value == "hidden-name"
    assert all(output.secret for output in outputs.values()), outputs
    run("up", n=2)
    # What is wrong with an input, and what AWS quotes back.
    wrong = 'timeout_settings=secret({"max_user_duration_in_seconds": -471108})'
    run("preview", ok=False, n=2, more=f'running_mode=secret("hidden-mode"), {wrong},')
    said = "No hidden-description-{} for 471108 of wsd-emulated2, hidden-of-all or hidden-default"
    for operation, call, n in (
        ("up", "UpdateWorkspacesPool", 3),
        ("refresh", "DescribeTags", 2),
        ("destroy", "TerminateWorkspacesPool", 2),
    ):
        fault = Fault.error("ValidationException", said.format(n))
        world.emulator.fail(call, fault, times=2)
        run(operation, ok=False, n=n)
        assert "No [secret] for [secret] of [secret], [secret] or [secret]" in shown[-3]
    run("destroy", n=3)
    assert all("to-be-seen" in text for text in shown[3:6]), "what is no secret is shown"
    for text in shown:
        found = HIDDEN.search(text)
        assert not found, f"{text[:30]} ... {text[max(0, found.start() - 300) : found.end() + 100]}"
