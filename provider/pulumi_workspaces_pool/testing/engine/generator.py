"""The step generator: from what a program asks for and what the state knows, to steps.

It runs on one thread: while it works on one registration, it sees every earlier decision.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .errors import BailError, StepError
from .goals import Alias, Goal, ReadRequest, Registration
from .graph import DependencyGraph
from .paths import covers, ignore_changes
from .plugins import CheckFailure, Diff, DiffUnavailableError, Provider
from .state import Resource
from .steps import (
    CreateStep,
    DeleteStep,
    ReadStep,
    RefreshStep,
    RemovePendingReplaceStep,
    ReplaceStep,
    Run,
    SameStep,
    Step,
    UpdateStep,
    diff_resource,
)
from .urns import (
    STACK_TYPE,
    is_provider_type,
    make_urn,
    qualified_type,
    split_reference,
    urn_name,
    urn_type,
)
from .values import UNKNOWN, Properties, Secret, Unknown, contains, equal, plain

_INIT_ERROR = "#initerror"


class Context(Run, Protocol):
    """What the generator needs of the run."""

    @property
    def stack(self) -> str:
        """The stack's name."""

    @property
    def project(self) -> str:
        """The project's name."""

    @property
    def replace_targets(self) -> Collection[str]:
        """URNs of the resources that are to be replaced."""

    def error(self, message: str, urn: str) -> None:
        """Show an error under a resource; the run fails for it."""

    def info(self, message: str, urn: str) -> None:
        """Show a message under a resource."""


@dataclass(frozen=True)
class _Dependent:
    """A resource that has to go because one that it depends on goes first."""

    resource: Resource
    keys: tuple[str, ...] = ()


