"""A project's program in the process of the test, seeing and leaving what its own process would."""

from __future__ import annotations

import contextlib
import functools
import os
import runpy
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import yaml
from pulumi import automation

from pulumi_workspaces_pool import cached, redaction
from pulumi_workspaces_pool.resource import unpatched_pickler

# A person's own settings of these tools must not reach a stack under test.
_PERSONAL = ("AWS_", "PULUMI_")
# The programs of two stacks would share the environment and the working directory.
_one_at_a_time = threading.RLock()


class InlineCommand(automation.PulumiCommand):
    """The Pulumi CLI, with this process as the process of the project's program while it runs."""

    def __init__(self, folder: Path) -> None:
        """Find the CLI on the PATH, for a project's folder, which holds Pulumi.yaml."""
        found = _cli(shutil.which("pulumi"))
        self.command, self.version = found.command, found.version
        self._project = folder
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
        main = (folder / str(project.get("main") or ".")).resolve()
        self._script = main / "__main__.py" if main.is_dir() else main

    def program(self) -> None:
        """Run the project's program, as `pulumi.automation` asks for it."""
        runpy.run_path(str(self._script), run_name="__main__")

    def run(
        self, args: list[str], cwd: str, additional_env: Mapping[str, str], *output: Any
    ) -> automation.CommandResult:
        """Run a command of the CLI, and whatever of the program the CLI asks for meanwhile."""
        with (
            _one_at_a_time,
            _environment(additional_env),
            _import_path(self._script.parent),
            _modules(self._project, self._script.parent),
            unpatched_pickler(),
        ):
            return super().run(args, cwd, additional_env, *output)


@functools.cache
def _cli(_path: str | None) -> automation.PulumiCommand:
    """The CLI on the PATH, asked for its version once."""
    return automation.PulumiCommand()


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    for name in before:
        if name.startswith(_PERSONAL):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        # Not `clear` and `update`: other threads look at the environment as well.
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def _import_path(folder: Path) -> Iterator[None]:
    working_directory = Path.cwd()
    os.chdir(folder)
    try:
        with mock.patch.multiple(sys, path=[str(folder), *sys.path], argv=[str(folder)]):
            yield
    finally:
        os.chdir(working_directory)


@contextlib.contextmanager
def _modules(project: Path, program: Path) -> Iterator[None]:
    """Let the program import its own modules anew, and forget them, and this package's caches."""
    own = {path.stem for path in program.iterdir() if path.suffix == ".py" or path.is_dir()}
    own.discard("__main__")
    aside = {name: sys.modules[name] for name in list(sys.modules) if name.split(".")[0] in own}
    for name in aside:
        del sys.modules[name]
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if _is_within(module, project) or _is_within(module, program):
                del sys.modules[name]
        sys.modules.update(aside)
        cached.forget()
        redaction.forget_concealed()


def _is_within(module: ModuleType, folder: Path) -> bool:
    """Whether a module is the project's own, rather than one of its virtual environment."""
    file = str(getattr(module, "__file__", None))
    return file.startswith(f"{folder}{os.sep}") and not file.startswith(f"{sys.prefix}{os.sep}")
