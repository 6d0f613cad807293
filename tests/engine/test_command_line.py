"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any


def run(world: Any, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pulumi_workspaces_pool.testing.engine", *arguments]
    return subprocess.run(
        command,
        cwd=world.folder,
        env={**os.environ, **world.env},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_stack_lives_and_dies_on_the_command_line(local_world: Any) -> None:
    local_world.program("a = R('a', name='a')\npulumi.export('out', a.out)")
    preview = run(local_world, "preview")
    assert " +  pulumi-python:dynamic:Resource a create\n" in preview.stdout
    assert "    out: [unknown]\n" in preview.stdout
    assert "    + 2 to create\n" in preview.stdout
    up = run(local_world, "up", "--yes", "--skip-preview", "--parallel", "4")
    assert " +  pulumi-python:dynamic:Resource a created (" in up.stdout
    assert '    out: "out-a"\n' in up.stdout
    assert "    + 2 created\n" in up.stdout
    assert run(local_world, "outputs", "out").stdout == "out-a\n"
    assert json.loads(run(local_world, "outputs", "--json").stdout) == {"out": "out-a"}
    assert run(local_world, "preview", "--expect-no-changes").returncode == 0
    assert run(local_world, "refresh", "--expect-no-changes").returncode == 0
    assert "    - 2 to delete\n" in run(local_world, "destroy", "--preview-only").stdout
    assert "    - 2 deleted\n" in run(local_world, "destroy", "--yes").stdout


def test_json_tells_the_steps_and_their_reasons(local_world: Any) -> None:
    local_world.program("R('a', name='a', nodiff=True, size=1)\nR('b', name='b')")
    assert json.loads(run(local_world, "up", "--json").stdout)["changeSummary"] == {"create": 3}
    local_world.program("R('a', name='a', nodiff=True, size=2)\nR('b', name='c')")
    shown = json.loads(run(local_world, "preview", "--json").stdout)
    steps = {(step["op"], step["urn"]): step for step in shown["steps"]}
    assert steps["update", local_world.urn("a")]["diffReasons"] == ["size"]
    assert steps["replace", local_world.urn("b")]["replaceReasons"] == ["name"]
    assert shown["changeSummary"] == {"same": 1, "update": 1, "replace": 1}


def test_configuration_is_kept_in_the_stacks_file(local_world: Any) -> None:
    run(local_world, "config", "set", "size", "3")
    run(local_world, "config", "set", "--secret", "word", "hush")
    run(local_world, "config", "set", "aws:region", "eu-west-1")
    run(local_world, "config", "set", "--path", "pool.names[0]", "x")
    assert run(local_world, "config", "get", "size").stdout == "3\n"
    assert run(local_world, "config", "get", "word").stdout == "hush\n"
    listed = json.loads(run(local_world, "config", "--json").stdout)
    assert listed == {
        "aws:region": {"secret": False, "value": "eu-west-1"},
        "proj:pool": {
            "secret": False,
            "value": '{"names":["x"]}',
            "objectValue": {"names": ["x"]},
        },
        "proj:size": {"secret": False, "value": "3"},
        "proj:word": {"secret": True},
    }
    file = (local_world.folder / "Pulumi.dev.yaml").read_text()
    assert "hush" not in file
    assert "proj:size: '3'" in file
    run(local_world, "config", "rm", "size")
    missing = run(local_world, "config", "get", "size")
    assert missing.returncode == 1
    assert missing.stderr == "error: configuration key 'size' not found for stack 'dev'\n"


def test_a_state_can_be_exported_and_imported(local_world: Any) -> None:
    local_world.program("R('a', name='a')")
    run(local_world, "up")
    exported = run(local_world, "export").stdout
    assert json.loads(exported)["version"] == 3
    run(local_world, "destroy")
    assert run(local_world, "import", stdin=exported).returncode == 0
    assert run(local_world, "preview", "--expect-no-changes").returncode == 0


def test_what_is_not_known_is_refused_by_name(local_world: Any) -> None:
    refused = run(local_world, "up", "--target", "x")
    assert refused.returncode != 0
    assert "--target" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_folder_without_a_project_is_refused_in_one_sentence(
    local_world: Any, tmp_path: Any
) -> None:
    refused = run(local_world, "up", "--cwd", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: no Pulumi.yaml project file found")
    assert refused.stderr.count("\n") == 1


def test_without_a_passphrase_nothing_begins(local_world: Any) -> None:
    del local_world.env["PULUMI_CONFIG_PASSPHRASE"]
    os.environ.pop("PULUMI_CONFIG_PASSPHRASE", None)
    refused = run(local_world, "up")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: passphrase must be set")


def test_the_state_can_be_kept_elsewhere(local_world: Any, tmp_path: Any) -> None:
    local_world.program("R('a', name='a')")
    local_world.env["PULUMI_LOCAL_ENGINE_STATE"] = str(tmp_path / "elsewhere")
    assert run(local_world, "up").returncode == 0
    assert (tmp_path / "elsewhere" / "proj" / "dev.json").exists()
    assert not (local_world.folder / ".pulumi").exists()


def test_a_reader_that_goes_away_does_not_stop_the_run(local_world: Any) -> None:
    local_world.program("for i in range(5): R(f'r{i}', name=f'n{i}')")
    engine = f"{sys.executable} -m pulumi_workspaces_pool.testing.engine"
    command = f"{engine} up | head -1"
    env = {**os.environ, **local_world.env}
    subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=local_world.folder,
        env=env,
        timeout=60,
        check=True,
        capture_output=True,
    )
    assert len(local_world.resources()) == 5


def test_a_state_that_cannot_be_written_ends_the_run_in_one_sentence(local_world: Any) -> None:
    local_world.program("R('a', name='a')")
    local_world.stack.up()
    local_world.program("R('a', name='a', size=2)")
    broken = local_world.folder / "sitecustomize.py"
    broken.write_text(
        "import os, pathlib, sys\n"
        "def refuse(self, target): raise OSError(28, 'No space left on device')\n"
        "pathlib.Path.replace = refuse\n"
    )
    local_world.env["PYTHONPATH"] = str(local_world.folder)
    failed = run(local_world, "up")
    assert failed.returncode == 1
    assert "No space left on device" in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr
