"""Steps: what the engine does to one resource, and what becomes of it.

Follows https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/deployment-execution/README.html.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .errors import ProtectedError, StepError
from .paths import ignore_changes
from .plugins import Diff, InitError, Provider
from .providers import ProviderRegistry
from .state import Journal, Resource, now
from .urns import is_provider_type
from .values import Properties, Unknown, changed_keys, equal, plain

Complete = Callable[[], None]


class Run(Protocol):
    """What a step needs to know of the run that it is part of."""

    journal: Journal
    registry: ProviderRegistry
    deletes: set[str]

    @property
    def preview(self) -> bool:
        """Whether nothing is really done."""

    def provider_for(self, resource: Resource) -> Provider:
        """The provider that manages a resource."""

    def warn(self, message: str, urn: str) -> None:
        """Show a warning under a resource."""


@dataclass(eq=False)
class Step(ABC):
    """One thing to be done to one resource."""

    run: Run
    old: Resource | None
    new: Resource | None
    diff: Diff = field(default_factory=Diff)
    logical = True
    """Whether it counts as a change that the person asked for, not as a part of one."""

    @property
    @abstractmethod
    def op(self) -> str:
        """The operation, as Pulumi names it."""

    @property
    def counted(self) -> str:
        """The operation that the summary counts it as."""
        return self.op

    @property
    def resource(self) -> Resource:
        """The resource as it shall be; as it was, where it shall not be."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 every step has one of them
        return found

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.resource.urn

    def begin(self) -> None:  # noqa: B027 most leave nothing behind when they are interrupted
        """Note in the journal what begins."""

    @abstractmethod
    def apply(self) -> Complete | None:
        """Do it.

        Returns:
            What tells the program, to be called once the state is saved.

        Raises:
            StepError: the provider failed.
        """

    @abstractmethod
    def end(self, *, successful: bool) -> None:
        """Note in the journal what came of it."""


def _tell(done: Future[Resource] | None, resource: Resource) -> Complete:
    def complete() -> None:
        if done is not None and not done.done():
            done.set_result(resource)

    return complete


@dataclass(eq=False)
class SameStep(Step):
    """Nothing changes."""

    done: Future[Resource] | None = None

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "same"

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        assert self.old is not None and self.new is not None  # noqa: S101, PT018
        self.new.id, self.new.outputs = self.old.id, self.old.outputs
        if is_provider_type(self.new.type):
            self.run.registry.same(self.new, self.old.inputs)
        return _tell(self.done, self.new)

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""
        if successful and self.old and self.new:
            self.run.journal.end(
                self.new,
                done=[self.old],
                new=self.new,
                save=not _saves_as(self.old, self.new),
            )


def _saves_as(old: Resource, new: Resource) -> bool:
    return all(
        equal(value, vars(new)[name])
        for name, value in vars(old).items()
        if name not in ("created", "modified", "dependencies")
    ) and sorted(old.dependencies) == sorted(new.dependencies)


@dataclass(eq=False)
class CreateStep(Step):
    """A resource is made: a new one, or what takes an old one's place."""

    done: Future[Resource] | None = None
    replacing: bool = False
    pending_delete: bool = False
    """Whether the old resource is deleted later on."""

    def __post_init__(self) -> None:
        """A replacement is counted by its `ReplaceStep`."""
        self.logical = not self.replacing

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "create-replacement" if self.replacing else "create"

    def begin(self) -> None:
        """See `Step.begin`."""
        self.run.journal.begin(self.resource, "creating")

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        new = self.resource
        failure: InitError | None = None
        if new.custom:
            timeout = new.custom_timeouts.get("create", 0)
            created = self.run.provider_for(new).create(
                new.urn, new.inputs, timeout, self.run.preview
            )
            new.id, new.outputs, failure = created.id, created.outputs, created.failure
            new.refresh_before_update = created.refresh_before_update
        new.created = new.modified = now()
        if self.old is not None and self.pending_delete:
            self.old.delete = True
        if failure is not None:
            new.init_errors = failure.reasons
            raise failure
        return _tell(self.done, new)

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""
        if not successful:
            self.run.journal.end(self.resource)
            return
        gone = [self.old] if self.old is not None and self.old.pending_replacement else []
        self.run.journal.end(self.resource, done=gone, new=self.resource)


