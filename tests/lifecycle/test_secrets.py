"""What is a secret in the program is one in the state and in all that is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault
from support.outcomes import CliStackFactory
from support.world import World

# Every text is a secret in one of the ways that there are; each begins so.
PROGRAM = """
def secret(value):
    return Output.secret(value)

pool("texts", ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="{timeout}")),
    pool_name=secret("hidden-name"),
    description=secret("hidden-description-{n}"),
    tags=secret({{"hidden-key": "hidden-value"}}),
    application_settings={{"status": "ENABLED", "settings_group": secret("hidden-group")}},
)
pool("whole",
    description=Output.from_input("hidden-later").apply(secret),
    application_settings=secret({{"status": "ENABLED", "settings_group": "hidden-inner"}}),
    assume_role={{
        "role_arn": "arn:aws:iam::123456789012:role/deploy",
        "external_id": secret("hidden-external-id"),
    }},
    tags={{"Plain": "to-be-seen", "Cost": secret("hidden-cost")}},
    {more}
)
"""


@pytest.fixture
def world(tmp_path: Path, cli_stack: CliStackFactory, emulated_aws: EmulatorServer) -> World:
    """A project with an empty program."""
    return World(tmp_path, cli_stack, emulated_aws)


def test_no_secret_given_in_any_way_is_in_the_state_the_outputs_or_a_debug_log(
    world: World,
) -> None:
    kept: list[str] = []

    def run(operation: str, *, ok: bool = True, **fields: object) -> str:
        world.program(PROGRAM.format(**{"n": 1, "timeout": "1h", "more": "", **fields}))
        outcome = getattr(world.stack, operation)(debug=True)
        assert outcome.ok == ok, outcome.text
        kept.append(world.on_disk())
        return f"{operation}: {outcome.text}"

    world.emulator.hold_next_creation()
    shown = [run("preview"), run("up", ok=False, timeout="2s")]
    assert "is still CREATING" in json.dumps(world.stack.resources()), "what initErrors say"
    world.emulator.release("hidden-name")
    shown += [run("up"), run("refresh"), run("up", n=2), run("refresh", n=2)]
    # What is wrong with an input, and what AWS quotes back.
    shown.append(run("preview", ok=False, n=2, more='running_mode=secret("hidden-mode"),'))
    said = Fault.error("ValidationException", "No hidden-description-3 is wanted")
    world.emulator.fail("UpdateWorkspacesPool", said)
    shown += [run("up", ok=False, n=3), run("refresh", n=3), run("up", n=4), run("destroy", n=4)]
    kept.append(world.on_disk())
    for text in [*shown, *kept]:
        at = text.find("hidden-")
        assert at < 0, text[:30] + " ... " + text[max(0, at - 300) : at + 100]