class StepGenerator:
    """Decides what is done to every resource."""

    def __init__(self, run: Context, previous: Sequence[Resource]) -> None:
        """Begin with the resources that there are.

        Args:
            run: the run.
            previous: the resources at its start, each after those that it depends on.
        """
        self._run = run
        self._previous = list(previous)
        self._olds = {r.urn: r for r in previous if not r.delete}
        self._graph = DependencyGraph(previous)
        self._urns: set[str] = set()
        self._seen: set[str] = set()
        self._replaces: set[str] = set()
        self._aliased: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._provider_resources: dict[str, Resource] = {}
        self._condemned: set[Resource] = set()
        self._dependent_keys: dict[str, tuple[str, ...]] = {}
        self.news: dict[str, Resource] = {}
        self.errored = False
        """Whether something was refused; the run fails, even where it goes on."""

    def old(self, urn: str) -> Resource | None:
        """The resource that had a URN at the start of the run."""
        return self._olds.get(urn)

    # -- registrations --

    def register(self, event: Registration) -> list[Step]:
        """Decide what a registration leads to.

        Raises:
            BailError: it cannot be followed; the reason has been shown.
            StepError: the provider failed.
        """
        goal = event.goal
        urn = self._new_urn(goal.parent, goal.type, goal.name)
        old, valid = self._find_old(urn, goal)
        new = _new_resource(urn, goal, old, self._aliases.get(urn))
        if is_provider_type(goal.type):
            self._provider_resources[urn] = new
        if old is not None and old.taint:
            new.taint = False
        provider = self._provider(new) if goal.custom else None
        recreating = urn in self._run.deletes
        fresh = old is None or recreating or old.external or self._is_replace_target(urn, old)
        if old is not None:
            new.inputs = self._ignore_changes(urn, goal.properties, old.inputs, goal.ignore_changes)
        if provider is not None:
            seed = os.urandom(32)
            if fresh or old is None:
                inputs, failures = provider.check(urn, {}, goal.properties, seed)
            else:
                inputs, failures = provider.check(urn, old.inputs, new.inputs, seed)
            valid = not self._refuse(new, failures) and valid
            new.inputs = inputs
        if not valid:
            raise BailError
        self.news[urn] = new
        if old is None:
            return self._create(event, new)
        if recreating:
            return self._recreate(event, old, new)
        if old.external:
            return self._take_over(event, old, new)
        return self._diff_and_decide(event, old, new, provider)

    def _create(self, event: Registration, new: Resource) -> list[Step]:
        self._seen.add(new.urn)
        return [CreateStep(self._run, None, new, done=event.done)]

    def _recreate(self, event: Registration, old: Resource, new: Resource) -> list[Step]:
        # It was deleted because something that it depends on had to go first.
        self._run.deletes.discard(new.urn)
        self._replaces.add(new.urn)
        self._seen.add(new.urn)
        diff = Diff(True, list(self._dependent_keys.get(new.urn, ())))
        return [
            ReplaceStep(self._run, old, new, diff),
            CreateStep(self._run, old, new, diff, done=event.done, replacing=True),
        ]

    def _take_over(self, event: Registration, old: Resource, new: Resource) -> list[Step]:
        # What was only read so far is not ours to change: another is made in its place.
        self._seen.add(new.urn)
        return [
            CreateStep(self._run, old, new, done=event.done, replacing=True, pending_delete=True),
            ReplaceStep(self._run, old, new),
        ]

    def _diff_and_decide(
        self, event: Registration, old: Resource, new: Resource, provider: Provider | None
    ) -> list[Step]:
        goal = event.goal
        try:
            diff = self._diff(old, new, goal, provider)
        except DiffUnavailableError as unavailable:
            self._run.warn(str(unavailable), new.urn)
            diff = Diff(changes=True)
        diff = _replace_on_changes(diff, goal.replace_on_changes, bool(old.init_errors))
        if old.pending_replacement or (diff.changes and diff.replace):
            return self._replace(event, old, new, provider, diff)
        self._seen.add(new.urn)
        if diff.changes or old.init_errors:
            return [
                UpdateStep(
                    self._run, old, new, diff, done=event.done, ignore_changes=goal.ignore_changes
                )
            ]
        return [SameStep(self._run, old, new, diff, done=event.done)]

    def _replace(
        self,
        event: Registration,
        old: Resource,
        new: Resource,
        provider: Provider | None,
        diff: Diff,
    ) -> list[Step]:
        goal, urn = event.goal, new.urn
        if old.protect and new.protect:
            self._refuse_replacement(
                f'unable to replace resource "{urn}"\nas it is currently marked for protection. '
                "To unprotect the resource, remove the `protect` flag from the resource in your "
                "Pulumi program and run `pulumi up`",
                urn,
            )
        self._replaces.add(urn)
        self._seen.add(urn)
        if provider is not None and not self._is_replace_target(urn, old):
            # What the old resource's inputs were completed with does not hold for another one.
            inputs, failures = provider.check(urn, {}, goal.properties, os.urandom(32))
            if self._refuse(new, failures):
                raise BailError
            new.inputs = inputs
        before = goal.delete_before_replace
        if diff.delete_before_replace if before is None else before:
            return self._delete_before_replace(event, old, new, diff)
        return [
            CreateStep(
                self._run, old, new, diff, done=event.done, replacing=True, pending_delete=True
            ),
            ReplaceStep(self._run, old, new, diff),
        ]

    def _delete_before_replace(
        self, event: Registration, old: Resource, new: Resource, diff: Diff
    ) -> list[Step]:
        steps: list[Step] = []
        dependents = self._dependents(old) if old in self._graph else []
        dependents += self._cascaded(new.urn)
        for dependent in reversed(dependents):
            resource = dependent.resource
            if resource in self._condemned:
                continue
            self._dependent_keys[resource.urn] = dependent.keys
            if resource.protect and not resource.delete:
                self._run.error(
                    f'unable to replace resource "{resource.urn}" as part of replacing '
                    f'"{new.urn}" as it is currently marked for protection. To unprotect the '
                    "resource, remove the `protect` flag from the resource in your Pulumi program "
                    "and run `pulumi up`, or use the command:\n"
                    f"`pulumi state unprotect '{resource.urn}'`",
                    new.urn,
                )
                raise BailError
            self._ensure_provider(resource)
            steps.append(self._delete_step(resource, replacing=not resource.delete))
            self._run.deletes.add(resource.urn)
            self._condemned.add(resource)
        self._ensure_provider(old)
        if not old.pending_replacement:
            self._run.deletes.add(old.urn)
            steps.append(self._delete_step(old, replacing=True))
        return [
            *steps,
            ReplaceStep(self._run, old, new, diff),
            CreateStep(self._run, old, new, diff, done=event.done, replacing=True),
        ]

    def _delete_step(self, resource: Resource, *, replacing: bool) -> Step:
        return DeleteStep(
            self._run, resource, None, replacing=replacing, pending_replacement=replacing
        )

    # -- reads --

    def read(self, event: ReadRequest) -> list[Step]:
        """Decide what a read of a resource that is not managed leads to."""
        urn = self._new_urn(event.parent, event.type, event.name)
        new = Resource(
            urn=urn,
            type=event.type,
            custom=True,
            external=True,
            id=event.id,
            inputs=event.properties,
            parent=event.parent,
            provider=event.provider,
            dependencies=event.dependencies,
            additional_secret_outputs=event.additional_secret_outputs,
        )
        old = self._olds.get(urn)
        self.news[urn] = new
        self._seen.add(urn)
        if old is None or old.external or old.id == event.id:
            return [ReadStep(self._run, old, new, done=event.done)]
        # The program lets go of what it managed: that one is deleted.
        self._replaces.add(urn)
        return [
            ReadStep(self._run, old, new, done=event.done, replacing=True),
            ReplaceStep(self._run, old, new),
        ]

    # -- deletes and refreshes --

    def deletes(self) -> list[list[Step]]:
        """The steps that take away what nobody asked for any more.

        Returns:
            Groups: what is in one can be deleted at once, after the groups before it.
        """
        steps: dict[Resource, Step] = {}
        for resource in self._previous:
            step = self._leftover(resource)
            if step is not None:
                self._ensure_provider(resource)
                steps[resource] = step
        return [[steps[r] for r in group] for group in self._graph.antichains(steps)]

    def needed_by(self, resources: Iterable[Resource]) -> set[Resource]:
        """What some of the resources of the state cannot be without."""
        return self._graph.needed_by(resources)

    def _leftover(self, resource: Resource) -> Step | None:
        if resource.delete:
            if resource in self._condemned:
                return None
            self._run.deletes.add(resource.urn)
            return DeleteStep(self._run, resource, None, replacing=True)
        if self._aliased.get(resource.urn, resource.urn) in self._seen:
            return None
        self._run.deletes.add(resource.urn)
        if resource.pending_replacement:
            return RemovePendingReplaceStep(self._run, resource, None)
        return DeleteStep(self._run, resource, None)

    def refreshes(self, only: Collection[Resource]) -> list[Step]:
        """The steps that refresh some of the resources of the state."""
        steps: list[Step] = []
        for resource in self._previous:
            if resource in only:
                self._ensure_provider(resource)
                steps.append(RefreshStep(self._run, resource, None))
        return steps

    # -- details --

    def _new_urn(self, parent: str, type_: str, name: str) -> str:
        if parent and parent not in self._urns:
            raise StepError(f"could not find parent resource {parent}")
        urn = make_urn(self._run.stack, self._run.project, parent, type_, name)
        if urn in self._urns:
            self._run.error(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
            raise BailError
        self._urns.add(urn)
        return urn

    def _find_old(self, urn: str, goal: Goal) -> tuple[Resource | None, bool]:
        valid = True
        if urn in self._aliased:
            valid = False
            self._run.error(
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN "
                f"'{self._aliased[urn]}'",
                urn,
            )
        for candidate in (urn, *self._alias_urns(urn, goal)):
            old = self._olds.get(candidate)
            if old is None:
                continue
            if candidate != urn:
                other = candidate if candidate in self._urns else self._aliased.get(candidate)
                if other:
                    valid = False
                    self._run.error(
                        f"Duplicate resource alias '{candidate}' applied to resource with URN "
                        f"'{urn}' conflicting with resource with URN '{other}'",
                        urn,
                    )
                self._aliased[candidate] = urn
                self._aliases[urn] = candidate
                self._run.registry.alias(urn, candidate)
            return old, valid
        return None, valid

    def _alias_urns(self, urn: str, goal: Goal) -> list[str]:
        urns = [self._alias_urn(alias, goal) for alias in goal.aliases]
        parent_alias = self._aliases.get(goal.parent)
        if parent_alias:
            named = [(goal.type, goal.name), *((urn_type(u), urn_name(u)) for u in urns)]
            for type_, name in named:
                urns.append(self._inherited_alias(type_, name, goal.parent, parent_alias))
        return [alias for alias in dict.fromkeys(urns) if alias != urn]

    def _alias_urn(self, alias: Alias, goal: Goal) -> str:
        if alias.urn:
            return alias.urn
        parent = self._aliases.get(alias.parent, alias.parent) or goal.parent
        if alias.no_parent or (parent and qualified_type(parent) == STACK_TYPE):
            parent = ""
        return make_urn(
            alias.stack or self._run.stack,
            alias.project or self._run.project,
            parent,
            alias.type or goal.type,
            alias.name or goal.name,
        )

    def _inherited_alias(self, type_: str, name: str, parent: str, parent_alias: str) -> str:
        # Children are often named after their parent: what it was called, they were called.
        if name.startswith(urn_name(parent)):
            name = urn_name(parent_alias) + name.removeprefix(urn_name(parent))
        return make_urn(self._run.stack, self._run.project, parent_alias, type_, name)

    def _ignore_changes(
        self, urn: str, inputs: Properties, old_inputs: Properties, paths: Sequence[str]
    ) -> Properties:
        kept, invalid = ignore_changes(inputs, old_inputs, paths)
        if invalid:
            self._run.info(
                "cannot ignore changes in added or removed elements of the path: "
                f'"{", ".join(invalid)}"',
                urn,
            )
        return kept

    def _provider(self, new: Resource) -> Provider:
        if is_provider_type(new.type):
            return self._run.registry
        found = self._run.registry.find(new.provider)
        if found is None:
            self._run.error(f"unknown provider '{new.provider}' for resource '{new.urn}'", new.urn)
            raise BailError
        return found

    def _ensure_provider(self, resource: Resource) -> None:
        """Start the provider of an old resource, which the program may not have asked for."""
        if not resource.custom or is_provider_type(resource.type):
            return
        urn, id_ = split_reference(resource.provider)
        if self._run.registry.find(resource.provider) is not None:
            return
        for candidate in self._previous:
            if candidate.urn == urn and candidate.id == id_:
                self._run.registry.ensure(candidate)
                return
        raise StepError(f"could not load provider for resource {resource.urn}: it is not known")

    def _is_replace_target(self, urn: str, old: Resource | None) -> bool:
        return urn in self._run.replace_targets or (old is not None and old.taint)

    def _refuse(self, new: Resource, failures: Sequence[CheckFailure]) -> bool:
        for failure in failures:
            where = f"{new.type} resource '{urn_name(new.urn)}'"
            if failure.property:
                value = _shown(new.inputs.get(failure.property))
                where += f": property {failure.property} value {value}"
            self._run.error(f"{where} has a problem: {failure.reason}", new.urn)
        return bool(failures)

    def _refuse_replacement(self, message: str, urn: str) -> None:
        self._run.error(message, urn)
        # A preview goes on, to show what would be replaced and why.
        self.errored = True
        if not self._run.preview:
            raise BailError

    def _diff(self, old: Resource, new: Resource, goal: Goal, provider: Provider | None) -> Diff:
        urn = new.urn
        if _triggered(old.replacement_trigger, new.replacement_trigger):
            return Diff(changes=True, replaces=["replacementTrigger"])
        if self._is_replace_target(urn, old):
            return Diff(changes=True, replaces=["id"])
        if not self._replaces.isdisjoint(new.replace_with):
            return Diff(changes=True, replaces=["replaceWith"])
        if new.deleted_with in self._replaces:
            return Diff(changes=True, replaces=["deletedWith"])
        if self._provider_changed(old, new):
            return Diff(changes=True, replaces=["provider"])
        if provider is None:
            return Diff(changes=not equal(old.inputs, new.inputs))
        if contains(new.inputs, Unknown) and not self._run.preview:
            raise StepError(f"inputs of {urn} are not known")
        return diff_resource(
            provider,
            old,
            old.inputs,
            old.outputs,
            new.inputs,
            goal.ignore_changes,
        )

    def _provider_changed(self, old: Resource, new: Resource) -> bool:
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, new_urn = old.provider_urn(), new.provider_urn()
        if self._aliased.get(old_urn) == new_urn:
            return False
        old_provider = self._olds.get(old_urn)
        new_provider = self._provider_resources.get(new_urn)
        plugin = self._run.registry.find(new.provider)
        if old_provider is None or new_provider is None or plugin is None:
            return True
        return plugin.diff_config(
            new_urn, old_provider.inputs, old_provider.outputs, new_provider.inputs
        ).replace

    def _dependents(self, root: Resource) -> list[_Dependent]:
        """What has to go before a resource goes, because it would be replaced after it."""
        found: list[_Dependent] = []
        going = {root.urn}
        impossible = self._seen | self._run.deletes | self._replaces
        impossible.discard(root.urn)
        for resource in self._graph.depending_on(root, impossible):
            keys = self._would_be_replaced(resource, going)
            if keys is not None:
                found.append(_Dependent(resource, keys))
                going.add(resource.urn)
        return found

    def _would_be_replaced(self, resource: Resource, going: set[str]) -> tuple[str, ...] | None:
        if not resource.custom or resource.external:
            return None
        if resource.provider_urn() in going:
            self._ensure_provider(resource)
            return ()
        if resource.deleted_with in going:
            return ()
        inputs = {
            key: value if going.isdisjoint(resource.property_dependencies.get(key, ())) else UNKNOWN
            for key, value in resource.inputs.items()
        }
        if not any(inputs[key] is not value for key, value in resource.inputs.items()):
            return None
        self._ensure_provider(resource)
        provider = (
            self._run.registry
            if is_provider_type(resource.type)
            else self._run.provider_for(resource)
        )
        diff = diff_resource(
            provider,
            resource,
            resource.inputs,
            resource.outputs,
            inputs,
            resource.ignore_changes,
        )
        diff = _replace_on_changes(diff, resource.replace_on_changes, False)
        return tuple(diff.replaces) if diff.replace else None

    def _cascaded(self, urn: str) -> list[_Dependent]:
        found: dict[str, Resource] = {}
        for resource in (*self.news.values(), *self._olds.values()):
            if urn in resource.replace_with or resource.deleted_with == urn:
                found.setdefault(resource.urn, self._olds.get(resource.urn, resource))
        return [_Dependent(resource) for resource in found.values()]


def _new_resource(urn: str, goal: Goal, old: Resource | None, alias: str | None) -> Resource:
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.properties,
        parent=goal.parent,
        protect=bool(goal.protect),
        dependencies=list(goal.dependencies),
        provider=goal.provider,
        property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=[alias] if alias else [],
        custom_timeouts=goal.custom_timeouts,
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        created=old.created if old else "",
        modified=old.modified if old else "",
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        replacement_trigger=goal.replacement_trigger,
        refresh_before_update=old.refresh_before_update if old else False,
    )