@dataclass(eq=False)
class UpdateStep(Step):
    """A resource changes in place."""

    done: Future[Resource] | None = None
    ignore_changes: Sequence[str] = ()

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "update"

    def begin(self) -> None:
        """See `Step.begin`."""
        self.run.journal.begin(self.resource, "updating")

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        assert self.old is not None and self.new is not None  # noqa: S101, PT018
        old, new = self.old, self.new
        new.id, new.created, new.modified = old.id, old.created, old.modified
        if new.custom:
            updated = self.run.provider_for(new).update(
                new.urn,
                old.id,
                old.inputs,
                old.outputs,
                new.inputs,
                new.custom_timeouts.get("update", 0),
                self.ignore_changes,
                self.run.preview,
            )
            new.outputs, new.modified = updated.outputs, now()
            new.refresh_before_update = updated.refresh_before_update
            if updated.failure is not None:
                new.init_errors = updated.failure.reasons
                # What is there now was not made with the new inputs: the next diff must see that.
                new.inputs = old.inputs
                raise updated.failure
        return _tell(self.done, new)

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""
        if successful and self.old:
            self.run.journal.end(self.resource, done=[self.old], new=self.new)
        else:
            self.run.journal.end(self.resource)


@dataclass(eq=False)
class DeleteStep(Step):
    """A resource goes."""

    replacing: bool = False
    """Whether another takes its place."""
    pending_replacement: bool = False
    """Whether the other one is made after this."""

    def __post_init__(self) -> None:
        """A replacement is counted by its `ReplaceStep`."""
        self.logical = not self.replacing

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "delete-replaced" if self.replacing else "delete"

    def begin(self) -> None:
        """See `Step.begin`."""
        self.run.journal.begin(self.resource, "deleting")

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        old = self.resource
        if old.protect and not self.replacing:
            raise ProtectedError(
                f'resource "{old.urn}" cannot be deleted\n'
                "because it is protected. To unprotect the resource, either remove the `protect` "
                "flag from the resource in your Pulumi program and run `pulumi up`, or use the "
                f"command:\n`pulumi state unprotect '{old.urn}'`"
            )
        left_alone = (
            self.run.preview
            or old.external
            or old.retain_on_delete
            or old.deleted_with in self.run.deletes
        )
        if old.custom and not left_alone:
            self.run.provider_for(old).delete(
                old.urn, old.id, old.inputs, old.outputs, old.custom_timeouts.get("delete", 0)
            )
        if self.pending_replacement:
            old.pending_replacement = True
        return None

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""
        gone = successful and not self.resource.pending_replacement
        self.run.journal.end(self.resource, done=[self.resource] if gone else [])


@dataclass(eq=False)
class RemovePendingReplaceStep(Step):
    """A resource that was deleted to be replaced is not wanted any more."""

    logical = False

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "remove-pending-replace"

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        return None

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""
        if successful:
            self.run.journal.end(self.resource, done=[self.resource])


@dataclass(eq=False)
class ReplaceStep(Step):
    """Stands for a replacement as a whole; its two halves are steps of their own."""

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "replace"

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        return None

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""


