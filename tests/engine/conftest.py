"""Programs with a provider that writes down every call, run by the local engine and by the CLI."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from pulumi_workspaces_pool.testing import engine as local

PROJECT = "proj"
PASSPHRASE = "correct horse"  # noqa: S105 of stacks that live for one test

PROVIDER = """
import json, os, sys, threading, time
from pulumi.dynamic import (
    CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, ResourceProvider, UpdateResult,
)
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2

GUARD = threading.Lock()


def plain(value):
    if value == rpc.UNKNOWN or "Unknown" in type(value).__name__:
        return "<unknown>"
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "__provider"}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def note(call, **details):
    line = json.dumps({"call": call, **{k: plain(v) for k, v in details.items()}})
    with GUARD, open(os.environ["CALLS"], "a") as file:
        file.write(line + "\\n")


def world():
    try:
        with open(os.environ["WORLD"]) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def request_and_context():
    frame = sys._getframe()
    while frame and "context" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"], frame.f_locals["context"]


def fail(message, id=None, properties=None):
    request, context = request_and_context()
    status = status_pb2.Status(code=2, message=message)
    if id is not None:
        failed = provider_pb2.ErrorResourceInitFailed(id=id, reasons=[message])
        failed.properties.update({**plain(properties), "__provider": request_provider(request)})
        status.details.add().Pack(failed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    raise RuntimeError(message)


def request_provider(request):
    struct = getattr(request, "news", None) or getattr(request, "properties")
    return struct["__provider"]


class Recorder(ResourceProvider):
    serialize_as_secret_always = False

    def configure(self, req):
        self.greeting = req.config.get("greeting")

    def check(self, olds, news):
        note("check", olds=olds, news=news)
        failures = [CheckFailure("size", "too small")] if news.get("size") == 0 else []
        return CheckResult({**news, "checked": True}, failures)

    def diff(self, id, olds, news):
        request, _ = request_and_context()
        note("diff", id=id, olds=olds, news=news, ignore=list(request.ignoreChanges),
             old_inputs=rpc.deserialize_properties(request.old_inputs, True))
        if news.get("nodiff"):
            return DiffResult()
        inputs = rpc.deserialize_properties(request.old_inputs, True)
        changed = [k for k in {**inputs, **news} if plain(inputs.get(k)) != plain(news.get(k))]
        return DiffResult(
            changes=bool(changed),
            replaces=[k for k in changed if k == "name"],
            delete_before_replace=bool(news.get("before")),
        )

    def create(self, props):
        request, _ = request_and_context()
        note("create", props=props, timeout=request.timeout)
        if self.greeting:
            note("greeting", greeting=self.greeting)
        self.obey(props, "create")
        name = props.get("name", "x")
        return CreateResult(f"id-{name}", {**props, "out": f"out-{name}"})

    def update(self, id, olds, news):
        note("update", id=id, olds=olds, news=news)
        self.obey(news, "update", id)
        return UpdateResult({**news, "out": f"out-{news.get('name', 'x')}"})

    def delete(self, id, props):
        note("delete", id=id)
        self.obey(props, "delete")

    def read(self, id, props):
        note("read", id=id, props=props)
        found = world().get(id, {})
        if found is None:
            return ReadResult("", {})
        outs = {**props, **found.get("outs", {})}
        inputs = {k: v for k, v in props.items() if k not in ("out", "__provider")}
        return ReadResult(id, outs, {**inputs, **found.get("inputs", {})})

    def obey(self, props, call, id=None):
        name = props.get("name", "x")
        orders = world()
        if orders.get(f"{call}:{name}") == "fail":
            fail(f"{call} of {name} went wrong")
        if orders.get(f"{call}:{name}") == "partly":
            fail(f"{call} of {name} never came up", id or f"id-{name}",
                 {**props, "out": "half"})
        if orders.get(f"{call}:{name}") == "die":
            os._exit(9)
        if orders.get(f"{call}:{name}") == "wait":
            note("waiting", name=name)
            while world().get("release") != name:
                time.sleep(0.02)


RECORDER = Recorder()
"""

PRELUDE = """
import pulumi
from pulumi import ResourceOptions as Opts
from pulumi.dynamic import Resource
from recorder import RECORDER

class R(Resource):
    out: pulumi.Output[str]
    def __init__(self, logical, /, opts=None, **props):
        super().__init__(RECORDER, logical, {"out": None, **props}, opts)
"""

Runner = Any
"""A stack of either engine: `pulumi.automation.Stack` is the interface of both."""


class World:
    """One project in a folder, with a stack that one of the engines runs."""

    def __init__(self, folder: Path, make: Callable[[Path, Mapping[str, str]], Runner]) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        self._calls = folder / "calls"
        self._world = folder / "world.json"
        self.project()
        (self.folder / "recorder.py").write_text(PROVIDER)
        self.program("")
        self.env = {
            "CALLS": str(self._calls),
            "WORLD": str(self._world),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        }
        self._make = make
        self.stack: Runner = make(self.folder, self.env)

    def other(self) -> Runner:
        """The stack of the same name that the other engine runs."""
        return (_cli if self._make is _local else _local)(self.folder, self.env)

    def project(self, more: str = "", name: str = PROJECT) -> None:
        """Write Pulumi.yaml."""
        text = f"name: {name}\nruntime: python\n{textwrap.dedent(more)}"
        (self.folder / "Pulumi.yaml").write_text(text)

    def program(self, text: str) -> None:
        """Write the program; ``R`` is a resource of the provider that writes down every call."""
        (self.folder / "__main__.py").write_text(PRELUDE + textwrap.dedent(text))

    def orders(self, **orders: Any) -> None:
        """Tell the provider what to do: ``create:name`` = fail, partly, die or wait."""
        self._world.write_text(json.dumps(orders))

    def calls(self, *kinds: str) -> list[dict[str, Any]]:
        """The calls that the provider has got since the last time, of some kinds or of all."""
        if not self._calls.exists():
            return []
        calls = [json.loads(line) for line in self._calls.read_text().splitlines()]
        self._calls.unlink()
        return [call for call in calls if not kinds or call["call"] in kinds]

    def peek(self) -> list[str]:
        """The kinds of the calls so far; they stay."""
        if not self._calls.exists():
            return []
        return [json.loads(line)["call"] for line in self._calls.read_text().splitlines()]

    def fails(self, action: Callable[[], Any]) -> tuple[str, int]:
        """Run something that has to fail.

        Returns:
            What was shown, and the exit code.
        """
        with pytest.raises(automation.CommandError) as caught:
            action()
        shown = str(caught.value)
        code = int(shown.split("code: ", 1)[1].split("\n", 1)[0])
        return shown, code

    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources of the state by name, those of the engine's own left out."""
        state = self.stack.export_stack().deployment
        return {
            entry["urn"].rpartition("::")[2]: entry
            for entry in state.get("resources", [])
            if not entry["type"].startswith("pulumi:") and not entry.get("delete")
        }

    def pending_deletes(self) -> list[str]:
        """The ids of what still has to be deleted."""
        state = self.stack.export_stack().deployment
        return [entry["id"] for entry in state.get("resources", []) if entry.get("delete")]

    def urn(self, name: str) -> str:
        """The URN of a resource of the recorder's."""
        return f"urn:pulumi:dev::{PROJECT}::pulumi-python:dynamic:Resource::{name}"


def _local(folder: Path, env: Mapping[str, str]) -> Runner:
    return local.create_or_select_stack("dev", work_dir=folder, env_vars=env)


def _cli(folder: Path, env: Mapping[str, str]) -> Runner:
    backend = folder.parent / "backend"
    backend.mkdir(exist_ok=True)
    return automation.create_or_select_stack(
        "dev",
        work_dir=str(folder),
        opts=automation.LocalWorkspaceOptions(
            env_vars={
                **env,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PULUMI_BACKEND_URL": f"file://{backend}",
                "PULUMI_HOME": str(folder.parent / "home"),
                "PULUMI_PYTHON_CMD": sys.executable,
                "PULUMI_SKIP_UPDATE_CHECK": "1",
            }
        ),
    )


@pytest.fixture(params=["local", "cli"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A project that the local engine runs, and again one that the CLI runs."""
    if request.param == "cli" and shutil.which("pulumi") is None:
        pytest.skip("no pulumi on the PATH: the same promise is only tried on the local engine")
    return World(tmp_path, _local if request.param == "local" else _cli)


@pytest.fixture
def local_world(tmp_path: Path) -> World:
    """A project that the local engine runs."""
    return World(tmp_path, _local)
