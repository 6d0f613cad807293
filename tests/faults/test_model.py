"""Whatever happens to any program of pools, one clean `up` ends where the program says.

Hypothesis makes programs and steps; each step edits the program, or somebody else changes a pool,
while calls fail, users are connected or processes are killed. After each, the model looks at what
is there. MODEL_STEPS says how many steps, MODEL_SHARDS in how many tests (for pytest -n),
`--hypothesis-seed` which ones: left out, the same each time; `random`, always others.
"""

from __future__ import annotations

import copy
import os
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from faults.kills import Kill
from faults.model import HOME_REGION, Arguments, ignores_capacity
from faults.model_world import Failing, Operation, Trouble, World
from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault

STEPS = int(os.environ.get("MODEL_STEPS", "20"))
SHARDS = int(os.environ.get("MODEL_SHARDS", "1"))
STEPS_OF_A_PROGRAM = 20

NAMES = ("desks", "kiosk", "lab", "night")
OTHER_REGION = "eu-west-1"
_MODEL = botocore.session.get_session().get_service_model("workspaces")
OPERATIONS = (
    "*",
    *(name for name in _MODEL.operation_names if re.search("Tags|WorkspacesPool", name)),
)

names = st.sampled_from(NAMES)
running_modes = st.sampled_from(["AUTO_STOP", "ALWAYS_ON"])
states = st.sampled_from(["RUNNING", "STOPPED"])

REQUIRED: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from(["Desks", "Desks (new)", "Desks / old"]),
    "bundle_id": st.sampled_from(["wsb-emulated1", "wsb-emulated2"]),
    "directory_id": st.sampled_from(["wsd-emulated1", "wsd-emulated2"]),
    "capacity": st.fixed_dictionaries({"desired_user_sessions": st.integers(0, 3)}),
}
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "application_settings": st.fixed_dictionaries(
        {"status": st.sampled_from(["ENABLED", "DISABLED"])},
        optional={"settings_group": st.sampled_from(["one", "two"])},
    ),
    "timeout_settings": st.fixed_dictionaries(
        {},
        optional={
            "disconnect_timeout_in_seconds": st.sampled_from([600, 900]),
            "idle_disconnect_timeout_in_seconds": st.sampled_from([0, 1200]),
            "max_user_duration_in_seconds": st.sampled_from([3600, 57600]),
        },
    ),
    "running_mode": running_modes,
    "tags": st.dictionaries(
        st.sampled_from(["Team", "Stage", "Cost"]), st.sampled_from(["design", "build"])
    ),
    "desired_state": states,
    "disconnect_active_sessions": st.booleans(),
    "opts": st.fixed_dictionaries(
        {},
        optional={"ignore_changes": st.just(["capacity"]), "delete_before_replace": st.just(True)},
    ),
}
# These only another pool can have, so they are set less often. A region, once set, is not taken
# away: what is left of it then depends on whether something else replaces the pool.
REPLACING: dict[str, st.SearchStrategy[Any]] = {
    "pool_name": st.sampled_from(["first", "second"]),
    "region": st.sampled_from([OTHER_REGION, HOME_REGION]),
}

declarations = st.fixed_dictionaries(REQUIRED, optional={**OPTIONAL, **REPLACING})
faults = st.one_of(
    st.builds(Fault.throttling),
    st.builds(Fault.server_error, st.sampled_from([500, 503])),
    st.builds(Fault.dropped_before),
    st.builds(Fault.dropped_after),
    st.builds(Fault.refused),
    st.just(Fault.error("OperationInProgressException", "Another operation is under way.")),
)
kills = st.builds(
    Kill,
    st.sampled_from(["plugin", "everything"]),
    st.integers(1, 12),
    st.sampled_from(["before", "after"]),
)


