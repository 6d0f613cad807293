"""examples/quickstart: one pool in a directory that exists."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from support.examples import EXAMPLES

from .conftest import ExampleFactory


def test_it_is_previewed_brought_up_changed_refreshed_and_destroyed(
    example: ExampleFactory,
) -> None:
    quickstart = example("quickstart")
    emulator = quickstart.emulator
    quickstart.configure(
        directoryId=emulator.default_directory_id, bundleId=emulator.default_bundle_id
    )
    preview = quickstart.stack.preview()
    assert preview.changes == {"create": 2}, preview.text
    assert emulator.calls == []

    up = quickstart.stack.up()
    assert up.ok, up.text
    pool = emulator.pool(up.outputs["poolId"])
    assert up.outputs["poolArn"] == pool["PoolArn"]
    assert pool["Tags"] == {"Project": "workspaces-pool-quickstart"}
    assert quickstart.stack.up().changes == {"same": 2}

    quickstart.configure(desiredUserSessions=3)
    quickstart.writes()
    assert quickstart.stack.up().changes == {"update": 1, "same": 1}
    assert quickstart.writes() == ["UpdateWorkspacesPool"]

    emulator.drift(pool["PoolId"], Description="Changed in the console")
    assert quickstart.stack.refresh().changes == {"update": 1, "same": 1}
    assert quickstart.stack.destroy().ok
    assert emulator.pools() == []


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
