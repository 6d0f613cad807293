"""Stacks from Python: the methods and results of ``pulumi.automation.Stack``.

Follows https://www.pulumi.com/docs/reference/pkg/python/pulumi/#module-pulumi.automation, so that
one scenario can be run by either.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from pulumi.automation import (
    CommandResult,
    ConfigValue,
    DestroyResult,
    OutputValue,
    PreviewResult,
    RefreshResult,
    UpdateSummary,
    UpResult,
)
from pulumi.automation import Deployment as Exported
from pulumi.automation.errors import create_command_error

from .deployment import DEFAULT_PARALLEL, Deployment, Options, Outcome, Target
from .display import Display
from .errors import EngineError
from .project import Project, StackConfig, Value, load_project
from .secrets import Crypter, passphrase
from .state import VERSION, Snapshot, StateFile, read_deployment
from .urns import STACK_TYPE, qualified_type
from .values import Properties, Secret, contains, plain, with_plain_secrets

STATE_VARIABLE = "PULUMI_LOCAL_ENGINE_STATE"
FAILED, NO_CHANGES_EXPECTED = 1, 7
_DESTROYED = (
    "The resources in the stack have been deleted, but the history and configuration associated "
    "with the stack are still maintained."
)
OnOutput = Callable[[str], Any]


@dataclass(frozen=True)
class Ran:
    """One operation that was run.

    Args:
        code: its exit code.
        changes: how many resources were created, updated, and so on.
        json: the run as JSON.
    """

    code: int
    changes: Mapping[str, int]
    json: str


class Workspace:
    """One stack of a project: where its configuration and its state are."""

    def __init__(
        self, stack: str, folder: Path, env: Mapping[str, str], state_folder: Path | None = None
    ) -> None:
        """Look where everything is.

        Args:
            stack: the stack's name.
            folder: the project's folder, or one inside it.
            env: the environment of the program and the plugins.
            state_folder: where state is kept, instead of in the project's folder.
        """
        self.stack = stack
        self.env = env
        self._folder = folder
        chosen = state_folder or (Path(env[STATE_VARIABLE]) if env.get(STATE_VARIABLE) else None)
        self._chosen_root = chosen
        # A folder without a project is refused at once.
        self.project  # noqa: B018
        self._running: Deployment | None = None
        self._interrupted = False
        self._guard = threading.Lock()

    @property
    def project(self) -> Project:
        """The project, as its file is at this moment: people edit it between two runs."""
        return load_project(self._folder)

    @property
    def config(self) -> StackConfig:
        """The stack's configuration."""
        return StackConfig(self.project, self.stack)

    @property
    def state(self) -> StateFile:
        """The stack's state."""
        project = self.project
        return StateFile(self._root(project) / project.name, self.stack)

    def _root(self, project: Project) -> Path:
        return self._chosen_root or project.root / ".pulumi" / "local-engine"

    def crypter(self) -> Crypter:
        """Open the stack's secrets manager, which makes the stack if there was none."""
        return self.config.crypter(passphrase(self.env))

    def snapshot(self) -> Snapshot:
        """The stack's resources."""
        deployment = self.state.read()["deployment"]
        return read_deployment(deployment, self._decrypter(deployment))

    def run(
        self,
        kind: str,
        options: Options,
        write: OnOutput,
        complain: OnOutput,
        *,
        expect_no_changes: bool = False,
        quiet: bool = False,
    ) -> Ran:
        """Run one operation.

        Args:
            kind: what it is called; see `display.Display`.
            options: what is done.
            write: takes what is shown, line by line.
            complain: takes what belongs to the standard error.
            expect_no_changes: whether changes are a failure.
            quiet: show nothing but errors that end the run at once.

        Raises:
            EngineError: it cannot be run.
        """
        crypter = self.crypter()
        crypter.check()
        config = self.config.values(crypter, validate=not options.destroy)
        with self.state.locked():
            snapshot = self.snapshot()
            if options.clear_pending_creates:
                snapshot.pending.clear()
            olds = _stack_outputs(snapshot)
            shown = Display(write, kind, self.stack, quiet=quiet)
            target = self._target(config, snapshot, crypter)
            outcome = self._execute(Deployment(target, options, shown))
        news = olds if options.refresh_only else outcome.outputs
        shown.finish(olds, news, show_outputs=not options.destroy)
        code = _code(outcome, shown.counts, expect_no_changes)
        if code == NO_CHANGES_EXPECTED:
            name = {"up": "update"}.get(kind, kind)
            complain(f"error: no changes were expected for {name} but changes were proposed")
        if options.destroy and not options.preview and code == 0 and not quiet:
            write(_DESTROYED)
        masked = {key: "[secret]" if value.secret else value.text for key, value in config.items()}
        return Ran(code, dict(shown.counts), shown.as_json(masked, outcome.outputs))

    def _target(self, config: Mapping[str, Value], snapshot: Snapshot, crypter: Crypter) -> Target:
        state = self.state
        return Target(
            project=self.project,
            stack=self.stack,
            config=config,
            snapshot=snapshot,
            save=lambda new: state.write(new.to_deployment(crypter)),
            env=self.env,
            outputs_of=self._outputs_of,
        )

    def _execute(self, deployment: Deployment) -> Outcome:
        with self._guard:
            self._running = deployment
            if self._interrupted:
                deployment.cancel()
        try:
            return deployment.execute()
        finally:
            with self._guard:
                self._running = None

    def cancel(self) -> bool:
        """End the operation that this object runs, if there is one."""
        with self._guard:
            running = self._running
        if running is not None:
            running.cancel()
        return running is not None

    def interrupt(self) -> None:
        """End the operation that this object runs, or the next one as soon as it begins."""
        with self._guard:
            self._interrupted = True
        self.cancel()

    def outputs(self) -> Properties:
        """The stack's outputs, secrets as such."""
        return _stack_outputs(self.snapshot()) or {}

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's state.

        Args:
            show_secrets: put secrets in as plain texts; otherwise they stay encrypted.
        """
        content = self.state.read()
        if show_secrets:
            decrypt = self._decrypter(content["deployment"])
            content["deployment"] = with_plain_secrets(content["deployment"], decrypt)
        return content

    def import_(self, content: Mapping[str, Any]) -> None:
        """Put a state in the place of the stack's own.

        Raises:
            EngineError: it is not a state, or one of another stack, or its secrets are not ours.
        """
        deployment = content.get("deployment")
        if content.get("version") != VERSION or not isinstance(deployment, dict):
            raise EngineError(f"only deployments of version {VERSION} can be imported")
        crypter = self.crypter()
        snapshot = read_deployment(deployment, self._decrypter(deployment))
        prefix = f"urn:pulumi:{self.stack}::{self.project.name}::"
        for resource in snapshot.resources:
            if not resource.urn.startswith(prefix):
                raise EngineError(f"the state is one of another stack: it holds {resource.urn}")
        snapshot.pending.clear()
        with self.state.locked():
            self.state.write(snapshot.to_deployment(crypter))

    def _decrypter(self, deployment: Mapping[str, Any]) -> Callable[[str], str]:
        provider = deployment.get("secrets_providers") or {}
        if not provider:
            return self.crypter().decrypt
        if provider.get("type") != "passphrase":
            raise EngineError(f"the state's secrets are kept by {provider.get('type')!r}")
        # A state may have been encrypted with another salt than the stack's configuration.
        return Crypter(passphrase(self.env), provider["state"]["salt"]).decrypt

    def _outputs_of(self, name: str) -> Properties:
        *_, project, stack = (self.project.name, *name.split("/"))[-2:]
        other = StateFile(self._root(self.project) / project, stack)
        if not other.path.exists():
            raise EngineError(f'unknown stack "{name}": there is no state {other.path}')
        deployment = other.read()["deployment"]
        return _stack_outputs(read_deployment(deployment, self._decrypter(deployment))) or {}


def _stack_outputs(snapshot: Snapshot) -> Properties | None:
    """The outputs of the stack; None if there is no stack yet."""
    for resource in snapshot.resources:
        if qualified_type(resource.urn) == STACK_TYPE and not resource.delete:
            return resource.outputs
    return None


def _code(outcome: Outcome, counts: Mapping[str, int], expect_no_changes: bool) -> int:
    if outcome.failed:
        return FAILED
    changed = any(count for op, count in counts.items() if op not in ("same", "read"))
    return NO_CHANGES_EXPECTED if expect_no_changes and changed else 0


class Stack:
    """A stack that the local engine runs, with the methods of ``pulumi.automation.Stack``.

    Every method raises ``pulumi.automation.CommandError`` where the Pulumi CLI would fail.
    """

    def __init__(
        self,
        name: str,
        work_dir: str | os.PathLike[str],
        env_vars: Mapping[str, str] | None = None,
        state_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        """Take a stack; see `create_or_select_stack` for the arguments."""
        self.name = name
        state_folder = Path(state_dir) if state_dir is not None else None
        env = {**os.environ, **(env_vars or {})}
        self._workspace = _command(lambda: Workspace(name, Path(work_dir), env, state_folder))

    # -- operations --

    def up(
        self,
        parallel: int | None = None,
        message: str | None = None,  # noqa: ARG002 as pulumi.automation has it
        *,
        expect_no_changes: bool | None = None,
        replace: Collection[str] | None = None,
        refresh: bool | None = None,
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> UpResult:
        """Create or update the stack's resources.

        Args:
            parallel: how many at once.
            message: of no use here.
            expect_no_changes: fail if anything changes.
            replace: URNs of resources to replace.
            refresh: bring the state in line with what is there first.
            on_output: gets what is shown, as it is shown.
            on_error: gets what the CLI would write to its standard error.
        """
        options = Options(
            refresh=bool(refresh), parallel=_parallel(parallel), replace=replace or ()
        )
        start = datetime.now(timezone.utc)
        stdout, ran = self._run("up", options, expect_no_changes, on_output, on_error)
        return UpResult(stdout, "", _summary("update", start, ran), self.outputs())

    def preview(
        self,
        parallel: int | None = None,
        message: str | None = None,  # noqa: ARG002 as pulumi.automation has it
        *,
        expect_no_changes: bool | None = None,
        replace: Collection[str] | None = None,
        refresh: bool | None = None,
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> PreviewResult:
        """Show what `up` would do; see there for the arguments."""
        options = Options(
            preview=True,
            refresh=bool(refresh),
            parallel=_parallel(parallel),
            replace=replace or (),
        )
        stdout, ran = self._run("preview", options, expect_no_changes, on_output, on_error)
        changes: dict[Any, int] = dict(ran.changes)
        return PreviewResult(stdout, "", changes)

    def refresh(
        self,
        parallel: int | None = None,
        message: str | None = None,  # noqa: ARG002 as pulumi.automation has it
        *,
        expect_no_changes: bool | None = None,
        clear_pending_creates: bool | None = None,
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> RefreshResult:
        """Bring the state in line with what is there.

        Args:
            parallel: how many at once.
            message: of no use here.
            expect_no_changes: fail if anything changes.
            clear_pending_creates: forget creates whose end was not seen.
            on_output: gets what is shown, as it is shown.
            on_error: gets what the CLI would write to its standard error.
        """
        options = Options(
            refresh_only=True,
            parallel=_parallel(parallel),
            clear_pending_creates=bool(clear_pending_creates),
        )
        start = datetime.now(timezone.utc)
        stdout, ran = self._run("refresh", options, expect_no_changes, on_output, on_error)
        return RefreshResult(stdout, "", _summary("refresh", start, ran))

    def destroy(
        self,
        parallel: int | None = None,
        message: str | None = None,  # noqa: ARG002 as pulumi.automation has it
        *,
        refresh: bool | None = None,
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> DestroyResult:
        """Delete all of the stack's resources; see `up` for the arguments."""
        options = Options(destroy=True, refresh=bool(refresh), parallel=_parallel(parallel))
        start = datetime.now(timezone.utc)
        stdout, ran = self._run("destroy", options, False, on_output, on_error)
        return DestroyResult(stdout, "", _summary("destroy", start, ran))

    def cancel(self) -> None:
        """End the operation that runs on another thread, or release a lock that was left behind."""
        if not self._workspace.cancel():
            self._workspace.state.break_lock()

    # -- state --

    def outputs(self) -> dict[str, OutputValue]:
        """The stack's outputs."""
        found = _command(self._workspace.outputs)
        return {
            key: OutputValue(plain(value), contains(value, Secret)) for key, value in found.items()
        }

    def export_stack(self) -> Exported:
        """The stack's state, secrets as plain texts: so does ``pulumi.automation``."""
        content = _command(lambda: self._workspace.export(show_secrets=True))
        return Exported(content["version"], content["deployment"])

    def import_stack(self, state: Exported) -> None:
        """Put a state in the place of the stack's own."""
        content = {"version": state.version, "deployment": state.deployment}
        _command(lambda: self._workspace.import_(content))

    # -- configuration --

    def get_config(self, key: str, *, path: bool = False) -> ConfigValue:
        """One configuration value."""
        workspace = self._workspace
        found = _command(lambda: workspace.config.get(key, workspace.crypter(), path=path))
        return ConfigValue(found.text, found.secret)

    def get_all_config(self) -> dict[str, ConfigValue]:
        """All configuration values, by their full keys."""
        workspace = self._workspace
        found = _command(lambda: workspace.config.values(workspace.crypter()))
        return {key: ConfigValue(value.text, value.secret) for key, value in found.items()}

    def set_config(self, key: str, value: ConfigValue, *, path: bool = False) -> None:
        """Set one configuration value."""
        self.set_all_config({key: value}, path=path)

    def set_all_config(self, config: Mapping[str, ConfigValue], *, path: bool = False) -> None:
        """Set several configuration values."""

        def set_all() -> None:
            crypter = self._workspace.crypter()
            for key, value in config.items():
                self._workspace.config.set(
                    key, value.value, crypter, secret=bool(value.secret), path=path
                )

        _command(set_all)

    def remove_config(self, key: str, *, path: bool = False) -> None:
        """Take a configuration value away."""
        _command(lambda: self._workspace.config.remove(key, path=path))

    def _run(
        self,
        kind: str,
        options: Options,
        expect_no_changes: bool | None,
        on_output: OnOutput | None,
        on_error: OnOutput | None,
    ) -> tuple[str, Ran]:
        stdout, stderr = _Collector(on_output), _Collector(on_error)
        try:
            ran = self._workspace.run(
                kind, options, stdout, stderr, expect_no_changes=bool(expect_no_changes)
            )
        except EngineError as error:
            stderr(f"error: {error}")
            result = CommandResult(stdout.text, stderr.text, FAILED)
            raise create_command_error(result) from None
        if ran.code:
            raise create_command_error(CommandResult(stdout.text, stderr.text, ran.code))
        return stdout.text, ran


