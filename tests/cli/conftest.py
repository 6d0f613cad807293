"""Programs with a dynamic provider that records every call, run by the Pulumi CLI."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.outcomes import CliStack, CliStackFactory

# Its module is the project's own: dill pickles the provider by reference, and PYTHONPATH lets the
# plugin's process import it.
PROVIDER = """
import json, os, sys
from pulumi.dynamic import (
    CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, ResourceProvider, UpdateResult,
)
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2


def plain(value):
    if value == rpc.UNKNOWN or "Unknown" in type(value).__name__:
        return "<unknown>"
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "__provider"}
    return [plain(v) for v in value] if isinstance(value, list) else value


def note(call, **details):
    line = json.dumps({"call": call, **{k: plain(v) for k, v in details.items()}})
    with open(os.environ["CALLS"], "a") as file:
        file.write(line + "\\n")


def orders():
    with open(os.environ["ORDERS"]) as file:
        return json.load(file)


def host_frame():
    frame = sys._getframe()
    while not {"request", "context"} <= frame.f_locals.keys():
        frame = frame.f_back
    return frame.f_locals["request"], frame.f_locals["context"]


def old_inputs():
    return rpc.deserialize_properties(host_frame()[0].old_inputs, True)


def fail(message, id=None, properties=None, inputs=None):
    request, context = host_frame()
    status = status_pb2.Status(code=2, message=message)
    if id is not None:
        failed = provider_pb2.ErrorResourceInitFailed(id=id, reasons=[message])
        struct = request.news if hasattr(request, "news") else request.properties
        provider = {"__provider": struct["__provider"]}
        failed.properties.update({**plain(properties), **provider})
        failed.inputs.update({**plain(inputs), **provider})
        status.details.add().Pack(failed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    raise RuntimeError(message)


class Recorder(ResourceProvider):
    serialize_as_secret_always = False

    def configure(self, req):
        note("configure", greeting=req.config.get("greeting"))

    def check(self, olds, news):
        note("check", olds=olds, news=news)
        failures = [CheckFailure("size", "is too small")] if news.get("size") == 0 else []
        return CheckResult({**news, "checked": True}, failures)

    def diff(self, id, olds, news):
        inputs = old_inputs()
        note("diff", id=id, olds=olds, news=news, old_inputs=inputs)
        if news.get("unsure"):
            return DiffResult()
        changed = [k for k in {**inputs, **news} if plain(inputs.get(k)) != plain(news.get(k))]
        return DiffResult(changes=bool(changed), replaces=[k for k in changed if k == "name"])

    def create(self, props):
        note("create", props=props, timeout=host_frame()[0].timeout)
        self.obey("create", props)
        return CreateResult(f"id-{props['name']}", {**props, "out": "whole"})

    def update(self, id, olds, news):
        note("update", olds=olds, news=news)
        self.obey("update", news, id)
        return UpdateResult({**news, "out": "whole"})

    def delete(self, id, props):
        note("delete", id=id)
        self.obey("delete", props)

    def read(self, id, props):
        note("read", id=id, props=props, inputs=plain(rpc.deserialize_properties(
            host_frame()[0].inputs, True)))
        found = orders().get(f"read:{id}", {})
        if found is None:
            return ReadResult("", {})
        inputs = {k: v for k, v in props.items() if k not in ("out", "__provider")}
        return ReadResult(id, {**props, **found}, {**inputs, **found.get("inputs", {})})

    def obey(self, call, props, id=None):
        order = orders().get(f"{call}:{props['name']}")
        if order == "fail":
            fail(f"{call} of {props['name']} was refused")
        if order == "partly":
            fail(f"{call} of {props['name']} is half done", id or f"id-{props['name']}",
                 {**props, "out": "half"}, {**props, "size": "reached"})
        if order == "die":
            os._exit(9)


RECORDER = Recorder()
"""

PRELUDE = """
import pulumi
from pulumi import Alias, CustomTimeouts, Output, ResourceOptions as Opts
from pulumi.dynamic import Resource
from recorder import RECORDER

class R(Resource):
    out: Output[str]
    def __init__(self, logical, opts=None, **props):
        super().__init__(RECORDER, logical, {"out": None, "name": logical, **props}, opts)
"""


class World:
    """One project in a folder, with a stack.

    Attributes:
        stack: the stack.
    """

    def __init__(self, folder: Path, make_stack: CliStackFactory) -> None:
        """Write a project with an empty program."""
        self._project = folder / "project"
        self._project.mkdir()
        self._calls = folder / "calls"
        self._orders = folder / "orders.json"
        (self._project / "Pulumi.yaml").write_text("name: proj\nruntime: python\n")
        (self._project / "recorder.py").write_text(PROVIDER)
        self.program("")
        self.orders()
        environment = {
            "CALLS": str(self._calls),
            "ORDERS": str(self._orders),
            "PYTHONPATH": str(self._project),
        }
        self.stack: CliStack = make_stack(self._project, environment=environment)

    def program(self, text: str) -> None:
        """Write the program; `R(name, opts, **inputs)` declares a resource."""
        (self._project / "__main__.py").write_text(PRELUDE + textwrap.dedent(text))

    def up(self, text: str, *, ok: bool = True, **options: Any) -> str:
        """Run a program; returns what was shown."""
        self.program(text)
        outcome = self.stack.up(**options)
        assert outcome.ok == ok, outcome.text
        assert "Traceback" not in outcome.text
        return outcome.text

    def orders(self, **orders: Any) -> None:
        """Tell the provider what to do: `create:a` = fail, partly or die; `read:id-a` = outputs."""
        self._orders.write_text(json.dumps(orders))

    def calls(self, *kinds: str) -> list[dict[str, Any]]:
        """The calls since the last time, of some kinds; by default of those that do something."""
        if not self._calls.exists():
            return []
        calls = [json.loads(line) for line in self._calls.read_text().splitlines()]
        self._calls.unlink()
        wanted = kinds or ("create", "update", "delete")
        return [call for call in calls if call["call"] in wanted]

    def kinds(self) -> list[str]:
        """The kinds of all calls since the last time, in their order."""
        return [call["call"] for call in self.calls("check", "diff", "create", "update", "delete")]

    def state(self) -> dict[str, dict[str, Any]]:
        """The program's resources in the state, by name; those yet to be deleted as `name!`."""
        return {
            entry["urn"].rpartition("::")[2] + ("!" if entry.get("delete") else ""): entry
            for entry in self.stack.resources()
            if not entry["type"].startswith("pulumi:")
        }


@pytest.fixture
def world(tmp_path: Path, cli_stack: CliStackFactory) -> World:
    """A project with an empty program."""
    return World(tmp_path, cli_stack)
