"""The layers of the core: who imports whom and what, and who walks over frames."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pulumi_workspaces_pool

CORE = Path(pulumi_workspaces_pool.__file__).parent
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
    found: set[str] = set()
    for node in ast.walk(ast.parse((CORE / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found


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


def test_importing_the_package_does_not_import_boto3() -> None:
    program = (
        "import sys, pulumi_workspaces_pool\n"
        "print([name for name in ('boto3', 'botocore', 'moto') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_frames_are_walked_in_the_seam_to_the_host_alone() -> None:
    walking = {
        file.name
        for file in CORE.glob("*.py")
        if re.search("_getframe|f_back", file.read_text("utf-8"))
    }
    assert walking == {"host.py"}
