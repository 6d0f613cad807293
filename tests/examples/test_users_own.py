"""A user's own test: the one in examples/quickstart, with nothing but what a user installs."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from pulumi_workspaces_pool.testing.stacks import copy_project
from support.examples import EXAMPLES

ROOT = EXAMPLES.parent


def pip(python: Path, *arguments: str) -> None:
    """Run a Python's pip."""
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", *arguments, *quiet], check=True)


def run_its_tests(python: Path, folder: Path) -> str:
    """Run the tests of a copy of the quickstart with a Python; gives what pytest printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    ran = subprocess.run(
        [python, "-m", "pytest", "-v", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.needs_cli
def test_the_documented_test_passes_and_leaves_nothing_in_the_project(tmp_path: Path) -> None:
    project = copy_project(EXAMPLES / "quickstart", tmp_path / "mine")
    before = {path.name for path in project.iterdir()}
    printed = run_its_tests(Path(sys.executable), project)
    assert "2 passed" in printed
    assert "Pulumi CLI: " in printed
    assert {path.name for path in project.iterdir()} - {"__pycache__"} == before


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    pip(Path(sys.executable), "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_package_its_types_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "pulumi_workspaces_pool/py.typed" in names
    assert "pulumi_workspaces_pool/pulumi-plugin.json" in names, "the CLI would look for a plugin"
    modules = {
        path.relative_to(ROOT / "provider").as_posix() for path in (ROOT / "provider").rglob("*.py")
    }
    assert modules <= set(names)
    others = [name for name in names if not name.startswith("pulumi_workspaces_pool")]
    assert others == [], "tests, tools and examples stay in the repository"


@pytest.mark.slow
@pytest.mark.needs_cli
def test_the_documented_test_passes_with_the_wheel_in_an_empty_environment(
    wheel: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip(python, "install", f"pulumi-workspaces-pool[testing] @ {wheel.as_uri()}")
    project = copy_project(EXAMPLES / "quickstart", tmp_path / "mine")
    (project / "venv").unlink()
    (project / "venv").symlink_to(environment)
    assert "2 passed" in run_its_tests(python, project)
