"""A dynamic provider that records the engine's calls in $CALLS and obeys the orders in $ORDERS."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psutil
from pulumi import Output, ResourceOptions, dynamic

from pulumi_workspaces_pool import host

Properties = dict[str, Any]
_served = host.operation(lambda error, _name: str(error))


class Recorder(dynamic.ResourceProvider):
    """Replaces a resource for another `name`, and leaves the diff of an `unsure` one open."""

    serialize_as_secret_always = False

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        self._greeting = req.config.get("greeting")

    @_served
    def check(self, _olds: Properties, news: Properties) -> dynamic.CheckResult:
        _record("check", olds=_olds, news=news)
        return dynamic.CheckResult({**news, "checked": True}, [])

    @_served
    def diff(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.DiffResult:
        before, news = host.current_call().old_inputs or {}, _own(_news)
        changed = [key for key in {**before, **news} if before.get(key) != news.get(key)]
        _record("diff", olds=_olds, old_inputs=before, changed=changed)
        replaces = [key for key in changed if key == "name"]
        changes = None if news.get("unsure") else bool(changed)
        return dynamic.DiffResult(changes, replaces)

    @_served
    def create(self, props: Properties) -> dynamic.CreateResult:
        resource_id, timeout = f"id-{props['name']}", host.current_call().timeout
        _obey("create", resource_id, props, timeout=timeout, greeting=self._greeting)
        return dynamic.CreateResult(resource_id, {**props, "out": "whole"})

    @_served
    def update(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.UpdateResult:
        _obey("update", _id, _news)
        return dynamic.UpdateResult({**_news, "out": "whole"})

    @_served
    def delete(self, _id: str, _props: Properties) -> None:
        _obey("delete", _id, _props)

    @_served
    def read(self, id_: str, props: Properties) -> dynamic.ReadResult:
        found = _obey("read", id_, props)
        if found == "gone":
            return dynamic.ReadResult("", {})
        inputs = host.current_call().old_inputs or {}
        return dynamic.ReadResult(id_, {**props, **found}, {**inputs, **found.get("inputs", {})})


class R(dynamic.Resource):
    """A resource of the recorder's, whose `name` is the logical one unless the inputs have one."""

    out: Output[str]

    def __init__(self, logical: str, opts: ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__(Recorder(), logical, {"out": None, "name": logical, **inputs}, opts)


def _own(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: held for key, held in value.items() if key != host.PROVIDER_KEY}


def _record(kind: str, **details: Any) -> str:
    """Record a call; returns the logical name of its resource."""
    name = host.current_call().urn.rpartition("::")[2]
    call = {"kind": kind, "name": name, **{key: _own(held) for key, held in details.items()}}
    with Path(os.environ["CALLS"]).open("a") as file:
        file.write(json.dumps(call, default=lambda _unknown: "<unknown>") + "\n")
    return name


def _obey(kind: str, resource_id: str, props: Properties, **details: Any) -> Any:
    """Record a call and do what is ordered for it; returns an order that is left to the caller."""
    name = _record(kind, id=resource_id, props=props, **details)
    order = json.loads(Path(os.environ["ORDERS"]).read_text()).get(f"{kind} {name}", {})
    if order == "fail":
        raise RuntimeError(f"the {kind} of {name} was refused")
    if order == "fail partly":
        outs, inputs = {**_own(props), "out": "half"}, {"name": name, "size": "reached"}
        reason = f"the {kind} of {name} is half done"
        raise host.InitFailedError(resource_id, outs, inputs, reason)
    if order == "talk":
        host.current_call().progress("is on its way")
        host.current_call().warn("is odd")
    if order == "kill the engine":
        next(one for one in psutil.Process().parents() if one.name() == "pulumi").kill()
    if order in ("die", "kill the engine"):
        os._exit(9)
    return order
