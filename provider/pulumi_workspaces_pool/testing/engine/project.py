"""A project's folder: Pulumi.yaml, and the stacks' configuration beside it.

Follows https://www.pulumi.com/docs/iac/concepts/projects/project-file/ and
https://www.pulumi.com/docs/iac/concepts/config/. ``Pulumi.<stack>.yaml`` is the file that the
Pulumi CLI reads and writes, so that a stack has one configuration whichever engine runs it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import EngineError
from .paths import parse_path
from .secrets import Crypter, new_crypter

_SECURE = "secure"


@dataclass(frozen=True)
class PluginFolder:
    """A provider plugin that a project brings along: ``plugins: providers`` of Pulumi.yaml."""

    name: str
    path: Path


@dataclass(frozen=True)
class Project:
    """What Pulumi.yaml says."""

    root: Path
    name: str
    main: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    plugins: tuple[PluginFolder, ...] = ()
    config_folder: Path = Path()

    @property
    def program_folder(self) -> Path:
        """The folder that the program runs in."""
        return self.main if self.main.is_dir() else self.main.parent

    def virtualenv(self) -> Path | None:
        """The virtual environment that the program is to run in, where Pulumi.yaml names one."""
        name = self.options.get("virtualenv")
        return self.root / str(name) if name else None


def load_project(folder: Path) -> Project:
    """Read the Pulumi.yaml of a folder or of one above it.

    Args:
        folder: where to start looking.

    Raises:
        EngineError: there is none, or it is not one of a Python program.
    """
    for root in (folder.resolve(), *folder.resolve().parents):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            if (root / name).is_file():
                return _parse_project(root, read_yaml(root / name))
    raise EngineError(f"no Pulumi.yaml project file found in {folder} or in a folder above it")


def _parse_project(root: Path, content: Mapping[str, Any]) -> Project:
    if not content.get("name"):
        raise EngineError("project is missing a 'name' attribute")
    runtime, options = runtime_of(content)
    if runtime != "python":
        raise EngineError(f"this engine runs projects of the runtime python only, not {runtime!r}")
    return Project(
        root=root,
        name=str(content["name"]),
        main=root / str(content.get("main") or "."),
        options=options,
        declared=content.get("config") or {},
        plugins=tuple(_plugins(root, content.get("plugins") or {})),
        config_folder=root / str(content.get("stackConfigDir") or "."),
    )


def runtime_of(content: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The runtime that a Pulumi.yaml or PulumiPlugin.yaml names, and its options."""
    runtime: Any = content.get("runtime")
    if isinstance(runtime, Mapping):
        return runtime.get("name"), runtime.get("options") or {}
    return runtime, {}


def _plugins(root: Path, plugins: Mapping[str, Any]) -> Iterator[PluginFolder]:
    for kind in plugins:
        if kind != "providers":
            raise EngineError(f"Pulumi.yaml has plugins of a kind that is not supported: {kind}")
    for entry in plugins.get("providers") or ():
        yield PluginFolder(str(entry["name"]), root / str(entry.get("path") or "."))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises:
        EngineError: it does not, or cannot be read.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise EngineError(f"cannot read {path}: {error}") from None
    if not isinstance(content, dict):
        raise EngineError(f"cannot read {path}: it is not a mapping")
    return content


@dataclass(frozen=True)
class Value:
    """One configuration value, as programs get it: a text, JSON where it is structured."""

    text: str
    secret: bool = False
    structured: bool = False