@st.composite
def failings(draw: st.DrawFn) -> Failing:
    # Every wait is made of looks: where one fails for good, AWS has accepted already.
    operation = draw(st.sampled_from([*OPERATIONS, *["DescribeWorkspacesPools"] * 5]))
    denied = st.just(Fault.access_denied(operation.replace("*", "Any")))
    fault = draw(st.one_of(faults, denied, denied))
    return Failing(operation, fault, draw(st.integers(1, 4)), draw(st.integers(0, 3)))


durations = st.sampled_from([0.0, 0.0, 0.1])
several_failings = st.lists(failings(), min_size=1, max_size=3).map(tuple)
troubles = st.one_of(
    st.builds(Trouble, seconds=durations),
    *[st.builds(Trouble, kill=kills, seconds=durations)] * 2,
    *[st.builds(Trouble, failing=several_failings, seconds=durations)] * 2,
    st.builds(Trouble, lag=st.integers(1, 2), seconds=durations),
    st.builds(Trouble, in_use=st.lists(names, min_size=1, unique=True).map(tuple)),
)


@st.composite
def edits(draw: st.DrawFn, arguments: Arguments, *, in_place: bool = False) -> Arguments:
    """Other arguments for a pool: some are changed, some optional ones taken away."""
    chosen = {**REQUIRED, **OPTIONAL, **({} if in_place else REPLACING)}
    likely = [*chosen, *OPTIONAL]
    edited = copy.deepcopy(arguments)
    for argument in draw(st.lists(st.sampled_from(likely), min_size=1, max_size=3, unique=True)):
        if argument in edited and argument not in (*REQUIRED, "region") and draw(st.booleans()):
            del edited[argument]
        else:
            edited[argument] = draw(chosen[argument])
    return edited


def named(name: str, arguments: Arguments) -> Arguments:
    """The arguments with a name that no other resource has."""
    pool_name = arguments.get("pool_name")
    if pool_name in ("first", "second"):
        return {**arguments, "pool_name": f"{name}-{pool_name}"}
    return arguments


drifts = st.fixed_dictionaries(
    {},
    optional={
        "Description": st.just("Changed by hand"),
        "BundleId": REQUIRED["bundle_id"],
        "DirectoryId": REQUIRED["directory_id"],
        "Capacity": st.fixed_dictionaries({"DesiredUserSessions": st.integers(0, 9)}),
        "RunningMode": running_modes,
        "State": states,
        "ApplicationSettings": st.just({"Status": "ENABLED"}),
        "DisconnectTimeoutInSeconds": st.sampled_from([700, 900]),
    },
)
drifted_tags = st.dictionaries(
    st.sampled_from(["Team", "Stage", "Extra", "aws:made"]), st.sampled_from(["theirs", "design"])
)


