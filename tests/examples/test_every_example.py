"""Each example has what a person needs who copies it; `make demo` runs the quickstart."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from support.examples import EXAMPLES


def test_the_project_in_the_root_is_the_same_one() -> None:
    def project(path: Path) -> dict[str, object]:
        content: dict[str, object] = yaml.safe_load(path.read_text())
        return {key: content[key] for key in ("name", "description", "config")}

    assert project(EXAMPLES / "quickstart" / "Pulumi.yaml") == project(
        EXAMPLES.parent / "Pulumi.yaml"
    )


@pytest.mark.parametrize("name", [folder.name for folder in sorted(EXAMPLES.iterdir())])
def test_every_example_can_be_copied_and_run(name: str) -> None:
    """Each has what a person needs, and declares what it reads, with types and descriptions."""
    folder = EXAMPLES / name
    names = {path.name for path in folder.iterdir()}
    assert {"Pulumi.yaml", "README.md", "__main__.py", "requirements.txt"} <= names
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    assert project["config"]
    for key, declared in project["config"].items():
        assert {"type", "description"} <= declared.keys(), key
    assert len((folder / "README.md").read_text().splitlines()) < 50, "a screenful"
    programs = "".join(path.read_text() for path in folder.glob("*.py"))
    assert [key for key in project["config"] if f'"{key}"' not in programs] == []
