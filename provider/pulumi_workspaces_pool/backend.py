"""Which backend keeps the stack of this process, by its URL."""

from __future__ import annotations

import json
import os
import platform
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml  # pulumi brings it


def current_backend() -> str:
    """Return the URL of the stack's backend, for a local one with the machine.

    It is named, in this order, by PULUMI_BACKEND_URL, by `backend.url` of the project's Pulumi.yaml
    and by `current` of PULUMI_HOME's credentials.json (the Pulumi documents "State and backends"
    and "Pulumi project file"). Where it cannot be named, something unique is returned, so that
    nothing is taken for a resource's own.
    """
    url = next(filter(None, _urls()), uuid.uuid4().hex).rstrip("/")
    if url.startswith("file:"):
        path = Path(url.removeprefix("file:").removeprefix("//") or "~").expanduser()
        return f"file://{platform.node()}{path.absolute()}"
    return url


def _urls() -> Iterator[str | None]:
    yield os.environ.get("PULUMI_BACKEND_URL")
    backend = _read(_project_file(), yaml.safe_load).get("backend")
    yield backend.get("url") if isinstance(backend, Mapping) else None
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    yield _read(home / "credentials.json", json.loads).get("current")


def _project_file() -> Path:
    """The project's file: a plugin runs in the project's folder or below it."""
    names = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
    files = [folder / name for folder in (Path.cwd(), *Path.cwd().parents) for name in names]
    return next(filter(Path.is_file, files), files[0])


def _read(file: Path, parse: Callable[[str], Any]) -> Mapping[str, Any]:
    try:
        content = parse(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, Mapping) else {}
