"""Secrets, the deployment file, locks, and interrupted runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from pulumi_workspaces_pool.testing import engine as local
from support.processes import until

ENGINE = [sys.executable, "-m", "pulumi_workspaces_pool.testing.engine"]


def test_secrets_are_secret_in_the_state_and_plain_for_the_provider(world: Any) -> None:
    world.program(
        """
        hush = pulumi.Output.secret('hush')
        a = R('a', name='a', word=hush, nested={'w': hush},
              opts=Opts(additional_secret_outputs=['out']))
        pulumi.export('word', pulumi.Output.secret('hush'))
        pulumi.export('out', a.out)
        """
    )
    result = world.stack.up()
    assert "hush" not in result.stdout
    assert result.outputs["word"].value == "hush"
    assert result.outputs["word"].secret
    assert result.outputs["out"].secret
    created = world.calls("create")[0]["props"]
    assert created["word"] == "hush"
    assert created["nested"] == {"w": "hush"}
    outputs = world.resources()["a"]["outputs"]
    assert outputs["word"]["plaintext"] == '"hush"'
    assert outputs["out"]["plaintext"] == '"out-a"'
    assert '"plaintext"' in json.dumps(outputs["nested"])
    assert world.stack.up().summary.resource_changes == {"same": 2}


def test_secrets_are_encrypted_in_the_file(local_world: Any) -> None:
    local_world.stack.set_config("word", automation.ConfigValue("hush", secret=True))
    local_world.program("R('a', name='a', word=pulumi.Config().require_secret('word'))")
    local_world.stack.up()
    folder = local_world.folder
    for file in (folder / ".pulumi/local-engine/proj/dev.json", folder / "Pulumi.dev.yaml"):
        assert "hush" not in file.read_text()


def test_configuration_reaches_the_program_and_the_provider(world: Any) -> None:
    world.stack.set_config("greeting", automation.ConfigValue("hello"))
    world.stack.set_config("word", automation.ConfigValue("hush", secret=True))
    world.program(
        """
        config = pulumi.Config()
        R('a', name=config.require('greeting'), word=config.require_secret('word'))
        """
    )
    world.stack.up()
    assert {"call": "greeting", "greeting": "hello"} in world.calls()
    assert "plaintext" in world.resources()["a"]["inputs"]["word"]
    assert world.stack.get_config("word").value == "hush"
    assert world.stack.get_config("word").secret
    assert sorted(world.stack.get_all_config()) == ["proj:greeting", "proj:word"]
    world.stack.remove_config("greeting")
    assert sorted(world.stack.get_all_config()) == ["proj:word"]


def test_structured_configuration_is_set_by_path(world: Any) -> None:
    world.stack.set_config("pool.size", automation.ConfigValue("3"), path=True)
    world.stack.set_config("pool.names[0]", automation.ConfigValue("x"), path=True)
    world.program("pulumi.export('pool', pulumi.Config().require_object('pool'))")
    assert world.stack.up().outputs["pool"].value == {"size": 3, "names": ["x"]}


def test_declared_configuration_has_defaults_and_types(world: Any) -> None:
    world.project(
        """
        config:
          size: {type: integer, default: 4}
          where: {type: string}
          aws:region: eu-west-1
        """
    )
    world.program(
        """
        pulumi.export('size', pulumi.Config().require_int('size'))
        pulumi.export('region', pulumi.Config('aws').require('region'))
        """
    )
    shown, _ = world.fails(world.stack.up)
    assert "is missing configuration value 'where'" in shown
    world.stack.set_config("where", automation.ConfigValue("here"))
    outputs = world.stack.up().outputs
    assert (outputs["size"].value, outputs["region"].value) == (4, "eu-west-1")
    world.stack.set_config("size", automation.ConfigValue("big"))
    shown, _ = world.fails(world.stack.up)
    assert "must be of type 'integer'" in shown


def test_an_exported_state_can_be_imported_again(world: Any) -> None:
    world.program("a = R('a', name='a', word=pulumi.Output.secret('hush'))\nR('b', name=a.out)")
    world.stack.up()
    exported = world.stack.export_stack()
    world.stack.destroy()
    world.stack.import_stack(exported)
    assert world.stack.preview(expect_no_changes=True).change_summary == {"same": 3}


def test_each_engine_takes_the_state_and_configuration_of_the_other(world: Any) -> None:
    if shutil.which("pulumi") is None:
        pytest.skip("no pulumi on the PATH to exchange a state with")
    program = "a = R('a', name='a', word=pulumi.Output.secret('hush'))\nR('b', name=a.out)"
    world.program(program)
    world.stack.set_config("word", automation.ConfigValue("hush", secret=True))
    world.stack.up()
    exported = world.stack.export_stack()
    stack = world.other()
    stack.import_stack(exported)
    assert stack.preview(expect_no_changes=True).change_summary == {"same": 3}
    assert stack.get_config("word").value == "hush"


def test_stack_references_see_the_outputs_of_stacks_in_the_same_place(local_world: Any) -> None:
    local_world.program("pulumi.export('x', 1)\npulumi.export('s', pulumi.Output.secret('hush'))")
    local_world.stack.up()
    other = local.create_or_select_stack(
        "other", work_dir=local_world.folder, env_vars=local_world.env
    )
    local_world.program(
        """
        ref = pulumi.StackReference('organization/proj/dev')
        pulumi.export('x', ref.get_output('x'))
        pulumi.export('s', ref.get_output('s'))
        """
    )
    outputs = other.up().outputs
    assert outputs["x"].value == 1
    assert outputs["s"].secret


def test_a_wrong_passphrase_is_refused_before_anything_begins(local_world: Any) -> None:
    local_world.program("R('a', name='a')")
    local_world.stack.up()
    env = {**local_world.env, "PULUMI_CONFIG_PASSPHRASE": "wrong"}
    stack = local.create_or_select_stack("dev", work_dir=local_world.folder, env_vars=env)
    shown, code = local_world.fails(stack.up)
    assert "incorrect passphrase" in shown
    assert code == 1


def test_a_passphrase_is_only_needed_for_secrets(local_world: Any) -> None:
    local_world.stack.set_config("size", automation.ConfigValue("3"))
    local_world.stack.set_config("word", automation.ConfigValue("hush", secret=True))
    env = {**local_world.env, "PULUMI_CONFIG_PASSPHRASE": "wrong"}
    stack = local.create_or_select_stack("dev", work_dir=local_world.folder, env_vars=env)
    assert stack.get_config("size").value == "3"
    shown, _ = local_world.fails(lambda: stack.get_config("word"))
    assert "incorrect passphrase" in shown


def run_in_background(world: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ENGINE, "up", "--cwd", str(world.folder)],
        env={**os.environ, **world.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_run_is_refused_while_the_first_goes_on(local_world: Any) -> None:
    local_world.program("R('a', name='a')")
    local_world.orders(**{"create:a": "wait"})
    running = run_in_background(local_world)
    until(lambda: "waiting" in local_world.peek(), "the provider is called")
    with pytest.raises(automation.errors.ConcurrentUpdateError, match="currently locked"):
        local_world.stack.up()
    local_world.orders(**{"create:a": "wait", "release": "a"})
    assert running.wait(20) == 0
    local_world.orders()
    local_world.stack.up()


def test_a_killed_engine_leaves_a_pending_create_no_lock_and_no_processes(local_world: Any) -> None:
    local_world.program("R('a', name='a')")
    local_world.orders(**{"create:a": "wait"})
    running = run_in_background(local_world)
    until(lambda: "waiting" in local_world.peek(), "the provider is called")
    running.kill()
    running.wait(20)
    if sys.platform == "linux":
        until(lambda: not alive_in(local_world.folder), "all processes have ended")
    operations = local_world.stack.export_stack().deployment["pending_operations"]
    assert [(item["type"], item["resource"]["urn"]) for item in operations] == [
        ("creating", local_world.urn("a"))
    ]
    local_world.orders()
    result = local_world.stack.up()
    assert "1 pending operations" in result.stdout
    assert result.summary.resource_changes == {"create": 1, "same": 1}
    assert local_world.stack.export_stack().deployment["pending_operations"] == operations
    local_world.stack.refresh(clear_pending_creates=True)
    assert "pending_operations" not in local_world.stack.export_stack().deployment


def alive_in(folder: Path) -> list[str]:
    """The processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder:
                found.append(process.name)
        except OSError:
            continue
    return found


