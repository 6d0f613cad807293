"""Whose pool it is: for two stacks, two projects and two backends, in every way that they meet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from pulumi_workspaces_pool.ownership import CREATING, OWNER
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.outcomes import Outcome
from support.program import PoolProgram, WorldName, stack_of

# The stack, the project and the backend of the former owner and of the new one.
FORMER = ("dev", "pools", "one")
NEW = {
    "stacks": ("prod", "pools", "one"),
    "projects": ("dev", "shop", "one"),
    "backends": ("dev", "pools", "two"),
}
Make = Callable[..., PoolProgram]


@pytest.fixture
def make(world_name: WorldName, tmp_path: Path, emulated_aws: EmulatorServer) -> Make:
    """A function that makes a program with a stack, in a project, on a backend."""

    def make_program(stack: str, project: str, backend: str) -> PoolProgram:
        environment = emulated_aws.environment()
        make_stack: Any = partial(
            stack_of, world_name, environment, name=stack, state=tmp_path / backend
        )
        folder = tmp_path / f"{stack}-{project}-{backend}"
        return PoolProgram(folder, make_stack, emulated_aws, project)

    return make_program


def _taken_out(former: PoolProgram) -> Outcome:
    former.pools.clear()
    former.write()
    return former.stack.up()


def _tagged(former: PoolProgram, **options: Any) -> Outcome:
    former.change("desks", tags={"Team": "former"})
    return former.stack.up(**options)


# How a former owner meets the pool on the CLI, and whether that succeeds (by letting go of the
# pool); tests/faults has the ways that ask nothing more of the engine.
Way = Callable[[PoolProgram], Outcome]
URN = "urn:pulumi:dev::pools::pulumi-python:dynamic/workspaces:WorkspacesPool::desks"
WAYS: dict[str, tuple[Way, bool]] = {
    "destroy": (lambda former: former.stack.destroy(), True),
    "destroy --target": (lambda former: former.stack.destroy(target=[URN]), True),
    "taken out": (_taken_out, True),
    "refresh": (lambda former: former.stack.refresh(), True),
    "a tag": (_tagged, False),
    "up --target": (lambda former: _tagged(former, target=[URN]), False),
    "up --refresh": (lambda former: _tagged(former, refresh=True), False),
}


@pytest.mark.needs_cli
@pytest.mark.parametrize("between", NEW)
def test_a_pool_that_has_changed_hands_is_never_touched_for_its_former_owner(
    make: Make, between: str, subtests: pytest.Subtests
) -> None:
    former, new = make(*FORMER), make(*NEW[between])
    emulator = former.emulator
    pool_id = former.create("desks", pool_name="desks")
    state = former.stack.stack.export_stack()
    new.create("rooms", pool_name="desks", description="Pool desks", adopt_pool_id=pool_id)
    before = emulator.pool(pool_id)
    assert OWNER in before["Tags"]
    stack, project, _ = NEW[between]

    # Each way once; what tells the owners apart is the same for all.
    for name in WAYS if between == "stacks" else ("destroy", "a tag"):
        with subtests.test(name):
            former.declare("desks", pool_name="desks")
            former.stack.stack.import_stack(state)
            emulator.clear_calls()
            meet, succeeds = WAYS[name]
            outcome = meet(former)
            assert emulator.pool(pool_id) == before
            touched = [call for call in emulator.writes() if pool_id in str(call.parameters)]
            assert touched == []
            assert f'the resource "rooms" of stack {stack} of project {project}' in outcome.text
            assert outcome.ok == succeeds, outcome.text
            assert "Traceback" not in outcome.text
    new.stack.up().expect(same=2)


@pytest.mark.needs_cli
def test_equal_names_in_two_backends_give_two_pools_and_each_destroys_its_own(make: Make) -> None:
    programs = [make("dev", "pools", backend) for backend in ("one", "two")]
    ids = [program.create("desks") for program in programs]
    assert len(set(ids)) == 2
    programs[0].stack.destroy().expect()
    assert [pool["PoolId"] for pool in programs[0].emulator.pools()] == [ids[1]]


def test_a_fixed_name_that_another_backend_has_is_an_error_that_names_the_holder(
    make: Make,
) -> None:
    first, second = make("dev", "pools", "one"), make("dev", "pools", "two")
    pool_id = first.create("desks", pool_name="desks")
    second.declare("desks", pool_name="desks")
    up = second.stack.up().expect_failure(f'pool "desks" ({pool_id}) is RUNNING')
    assert "delete it" not in up.text
    second.stack.destroy().expect()
    assert [pool["PoolId"] for pool in first.emulator.pools()] == [pool_id]


@pytest.mark.parametrize("name", ["desks", None], ids=["fixed name", "automatic name"])
def test_an_interrupted_creation_is_taken_over_by_its_own_backend_alone(
    make: Make, name: str | None
) -> None:
    first, second = make("dev", "pools", "one"), make("dev", "pools", "two")
    for program in (first, second):
        program.declare("desks", pool_name=name)
    emulator = first.emulator
    hook = emulator.on("CreateWorkspacesPool", "after", lambda _call: first.stack.kill("plugin"))
    first.stack.up().expect_failure()
    hook.cancel()
    (interrupted,) = emulator.pools()
    assert CREATING in interrupted["Tags"]
    other = second.stack.up()
    assert emulator.pool(interrupted["PoolId"]) == interrupted, "it is not the other's"
    assert other.ok == (name is None), other.text
    first.stack.up().expect()
    assert first.stack.resource("desks")["id"] == interrupted["PoolId"]


@pytest.mark.needs_cli
def test_in_one_program_one_pool_has_one_resource(make: Make, subtests: pytest.Subtests) -> None:
    program = make(*FORMER)
    pool_id = program.create("desks", pool_name="desks")
    theirs = program.emulator.add_pool("theirs")
    program.emulator.clear_calls()
    for names in (["desks", "rooms"], ["rooms", "desks"]):
        with subtests.test("one holds it, another adopts it", order=names):
            program.pools = {}
            for name in names:
                adopt = {"adopt_pool_id": pool_id} if name == "rooms" else {"pool_name": "desks"}
                program.declare(name, **adopt)
            program.stack.preview().expect_failure("a pool has one resource")
    assert program.emulator.writes() == []
    with subtests.test("two adopt it"):
        program.pools = {}
        program.declare("desks", pool_name="desks")
        for name in ("rooms", "labs"):
            program.declare(name, adopt_pool_id=theirs)
        program.stack.preview().expect_failure("a pool has one resource")
    with subtests.test("a look holds nothing"):
        program.pools = {}
        program.declare("desks", pool_name="desks")
        program.reads = {"seen": {"id": theirs}}
        program.create("rooms", adopt_pool_id=theirs, description="Pool theirs")


@pytest.mark.needs_cli
@pytest.mark.parametrize(
    ("between", "adopts_first"), [("stacks", True), ("projects", False), ("backends", True)]
)
def test_a_pool_moves_between_stacks_in_either_order(
    make: Make, between: str, adopts_first: bool
) -> None:
    first, second = make(*FORMER), make(*NEW[between])
    pool_id = first.create("desks", pool_name="desks", opts={"retain_on_delete": not adopts_first})
    second.declare("desks", pool_name="desks", adopt_pool_id=pool_id)

    steps: list[Callable[[], Outcome]] = [second.stack.up, partial(_taken_out, first)]
    for step in steps if adopts_first else reversed(steps):
        step().expect()
    assert first.emulator.pool("desks")["PoolId"] == pool_id
    second.stack.up().expect(same=2)
    second.stack.destroy().expect()
    assert first.emulator.pools() == []


@pytest.mark.needs_cli
def test_a_pool_dropped_from_the_state_is_adopted_again(make: Make) -> None:
    program = make(*FORMER)
    pool_id = program.create("desks", pool_name="desks")
    state = dict(program.stack.stack.export_stack().deployment or {})
    state["resources"] = [entry for entry in state["resources"] if entry.get("id") != pool_id]
    program.stack.stack.import_stack(automation.Deployment(3, state))
    program.update("desks", adopt_pool_id=pool_id).expect()
    assert program.stack.resource("desks")["id"] == pool_id
    program.stack.destroy().expect()
    assert program.emulator.pools() == []


def test_a_pool_that_is_being_created_by_another_resource_is_not_adopted(make: Make) -> None:
    program = make(*FORMER)
    marked = {CREATING: "shop/dev/desks/0123456789abcdef"}
    pool_id = program.emulator.add_pool("theirs", State="CREATING", Tags=marked)
    program.declare("desks", adopt_pool_id=pool_id)
    program.stack.up().expect_failure(
        'the resource "desks" of stack dev of project shop is creating it'
    )
    assert program.emulator.writes() == []


def test_program_tags_and_default_tags_do_not_reach_the_owners_tag(make: Make) -> None:
    program = make(*FORMER)
    pool_id = program.emulator.add_pool("theirs", Tags={"Team": "theirs"})
    program.create("desks", adopt_pool_id=pool_id, tags={"Team": "ours"})
    tag = program.emulator.pool(pool_id)["Tags"][OWNER]
    program.update("desks", tags={"Team": "others"}).expect()
    assert program.emulator.pool(pool_id)["Tags"] == {"Team": "others", OWNER: tag}
    assert program.stack.resource("desks")["outputs"]["tags"] == {"Team": "others"}
    program.change("desks", tags={OWNER: "mine"})
    program.stack.preview().expect_failure("reserved prefix")