class StackConfig:
    """The configuration of one stack, in ``Pulumi.<stack>.yaml``."""

    def __init__(self, project: Project, stack: str) -> None:
        """Find the file; it need not be there.

        Args:
            project: the project.
            stack: the stack's name.
        """
        self._project = project
        self._stack = stack
        self.path = project.config_folder / f"Pulumi.{stack}.yaml"

    @property
    def exists(self) -> bool:
        """Whether the stack has a configuration file."""
        return self.path.exists()

    def crypter(self, phrase: str) -> Crypter:
        """Open the stack's secrets manager; a stack that has none gets one, and a file to keep it.

        Args:
            phrase: the passphrase.

        Raises:
            EngineError: the stack uses another manager, or its salt is malformed.
        """
        content = self._content()
        if content.get("secretsprovider", "passphrase") not in ("passphrase", "default", ""):
            raise EngineError(
                f"stack {self._stack!r} keeps its secrets with {content['secretsprovider']}; "
                "this engine knows the passphrase provider only"
            )
        if content.get("encryptionsalt"):
            return Crypter(phrase, str(content["encryptionsalt"]))
        crypter = new_crypter(phrase)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write({"encryptionsalt": crypter.state, **content})
        return crypter

    def key(self, key: str) -> str:
        """Put the project's name before a key that has no namespace."""
        return key if ":" in key else f"{self._project.name}:{key}"

    def values(self, crypter: Crypter, *, validate: bool = False) -> dict[str, Value]:
        """Everything that is configured: the stack's values, then the project's defaults.

        Args:
            crypter: the stack's crypter.
            validate: refuse what Pulumi.yaml's declarations do not allow.

        Raises:
            EngineError: a value is missing or of the wrong type.
        """
        found = {key: _value(raw, crypter.decrypt) for key, raw in self._raw().items()}
        if validate:
            self._refuse_missing(found)
            for name, declared in sorted(self._project.declared.items()):
                self._check(name, declared, found.get(self.key(name)))
        return found

    def set(self, key: str, text: str, crypter: Crypter, *, secret: bool, path: bool) -> None:
        """Write one value.

        Args:
            key: the key, or the path of a value inside a structured one.
            text: the value.
            crypter: encrypts it if it is secret.
            secret: whether it is.
            path: whether `key` is a path.
        """
        value: Any = {_SECURE: crypter.encrypt(text)} if secret else text
        content = self._content()
        config = dict(content.get("config") or {})
        if path:
            namespace, steps = self._path(key)
            if steps[1:] and not secret:
                value = _typed(text)
            _set_in(config, [f"{namespace}:{steps[0]}", *steps[1:]], value)
        else:
            config[self.key(key)] = value
        self._write({**content, "config": dict(sorted(config.items()))})

    def remove(self, key: str, *, path: bool) -> None:
        """Take one value away; nothing happens where there is none."""
        content = self._content()
        config = dict(content.get("config") or {})
        if path:
            namespace, steps = self._path(key)
            _remove_in(config, [f"{namespace}:{steps[0]}", *steps[1:]])
        else:
            config.pop(self.key(key), None)
        self._write({**content, "config": config})

    def get(self, key: str, crypter: Crypter, *, path: bool) -> Value:
        """Read one value; see `set`.

        Raises:
            EngineError: there is none.
        """
        full = self.key(key)
        steps: list[Any] = []
        if path:
            namespace, (first, *steps) = self._path(key)
            full = f"{namespace}:{first}"
        raw = self._raw()
        found = _get_in(_value(raw[full], crypter.decrypt), steps) if full in raw else None
        if found is None:
            raise EngineError(f"configuration key '{key}' not found for stack '{self._stack}'")
        return found

    def _path(self, key: str) -> tuple[str, list[Any]]:
        namespace, _, rest = key.rpartition(":")
        steps = parse_path(rest)
        if not steps:
            raise EngineError(f"invalid configuration key {key!r}")
        return namespace or self._project.name, steps

    def _content(self) -> dict[str, Any]:
        return read_yaml(self.path) if self.exists else {}

    def _stack_values(self) -> dict[str, Any]:
        content = self._content()
        if content.get("environment"):
            raise EngineError(f"{self.path.name} names Pulumi ESC environments: not supported")
        return content.get("config") or {}

    def _raw(self) -> dict[str, Any]:
        """Everything that is configured, secrets still encrypted: see `values`."""
        declared = {self.key(name): _default(it) for name, it in self._project.declared.items()}
        defaults = {key: value for key, value in declared.items() if value is not None}
        stack = {self.key(key): value for key, value in self._stack_values().items()}
        return dict(sorted({**defaults, **stack}.items()))

    def _write(self, content: Mapping[str, Any]) -> None:
        text = yaml.safe_dump(dict(content), sort_keys=False, default_flow_style=False)
        self.path.write_text(text, encoding="utf-8")

    def _refuse_missing(self, found: Mapping[str, Value]) -> None:
        # Of other namespaces, Pulumi.yaml gives values only.
        own = {name: self.key(name) for name in sorted(self._project.declared)}
        prefix = f"{self._project.name}:"
        missing = [n for n, key in own.items() if key.startswith(prefix) and key not in found]
        if not missing:
            return
        quoted = [f"'{name}'" for name in missing]
        names = quoted[-1] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
        raise EngineError(
            f"Stack '{self._stack}' is missing configuration "
            f"{'value' if len(missing) == 1 else 'values'} {names}"
        )

    def _check(self, name: str, declared: Any, value: Value | None) -> None:
        if not isinstance(declared, Mapping) or "type" not in declared or value is None:
            return
        if declared.get("secret") and not value.secret:
            raise EngineError(
                f"Stack '{self._stack}' with configuration key '{name}' must be encrypted "
                "as it's secret"
            )
        content = json.loads(value.text) if value.structured else value.text
        if not _matches(content, declared):
            raise EngineError(
                f"Stack '{self._stack}' with configuration key '{name}' must be of type "
                f"'{_type_name(declared)}'"
            )


