"""Stacks under test: `pulumi.automation` on a project's folder, free of the tester's settings."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation
from pulumi.automation._stack import StackInitMode  # `create_or_select` makes no subclass

from .inline import InlineCommand

NO_CLI = (
    "There is no `pulumi` on the PATH: install the Pulumi CLI "
    "(https://www.pulumi.com/docs/install/), then run the tests again."
)
_PASSPHRASE = "for-tests"  # noqa: S105  # it protects nothing but throw-away stacks


class NoCliError(Exception):
    """There is no Pulumi CLI on the PATH."""


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


class StackUnderTest(automation.Stack):
    """A stack of a project's folder, on a backend of its own.

    Its operations are those of `pulumi.automation.Stack`, with the same results and errors. The
    program runs in this process, one operation at a time.

    Attributes:
        folder: the project's folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        state: Path,
        name: str = "test",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Create the stack, or select it if it exists.

        Args:
            folder: the project's folder, which holds Pulumi.yaml.
            state: a folder for the backend and for what the CLI keeps at home, but for plugins:
                they are shared with the tester's own stacks, as the CLI downloads what is missing.
            name: the stack's name.
            environment: variables for the program and the provider, beside the tester's own, of
                which those for AWS and Pulumi are left out.

        Raises:
            NoCliError: there is no `pulumi` on the PATH.
        """
        if shutil.which("pulumi") is None:
            raise NoCliError(NO_CLI)
        self.folder = folder.resolve()
        self._state = state.resolve()
        self._environment = dict(environment or {})
        (self._state / "backend").mkdir(parents=True, exist_ok=True)
        _share_plugins(self._state / "home")
        command = InlineCommand(self.folder)
        workspace = automation.LocalWorkspace(
            work_dir=str(self.folder),
            program=command.program,
            env_vars={**_base_environment(self._state), **self._environment},
            pulumi_command=command,
        )
        super().__init__(name, workspace, StackInitMode.CREATE_OR_SELECT)

    def with_environment(self, **variables: str) -> StackUnderTest:
        """Return the same stack for a program that runs with other variables.

        Args:
            **variables: what to add to the stack's environment, or to change in it.

        Returns:
            The stack; this one is left as it is.
        """
        environment = {**self._environment, **variables}
        return StackUnderTest(
            self.folder, state=self._state, name=self.name, environment=environment
        )

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, in its order."""
        deployment = self.export_stack().deployment or {}
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


def _share_plugins(home: Path) -> None:
    own_home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi").absolute()
    plugins = own_home / "plugins"
    with contextlib.suppress(OSError):  # shared already, or no home that could be written to
        plugins.mkdir(parents=True, exist_ok=True)
        home.mkdir(exist_ok=True)
        (home / "plugins").symlink_to(plugins)


def _base_environment(state: Path) -> dict[str, str]:
    nowhere = str(state / "no-aws-settings")
    no_proxy = [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1", "localhost"]
    return {
        # Whoever starts `python` by its name has to start this one.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_BACKEND_URL": (state / "backend").as_uri(),
        "PULUMI_HOME": str(state / "home"),
        "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "NO_PROXY": ",".join(filter(None, no_proxy)),
        "no_proxy": ",".join(filter(None, no_proxy)),
    }