def test_an_interrupt_finishes_what_is_under_way_and_begins_nothing_new(local_world: Any) -> None:
    local_world.program("a = R('a', name='a')\nR('b', name=a.out)")
    local_world.orders(**{"create:a": "wait"})
    running = run_in_background(local_world)
    until(lambda: "waiting" in local_world.peek(), "the provider is called")
    running.send_signal(2)
    assert running.stderr is not None
    assert "cancelling" in running.stderr.readline()
    local_world.orders(**{"create:a": "wait", "release": "a"})
    assert running.wait(20) == 1
    assert list(local_world.resources()) == ["a"]
    assert "pending_operations" not in local_world.stack.export_stack().deployment


def test_cancel_ends_a_run_on_another_thread(local_world: Any) -> None:
    local_world.program("a = R('a', name='a')\nR('b', name=a.out)")
    local_world.orders(**{"create:a": "wait"})
    caught: list[BaseException] = []

    def run() -> None:
        try:
            local_world.stack.up()
        except automation.CommandError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: "waiting" in local_world.peek(), "the provider is called")
    local_world.stack.cancel()
    local_world.orders(**{"create:a": "wait", "release": "a"})
    thread.join(20)
    assert "update canceled" in str(caught[0])
    assert list(local_world.resources()) == ["a"]


def test_the_state_is_written_after_every_step(local_world: Any) -> None:
    local_world.program("a = R('a', name='a')\nR('b', name='b', size=a.out)")
    local_world.orders(**{"create:b": "wait"})
    running = run_in_background(local_world)
    until(lambda: "waiting" in local_world.peek(), "the provider is called")
    assert list(local_world.resources()) == ["a"]
    local_world.orders(**{"create:b": "wait", "release": "b"})
    assert running.wait(20) == 0


def test_the_environment_of_this_process_is_left_alone(local_world: Any) -> None:
    before = dict(os.environ)
    local_world.program("pulumi.export('calls', __import__('os').environ['CALLS'])")
    assert local_world.stack.up().outputs["calls"].value == local_world.env["CALLS"]
    assert dict(os.environ) == before
