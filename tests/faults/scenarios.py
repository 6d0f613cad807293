"""The operations whose interruption and whose faults the tables try, and what each must come to."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pulumi_workspaces_pool.ownership import OWNER
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from support.outcomes import Outcome
from support.program import Program, TriedStack, WorldName, stack_of

Naming = Literal["fixed", "automatic"]
Verb = Literal["up", "destroy"]

RESOURCE = "desks"
FIXED_NAME = "desks-pool"
FOREIGN = "somebody-elses"
SECRET_KEY = "NotOneByteOfThisMayEverBeShown/0123456789"  # noqa: S105  # made up, to be looked for

_LOOK = "DescribeWorkspacesPools"
_STOP = ("DescribeWorkspacesPoolSessions", "StopWorkspacesPool", _LOOK)


@dataclass(frozen=True, eq=False)
class Scenario:
    """An operation on one pool.

    Attributes:
        name: what the tables call it.
        calls: the calls of the WorkSpaces API that it makes, in their order.
        verb: the engine's operation.
        earlier: the pool's arguments while it is brought up first; None: there is no pool yet.
        arguments: the pool's arguments when the operation runs.
        holds: the pool's fields on AWS once the operation has ended; None: it is gone.
        namings: how the pool gets its name; both where that makes a difference.
        settings: how the emulated AWS differs from its defaults.
    """

    name: str
    calls: tuple[str, ...]
    verb: Verb = "up"
    earlier: Mapping[str, Any] | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    holds: Mapping[str, Any] | None = None
    namings: tuple[Naming, ...] = ("fixed", "automatic")
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, stack: TriedStack) -> Outcome:
        return stack.destroy() if self.verb == "destroy" else stack.up()


_RUNNING_MODE = Scenario(
    "update running mode, AWS starts the pool",
    calls=(
        *(_LOOK, "DescribeTags", _STOP[0], "CreateTags", *_STOP[1:]),
        *("UpdateWorkspacesPool", _LOOK, "DeleteTags"),
    ),
    earlier={},
    arguments={"running_mode": "ALWAYS_ON"},
    holds={"State": "RUNNING", "RunningMode": "ALWAYS_ON", "Tags": {}},
    namings=("fixed",),
)
SCENARIOS = (
    Scenario(
        "create",
        calls=("CreateWorkspacesPool", _LOOK, "DeleteTags"),
        arguments={"tags": {"Team": "design"}},
        holds={"State": "RUNNING", "Tags": {"Team": "design"}},
    ),
    Scenario(
        "create stopped",
        calls=("CreateWorkspacesPool", _LOOK, *_STOP, "DeleteTags"),
        arguments={"desired_state": "STOPPED"},
        holds={"State": "STOPPED", "Tags": {}},
    ),
    Scenario(
        "update tags and description",
        calls=(_LOOK, "DescribeTags", "DeleteTags", "CreateTags", "UpdateWorkspacesPool", _LOOK),
        earlier={"tags": {"Team": "design", "Stage": "test"}},
        arguments={"description": "Changed", "tags": {"Team": "build", "Cost": "42"}},
        holds={
            "State": "RUNNING",
            "Description": "Changed",
            "Tags": {"Team": "build", "Cost": "42"},
        },
        namings=("fixed",),
    ),
    replace(
        _RUNNING_MODE,
        name="update running mode",
        calls=(*_RUNNING_MODE.calls[:-1], "StartWorkspacesPool", _LOOK, "DeleteTags"),
        namings=("automatic",),
        settings={"always_on_can_stop": True},
    ),
    _RUNNING_MODE,
    Scenario(
        "delete",
        calls=(_LOOK, "DescribeTags", _STOP[0], "TerminateWorkspacesPool", _LOOK),
        verb="destroy",
        earlier={},
        namings=("fixed",),
    ),
)


@dataclass
class Findings:
    """What is not as it should be after all; nothing if all is well.

    Attributes:
        problems: each in a few words.
        course: what each operation came to, and the calls that it made to change something.
        counts: how many pools are lost (the program declares them, and AWS or the state has none),
            doubled (beside those that the program declares), and others touched.
    """

    problems: list[str] = field(default_factory=list)
    course: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def expect(self, holds: bool, problem: str) -> None:
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)

    def count(self, what: str, number: int, problem: str) -> None:
        """Note how many pools are lost, doubled or touched, which none should be."""
        self.counts[what] = number
        self.expect(not number, problem)

    def note(self, outcome: Outcome, program: Program) -> None:
        """Note what an operation came to."""
        end = f"changed {sorted(outcome.changes.items())}" if outcome.ok else "failed"
        # How often a call is made again depends on the clock, which is not turned on the CLI.
        calls = [
            operation for operation, _ in itertools.groupby(program.write_calls(), itemgetter(0))
        ]
        self.course.append(f"{end} by {calls}")

    def expect_plain_words(self, outcome: Outcome) -> None:
        for alien in ("Traceback", SECRET_KEY, "a fault in pulumi-workspaces-pool"):
            self.expect(alien not in outcome.text, f"{alien} is shown: {said(outcome)}")


@dataclass(frozen=True)
class Cell:
    """One field of a table: a scenario, and which of its calls is hit, from 0."""

    scenario: Scenario
    position: int

    @property
    def call(self) -> str:
        """The operation that the call is of."""
        return self.scenario.calls[self.position]

    @contextmanager
    def trial(
        self, world: WorldName, naming: Naming, **arguments: Any
    ) -> Iterator[tuple[Findings, Program]]:
        """A program whose next run is the scenario's, and which is to converge after the context.

        Args:
            world: what runs the stack.
            naming: how the pool gets its name.
            **arguments: further arguments of the pool.
        """
        findings = Findings()
        with bench(world) as program:
            begin(program, self.scenario, naming, **arguments)
            foreign = _foreign_pool(program)
            yield findings, program
            _converge(findings, program, self.scenario, foreign)


@contextmanager
def bench(world: WorldName) -> Iterator[Program]:
    """A program without a pool, and emulated AWS of its own that has a pool of others."""
    with TemporaryDirectory() as folder, EmulatorServer() as aws:
        given = {**aws.environment(), "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        program = Program(Path(folder) / "project", partial(stack_of, world, given), aws)
        program.emulator.add_pool(FOREIGN, Tags={"Owner": "somebody"})
        yield program


def begin(program: Program, scenario: Scenario, naming: Naming, **arguments: Any) -> None:
    """Bring a new program to where the scenario's operation is the next thing to run."""
    for name, value in scenario.settings.items():
        setattr(program.emulator, name, value)
    given = {"pool_name": FIXED_NAME if naming == "fixed" else None, **arguments}
    if scenario.earlier is not None:
        program.declare(RESOURCE, **{**given, **scenario.earlier})
        up = program.stack.up()
        assert up.ok, up.text
    program.declare(RESOURCE, **{**given, **scenario.arguments})
    program.emulator.clear_calls()