class _Collector:
    """Collects lines, and passes them on as they come."""

    def __init__(self, pass_on: OnOutput | None) -> None:
        """Begin with no line."""
        self._pass_on = pass_on
        self._lines: list[str] = []

    def __call__(self, text: str) -> None:
        """Take a piece of text, of one line or several."""
        for line in text.split("\n"):
            self._lines.append(line.rstrip())
            if self._pass_on is not None:
                self._pass_on(line.rstrip())

    @property
    def text(self) -> str:
        """All lines so far."""
        return "\n".join(self._lines)


def create_or_select_stack(
    stack_name: str,
    *,
    work_dir: str | os.PathLike[str],
    env_vars: Mapping[str, str] | None = None,
    state_dir: str | os.PathLike[str] | None = None,
) -> Stack:
    """Make a stack, or take the one that is there.

    Args:
        stack_name: the stack's name.
        work_dir: the project's folder.
        env_vars: environment variables for the program and the plugins, beside this process's.
        state_dir: where state is kept; by default `.pulumi/local-engine` in the project's folder,
            or what PULUMI_LOCAL_ENGINE_STATE names.

    Returns:
        The stack.

    Raises:
        pulumi.automation.CommandError: the folder holds no project that can be run.
    """
    return Stack(stack_name, work_dir, env_vars, state_dir)


def _command(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except EngineError as error:
        result = CommandResult("", f"error: {error}\n", FAILED)
        raise create_command_error(result) from None


def _parallel(given: int | None) -> int:
    return DEFAULT_PARALLEL if given is None else max(1, given)


def _summary(kind: str, start: datetime, ran: Ran) -> UpdateSummary:
    changes: dict[Any, int] = dict(ran.changes)
    return UpdateSummary(
        kind=kind,
        start_time=start,
        end_time=datetime.now(timezone.utc),
        message="",
        environment={},
        config={},
        result="succeeded",
        resource_changes=changes,
    )


def to_stdout(text: str) -> None:
    """Show a line at once."""
    _show(sys.stdout, text)


def to_stderr(text: str) -> None:
    """Complain at once."""
    _show(sys.stderr, text)


def _show(stream: TextIO, text: str) -> None:
    try:
        stream.write(text + "\n")
        stream.flush()
    except BrokenPipeError:
        # Whoever read this has gone, as `head` does. What is under way must still be finished.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
