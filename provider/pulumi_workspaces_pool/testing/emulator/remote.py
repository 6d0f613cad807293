"""The control surface for other processes: the same methods, as JSON over HTTP."""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import urllib3

from .control import Call, Emulator, EmulatorSettings, Timing
from .faults import Fault

PATH = "/workspaces-pools-emulator/"

METHODS = {
    name for name, value in vars(Emulator).items() if callable(value) and not name.startswith("_")
} - {"on", "dispatch", "dispatch_scaling"}


def answer(emulator: Emulator, name: str, body: bytes) -> tuple[int, str]:
    """What a `RemoteEmulator`, or curl, asks for: the HTTP status, and JSON.

    `name` is a method of the emulator, or calls or settings; `body` the arguments by name.
    """
    try:
        return 200, _json(_result(emulator, name, json.loads(body or b"{}")))
    except (AttributeError, KeyError) as error:
        return 404, _json({"error": type(error).__name__, "message": str(error.args[0])})
    except (TypeError, ValueError) as error:
        return 400, _json({"error": type(error).__name__, "message": str(error)})


def _result(emulator: Emulator, name: str, arguments: dict[str, Any]) -> Any:
    if name == "calls":
        return emulator.calls
    if name == "settings":
        return _settings(emulator, arguments)
    if name not in METHODS:
        raise AttributeError(f"there is no method {name}")
    if name == "fail":
        arguments["fault"] = Fault(**arguments["fault"])
    return getattr(emulator, name)(**arguments)


_SETTINGS = [item.name for item in dataclasses.fields(EmulatorSettings)]
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "timing": lambda seconds: Timing(**seconds),
    "update_requires_stopped": frozenset,
}


def _settings(emulator: Emulator, changes: dict[str, Any]) -> dict[str, Any]:
    for name, value in changes.items():
        if name not in _SETTINGS:
            raise AttributeError(f"there is no setting {name}")
        if name.endswith("_id"):
            raise ValueError(f"{name} is set when the emulator starts")
        setattr(emulator, name, _FROM_JSON.get(name, lambda item: item)(value))
    return {name: getattr(emulator, name) for name in _SETTINGS}


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON has in place of a value of a type that it does not have."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (Call, Fault, Timing)):
        return dataclasses.asdict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")


class RemoteEmulator:
    """Controls an emulator that serves in another process; its methods are those of `Emulator`.

    Callbacks (`on`) are not to be had from another process.
    """

    def __init__(self, url: str) -> None:
        """Name the server, by where it listens, such as http://127.0.0.1:5055."""
        self._url = url.rstrip("/") + PATH
        self._http = urllib3.PoolManager()

    @property
    def calls(self) -> list[Call]:
        """As `Emulator.calls`."""
        return _FROM_ANSWER["writes"](self._ask("calls", {}))  # type: ignore[no-any-return]

    @property
    def timing(self) -> Timing:
        """As `Emulator.timing`."""
        return Timing(**self._ask("settings", {})["timing"])

    @timing.setter
    def timing(self, timing: Timing) -> None:
        self.configure(timing=timing)

    def configure(self, **settings: Any) -> None:
        """Set attributes of `EmulatorSettings`, such as timing or state_after_creation."""
        self._ask("settings", settings)

    def __getattr__(self, name: str) -> Any:
        """The other methods and settings of `Emulator`."""
        if name in _SETTINGS:
            value = self._ask("settings", {})[name]
            return _FROM_JSON[name](value) if name in _FROM_JSON else value
        if name not in METHODS:
            raise AttributeError(name)
        signature = inspect.signature(getattr(Emulator, name))

        def ask(*positional: Any, **named: Any) -> Any:
            arguments = dict(signature.bind(self, *positional, **named).arguments)
            del arguments["self"]
            for parameter in signature.parameters.values():
                if parameter.kind is parameter.VAR_KEYWORD:
                    arguments.update(arguments.pop(parameter.name, {}))
            answer = self._ask(name, arguments)
            return _FROM_ANSWER[name](answer) if name in _FROM_ANSWER else answer

        return ask

    def _ask(self, name: str, arguments: dict[str, Any]) -> Any:
        response = self._http.request("POST", self._url + name, body=_json(arguments))
        result = json.loads(response.data)
        if response.status == 200:
            return result
        raise getattr(builtins, result["error"], RuntimeError)(result["message"])


def _shown(pool: dict[str, Any]) -> dict[str, Any]:
    return {**pool, "CreatedAt": datetime.fromisoformat(pool["CreatedAt"])}


_FROM_ANSWER: dict[str, Callable[[Any], Any]] = {
    "writes": lambda calls: [Call(**call) for call in calls],
    "pools": lambda pools: [_shown(pool) for pool in pools],
    "pool": _shown,
}
