"""The deployment file: what the stack was at the end of the last run, and after every step.

The file is a Pulumi deployment of version 3, as ``pulumi stack export`` writes it and ``pulumi
stack import`` takes it: https://www.pulumi.com/docs/iac/concepts/state-and-backends/.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .errors import EngineError
from .secrets import Crypter
from .urns import split_reference
from .values import Properties, from_state, to_state

VERSION = 3
EMPTY = {"manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}, "metadata": {}}


@dataclass(eq=False)
class Resource:
    """One resource as the state knows it.

    Two resources are the same only if they are one object: during a replacement, the old and the
    new one have the same URN.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    delete: bool = False
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    taint: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    refresh_before_update: bool = False

    def provider_urn(self) -> str:
        """The URN of the provider that manages this resource, or nothing."""
        return split_reference(self.provider)[0]


_NAMES = {
    "id": "id",
    "import_id": "importID",
    **{
        item.name: item.name.split("_")[0] + "".join(s.title() for s in item.name.split("_")[1:])
        for item in fields(Resource)
        if item.name not in ("id", "import_id")
    },
}
_ALWAYS = ("urn", "custom", "type")
_ENCRYPTED = ("inputs", "outputs", "replacement_trigger")


def resource_to_json(resource: Resource, encrypt: Callable[[str], str]) -> dict[str, Any]:
    """Write one resource as an entry of a deployment."""
    entry: dict[str, Any] = {}
    for name, json_name in _NAMES.items():
        value = getattr(resource, name)
        if name in _ENCRYPTED:
            value = to_state(value, encrypt)
        if value or name in _ALWAYS:
            entry[json_name] = value
    return entry


def resource_from_json(entry: dict[str, Any], decrypt: Callable[[str], str]) -> Resource:
    """Read one entry of a deployment; fields that this engine does not know are left out."""
    known: dict[str, Any] = {}
    for name, json_name in _NAMES.items():
        value = entry.get(json_name)
        if value is not None:
            known[name] = from_state(value, decrypt) if name in _ENCRYPTED else value
    if entry.get("viewOf") or entry.get("extensionRef"):
        raise EngineError(
            f"the state holds a resource of a kind that is not supported: {known['urn']}"
        )
    return Resource(**known)


def now() -> str:
    """The time, as a deployment writes it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Operation:
    """Something that was begun and whose end was not seen."""

    resource: Resource
    type: str


@dataclass
class Snapshot:
    """A stack's resources, each after those that it depends on."""

    resources: list[Resource] = field(default_factory=list)
    pending: list[Operation] = field(default_factory=list)

    def to_deployment(self, crypter: Crypter) -> dict[str, Any]:
        """Write this snapshot as a deployment of version 3."""
        body: dict[str, Any] = {
            "manifest": {"time": now(), "magic": "", "version": ""},
            "secrets_providers": {"type": "passphrase", "state": {"salt": crypter.state}},
        }
        if self.resources:
            body["resources"] = [resource_to_json(r, crypter.encrypt) for r in self.resources]
        if self.pending:
            body["pending_operations"] = [
                {"resource": resource_to_json(o.resource, crypter.encrypt), "type": o.type}
                for o in self.pending
            ]
        body["metadata"] = {}
        return body


def read_deployment(deployment: dict[str, Any], decrypt: Callable[[str], str]) -> Snapshot:
    """Read a deployment of version 3.

    Args:
        deployment: the part of the file under ``deployment``.
        decrypt: turns ciphertexts into plain texts.
    """
    return Snapshot(
        [resource_from_json(entry, decrypt) for entry in deployment.get("resources") or ()],
        [
            Operation(resource_from_json(entry["resource"], decrypt), entry["type"])
            for entry in deployment.get("pending_operations") or ()
        ],
    )