def _default(declared: Any) -> Any:
    # `key: {type: ..., default: ...}` declares, `aws:region: eu-west-1` sets for every stack.
    if isinstance(declared, Mapping):
        return declared.get("default", declared.get("value"))
    return declared


def _value(raw: Any, decrypt: Callable[[str], str]) -> Value:
    if _is_secure(raw):
        return Value(decrypt(raw[_SECURE]), secret=True)
    if isinstance(raw, (Mapping, list)):
        found: list[bool] = []
        plain = _plain(raw, decrypt, found)
        text = json.dumps(plain, separators=(",", ":"), sort_keys=True)
        return Value(text, secret=bool(found), structured=True)
    return Value(_text(raw))


def _text(scalar: Any) -> str:
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return "" if scalar is None else str(scalar)


def _is_secure(raw: Any) -> bool:
    return isinstance(raw, Mapping) and list(raw) == [_SECURE] and isinstance(raw[_SECURE], str)


def _plain(raw: Any, decrypt: Callable[[str], str], secrets: list[bool]) -> Any:
    if _is_secure(raw):
        secrets.append(True)
        return decrypt(raw[_SECURE])
    if isinstance(raw, Mapping):
        return {str(key): _plain(value, decrypt, secrets) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_plain(value, decrypt, secrets) for value in raw]
    return raw


def _matches(content: Any, declared: Mapping[str, Any]) -> bool:
    kind = declared["type"]
    if kind == "string":
        return isinstance(content, str)
    if kind == "integer":
        return re.fullmatch(r"[+-]?\d+", _text(content)) is not None
    if kind == "boolean":
        return _text(content) in ("true", "false")
    if kind == "object":
        return isinstance(content, Mapping)
    items = declared.get("items") or {}
    return isinstance(content, list) and all(_matches(item, items) for item in content)


def _type_name(declared: Mapping[str, Any]) -> str:
    if declared["type"] == "array":
        return f"array<{_type_name(declared.get('items') or {'type': 'string'})}>"
    return str(declared["type"])


# -- paths into structured values -------------------------------------------------------------


def _typed(text: str) -> Any:
    # Inside a structured value, numbers and booleans are what they look like.
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"0|-?[1-9]\d*", text) else text


def _set_in(container: Any, steps: list[Any], value: Any) -> None:
    for step, following in itertools.pairwise(steps):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(container, list):
            if step == len(container):
                container.append(empty)
            container = container[step]
        else:
            if not isinstance(container.get(step), (dict, list)):
                container[step] = empty
            container = container[step]
    if isinstance(container, list) and steps[-1] == len(container):
        container.append(value)
    else:
        container[steps[-1]] = value


def _remove_in(container: Any, steps: list[Any]) -> None:
    for step in steps[:-1]:
        try:
            container = container[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(container, dict):
        container.pop(steps[-1], None)
    elif isinstance(container, list) and isinstance(steps[-1], int) and steps[-1] < len(container):
        del container[steps[-1]]


def _get_in(value: Value, steps: list[Any]) -> Value | None:
    if not steps:
        return value
    content = json.loads(value.text) if value.structured else None
    for step in steps:
        try:
            content = content[step] if content is not None else None
        except (KeyError, IndexError, TypeError):
            return None
    if content is None:
        return None
    structured = isinstance(content, (dict, list))
    text = json.dumps(content, separators=(",", ":")) if structured else _text(content)
    return Value(text, value.secret, structured)
