"""Stacks under test: one way to drive a Pulumi program on the local engine and on the CLI."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pulumi import automation

EngineName = Literal["local", "cli"]

LOCAL: EngineName = "local"
CLI: EngineName = "cli"

_PASSPHRASE = "for-tests"  # noqa: S105  # it protects nothing but throw-away stacks
# Where a person's own AWS settings would change what a test sees.
_AWS_VARIABLES = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ENDPOINT_URL_WORKSPACES",
)


@dataclass(frozen=True)
class Outcome:
    """What an operation came to.

    Attributes:
        ok: whether it succeeded.
        exit_code: the engine's exit code; 0 is success.
        text: all that it printed.
        changes: how many resources had each operation, such as `{"create": 1, "same": 2}`.
        outputs: the stack's outputs by name; secret ones are plain here.
    """

    ok: bool
    exit_code: int
    text: str
    changes: dict[str, int]
    outputs: dict[str, Any]


def engines_found() -> list[EngineName]:
    """List the engines that can be used here.

    Returns:
        The local engine always, and the Pulumi CLI where `pulumi` is on the PATH.
    """
    return [LOCAL, CLI] if shutil.which("pulumi") else [LOCAL]


def copy_project(folder: Path, target: Path) -> Path:
    """Copy a project, so that a test leaves nothing in it and finds nothing of a person's own.

    The configuration of the project's stacks and its virtual environment stay behind; the copy runs
    in the Python that runs the tests.

    Args:
        folder: the project's folder, which holds Pulumi.yaml.
        target: where the copy goes; it must not exist.

    Returns:
        The folder of the copy.
    """
    content = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    runtime = content["runtime"]
    options = runtime.get("options") if isinstance(runtime, dict) else None
    environment = (options or {}).get("virtualenv")
    left_out = [".git", ".venv", "__pycache__", "Pulumi.*.yaml"]
    if environment:
        left_out.append(Path(environment).name)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(*left_out))
    if environment:
        (target / environment).symlink_to(sys.prefix)
    return target


class StackUnderTest:
    """A stack of a Pulumi project folder, on one of the engines.

    Attributes:
        engine: "local" or "cli".
        folder: the project's folder.
        name: the stack's name.
    """

    def __init__(
        self,
        engine: EngineName,
        folder: Path,
        *,
        state: Path,
        name: str = "test",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Create the stack, or select it if it exists.

        Args:
            engine: the engine to use.
            folder: the project's folder, which holds Pulumi.yaml.
            state: a folder for the engine's state.
            name: the stack's name.
            environment: variables for the program and the provider, beside this process's own.
        """
        self.engine = engine
        self.folder = folder
        self.name = name
        self._state = state
        self._variables = {**_base_environment(state), **(environment or {})}
        self._stack: Any = self._select()

    def _select(self) -> Any:
        if self.engine == LOCAL:
            from .engine import create_or_select_stack  # noqa: PLC0415  # needs gRPC servers

            return create_or_select_stack(
                self.name, work_dir=self.folder, env_vars=self._variables, state_dir=self._state
            )
        (self._state / "backend").mkdir(parents=True, exist_ok=True)
        options = automation.LocalWorkspaceOptions(env_vars=self._variables)
        return automation.create_or_select_stack(self.name, work_dir=str(self.folder), opts=options)

    def with_environment(self, **variables: str) -> StackUnderTest:
        """Give the same stack to a program that runs with other variables.

        Args:
            **variables: what to add to the stack's environment, or to change in it.

        Returns:
            The stack; this one is left as it is.
        """
        return StackUnderTest(
            self.engine,
            self.folder,
            state=self._state,
            name=self.name,
            environment={**self._variables, **variables},
        )

    def preview(self, **options: Any) -> Outcome:
        """Preview the program; options are those of `pulumi.automation.Stack.preview`."""
        return self._run(self._stack.preview, options)

    def up(self, **options: Any) -> Outcome:
        """Bring the stack up; options are those of `pulumi.automation.Stack.up`."""
        return self._run(self._stack.up, options)

    def refresh(self, **options: Any) -> Outcome:
        """Read what exists into the state; options are those of the automation API."""
        return self._run(self._stack.refresh, options)

    def destroy(self, **options: Any) -> Outcome:
        """Delete everything of the stack; options are those of the automation API."""
        return self._run(self._stack.destroy, options)

    def configure(self, **values: str) -> None:
        """Set configuration values of the project, such as `directoryId="wsd-..."`."""
        for key, value in values.items():
            self.set_config(key, value)

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        """Set one configuration value.

        Args:
            key: the key, with or without a namespace, such as `aws:region`.
            value: its value.
            secret: whether to encrypt it.
        """
        self._stack.set_config(key, automation.ConfigValue(value=value, secret=secret))

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs by name."""
        return {name: output.value for name, output in self._stack.outputs().items()}

    def export(self) -> automation.Deployment:
        """The stack's state, as `pulumi stack export` gives it."""
        deployment: automation.Deployment = self._stack.export_stack()
        return deployment

    def import_state(self, deployment: automation.Deployment) -> None:
        """Replace the stack's state, as `pulumi stack import` does."""
        self._stack.import_stack(deployment)

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, in its order."""
        deployment = self.export().deployment or {}
        return list(deployment.get("resources") or [])

    def resource(self, name: str) -> dict[str, Any]:
        """The one resource in the state with a logical name.

        Args:
            name: the name that the program gives it.

        Returns:
            The resource as the state holds it: urn, id, inputs, outputs and so on.

        Raises:
            KeyError: there is none, or more than one.
        """
        found = [entry for entry in self.resources() if entry["urn"].endswith(f"::{name}")]
        if len(found) != 1:
            raise KeyError(f"{len(found)} resources are named {name}")
        return found[0]

    def urn(self, name: str) -> str:
        """The URN of the one resource with a logical name."""
        return str(self.resource(name)["urn"])

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs an operation of this stack in a process of its own.

        Args:
            *arguments: such as "up" and its options, which both engines understand.

        Returns:
            The command, to be run with `environment` and in `folder`.
        """
        if self.engine == CLI:
            return ["pulumi", *arguments, "--stack", self.name, "--non-interactive"]
        module = "pulumi_workspaces_pool.testing.engine"
        return [sys.executable, "-m", module, *arguments, "--stack", self.name]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that `command` needs."""
        return {**os.environ, **self._variables}

    def _run(self, operation: Callable[..., Any], options: dict[str, Any]) -> Outcome:
        lines: list[str] = []
        try:
            result = operation(on_output=lines.append, **options)
        except automation.CommandError as error:
            text = "\n".join([*lines, str(error)])
            return Outcome(False, _exit_code(error), text, {}, {})
        text = "\n".join([*lines, getattr(result, "stderr", "")])
        outputs = getattr(result, "outputs", None) or {}
        return Outcome(
            True, 0, text, _changes(result), {key: value.value for key, value in outputs.items()}
        )


def _exit_code(error: automation.CommandError) -> int:
    # The automation API keeps the exit code in the text alone.
    found = re.search(r"^ ?code: (-?\d+)", str(error), re.MULTILINE)
    return int(found.group(1)) if found else 1


def _changes(result: Any) -> dict[str, int]:
    if isinstance(result, automation.PreviewResult):
        counts = result.change_summary
    else:
        counts = result.summary.resource_changes or {}
    return {str(getattr(key, "value", key)): count for key, count in counts.items()}


def _base_environment(state: Path) -> dict[str, str]:
    # The engines start `python` by its name: it has to be this one.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    nowhere = str(state / "no-aws-settings")
    return {
        "PATH": path,
        "PULUMI_BACKEND_URL": (state / "backend").as_uri(),
        "PULUMI_HOME": str(state / "home"),
        "PULUMI_LOCAL_ENGINE_STATE": str(state),
        "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        **{name: "" for name in _AWS_VARIABLES if name in os.environ},
    }
