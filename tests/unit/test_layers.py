"""The layers of the core: who may import whom, and who may look at frames."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pulumi_workspaces_pool

CORE = Path(pulumi_workspaces_pool.__file__).parent
_FROM = re.compile(r"^ *from (\.?)([\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
_IMPORT = re.compile(r"^ *import ([\w.]+)", re.MULTILINE)
# From the engine's calls down to AWS: a module imports what stands below it.
LAYERS = (
    "provider",
    "host",
    "preview",
    "lifecycle",
    "convergence",
    "creation",
    "outputs",
    "pools",
    "retries",
    "waiter",
    "messages",
    "changes",
    "client",
    "sessions",
    "spec",
    "validation",
    "configuration",
    "keys",
    "tags",
    "errors",
)


def imported(module: str) -> set[str]:
    """Every module that a module of the core imports, wherever in it; its own package's by name."""
    source, found = (CORE / f"{module}.py").read_text("utf-8"), set()
    for dots, name, imported_names in _FROM.findall(source):
        if dots and not name:
            found |= set(re.findall(r"\w+", imported_names))
        else:
            found.add(name.partition(".")[0])
    return found | {name.partition(".")[0] for name in _IMPORT.findall(source)}


def reached(module: str) -> set[str]:
    """All that a module of the core imports, directly or through others of the core."""
    found: set[str] = set()
    left = [module]
    while left:
        for name in imported(left.pop()) - found:
            found.add(name)
            if (CORE / f"{name}.py").exists():
                left.append(name)
    return found


@pytest.mark.parametrize("front", ["lifecycle", "preview"])
def test_another_front_could_stand_on_the_core_which_knows_nothing_of_pulumi(front: str) -> None:
    assert {"errors", "pools", "botocore"} <= reached(front)
    assert not reached(front) & {"pulumi", "grpc", "google", "host", "provider", "resource"}


@pytest.mark.parametrize("module", LAYERS)
def test_a_module_imports_nothing_that_stands_above_it(module: str) -> None:
    above = LAYERS[: LAYERS.index(module)]
    assert not imported(module) & set(above)


def test_frames_are_walked_in_the_seam_to_the_host_alone() -> None:
    walking = [file.name for file in CORE.glob("*.py") if "_getframe" in file.read_text("utf-8")]
    assert walking == ["host.py"]
    assert not any(
        "f_back" in file.read_text("utf-8") for file in CORE.glob("*.py") if file.name != "host.py"
    )