def _replace_on_changes(diff: Diff, paths: Sequence[str], init_errors: bool) -> Diff:
    if not paths or not (diff.changes or init_errors):
        return diff
    for key in diff.changed:
        if key not in diff.replaces and any(covers(path, key) for path in paths):
            diff.replaces.append(key)
    for key, kind in diff.detailed.items():
        if "REPLACE" not in kind and any(covers(path, key) for path in paths):
            diff.detailed[key] = f"{kind}_REPLACE"
    if init_errors and any(covers(path, _INIT_ERROR) for path in paths):
        diff.replaces.append(_INIT_ERROR)
        diff.changes = True
    return diff


def _triggered(old: Any, new: Any) -> bool:
    if contains(old, Unknown) or contains(new, Unknown):
        return True
    if old is None or new is None:
        return False
    return not equal(plain(old), plain(new))


def _shown(value: Any) -> str:
    """A value as the CLI shows the one that a check refuses."""
    if isinstance(value, Secret):
        return "[secret]"
    value = plain(value)
    if isinstance(value, dict):
        shown = " ".join(f"{key}:{_shown(item)}" for key, item in sorted(value.items()))
        return f"{{map[{shown}]}}"
    if isinstance(value, list):
        return f"{{[{' '.join(map(_shown, value))}]}}"
    names: dict[Any, str] = {None: "<nil>", True: "true", False: "false"}
    return f"{{{names[value] if value is None or isinstance(value, bool) else value}}}"
