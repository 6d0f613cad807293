"""Which backend keeps the stack of this process, by its URL."""

from __future__ import annotations

import json
import os
import platform
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def current_backend() -> str:
    """Return what tells the backend of the stack from any other.

    It is named, in this order, by PULUMI_BACKEND_URL, by `backend.url` of the project's Pulumi.yaml
    and by `current` of PULUMI_HOME's credentials.json (the Pulumi documents "State and backends"
    and "Pulumi project file").

    Returns:
        Its URL, for a local one with the machine; where it cannot be named, something unique, so
        that nothing is taken for a resource's own.
    """
    url = next((url for url in _urls() if url), None)
    if url is None:
        return uuid.uuid4().hex
    url = url.rstrip("/")
    if url.startswith("file:"):
        path = Path(url.removeprefix("file:").removeprefix("//") or "~").expanduser()
        return f"file://{platform.node()}{path.absolute()}"
    return url


def _urls() -> Iterator[str | None]:
    yield os.environ.get("PULUMI_BACKEND_URL")
    yield _project_url()
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    yield _read_json(home / "credentials.json").get("current")


def _project_url() -> str | None:
    """`backend.url` of the project; a plugin runs in the project's folder or below it."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        for name in ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json"):
            if (folder / name).is_file():
                return _url_of_project(folder / name)
    return None


def _url_of_project(file: Path) -> str | None:
    import yaml  # noqa: PLC0415  # pulumi brings it; most runs have the variable and need it not

    try:
        project = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    backend = project.get("backend") if isinstance(project, Mapping) else None
    return backend.get("url") if isinstance(backend, Mapping) else None


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