@dataclass(eq=False)
class ReadStep(Step):
    """A resource that the stack does not manage is looked up."""

    done: Future[Resource] | None = None
    replacing: bool = False

    def __post_init__(self) -> None:
        """Looking a resource up changes nothing."""
        self.logical = not self.replacing

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "read-replacement" if self.replacing else "read"

    def begin(self) -> None:
        """See `Step.begin`."""
        self.run.journal.begin(self.resource, "reading")

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        new = self.resource
        failure: InitError | None = None
        if not isinstance(new.id, Unknown):
            timeout = new.custom_timeouts.get("read", 0)
            found = self.run.provider_for(new).read(
                new.urn, new.id, new.inputs, new.inputs, timeout
            )
            if not found.id and not found.outputs:
                raise StepError(f"resource '{new.id}' does not exist")
            new.outputs, new.id, failure = found.outputs, found.id or new.id, found.failure
        if self.old is not None:
            new.created, new.modified = self.old.created, self.old.modified
            self.old.delete = self.old.delete or self.replacing
        if failure is not None:
            new.init_errors = failure.reasons
            raise failure
        return _tell(self.done, new)

    def end(self, *, successful: bool) -> None:
        """See `Step.end`."""
        if not successful:
            self.run.journal.end(self.resource)
            return
        gone = [self.old] if self.old is not None and not self.replacing else []
        self.run.journal.end(self.resource, done=gone, new=self.resource)


@dataclass(eq=False)
class RefreshStep(Step):
    """The state is brought in line with what is really there."""

    @property
    def op(self) -> str:
        """See `Step.op`."""
        return "refresh"

    @property
    def counted(self) -> str:
        """A refresh counts as what it found."""
        if self.new is None:
            return "delete"
        if self.new is self.old or self.old is None:
            return "same"
        if self.old.external:
            return "update" if changed_keys(self.old.outputs, self.new.outputs) else "same"
        # By the inputs: outputs that move are no change to what was asked for.
        return "same" if self.diff.changes is False else "update"

    @property
    def resource(self) -> Resource:
        """See `Step.resource`."""
        found = self.old
        assert found is not None  # noqa: S101 only what is there is refreshed
        return found

    def apply(self) -> Complete | None:
        """See `Step.apply`."""
        old = self.resource
        self.new = old
        if not old.custom or is_provider_type(old.type) or old.pending_replacement:
            return None
        provider = self.run.provider_for(old)
        timeout = old.custom_timeouts.get("read", 0)
        found = provider.read(old.urn, old.id, old.inputs, old.outputs, timeout)
        if found.failure is not None:
            reasons = "\n* ".join(found.failure.reasons)
            self.run.warn(f"Refreshed resource is in an unhealthy state:\n* {reasons}", old.urn)
        if not found.id:
            self.new = None
            return None
        inputs = old.inputs if found.inputs is None else found.inputs
        changed = not (equal(inputs, old.inputs) and equal(found.outputs, old.outputs))
        new = replace(
            old,
            id=found.id,
            inputs=inputs,
            outputs=found.outputs,
            init_errors=found.failure.reasons if found.failure else [],
            refresh_before_update=found.refresh_before_update,
            modified=now() if changed else old.modified,
        )
        self.new = new
        if not old.external:
            # The way back: what an update of an unchanged program would do about it.
            self.diff = diff_resource(
                provider,
                new,
                new.inputs,
                new.outputs,
                old.inputs,
                old.ignore_changes,
            )
        return None

    def end(self, *, successful: bool) -> None:
        """See `Step.end`. The state is written once all resources are refreshed."""


def diff_resource(
    provider: Provider,
    resource: Resource,
    old_inputs: Properties,
    old_outputs: Properties,
    new_inputs: Properties,
    ignored: Sequence[str],
) -> Diff:
    """Ask a provider for a diff; one that does not know leaves it to the inputs.

    Args:
        provider: the provider.
        resource: whose diff it is.
        old_inputs: the inputs that the resource was made with.
        old_outputs: what is known of it.
        new_inputs: the inputs that it shall have.
        ignored: the paths of ``ignore_changes``.
    """
    diff = provider.diff(resource.urn, resource.id, old_inputs, old_outputs, new_inputs, ignored)
    if diff.changes is None:
        kept, _ = ignore_changes(new_inputs, old_inputs, ignored)
        diff.changed = changed_keys(plain(old_inputs), plain(kept))
        diff.detailed = {key: _kind(old_inputs.get(key), kept.get(key)) for key in diff.changed}
        diff.changes = bool(diff.changed)
    return diff


def _kind(old: Any, new: Any) -> str:
    return "ADD" if old is None else "DELETE" if new is None else "UPDATE"
