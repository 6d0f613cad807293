"""Which backend keeps the stack: named as the CLI finds it, and never guessed."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from pulumi_workspaces_pool.backend import current_backend


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in a project's folder that nothing tells of a backend."""
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    (tmp_path / "project" / "below").mkdir(parents=True)
    (tmp_path / "project" / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "project" / "below")


def test_the_variable_comes_before_the_project_and_the_project_before_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"current": "https://api.pulumi.com", "accessTokens": {"https://api.pulumi.com": "t"}}
    (tmp_path / "home" / "credentials.json").write_text(json.dumps(login))
    assert current_backend() == "https://api.pulumi.com"
    with (tmp_path / "project" / "Pulumi.yaml").open("a") as project:
        project.write("backend:\n  url: s3://states\n")
    assert current_backend() == "s3://states"
    monkeypatch.setenv("PULUMI_BACKEND_URL", "gs://others")
    assert current_backend() == "gs://others"


def test_a_backend_that_nothing_names_is_never_the_same(tmp_path: Path) -> None:
    assert current_backend() != current_backend()
    for broken in ("", "[]", "not JSON", '{"current": null}'):
        (tmp_path / "home" / "credentials.json").write_text(broken)
        assert current_backend() != current_backend()
    (tmp_path / "project" / "Pulumi.yaml").write_text("backend: [\n")
    assert current_backend() != current_backend()


def test_a_local_backend_is_one_folder_of_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    found = set()
    for url in ("file:///home/somebody", "file://~", "file:///home/somebody/"):
        monkeypatch.setenv("PULUMI_BACKEND_URL", url)
        found.add(current_backend())
    assert found == {f"file://{platform.node()}/home/somebody"}
    monkeypatch.setattr(platform, "node", lambda: "another-machine")
    assert current_backend() not in found
