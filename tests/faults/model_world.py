"""Runs a program while something goes wrong, and looks whether one clean `up` puts it right."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from faults import model
from faults.kills import Kill, Strike
from faults.model import Arguments, Fields, Held
from pulumi_workspaces_pool.ownership import OWNER, Owner, is_own_tag
from pulumi_workspaces_pool.testing.emulator import EmulatorServer, Fault, Timing
from pulumi_workspaces_pool.testing.emulator.control import Call
from support.dynamic_host import BACKEND
from support.memory_stack import MemoryStack
from support.operation import TYPE
from support.outcomes import Outcome
from support.program import PoolProgram, declared_in

Operation = Literal["up", "refresh", "destroy"]

_SESSIONS = 2
_LONG = 60.0  # seconds, beside what a transition takes


@dataclass(frozen=True)
class Failing:
    """Calls of an API operation meet a fault, after some that do not."""

    operation: str
    fault: Fault
    times: int
    skip: int


@dataclass(frozen=True)
class Trouble:
    """What goes wrong while an operation of the engine runs; by default nothing.

    `lag` is how many reads after each write answer as before it, `seconds` how long each transition
    of a pool takes; the pools of the resources that are `in_use` have users.
    """

    kill: Kill | None = None
    failing: tuple[Failing, ...] = ()
    lag: int = 0
    seconds: float = 0.0
    in_use: tuple[str, ...] = ()

    @property
    def calm(self) -> bool:
        """Whether the operation must succeed."""
        return not (self.kill or self.failing or self.lag or self.in_use)


class World:
    """A program, its stack, AWS with the pools of others, and what must be there.

    Attributes:
        known: the pools that the program has, by logical name, as they must be.
        foreign: the pools of others by id, as they must stay.
        doubtful: the resources that may have another pool than the one that is known.
        steps: how often it was looked whether all is well.
    """

    def __init__(self, folder: Path, aws: EmulatorServer) -> None:
        """Begin with an empty program, in an empty folder."""
        # Of many tries, all but the first and the last would only take time.
        environment = {**aws.environment(), "AWS_MAX_ATTEMPTS": "2"}

        def make_stack(project: Path) -> MemoryStack:
            return MemoryStack(partial(declared_in, project), environment)

        self.program = PoolProgram(folder / "project", make_stack, aws)
        # A program may want a stopped pool that is ALWAYS_ON, which AWS may or may not allow.
        self.program.emulator.always_on_can_stop = True
        self.emulator = aws.emulator
        self.known: dict[str, Held] = {}
        self.foreign: dict[str, dict[str, Any]] = {}
        self.doubtful: set[str] = set()
        self.steps = 0
        self._may_have_lost = False
        self._said = ""
        self._has_to_look = False

    @property
    def pools(self) -> dict[str, Arguments]:
        """The program's pools: their arguments by logical name."""
        return self.program.pools

    # Others

    def add_foreign(self, name: str, **fields: Any) -> str:
        """Let somebody else make a pool; gives its id."""
        pool_id = self.emulator.add_pool(name, **fields)
        self.foreign[pool_id] = self.emulator.pool(pool_id)
        return pool_id

    def automatic_name(self, name: str) -> str:
        """The name that a resource takes first where the program gives it none."""
        return Owner(self._urn(name), "organization", BACKEND).automatic_name(0)

    def _urn(self, name: str) -> str:
        return f"urn:pulumi:{self.program.stack.name}::pools::{TYPE}::{name}"

    def adopt(self, name: str, pool_id: str, arguments: Arguments) -> None:
        """Declare a resource that takes over a pool of somebody else."""
        adopted = model.held(self.foreign.pop(pool_id))
        self.edit(name, {**arguments, "adopt_pool_id": pool_id})
        self.known[name] = replace(adopted, fields=model.edited(adopted.fields, {}, arguments))

    def drift(self, name: str, changes: Fields, tags: dict[str, str]) -> None:
        """Let somebody else change a pool of the program."""
        known, arguments = self.known[name], self.pools[name]
        self.emulator.drift(known.pool_id, **changes)
        self.emulator.set_tags(known.pool_id, tags)
        fields = {key: value for key, value in changes.items() if key != "Capacity"}
        if "Capacity" in changes:
            fields["Capacity"] = changes["Capacity"]["DesiredUserSessions"]
        fields["Tags"] = model.program_tags(tags)
        self._expect(name, model.drifted(known.fields, fields, arguments))

    def remove(self, name: str) -> None:
        """Let somebody else delete a pool of the program."""
        self.emulator.remove(self.known.pop(name).pool_id)

    # The program

    def edit(self, name: str, arguments: Arguments | None) -> None:
        """Change the program: a pool's arguments, or None to take the pool out."""
        before = self.pools.pop(name, None)
        known = self.known.get(name)
        if arguments is not None:
            self.pools[name] = copy.deepcopy(arguments)
        if arguments is None or (known and model.replaces(known, arguments)):
            self.known.pop(name, None)
        elif known and before is not None:
            fields = model.edited(known.fields, before, arguments)
            if model.ignores_capacity(before) and not model.ignores_capacity(arguments):
                # What auto scaling did meanwhile is drift now: it takes a refresh to see it.
                fields["Capacity"] = None
                self._has_to_look = True
            self._expect(name, fields)
        self.program.write()

    def take_back(self, name: str, arguments: Arguments, known: Held, *, done: bool) -> None:
        """Undo an edit in place that was tried.

        Where it was carried out, this is but another edit. Otherwise what it set, and nobody
        declares any more, may be there or not.
        """
        tried = self.known[name].fields
        self.edit(name, arguments)
        fields = self.known[name].fields
        if not done:
            for field, (value, _) in model.differences(tried, known.fields).items():
                if not model.declares(arguments, field, value):
                    fields[field] = None
        self._expect(name, fields)

    def _expect(self, name: str, fields: Fields) -> None:
        self.known[name] = replace(self.known[name], fields=fields)

    # Running

    def run(self, operation: Operation, trouble: Trouble, replaced: str | None = None) -> bool:
        """Run an operation of the engine in trouble; gives whether it succeeded."""
        self.emulator.clear_calls()
        # What is read late is what was written a moment ago.
        self.emulator.catch_up()
        seconds = trouble.seconds
        self.emulator.timing = Timing(seconds, seconds, seconds, seconds, seconds)
        killing: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        follows_a_kill = self._may_have_lost
        if trouble.kill:
            self._may_have_lost = True
            killing = trouble.kill.during(self.program.stack, self.emulator, Strike())
        with self._in_use(trouble.in_use), self._failing(trouble), killing:
            ran = self.operate(operation, replaced)
        assert "Traceback" not in ran.text, ran.text
        assert ran.ok or not trouble.calm, ran.text
        if follows_a_kill:
            self._said += ran.text
        self.emulator.timing = Timing()
        for pool in self.emulator.pools():
            with contextlib.suppress(KeyError):  # it is gone by now
                self.emulator.age(pool["PoolId"], _LONG)
        return ran.ok

    def operate(self, operation: Operation, replaced: str | None = None) -> Outcome:
        """Run an operation of the engine undisturbed."""
        options = {"replace": [self._urn(replaced)]} if replaced else {}
        outcome: Outcome = getattr(self.program.stack, operation)(**options)
        return outcome

    @contextlib.contextmanager
    def _failing(self, trouble: Trouble) -> Iterator[None]:
        for item in trouble.failing:
            self.emulator.fail(item.operation, item.fault, times=item.times, skip=item.skip)

        def lag(call: Call) -> None:
            if trouble.lag and call.status == 200 and not call.operation.startswith("Describe"):
                self.emulator.clear_faults()
                self.emulator.stale_reads(trouble.lag)

        hook = self.emulator.on("*", "after", lag)
        yield
        hook.cancel()
        self.emulator.clear_faults()

    @contextlib.contextmanager
    def _in_use(self, names: Collection[str]) -> Iterator[None]:
        """Let pools have users meanwhile: nobody who may stay is thrown out."""
        protected = []
        running = {p["PoolId"] for p in self.own_pools() if p["State"] == "RUNNING"}
        for name in names:
            found = self._state().get(name)
            if found is None or found["id"] not in running:
                continue
            self.emulator.open_sessions(found["id"], _SESSIONS)
            disconnects = (found["outputs"], self.pools.get(name, {}))
            keys = ("disconnectActiveSessions", "disconnect_active_sessions")
            if not any(given.get(key) for given in disconnects for key in keys):
                protected.append(found["id"])
        yield
        left = {pool["PoolId"]: pool for pool in self.own_pools()}
        for pool_id in protected:
            assert pool_id in left, f"deleted under its users: {pool_id}"
            pool = left[pool_id]
            assert pool["State"] == "RUNNING", f"stopped under its users: {pool}"
            assert pool["CapacityStatus"]["ActiveUserSessions"] == _SESSIONS, pool
        for pool_id in left:
            self.emulator.close_sessions(pool_id)

    # Converging

    def converge(
        self, *, refresh: bool = False, adopt: bool = False, replaced: str | None = None
    ) -> None:
        """Look whether one clean `up` ends where the program says, and a second does nothing.

        Args:
            refresh: whether Pulumi looks at the pools first, as it must where there was drift.
            adopt: whether a pool that a message names is adopted, where its name is fixed, rather
                than deleted.
            replaced: the resource to replace, where that was what was disturbed.
        """
        if refresh or self._has_to_look:
            self._has_to_look = False
            self.operate("refresh").expect()
        ran = self.operate("up", replaced)
        self._said += ran.text
        heeded = self._heed(adopt=adopt)
        assert ran.ok or heeded, ran.text
        if heeded or replaced:
            self.operate("up").expect()
        self.steps += 1
        self.emulator.clear_calls()
        again = self.operate("up").expect()
        assert again.changes.keys() <= {"same"}, again.text
        assert self.emulator.writes() == []
        self.check()

    def _heed(self, *, adopt: bool) -> bool:
        """Do what the message says of a pool whose creation was all but saved.

        The moment between removing the creation marker and the engine's saving is the one in which
        a kill can leave a pool that nobody knows: the next `up`, in trouble or not, names it.
        """
        known = {entry.get("id") for entry in self.program.stack.resources()}
        left = [pool for pool in self.own_pools() if pool["PoolId"] not in known]
        for pool in left:
            assert self._may_have_lost, f"a pool was lost without a kill: {pool}\n{self._said}"
            assert pool["PoolId"] in self._said, f"a pool was lost in silence: {pool}\n{self._said}"
            assert not any(is_own_tag(key) for key in pool["Tags"]), pool
            holder = self._declared_as(pool["PoolName"])
            # A resource that is being replaced has a pool and cannot adopt another.
            if adopt and holder and holder not in self._state():
                self._adopt(holder, pool["PoolId"])
            else:
                self.emulator.remove(pool["PoolId"])
        return bool(left)

    def _declared_as(self, pool_name: str) -> str | None:
        names = [name for name, given in self.pools.items() if given.get("pool_name") == pool_name]
        return names[0] if names else None

    def _adopt(self, name: str, pool_id: str) -> None:
        self.program.change(name, adopt_pool_id=pool_id)
        self.operate("up").expect()
        self.program.change(name, adopt_pool_id=None)

    def check(self) -> None:
        """Look whether AWS holds exactly the pools that the program declares, and those of others.

        Raises:
            AssertionError: something is not as it should be.
        """
        state = self._state()
        assert state.keys() == self.pools.keys()
        own = {pool["PoolId"]: pool for pool in self.own_pools()}
        ids = {name: str(entry["id"]) for name, entry in state.items()}
        assert sorted(ids.values()) == sorted(own), "not the pools that the program declares"
        for name, pool_id in ids.items():
            left = {key for key in own[pool_id]["Tags"] if is_own_tag(key)} - {OWNER}
            assert not left, own[pool_id]
            self._check_pool(name, model.held(own[pool_id]))
        for pool_id, pool in self.foreign.items():
            assert self.emulator.pool(pool_id) == pool, "a pool of somebody else was touched"
        self.doubtful = set()
        self._may_have_lost = False
        self._said = ""

    def _check_pool(self, name: str, found: Held) -> None:
        known, arguments = self.known.get(name), self.pools[name]
        if known and found.pool_id != known.pool_id:
            assert name in self.doubtful, f"{name} was replaced"
            known = None
        fields = known.fields if known else model.created(arguments)
        wrong = model.differences(fields, found.fields)
        assert not wrong, (name, wrong)
        automatic = known.pool_name if known else rf"{name}-[0-9a-f]{{7}}"
        assert re.fullmatch(arguments.get("pool_name", automatic), found.pool_name)
        assert found.region == arguments.get("region", known.region if known else model.HOME_REGION)
        self.known[name] = found

    def doubt(self, names: Collection[str]) -> None:
        """Accept other pools for resources: they were destroyed or replaced, or half of it."""
        self.doubtful = set(names)
        for name in self.doubtful & self.known.keys():
            # They may have been left in the middle of something.
            if "desired_state" not in self.pools[name]:
                self._expect(name, {**self.known[name].fields, "State": None})

    def own_pools(self) -> list[dict[str, Any]]:
        """The pools that are not of others, as the emulator shows them."""
        return [pool for pool in self.emulator.pools() if pool["PoolId"] not in self.foreign]

    def _state(self) -> dict[str, dict[str, Any]]:
        """The stack's pools by logical name."""
        entries = [entry for entry in self.program.stack.resources() if entry["type"] == TYPE]
        named = {entry["urn"].rpartition("::")[2]: entry for entry in entries}
        return {name: entry for name, entry in named.items() if not entry.get("delete")}
