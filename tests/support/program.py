"""A Pulumi program that declares what a JSON file says, so that a test can edit it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Generic, Literal

import yaml
from typing_extensions import TypeVar

from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.stacks import StackUnderTest
from support.memory_stack import MemoryStack
from support.outcomes import CliStack, Outcome

# Pulumi's dynamic host alone, or the Pulumi CLI.
WorldName = Literal["host", "cli"]
TriedStack = CliStack | MemoryStack
S = TypeVar("S", bound=TriedStack, default=CliStack)

# Every optional setting of a pool, none as AWS has it by itself. That a pool which is ALWAYS_ON can
# be STOPPED is not as documented: the emulator is to be told.
SETTLED: dict[str, Any] = {
    "running_mode": "ALWAYS_ON",
    "application_settings": {"status": "ENABLED", "settings_group": "shared"},
    "timeout_settings": {"disconnect_timeout_in_seconds": 600},
    "desired_state": "STOPPED",
}

_DECLARED = "pools.json"
_PROGRAM = """
import json
from pathlib import Path

import pulumi
from pulumi_workspaces_pool import WorkspacesPool

declared = json.loads(Path(__file__).with_name("pools.json").read_text())
for name, arguments in declared["pools"].items():
    options = arguments.pop("opts", {})
    timeouts = options.pop("custom_timeouts", None)
    if timeouts:
        options["custom_timeouts"] = pulumi.CustomTimeouts(**timeouts)
    aliases = [pulumi.Alias(name=alias) for alias in options.pop("aliases", [])]
    opts = pulumi.ResourceOptions(aliases=aliases, **options)
    pool = WorkspacesPool(name, **arguments, opts=opts)
    pulumi.export(name, {
        "pool_id": pool.pool_id, "pool_arn": pool.pool_arn, "pool_name": pool.pool_name,
        "state": pool.state, "created_at": pool.created_at, "errors": pool.errors,
        "running_mode": pool.running_mode, "region": pool.region, "tags": pool.tags,
        "available": pool.capacity_status.available_user_sessions,
        "desired": pool.capacity.desired_user_sessions,
        "bucket": pool.application_settings.s3_bucket_name,
        "idle": pool.timeout_settings.idle_disconnect_timeout_in_seconds,
    })
for name, arguments in declared["reads"].items():
    read = WorkspacesPool.get(name, **arguments)
    pulumi.export(name, {"pool_name": read.pool_name, "state": read.state, "tags": read.tags})
"""


def declared_in(folder: Path) -> dict[str, dict[str, Any]]:
    """The arguments of each pool that the program in a folder declares, by its logical name."""
    pools: dict[str, dict[str, Any]] = json.loads((folder / _DECLARED).read_text())["pools"]
    return pools


class PoolProgram(Generic[S]):
    """A project folder whose program declares pools.

    Attributes:
        pools: the arguments of each pool by its logical name; edit them, then run the stack.
        reads: the arguments of each `WorkspacesPool.get` by its logical name.
        stack: the stack.
        emulator: the control surface of the emulated AWS behind it.
    """

    def __init__(
        self,
        folder: Path,
        make_stack: Callable[[Path], S],
        aws: EmulatorServer,
        project: str = "pools",
    ) -> None:
        """Write the project, under a name."""
        self.pools: dict[str, dict[str, Any]] = {}
        self.reads: dict[str, dict[str, Any]] = {}
        self.emulator = aws.emulator
        self._folder = folder
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
        (folder / "__main__.py").write_text(_PROGRAM)
        self.write()
        self.stack: S = make_stack(folder)

    def declare(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Declare a pool, with usual values for what is left out; None leaves it out."""
        usual = {
            "description": f"Pool {name}",
            "bundle_id": self.emulator.default_bundle_id,
            "directory_id": self.emulator.default_directory_id,
            "capacity": {"desired_user_sessions": 2},
        }
        given = {**usual, **arguments}
        self.pools[name] = {key: value for key, value in given.items() if value is not None}
        self.write()
        return self.pools[name]

    def create(self, name: str, **arguments: Any) -> str:
        """Declare a pool as `declare` does, bring it up and forget the calls; returns its id."""
        self.declare(name, **arguments)
        self.stack.up().expect()
        self.emulator.clear_calls()
        return str(self.stack.resource(name)["id"])

    def change(self, name: str, **arguments: Any) -> None:
        """Change arguments of a pool; None takes one away."""
        for key, value in arguments.items():
            if value is None:
                self.pools[name].pop(key, None)
            else:
                self.pools[name][key] = value
        self.write()

    def update(self, name: str, **arguments: Any) -> Outcome:
        """Change arguments of a pool as `change` does, and bring the stack up."""
        self.change(name, **arguments)
        return self.stack.up()

    def write(self) -> None:
        """Write what is declared, for the next run of the program."""
        declared = {"pools": self.pools, "reads": self.reads}
        (self._folder / _DECLARED).write_text(json.dumps(declared))

    def write_calls(self) -> list[tuple[str, dict[str, Any]]]:
        """The calls since the last look that could change something, with their parameters."""
        calls = [(call.operation, call.parameters) for call in self.emulator.writes()]
        self.emulator.clear_calls()
        return calls


Program = PoolProgram[TriedStack]


def stack_of(
    world: WorldName,
    environment: Mapping[str, str],
    project: Path,
    *,
    name: str = "test",
    state: Path | None = None,
) -> TriedStack:
    """A stack of a project's folder, whose state is kept in another, by default beside it."""
    state = state or project.parent / "state"
    if world == "cli":
        return CliStack(StackUnderTest(project, state=state, name=name, environment=environment))
    variables = {"PULUMI_BACKEND_URL": state.as_uri(), **environment}
    project_name = yaml.safe_load((project / "Pulumi.yaml").read_text())["name"]
    declared = partial(declared_in, project)
    return MemoryStack(declared, variables, name=name, project=project_name)
