"""A program that runs in the test's process sees and leaves what its own process would."""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from pulumi_workspaces_pool.testing import stacks
from pulumi_workspaces_pool.testing.emulator import EmulatorServer
from pulumi_workspaces_pool.testing.plugin import StackFactory
from pulumi_workspaces_pool.testing.stacks import StackUnderTest

OTHERS = {
    "AWS_PROFILE": "a-profile-that-is-nowhere",
    "AWS_REGION": "eu-south-2",
    "AWS_ENDPOINT_URL_WORKSPACES": "http://127.0.0.1:9",
    "AWS_CA_BUNDLE": "/nowhere.pem",
    "PULUMI_STACK": "a-stack-that-is-nowhere",
    "PULUMI_CONFIG": '{"shop:size": "9"}',
    "PULUMI_BACKEND_URL": "file:///nowhere",
    "PULUMI_ACCESS_TOKEN": "pul-0123456789",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
LOOKUP = """
import pulumi
from pulumi_workspaces_pool import get_workspaces_pools

pulumi.export("names", [pool.pool_name for pool in get_workspaces_pools()])
"""


def write(folder: Path, program: str, *, main: str = "", **modules: str) -> Path:
    """Write a project, whose program is in the folder `main`, and modules beside it."""
    program_folder = folder / main
    program_folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(
        f"name: shop\nruntime: python\nmain: {main or '.'}\n"
        "config:\n  size:\n    type: integer\n    default: 3\n"
    )
    (program_folder / "__main__.py").write_text(program)
    for name, text in modules.items():
        (program_folder / f"{name}.py").write_text(text)
    return folder


def outputs(stack: StackUnderTest) -> dict[str, Any]:
    """Bring a stack up; return its outputs."""
    return {name: output.value for name, output in stack.up().outputs.items()}


def test_it_sees_nothing_of_the_testers_own_settings(
    pulumi_stack: StackFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)
    project = write(
        tmp_path / "shop",
        "import os, pulumi\n"
        "personal = ('AWS_', 'PULUMI_')\n"
        "pulumi.export('seen', {k: v for k, v in os.environ.items() if k.startswith(personal)})\n"
        "pulumi.export('size', pulumi.Config().require_int('size'))\n"
        "pulumi.export('stack', pulumi.get_stack())\n" + LOOKUP,
    )
    found = outputs(pulumi_stack(project, environment={"AWS_REGION": "us-east-1"}))
    assert found["seen"]["AWS_REGION"] == "us-east-1"
    assert "AWS_PROFILE" not in found["seen"]
    assert not {*OTHERS.values()} & {*found["seen"].values()}
    assert (found["size"], found["stack"], found["names"]) == (3, "test", [])


def test_it_runs_in_its_folder_with_its_own_modules_as_main(
    pulumi_stack: StackFactory, tmp_path: Path
) -> None:
    program = (
        "import os, sys, pulumi\n"
        "from naming import prefix\n"
        "def late(_):\n"
        "    import late_one\n"
        "    return late_one.value\n"
        "pulumi.export('folder', os.getcwd())\n"
        "pulumi.export('name', __name__)\n"
        "pulumi.export('prefix', prefix)\n"
        "pulumi.export('late', pulumi.Output.from_input(1).apply(late))\n"
    )
    project = write(
        tmp_path / "shop", program, main="infra/prod", naming="prefix = 'p'", late_one="value = 7"
    )
    assert outputs(pulumi_stack(project)) == {
        "folder": str(project / "infra" / "prod"),
        "name": "__main__",
        "prefix": "p",
        "late": 7,
    }


def test_the_main_of_a_project_may_be_a_file(pulumi_stack: StackFactory, tmp_path: Path) -> None:
    project = write(tmp_path / "shop", "raise SystemExit('not this one')")
    (project / "app").mkdir()
    (project / "app" / "stack.py").write_text("import pulumi\npulumi.export('which', __file__)\n")
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\nmain: app/stack.py\n")
    assert outputs(pulumi_stack(project)) == {"which": str(project / "app" / "stack.py")}


@pytest.mark.parametrize("fails", [False, True])
def test_it_leaves_nothing_for_the_next_test(
    pulumi_stack: StackFactory, tmp_path: Path, fails: bool
) -> None:
    program = (
        "import os, sys, naming\n"
        "from pulumi.dynamic import CreateResult, Resource, ResourceProvider\n"
        "class Provider(ResourceProvider):\n"
        "    def create(self, props):\n"
        "        return CreateResult('made', props)\n"
        "class Made(Resource):\n"
        "    pass\n"
        "Made(Provider(), 'made', {})\n"
        "os.environ['LEFT'] = 'behind'\n"
        "os.environ.pop('HOME', None)\n"
        "os.chdir('/')\n"
        "sys.path.append('/left/behind')\n"
        "sys.argv.append('behind')\n" + ("raise ValueError('no')\n" if fails else "")
    )
    stack = pulumi_stack(write(tmp_path / "shop", program, naming=""))

    def process() -> Any:
        modules = {name: id(module) for name, module in sys.modules.items() if name == "naming"}
        pickler = vars(pickle._Pickler).copy()
        return dict(os.environ), Path.cwd(), list(sys.path), list(sys.argv), modules, pickler

    before = process()
    failure = pytest.raises(automation.CommandError, match="ValueError: no")
    with failure if fails else nullcontext():
        stack.up()
    assert process() == before


def test_each_run_imports_the_modules_of_its_own_project_anew(
    pulumi_stack: StackFactory, tmp_path: Path
) -> None:
    program = "import pulumi, naming\npulumi.export('prefix', naming.prefix)\n"
    stacks = {
        name: pulumi_stack(write(tmp_path / name, program, naming=f"prefix = '{name}'"), name=name)
        for name in ("one", "two")
    }
    for name, stack in stacks.items():
        assert outputs(stack) == {"prefix": name}
    (tmp_path / "one" / "naming.py").write_text("prefix = 'edited, and longer'")
    assert outputs(stacks["one"]) == {"prefix": "edited, and longer"}


def test_a_lookup_does_not_remember_what_another_run_found(
    pulumi_stack: StackFactory, emulated_aws: EmulatorServer, tmp_path: Path
) -> None:
    stack = pulumi_stack(write(tmp_path / "shop", LOOKUP))
    emulated_aws.emulator.add_pool("desks")
    assert outputs(stack) == {"names": ["desks"]}
    with EmulatorServer() as other:
        other.emulator.add_pool("lab")
        elsewhere = stack.with_environment(**other.environment())
        assert outputs(elsewhere) == {"names": ["lab"]}
    assert outputs(stack) == {"names": ["desks"]}


def test_it_uses_the_plugins_that_the_tester_has(
    pulumi_stack: StackFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "mine"))
    pulumi_stack(write(tmp_path / "one", ""))
    plugin = tmp_path / "mine" / "plugins" / "resource-cloud-v1.2.3"
    plugin.mkdir()
    (plugin / "pulumi-resource-cloud").touch(mode=0o755)
    stack = pulumi_stack(write(tmp_path / "two", ""))
    assert [found.name for found in stack.workspace.list_plugins()] == ["cloud"]
    left = {path.name for path in (tmp_path / "mine").iterdir()}
    assert left <= {"plugins", "logs"}  # the CLI, asked for its version, leaves a log


def test_without_a_cli_a_users_test_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    project = write(tmp_path / "shop", "")
    with pytest.raises(stacks.NoCliError, match="install the Pulumi CLI"):
        StackUnderTest(project, state=tmp_path / "state")
