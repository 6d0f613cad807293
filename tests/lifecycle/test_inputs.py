"""Wrong inputs of a program on the CLI: all of them at once, in sentences, and without a call."""

from __future__ import annotations

from support.world import World

WRONG = """
from decimal import Decimal

WorkspacesPool(
    "desks",
    description=Output.from_input("").apply(lambda _: ["a"]),
    bundle_id={"a": 1},
    directory_id=Output.secret("").apply(lambda _: {1, 2}),
    capacity={"desired_user_sessions": float("nan"), "desiredUserSessions": 1, "max": 1},
    timeout_settings=[("idle", 5)],
    tags={5: "five", "AWS:x": "a", "a": Decimal(1)},
    running_mode=float("inf"),
)
"""


def test_a_preview_says_all_that_is_wrong_in_sentences(world: World) -> None:
    world.program(WRONG)
    outcome = world.stack.preview().expect_failure()
    for path, reason in {
        "description": "must be a string, but is a list",
        "bundleId": "must be a string, but is an object",
        "directoryId": "must be a string, but is a set",
        "capacity.desiredUserSessions": "is given twice, as desired_user_sessions and as ",
        "capacity.max": "is not a property of a pool",
        "timeoutSettings": "must be an object, but is a list",
        'tags["5"]': "has a key that must be a string, but is a whole number",
        'tags["AWS:x"]': "has a key that starts with a reserved prefix",
        'tags["a"]': "must be a string, but is a Decimal",
        "runningMode": "must be a string, but is infinity",
    }.items():
        said = [line for line in outcome.text.splitlines() if f" property {path} value " in line]
        assert said, path
        assert all(reason in line for line in said)
    assert world.emulator.calls == []


def test_what_a_get_is_given_wrong_is_said_in_one_sentence(world: World) -> None:
    known = '"wspool-1a2b3c4d5"'
    wrong = {
        "5": '"<a whole number>" is not the id of a pool',
        "None": '"<nothing>" is not the id of a pool',
        '""': '"<a string>" is not the id of a pool',
        '"desks"': '"desks" is not the id of a pool, such as wspool-1a2b3c4d5',
        f"{known}, region=['a']": "region must be a string, but is a list",
        f"{known}, region='us-esat-1'": "did you mean us-east-1?",
        "Output.secret('secret')": '"secret" is not the id of a pool',
        f"{known}, assume_role=1": "assume_role must be an object, but is a whole number",
    }
    gets = (f'WorkspacesPool.get("looked-{n}", {given})' for n, given in enumerate(wrong))
    world.program("\n".join(gets))
    world.stack.up(continue_on_error=True).expect_failure(*wrong.values())
    assert world.emulator.calls == []
