"""One run of a stack: the program, the step generator and the step executor put together."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import display
from .builtin import BuiltinProvider
from .display import Display, is_internal
from .errors import BailError, EngineError, StepError
from .executor import StepExecutor
from .generator import StepGenerator
from .goals import OutputsRequest, ReadRequest, Registration
from .monitor import Server, ShutDownError
from .plugins import PackageProvider, PluginProvider, Provider
from .processes import Child
from .program import SHOWN, Connection, python_in, start_program
from .project import Project, Value, read_yaml, runtime_of
from .providers import ProviderRegistry
from .state import Journal, Resource, Snapshot
from .steps import RefreshStep, Step
from .urns import (
    DYNAMIC_PACKAGE,
    PROVIDER_PREFIX,
    STACK_TYPE,
    is_provider_type,
    make_urn,
    qualified_type,
)
from .values import Properties

DEFAULT_PARALLEL = 16
_DYNAMIC_PROVIDER = f"{PROVIDER_PREFIX}{DYNAMIC_PACKAGE}"
_PENDING = (
    "Attempting to deploy or update resources with {count} pending operations from previous "
    "deployment.\n{operations}\nThese resources are in an unknown state because the engine was "
    "interrupted while waiting for changes to these resources to complete. Confirm what became of "
    "them, then run `refresh`, which clears the pending operations; pending creates only with "
    "--clear-pending-creates."
)


@dataclass(frozen=True)
class Options:
    """What is to be done.

    Args:
        preview: only show it.
        refresh: bring the state in line with what is there first.
        refresh_only: and do nothing else.
        destroy: take everything away.
        parallel: how many steps at once.
        replace: URNs of resources to replace.
        clear_pending_creates: forget creates whose end was not seen.
    """

    preview: bool = False
    refresh: bool = False
    refresh_only: bool = False
    destroy: bool = False
    parallel: int = DEFAULT_PARALLEL
    replace: Collection[str] = ()
    clear_pending_creates: bool = False


@dataclass(frozen=True)
class Target:
    """What is run: a project's stack with its configuration and state."""

    project: Project
    stack: str
    config: Mapping[str, Value]
    snapshot: Snapshot
    save: Callable[[Snapshot], None]
    env: Mapping[str, str]
    outputs_of: Callable[[str], Properties]


@dataclass
class Outcome:
    """How a run ended."""

    failed: bool
    cancelled: bool
    outputs: Properties | None


@dataclass(frozen=True)
class _ProgramDone:
    """The program has registered everything, or has ended."""

    error: str = ""
    bailed: bool = False


class _Wake:
    """There is something new to be looked at."""