class StateFile:
    """One stack's deployment file and its lock."""

    def __init__(self, folder: Path, stack: str) -> None:
        """Find the file; it need not be there.

        Args:
            folder: the folder of a project's stacks.
            stack: the stack's name.
        """
        self.path = folder / f"{stack}.json"
        self._lock = folder / f"{stack}.lock"
        self._stack = stack

    def read(self) -> dict[str, Any]:
        """Read the deployment as it is, secrets encrypted; an empty one where there is no file."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"version": VERSION, "deployment": dict(EMPTY)}
        except (OSError, ValueError) as error:
            raise EngineError(f"cannot read the state {self.path}: {error}") from None
        if not isinstance(content, dict) or content.get("version") != VERSION:
            raise EngineError(f"the state {self.path} is not a deployment of version {VERSION}")
        return content

    def write(self, deployment: dict[str, Any]) -> None:
        """Put a deployment in the file's place, all of it or nothing.

        Raises:
            EngineError: it cannot be written.
        """
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as file:
                # On one line: indenting takes ten times as long, and this is done at every step.
                file.write(json.dumps({"version": VERSION, "deployment": deployment}))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise EngineError(f"cannot write the state {self.path}: {error}") from None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of this stack.

        Raises:
            EngineError: another run that is alive holds the lock.
        """
        self._take_lock()
        try:
            yield
        finally:
            self._lock.unlink(missing_ok=True)

    def break_lock(self) -> None:
        """Take the lock away from whoever holds it."""
        self._lock.unlink(missing_ok=True)

    def _take_lock(self) -> None:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        # The content must be there the moment the lock is: link() puts both in place at once.
        claim = self._lock.with_suffix(f".{os.getpid()}.{threading.get_ident()}.claim")
        claim.write_text(f"{os.getpid()} {_started(os.getpid())}", encoding="utf-8")
        try:
            for _ in range(10):
                try:
                    os.link(claim, self._lock)
                except FileExistsError:
                    self._refuse_if_held()
                else:
                    return
            raise EngineError(f"cannot lock the stack {self._stack!r}: {self._lock}")
        finally:
            claim.unlink(missing_ok=True)

    def _refuse_if_held(self) -> None:
        try:
            pid, _, started = self._lock.read_text(encoding="utf-8").partition(" ")
        except FileNotFoundError:
            return
        # A process that was killed leaves its lock behind; its id may since be another process.
        if pid.isdigit() and _started(int(pid)) == started:
            raise EngineError(
                f"the stack is currently locked by process {pid}, which is still "
                f"running; if it is not a run of this stack, remove {self._lock}"
            )
        self._lock.unlink(missing_ok=True)


# Linux's letters for a process that is no more (man 5 proc, /proc/pid/stat).
_ENDED = ("Z", "X")


def _started(pid: int) -> str:
    """When a process was started, as far as that can be seen; nothing if there is no process."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        known = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        # A process that has ended, but whose parent has not asked for its end, holds nothing.
        return "" if known[0] in _ENDED else known[19]
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "running"
    return "running"


class Journal:
    """The snapshot of a run that goes on: old resources that are not done, and the new ones."""

    def __init__(self, base: Snapshot, save: Callable[[Snapshot], None]) -> None:
        """Begin with the old resources.

        Args:
            base: the snapshot at the start of the run.
            save: writes a snapshot; called after every change that matters.
        """
        self._base = base
        self._save = save
        self._news: list[Resource] = []
        self._done: set[Resource] = set()
        self._pending: list[Operation] = []
        self._guard = threading.RLock()

    def begin(self, resource: Resource, type_: str) -> None:
        """Note that an operation on a resource begins."""
        with self._guard:
            self._pending.append(Operation(resource, type_))
            self.save()

    def end(
        self,
        resource: Resource,
        *,
        done: Iterable[Resource] = (),
        new: Resource | None = None,
        save: bool = True,
    ) -> None:
        """Note that it ended.

        Args:
            resource: the resource whose operation began.
            done: old resources that are no more, or live on in `new`.
            new: what the resource is now.
            save: False where nothing changed that could not wait.
        """
        with self._guard:
            self._pending = [item for item in self._pending if item.resource is not resource]
            self._done.update(done)
            if new is not None:
                self._news.append(new)
            if save:
                self.save()

    def rebase(self, resources: list[Resource]) -> None:
        """Start from other old resources: those that a refresh found."""
        with self._guard:
            self._base = Snapshot(resources, self._base.pending)
            self.save()

    def snapshot(self) -> Snapshot:
        """The stack as it is at this moment."""
        with self._guard:
            resources = [r for r in (*self._news, *self._base.resources) if r not in self._done]
            # Only creates are kept for the next run: of what may exist, nobody knows the id.
            olds = [item for item in self._base.pending if item.type == "creating"]
            return Snapshot(resources, [*self._pending, *olds])

    def save(self) -> None:
        """Write the snapshot."""
        with self._guard:
            self._save(self.snapshot())
