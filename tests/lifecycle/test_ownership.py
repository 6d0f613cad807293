"""Whose pool it is: for two stacks, two projects and two backends, in every way that they meet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from pulumi_workspaces_pool.ownership import CREATING, OWNER, RESTARTING
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.stacks import StackUnderTest
from support.outcomes import CliStack, Outcome
from support.program import PoolProgram

# The stack, the project and the backend of the former owner and of the new one.
FORMER = ("dev", "pools", "one")
NEW = {
    "stacks": ("prod", "pools", "one"),
    "projects": ("dev", "shop", "one"),
    "backends": ("dev", "pools", "two"),
}
Make = Callable[..., PoolProgram]


@pytest.fixture
def make(tmp_path: Path, emulated_aws: EmulatorServer) -> Make:
    """A function that makes a program with a stack, in a project, on a backend."""

    def make_program(stack: str, project: str, backend: str) -> PoolProgram:
        def stack_of(folder: Path) -> CliStack:
            environment = emulated_aws.environment()
            state = tmp_path / backend
            return CliStack(
                StackUnderTest(folder, state=state, name=stack, environment=environment)
            )

        folder = tmp_path / f"{stack}-{project}-{backend}"
        return PoolProgram(folder, stack_of, emulated_aws, project)

    return make_program


def ready(outcome: Outcome) -> None:
    assert outcome.ok, outcome.text


class Former:
    """The ways in which a former owner meets the pool; each ends with the program as it was."""

    def __init__(self, program: PoolProgram, pool_id: str) -> None:
        self.program = program
        self.stack = program.stack
        self.pool_id = pool_id
        self.state = program.stack.stack.export_stack()

    def restore(self) -> None:
        """Take back what the operation before did to the state and to the program."""
        self.program.declare("desks", pool_name="desks")
        self.stack.stack.import_stack(self.state)

    def destroy(self) -> Outcome:
        return self.stack.destroy()

    def destroy_target(self) -> Outcome:
        return self.stack.destroy(target=[self.stack.urn("desks")])

    def take_out(self) -> Outcome:
        self.program.pools.clear()
        self.program.write()
        return self.stack.up()

    def replace_by_name(self) -> Outcome:
        self.program.change("desks", pool_name="replaced")
        return self.stack.up()

    def replace_first_deleted(self) -> Outcome:
        opts = {"delete_before_replace": True}
        self.program.change("desks", pool_name="others", opts=opts)
        return self.stack.up()

    def change(self, **arguments: Any) -> Outcome:
        self.program.change("desks", **arguments)
        return self.stack.up()

    def update_target(self) -> Outcome:
        self.program.change("desks", description="From the former")
        return self.stack.up(target=[self.stack.urn("desks")])

    def refresh(self) -> Outcome:
        return self.stack.refresh()

    def change_after_refresh(self) -> Outcome:
        self.program.change("desks", description="From the former")
        return self.stack.up(refresh=True)

    def after_a_failed_run(self) -> Outcome:
        self.program.change("desks", description="From the former")
        assert not self.stack.up().ok
        return self.stack.up()


def meetings(former: Former) -> dict[str, tuple[Callable[[], Outcome], bool]]:
    """Each way to meet the pool, and whether it succeeds (by letting go of the pool)."""
    lets_go = {
        "destroy": former.destroy,
        "destroy --target": former.destroy_target,
        "taken out": former.take_out,
        "replaced": former.replace_by_name,
        "replaced, deleted first": former.replace_first_deleted,
        "refresh": former.refresh,
    }
    fails = {
        "description": lambda: former.change(description="From the former"),
        "tags": lambda: former.change(tags={"Team": "former"}),
        "capacity": lambda: former.change(capacity={"desired_user_sessions": 9}),
        "running mode": lambda: former.change(running_mode="ALWAYS_ON"),
        "stop": lambda: former.change(desired_state="STOPPED"),
        "up --target": former.update_target,
        "up --refresh": former.change_after_refresh,
        "after a failed run": former.after_a_failed_run,
    }
    return {
        **{name: (way, True) for name, way in lets_go.items()},
        **{name: (way, False) for name, way in fails.items()},
    }


@pytest.mark.parametrize("between", NEW)
def test_a_pool_that_has_changed_hands_is_never_touched_for_its_former_owner(
    make: Make, between: str, subtests: pytest.Subtests
) -> None:
    first, second = make(*FORMER), make(*NEW[between])
    emulator = first.emulator
    first.declare("desks", pool_name="desks")
    ready(first.stack.up())
    pool_id = first.stack.resource("desks")["id"]
    former = Former(first, pool_id)
    second.declare("rooms", pool_name="desks", description="Pool desks", adopt_pool_id=pool_id)
    ready(second.stack.up())
    before = emulator.pool(pool_id)
    assert OWNER in before["Tags"]
    stack, project, _ = NEW[between]

    ways = meetings(former)
    if between != "stacks":
        # Each way once; what tells the owners apart is the same for all.
        ways = {name: ways[name] for name in ("destroy", "refresh", "tags", "taken out")}
    for name, (meet, succeeds) in ways.items():
        with subtests.test(name):
            former.restore()
            emulator.clear_calls()
            outcome = meet()
            assert emulator.pool(pool_id) == before
            touched = [call for call in emulator.writes() if pool_id in str(call.parameters)]
            assert touched == []
            assert f'the resource "rooms" of stack {stack} of project {project}' in outcome.text
            assert "Traceback" not in outcome.text
            assert outcome.ok == succeeds, outcome.text
    assert second.stack.up().changes == {"same": 2}


def test_equal_names_in_two_backends_give_two_pools_and_each_destroys_its_own(make: Make) -> None:
    programs = [make("dev", "pools", backend) for backend in ("one", "two")]
    for program in programs:
        program.declare("desks")
        ready(program.stack.up())
    ids = [program.stack.resource("desks")["id"] for program in programs]
    assert len(set(ids)) == 2
    ready(programs[0].stack.destroy())
    assert [pool["PoolId"] for pool in programs[0].emulator.pools()] == [ids[1]]


def test_a_fixed_name_that_another_backend_has_is_an_error_that_names_the_holder(
    make: Make,
) -> None:
    first, second = make("dev", "pools", "one"), make("dev", "pools", "two")
    for program in (first, second):
        program.declare("desks", pool_name="desks")
    ready(first.stack.up())
    pool_id = first.stack.resource("desks")["id"]
    up = second.stack.up()
    assert not up.ok
    assert f'pool "desks" ({pool_id}) is RUNNING' in up.text
    assert "delete it" not in up.text
    ready(second.stack.destroy())
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
    assert not first.stack.up().ok
    hook.cancel()
    (interrupted,) = emulator.pools()
    assert CREATING in interrupted["Tags"]
    other = second.stack.up()
    assert emulator.pool(interrupted["PoolId"]) == interrupted, "it is not the other's"
    assert other.ok == (name is None), other.text
    ready(first.stack.up())
    assert first.stack.resource("desks")["id"] == interrupted["PoolId"]


def test_in_one_program_one_pool_has_one_resource(make: Make, subtests: pytest.Subtests) -> None:
    program = make(*FORMER)
    program.declare("desks", pool_name="desks")
    ready(program.stack.up())
    pool_id = program.stack.resource("desks")["id"]
    theirs = program.emulator.add_pool("theirs")
    program.emulator.clear_calls()
    for names in (["desks", "rooms"], ["rooms", "desks"]):
        with subtests.test("one holds it, another adopts it", order=names):
            program.pools = {}
            for name in names:
                adopt = {"adopt_pool_id": pool_id} if name == "rooms" else {"pool_name": "desks"}
                program.declare(name, **adopt)
            preview = program.stack.preview()
            assert not preview.ok
            assert "a pool has one resource" in preview.text
    assert program.emulator.writes() == []
    with subtests.test("two adopt it"):
        program.pools = {}
        program.declare("desks", pool_name="desks")
        for name in ("rooms", "labs"):
            program.declare(name, adopt_pool_id=theirs)
        preview = program.stack.preview()
        assert not preview.ok
        assert "a pool has one resource" in preview.text
    with subtests.test("a look holds nothing"):
        program.pools = {}
        program.declare("desks", pool_name="desks")
        program.reads = {"seen": {"id": theirs}}
        program.declare("rooms", adopt_pool_id=theirs, description="Pool theirs")
        ready(program.stack.up())


def test_a_renamed_resource_keeps_its_pool_and_finishes_what_was_interrupted(make: Make) -> None:
    program = make(*FORMER)
    emulator = program.emulator
    program.declare("desks", pool_name="desks")
    ready(program.stack.up())
    pool_id = program.stack.resource("desks")["id"]
    hook = emulator.on("StopWorkspacesPool", "after", lambda _call: program.stack.kill("plugin"))
    program.change("desks", running_mode="ALWAYS_ON")
    assert not program.stack.up().ok
    hook.cancel()
    assert RESTARTING in emulator.pool(pool_id)["Tags"]
    program.pools = {}
    program.declare(
        "rooms",
        pool_name="desks",
        description="Pool desks",
        running_mode="ALWAYS_ON",
        opts={"aliases": ["desks"]},
    )
    ready(program.stack.up())
    pool = emulator.pool(pool_id)
    assert (pool["State"], pool["RunningMode"], pool["Tags"]) == ("RUNNING", "ALWAYS_ON", {})
    assert program.stack.resource("rooms")["id"] == pool_id
    assert program.stack.up().changes == {"same": 2}


@pytest.mark.parametrize("name", ["desks", None], ids=["fixed name", "automatic name"])
def test_a_creation_that_was_interrupted_is_finished_under_the_resources_new_name(
    make: Make, name: str | None
) -> None:
    program = make(*FORMER)
    emulator = program.emulator
    program.declare("desks", pool_name=name)
    hook = emulator.on("CreateWorkspacesPool", "after", lambda _call: program.stack.kill("plugin"))
    assert not program.stack.up().ok
    hook.cancel()
    (interrupted,) = emulator.pools()
    program.pools = {}
    opts = {"aliases": ["desks"]}
    program.declare("rooms", pool_name=name, description="Pool desks", opts=opts)
    ready(program.stack.up())
    assert program.stack.resource("rooms")["id"] == interrupted["PoolId"]
    (pool,) = emulator.pools()
    assert pool["Tags"] == {}
    assert program.stack.up().changes == {"same": 2}


@pytest.mark.parametrize("adopts_first", [True, False], ids=["adopt, take out", "take out, adopt"])
@pytest.mark.parametrize("between", NEW)
def test_a_pool_moves_between_stacks_in_either_order(
    make: Make, between: str, adopts_first: bool
) -> None:
    first, second = make(*FORMER), make(*NEW[between])
    first.declare("desks", pool_name="desks", opts={"retain_on_delete": not adopts_first})
    ready(first.stack.up())
    pool_id = first.stack.resource("desks")["id"]
    second.declare("desks", pool_name="desks", adopt_pool_id=pool_id)

    def adopt() -> None:
        ready(second.stack.up())

    def take_out() -> None:
        first.pools.clear()
        first.write()
        ready(first.stack.up())

    for step in (adopt, take_out) if adopts_first else (take_out, adopt):
        step()
    assert first.emulator.pool("desks")["PoolId"] == pool_id
    assert second.stack.up().changes == {"same": 2}
    ready(second.stack.destroy())
    assert first.emulator.pools() == []


def test_a_pool_dropped_from_the_state_is_adopted_again(make: Make) -> None:
    program = make(*FORMER)
    program.declare("desks", pool_name="desks")
    ready(program.stack.up())
    pool_id = program.stack.resource("desks")["id"]
    deployment = program.stack.stack.export_stack()
    resources = (deployment.deployment or {})["resources"]
    deployment.deployment["resources"] = [  # type: ignore[index]  # an exported stack has one
        entry for entry in resources if entry.get("id") != pool_id
    ]
    program.stack.stack.import_stack(automation.Deployment(3, deployment.deployment))
    program.change("desks", adopt_pool_id=pool_id)
    ready(program.stack.up())
    assert program.stack.resource("desks")["id"] == pool_id
    ready(program.stack.destroy())
    assert program.emulator.pools() == []


def test_a_pool_that_is_being_created_by_another_resource_is_not_adopted(make: Make) -> None:
    program = make(*FORMER)
    marked = {CREATING: "shop/dev/desks/0123456789abcdef"}
    pool_id = program.emulator.add_pool("theirs", State="CREATING", Tags=marked)
    program.declare("desks", adopt_pool_id=pool_id)
    up = program.stack.up()
    assert not up.ok
    assert 'the resource "desks" of stack dev of project shop is creating it' in up.text
    assert program.emulator.writes() == []


def test_program_tags_and_default_tags_do_not_reach_the_owners_tag(make: Make) -> None:
    program = make(*FORMER)
    pool_id = program.emulator.add_pool("theirs", Tags={"Team": "theirs"})
    program.declare("desks", adopt_pool_id=pool_id, tags={"Team": "ours"})
    ready(program.stack.up())
    tag = program.emulator.pool(pool_id)["Tags"][OWNER]
    program.change("desks", tags={"Team": "others"})
    ready(program.stack.up())
    assert program.emulator.pool(pool_id)["Tags"] == {"Team": "others", OWNER: tag}
    assert program.stack.resource("desks")["outputs"]["tags"] == {"Team": "others"}
    program.change("desks", tags={OWNER: "mine"})
    preview = program.stack.preview()
    assert not preview.ok
    assert "reserved prefix" in preview.text