@dataclass
class _Waiting:
    """Who waits for an answer."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    futures: set[Future[Any]] = field(default_factory=set)
    closed: bool = False

    def add(self, future: Future[Any]) -> None:
        """Take one more in.

        Raises:
            ShutDownError: nobody is answered any more.
        """
        with self.guard:
            if self.closed:
                raise ShutDownError
            self.futures.add(future)
        future.add_done_callback(self._answered)

    def close(self) -> None:
        """Turn away who waits, and who comes later."""
        with self.guard:
            self.closed = True
            left = list(self.futures)
        for future in left:
            if not future.done():
                future.set_exception(ShutDownError())

    def _answered(self, future: Future[Any]) -> None:
        with self.guard:
            self.futures.discard(future)


class Deployment:
    """Runs one operation on a stack."""

    def __init__(self, target: Target, options: Options, shown: Display) -> None:
        """Prepare the run; `execute` does it.

        Args:
            target: what is run.
            options: what is done.
            shown: shows it.
        """
        self._target = target
        self._options = options
        self._display = shown
        self._events: queue.Queue[
            Registration | ReadRequest | OutputsRequest | _ProgramDone | _Wake
        ] = queue.Queue()
        self._waiting = _Waiting()
        self._end = threading.Event()
        self._cancelled = threading.Event()
        self._program: Child | None = None
        self._early_hosts: list[Child] = []
        self._muted = False
        self._server: Server | None = None
        self._executor: StepExecutor | None = None
        self._generator: StepGenerator | None = None
        self._previous = list(target.snapshot.resources)
        self._stack_outputs: OutputsRequest | None = None
        self._chains: list[Future[None]] = []
        self.stack_urn = make_urn(
            target.stack, self.project, "", STACK_TYPE, f"{self.project}-{target.stack}"
        )
        shown.use_stack(self.stack_urn)
        self.registry = ProviderRegistry(self._launch)
        self.deletes: set[str] = set()
        save = (lambda _snapshot: None) if options.preview else target.save
        self.journal = Journal(target.snapshot, save)

    # -- what steps, services and the generator need to know --

    @property
    def project(self) -> str:
        """The project's name."""
        return self._target.project.name

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self._target.stack

    @property
    def config(self) -> Mapping[str, Value]:
        """The stack's configuration."""
        return self._target.config

    @property
    def preview(self) -> bool:
        """Whether nothing is really done."""
        return self._options.preview

    @property
    def parallel(self) -> int:
        """How many steps are done at once."""
        return self._options.parallel

    @property
    def replace_targets(self) -> Collection[str]:
        """URNs of the resources that are to be replaced."""
        return self._options.replace

    def provider_for(self, resource: Resource) -> Provider:
        """The provider that manages a resource.

        Raises:
            StepError: it is not there.
        """
        if is_provider_type(resource.type):
            return self.registry
        found = self.registry.find(resource.provider)
        if found is None:
            raise StepError(f"unknown provider '{resource.provider}' for '{resource.urn}'")
        return found

    def error(self, message: str, urn: str) -> None:
        """Show an error under a resource."""
        self._display.say(display.ERROR, message, urn)

    def warn(self, message: str, urn: str) -> None:
        """Show a warning under a resource."""
        self._display.say(display.WARNING, message, urn)

    def info(self, message: str, urn: str) -> None:
        """Show a message under a resource."""
        self._display.say(display.INFO, message, urn)

    def log(self, severity: int, message: str, urn: str, *, ephemeral: bool) -> None:
        """Show what a program or plugin has to say."""
        if not self._muted or urn:
            self._display.say(severity, message, urn, ephemeral=ephemeral)

    # -- what the services hand over --

    def ask(self, event: Registration | ReadRequest) -> Future[Resource]:
        """Hand an event over to the main loop."""
        self._waiting.add(event.done)
        self._events.put(event)
        return event.done

    def outputs(self, event: OutputsRequest) -> Future[None]:
        """Hand a component's outputs over to the main loop."""
        self._waiting.add(event.done)
        self._events.put(event)
        return event.done

    def wait_for_end(self) -> None:
        """The program has registered everything; wait until it may end."""
        self._events.put(_ProgramDone())
        self._end.wait()

    # -- what the executor tells --

    def step_begins(self, step: Step) -> None:
        """See `executor.Watcher`."""
        self._display.begins(step)

    def step_succeeded(self, step: Step) -> None:
        """See `executor.Watcher`."""
        # Beside other work, a refresh is a preparation; alone, it is what it found.
        op = step.counted if self._options.refresh_only else step.op
        self._display.succeeded(step, op=op, counts=self._counts(step))

    def step_failed(self, step: Step, message: str) -> None:
        """See `executor.Watcher`."""
        if is_internal(step):
            self.error(message, "")
        else:
            self._display.failed(step, message)

    def _counts(self, step: Step) -> bool:
        if isinstance(step, RefreshStep):
            return self._options.refresh_only
        if step.op == "read":
            return step.old is not None and step.old.outputs != step.resource.outputs
        return step.logical

    # -- the run --

    def cancel(self) -> None:
        """End early: what is under way is finished, nothing new is begun."""
        self._cancelled.set()
        self.registry.cancel()
        if self._executor is not None:
            self._executor.cancel()
        self._events.put(_Wake())

    def execute(self) -> Outcome:
        """Run to the end.

        Returns:
            How it ended; what went wrong has been shown.
        """
        failed = False
        try:
            self._server = Server(self)
            if any(resource.type == _DYNAMIC_PROVIDER for resource in self._previous):
                # It will be needed, and takes as long to start as the program does.
                self._early_hosts.append(self._start_host())
            self._run()
        except BailError:
            failed = True
        except (StepError, EngineError) as error:
            failed = True
            self.error(str(error), "")
        finally:
            self._close(failed=failed)
        outputs = self._stack_outputs.outputs if self._stack_outputs else None
        return Outcome(failed, self._cancelled.is_set(), outputs)

    def _run(self) -> None:
        options = self._options
        pending = self._target.snapshot.pending
        if options.refresh or options.refresh_only:
            self._refresh(self._previous)
        elif any(resource.refresh_before_update for resource in self._previous):
            self._refresh([r for r in self._previous if r.refresh_before_update])
        elif pending and not self.preview:
            listed = "\n".join(f"  * {o.resource.urn}, interrupted while {o.type}" for o in pending)
            self.warn(_PENDING.format(count=len(pending), operations=listed), "")
        if options.refresh_only:
            return
        self._check_replace_targets()
        self._generator = StepGenerator(self, self._previous)
        executor = self._new_executor()
        try:
            self._generate(self._generator, executor)
        except BailError:
            executor.cancel()
            raise
        finally:
            executor.finish()
            self._finish_stack_outputs(executor)
        for chain in self._chains:
            chain.result()
        self._conclude(executor)

    def _new_executor(self, *, ignore_errors: bool = False) -> StepExecutor:
        executor = StepExecutor(self.parallel, self, self._wake, ignore_errors=ignore_errors)
        self._executor = executor
        # Whoever cancels sees this executor, or is seen here.
        if self._cancelled.is_set():
            executor.cancel()
        return executor

    def _conclude(self, executor: StepExecutor) -> None:
        kind = "preview" if self.preview else "update"
        if executor.errored or (self._generator is not None and self._generator.errored):
            self.error(f"{kind} failed", "")
            raise BailError
        if self._cancelled.is_set():
            self.error(f"{kind} canceled", "")
            raise BailError

    def _check_replace_targets(self) -> None:
        known = {resource.urn for resource in self._previous}
        for urn in self._options.replace:
            if urn not in known:
                self.error(
                    f"Target '{urn}' could not be found in the stack. "
                    "Did you forget to escape $ in your shell?",
                    "",
                )
                raise BailError

    def _wake(self) -> None:
        self._events.put(_Wake())

    def _refresh(self, resources: Collection[Resource]) -> None:
        generator = StepGenerator(self, self._previous)
        steps = generator.refreshes(set(resources))
        executor = self._new_executor(ignore_errors=True)
        try:
            executor.all_of(steps)
        finally:
            executor.finish()
            self._rebase(steps)
        self._conclude(executor)

    def _rebase(self, steps: list[Step]) -> None:
        """Make what a refresh found the state to start from."""
        refreshed = {step.resource: step.new for step in steps if isinstance(step, RefreshStep)}
        kept = [refreshed.get(r, r) if r in refreshed else r for r in self._previous]
        resources = [resource for resource in kept if resource is not None]
        urns = {resource.urn for resource in resources}
        for resource in resources:
            _forget_missing(resource, urns)
        self._previous = resources
        self.journal.rebase(resources)

    def _generate(self, generator: StepGenerator, executor: StepExecutor) -> None:
        chains = self._chains
        if not self._options.destroy:
            self._start_program()
            while True:
                event = self._events.get()
                if executor.cancelled or self._cancelled.is_set():
                    return
                if isinstance(event, _ProgramDone):
                    self._check_program(event)
                    break
                if isinstance(event, OutputsRequest):
                    self._take_outputs(event, executor)
                elif not isinstance(event, _Wake):
                    chains.append(executor.submit(self._steps(generator, event)))
        for chain in chains:
            chain.result()
        for group in generator.deletes():
            # What a protected resource lives on stays with it.
            kept = generator.needed_by(step.resource for step in executor.refused)
            executor.all_of([step for step in group if step.resource not in kept])

    def _steps(self, generator: StepGenerator, event: Registration | ReadRequest) -> list[Step]:
        try:
            if isinstance(event, ReadRequest):
                return generator.read(event)
            return generator.register(event)
        except (StepError, EngineError) as error:
            goal = event if isinstance(event, ReadRequest) else event.goal
            urn = make_urn(self.stack, self.project, goal.parent, goal.type, goal.name)
            self.error(str(error), urn if not is_provider_type(goal.type) else "")
            raise BailError from None

    def _check_program(self, event: _ProgramDone) -> None:
        if event.error:
            self.error(f"an unhandled error occurred: {event.error}", "")
        if event.error or event.bailed:
            raise BailError

    def _take_outputs(self, event: OutputsRequest, executor: StepExecutor) -> None:
        if qualified_type(event.urn) == STACK_TYPE:
            # Whether outputs that are missing were taken away is only known at the end.
            self._stack_outputs = event
        else:
            self._set_outputs(event.urn, event.outputs, executor)
        event.done.set_result(None)

    def _set_outputs(self, urn: str, outputs: Properties, executor: StepExecutor) -> None:
        step = executor.pending_news.pop(urn, None)
        if step is not None and step.new is not None:
            step.new.outputs = outputs
            self._display.has_outputs(step)
            self.journal.save()

    def _finish_stack_outputs(self, executor: StepExecutor) -> None:
        event = self._stack_outputs
        if event is None:
            return
        if executor.errored:
            old = next((r.outputs for r in self._previous if r.urn == event.urn), {})
            event.outputs = {**old, **event.outputs}
        self._set_outputs(event.urn, event.outputs, executor)

    # -- processes --

    def _start_program(self) -> None:
        connection = Connection(
            self._address, self._address, self.stack, self.preview, self.parallel
        )
        program = start_program(
            self._target.project, connection, self.config, self._target.env, self._program_line
        )
        self._program = program
        threading.Thread(target=self._watch_program, args=(program,), daemon=True).start()

    def _program_line(self, line: str) -> None:
        if not self._muted:
            self.info(line, "")

    def _watch_program(self, program: Child) -> None:
        code = program.wait()
        if code == SHOWN:
            self._events.put(_ProgramDone(bailed=True))
        elif code:
            error = f"program exited with non-zero exit code: {code}"
            self._events.put(_ProgramDone(error))
        else:
            self._events.put(_ProgramDone())

    def _launch(self, package: str) -> PackageProvider:
        if package == "pulumi":
            news = self._generator.news if self._generator else {}
            return BuiltinProvider(news, self._target.outputs_of)
        if package == DYNAMIC_PACKAGE:
            child = self._early_hosts.pop() if self._early_hosts else self._start_host()
        else:
            plugin = self._plugin_folder(package)
            child = self._start_plugin(_plugin_python(plugin), str(plugin))
        folder = str(self._target.project.program_folder)
        return PluginProvider(package, child, self._address, folder)

    def _start_host(self) -> Child:
        python = python_in(self._target.project.virtualenv())
        return self._start_plugin(python, "-m", "pulumi.dynamic")

    def _start_plugin(self, python: str, *arguments: str) -> Child:
        project = self._target.project
        env = {**self._target.env, "PULUMI_PROJECT": project.name}
        for name, value in project.options.items():
            env[f"PULUMI_RUNTIME_{name.upper()}"] = str(value)
        command = [python, "-u", *arguments, self._address]
        return Child(command, project.program_folder, env, self._program_line)

    @property
    def _address(self) -> str:
        assert self._server is not None  # noqa: S101 it was started before
        return self._server.address

    def _plugin_folder(self, package: str) -> Path:
        for plugin in self._target.project.plugins:
            if plugin.name == package:
                return plugin.path
        raise EngineError(
            f"no provider plugin for the package {package!r}: this engine installs none; name the "
            "folder of one in Pulumi.yaml under plugins: providers"
        )

    def _close(self, *, failed: bool) -> None:
        self._muted = True
        self._waiting.close()
        self._end.set()
        if self._program is not None:
            # A program that did all that it had to ends by itself; one that failed may hang.
            self._program.wait(0.5 if failed else 10.0)
            self._program.end(patience=1.0)
        for host in self._early_hosts:
            host.end(patience=0.2)
        self.registry.close()
        if self._server is not None:
            self._server.close()


def _forget_missing(resource: Resource, urns: Collection[str]) -> None:
    """Take out of a resource what it depended on and a refresh found gone."""
    resource.dependencies = [urn for urn in resource.dependencies if urn in urns]
    resource.replace_with = [urn for urn in resource.replace_with if urn in urns]
    resource.property_dependencies = {
        key: [urn for urn in listed if urn in urns]
        for key, listed in resource.property_dependencies.items()
    }
    if resource.parent not in urns:
        resource.parent = ""
    if resource.deleted_with not in urns:
        resource.deleted_with = ""


def _plugin_python(folder: Path) -> str:
    """The Python that a plugin's folder asks for."""
    file = folder / "PulumiPlugin.yaml"
    if not file.is_file():
        raise EngineError(f"there is no PulumiPlugin.yaml in {folder}")
    runtime, options = runtime_of(read_yaml(file))
    if runtime != "python":
        raise EngineError(f"the plugin in {folder} has the runtime {runtime!r}, not python")
    return python_in(folder / str(options["virtualenv"]) if options.get("virtualenv") else None)