def said(outcome: Outcome) -> str:
    """What was said of failures and warnings."""
    lines = [line.strip() for line in outcome.text.splitlines()]
    told = [line for line in lines if "error:" in line or "warning:" in line or line[:1] == "*"]
    return "\n".join(dict.fromkeys(told)) or outcome.text


def _foreign_pool(program: Program) -> dict[str, Any] | None:
    """The pool of others, as it is now; None if it is gone."""
    found = [pool for pool in program.emulator.pools() if pool["PoolName"] == FOREIGN]
    return found[0] if len(found) == 1 else None


def own_pools(program: Program) -> list[dict[str, Any]]:
    return [pool for pool in program.emulator.pools() if pool["PoolName"] != FOREIGN]


def _converge(
    findings: Findings, program: Program, scenario: Scenario, foreign: dict[str, Any] | None
) -> None:
    """Run the operation once more, undisturbed, and look whether all is as the program says."""
    outcome = scenario.run(program.stack)
    findings.note(outcome, program)
    findings.expect(outcome.ok, f"the next {scenario.verb} fails: {said(outcome)}")
    _expect_pools(findings, program, scenario)
    again = scenario.run(program.stack)
    findings.expect(again.ok, f"the {scenario.verb} after that fails: {said(again)}")
    findings.expect(set(again.changes) <= {"same"}, f"a second one changes {again.changes}")
    writes = [operation for operation, _ in program.write_calls()]
    findings.expect(not writes, f"a second one calls {writes}")
    touched = _foreign_pool(program) != foreign
    findings.count("others touched", int(touched), "a pool of others was touched")


def _expect_pools(findings: Findings, program: Program, scenario: Scenario) -> None:
    pools = own_pools(program)
    known = [entry["id"] for entry in program.stack.resources() if entry["urn"].endswith(RESOURCE)]
    wanted = 0 if scenario.holds is None else 1
    known_and_there = [pool for pool in pools if pool["PoolId"] in known]
    lost, doubled = max(0, wanted - len(known_and_there)), max(0, len(pools) - wanted)
    findings.count("lost", lost, f"of the pools in the state {known}, AWS has none")
    findings.count("doubled", doubled, f"{len(pools)} pools instead of {wanted}")
    findings.expect(len(known) == wanted, f"{len(known)} resources in the state")
    for pool in known_and_there:
        for name, value in (scenario.holds or {}).items():
            held = pool[name]
            if name == "Tags":
                # A pool that had to be adopted has an owner.
                held = {key: item for key, item in held.items() if key != OWNER}
            findings.expect(held == value, f"{name} is {held}, not {value}")