class Pools(RuleBasedStateMachine):
    """A program of pools, and all that can happen to it."""

    steps = 0

    @initialize(program=st.dictionaries(names, declarations, min_size=1))
    def begin(self, program: dict[str, Arguments]) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="model-")
        self.aws = EmulatorServer()
        self.aws.start()
        self.world = World(Path(self.folder.name), self.aws)
        self.world.add_foreign("somebody-elses", Tags={"Owner": "them", "aws:made": "by AWS"})
        self.world.add_foreign("desks-theirs", region=OTHER_REGION, State="STOPPED")
        for name, arguments in program.items():
            self.world.edit(name, named(name, arguments))
        self.world.converge()

    @rule(data=st.data(), names=st.lists(names, min_size=1, unique=True), trouble=troubles)
    def edit(self, data: st.DataObject, names: list[str], trouble: Trouble) -> None:
        """The program changes."""
        for name in names:
            arguments = self.world.pools.get(name)
            if arguments is None:
                self.world.edit(name, named(name, data.draw(declarations)))
            elif data.draw(st.integers(0, 5)) == 0:
                self.world.edit(name, None)
            else:
                self.world.edit(name, named(name, data.draw(edits(arguments))))
        self._disturbed_up(data, trouble)

    @rule(data=st.data(), trouble=troubles)
    def replace_running_mode(self, data: st.DataObject, trouble: Trouble) -> None:
        """Every pool is to be stopped, changed and started again."""
        for name, arguments in list(self.world.pools.items()):
            now = self.world.known[name].fields["RunningMode"]
            other = "AUTO_STOP" if now == "ALWAYS_ON" else "ALWAYS_ON"
            self.world.edit(name, {**arguments, "running_mode": other})
        self._disturbed_up(data, trouble)

    def _disturbed_up(self, data: st.DataObject, trouble: Trouble) -> None:
        self.world.run("up", trouble)
        for another in data.draw(st.lists(troubles, max_size=1)):
            self.world.run("up", another)
        refresh = not trouble.calm and data.draw(st.booleans())
        self.world.converge(refresh=refresh, adopt=data.draw(st.booleans()))

    @precondition(lambda self: self.world.pools)
    @rule(data=st.data(), trouble=troubles)
    def give_up(self, data: st.DataObject, trouble: Trouble) -> None:
        """An edit in place fails, and is taken back."""
        name = data.draw(st.sampled_from(sorted(self.world.pools)))
        before = copy.deepcopy(self.world.pools[name])
        known = self.world.known[name]
        self.world.edit(name, data.draw(edits(before, in_place=True)))
        done = self.world.run("up", trouble)
        self.world.take_back(name, before, known, done=done)
        # What a killed engine did not hear of, it has to look for.
        self.world.converge(refresh=trouble.kill is not None)

    @precondition(lambda self: self.world.pools)
    @rule(
        data=st.data(),
        changes=drifts,
        tags=drifted_tags,
        gone=st.integers(0, 4),
        operation=st.sampled_from(["up", "refresh", "refresh"]),
        trouble=troubles,
    )
    def drift(
        self,
        data: st.DataObject,
        changes: dict[str, Any],
        tags: dict[str, str],
        gone: int,
        operation: Operation,
        trouble: Trouble,
    ) -> None:
        """Somebody else changes a pool, or deletes it."""
        name = data.draw(st.sampled_from(sorted(self.world.pools)))
        if gone == 0:
            self.world.remove(name)
        else:
            seconds = changes.pop("DisconnectTimeoutInSeconds", None)
            if seconds is not None:
                earlier = self.world.known[name].fields["TimeoutSettings"]
                changes["TimeoutSettings"] = {**earlier, "DisconnectTimeoutInSeconds": seconds}
            self.world.drift(name, changes, tags)
        self.world.run(operation, trouble)
        self.world.converge(refresh=True)

    @precondition(lambda self: self._scaled())
    @rule(data=st.data(), sessions=st.integers(0, 9), trouble=troubles)
    def scale(self, data: st.DataObject, sessions: int, trouble: Trouble) -> None:
        """Auto scaling changes a capacity that the program ignores, and the program the rest."""
        name = data.draw(st.sampled_from(self._scaled()))
        self.world.drift(name, {"Capacity": {"DesiredUserSessions": sessions}}, {})
        before = self.world.pools[name]
        edited = data.draw(edits(before, in_place=True))
        self.world.edit(name, {**edited, "opts": before["opts"]})
        self._disturbed_up(data, trouble)

    def _scaled(self) -> list[str]:
        pools = sorted(self.world.pools.items())
        return [name for name, arguments in pools if ignores_capacity(arguments)]

    @rule(trouble=troubles)
    def destroy(self, trouble: Trouble) -> None:
        """The stack is destroyed, and wanted back."""
        self.world.doubt(self.world.pools)
        done = self.world.run("destroy", trouble)
        if done:
            assert not self.world.own_pools()
        # Of a pool that was being deleted, the state does not say how far that came.
        self.world.converge(refresh=not done)

    @precondition(lambda self: self._undeclared())
    @rule(data=st.data(), arguments=declarations, automatic=st.booleans())
    def find_name_taken(self, data: st.DataObject, arguments: Arguments, automatic: bool) -> None:
        """Somebody else has a pool of the name that a new resource is to have."""
        name = data.draw(st.sampled_from(self._undeclared()))
        arguments.pop("pool_name", None)
        taken = self.world.automatic_name(name) if automatic else f"{name}-theirs"
        holder = self._let_others_have(taken, arguments)
        if holder is None:
            return
        self.world.edit(name, arguments if automatic else {**arguments, "pool_name": taken})
        up = self.world.operate("up")
        assert up.ok == automatic
        assert holder in up.text, "the message names the pool that has the name"
        if not automatic:
            self.world.edit(name, {**arguments, "pool_name": f"{name}-first"})
        self.world.converge()

    @precondition(lambda self: self._undeclared())
    @rule(data=st.data(), arguments=declarations, theirs=drifts, trouble=troubles)
    def adopt(
        self, data: st.DataObject, arguments: Arguments, theirs: dict[str, Any], trouble: Trouble
    ) -> None:
        """A pool of somebody else is taken over, and from then on is like any other."""
        name = data.draw(st.sampled_from(self._undeclared()))
        arguments.pop("pool_name", None)
        theirs.pop("DisconnectTimeoutInSeconds", None)
        if "opts" in arguments:
            arguments["opts"].pop("ignore_changes", None)
        given = {"Tags": {"Team": "theirs", "aws:made": "by AWS"}, **theirs}
        pool_id = self._let_others_have(f"{name}-adopted", arguments, **given)
        if pool_id is None:
            return
        self.world.adopt(name, pool_id, arguments)
        self.world.run("up", trouble)
        self.world.converge()
        self.world.edit(name, arguments)
        self.world.converge()

    def _let_others_have(self, name: str, arguments: Arguments, **fields: Any) -> str | None:
        """The id of their pool, in the region of the arguments; None where the name is taken."""
        region = arguments.get("region", HOME_REGION)
        if any(pool["PoolName"] == name for pool in self.aws.emulator.pools(region)):
            return None
        return self.world.add_foreign(name, region=region, **fields)

    def _undeclared(self) -> list[str]:
        return [name for name in NAMES if name not in self.world.pools]

    @precondition(lambda self: self._replaceable())
    @rule(data=st.data(), trouble=troubles)
    def replace(self, data: st.DataObject, trouble: Trouble) -> None:
        """A pool is made anew on request."""
        name = data.draw(st.sampled_from(self._replaceable()))
        self.world.doubt([name])
        done = self.world.run("up", trouble, replaced=name)
        self.world.converge(replaced=None if done else name)

    def _replaceable(self) -> list[str]:
        return [
            name
            for name, arguments in sorted(self.world.pools.items())
            if "pool_name" not in arguments
            or arguments.get("opts", {}).get("delete_before_replace")
        ]

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.aws.stop()
            self.folder.cleanup()
            type(self).steps += self.world.steps


@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens_one_clean_up_ends_where_the_program_says(
    shard: int, pytestconfig: pytest.Config, capfd: pytest.CaptureFixture[str]
) -> None:
    given = pytestconfig.getoption("--hypothesis-seed", None)
    first = random.SystemRandom().randrange(1_000_000) if given == "random" else int(given or 1)
    machine: type[Pools] = type("Pools", (Pools,), {"steps": 0})
    programs = max(1, STEPS // SHARDS // STEPS_OF_A_PROGRAM)
    try:
        run_state_machine_as_test(
            seed(first + shard)(machine),
            settings=settings(
                max_examples=programs,
                stateful_step_count=STEPS_OF_A_PROGRAM,
                deadline=None,
                database=None,
                print_blob=False,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        with capfd.disabled():
            print(f"\nmodel: {machine.steps} steps, seed {first} shard {shard}", flush=True)
