"""Makes sure that there is a Pulumi CLI for this project, and says where it came from."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from semver import VersionInfo

from tools.cli import FOLDER, LOWEST_CLI, go_module, official
from tools.cli.steps import StepFailedError, say

_CLI = "pulumi"
_PLUGIN = "pulumi-resource-pulumi-python"
_PLUGIN_SCRIPT = """\
#!/bin/sh
exec "${PULUMI_PYTHON_CMD:-python3}" -u -m pulumi.dynamic "$@"
"""
_ANSWER_SECONDS = 60
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STOPPED = 130


class UnusableCliError(Exception):
    """A `pulumi` can't be used; the message is a clause that says which and why."""


class NoCliError(Exception):
    """No CLI could be had; the message is for the person."""


def main() -> int:
    """Get a CLI, unless it is there; the exit code is 1 if there is none and it is needed."""
    parser = argparse.ArgumentParser(prog="python -m tools.cli", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to (%(default)s)")
    parser.add_argument(
        "--optional", action="store_true", help="exit with 0 if none can be had, except in CI"
    )
    arguments = parser.parse_args()
    for number in _STOPPING:
        signal.signal(number, _stop)
    try:
        get_cli(arguments.folder.resolve())
    except (NoCliError, OSError) as error:
        print(error, file=sys.stderr)
        return 0 if arguments.optional and not _is_ci() else 1
    except KeyboardInterrupt:
        print("Stopped; what was half done is removed.", file=sys.stderr)
        return _STOPPED
    return 0


def get_cli(folder: Path) -> None:
    """Make `folder`/bin hold a `pulumi`, and the plugin for dynamic resources in Python.

    Args:
        folder: the absolute path of a folder, which is made if need be.

    Raises:
        NoCliError: there is none, and none could be had.
    """
    bin_folder = folder / "bin"
    path = _path_without(bin_folder)
    personal = shutil.which(_CLI, path=path)
    problem = "there is no `pulumi` on the PATH"
    if personal is not None:
        try:
            _link(Path(personal).absolute(), path, bin_folder)
            return
        except UnusableCliError as error:
            problem = str(error)
            say(f"The `pulumi` on the PATH is not used: {problem}.")
    with contextlib.suppress(UnusableCliError):
        _version(bin_folder / _CLI)
        _add_plugin(bin_folder)
        return
    with _unfinished(folder) as work:
        made, version = _official_or_built(work, problem)
        _put(made, bin_folder, work)
    say(f"Pulumi CLI {version} is in {folder.name}/bin.")


def _path_without(left_out: Path) -> str:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(name for name in folders if Path(name).resolve() != left_out)


def _version(pulumi: Path) -> VersionInfo:
    """Return a CLI's version, if it can be used."""
    try:
        answer = subprocess.run(  # noqa: S603  # a `pulumi`, whoever's it is
            [pulumi, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=True,
        )
        version = VersionInfo.parse(answer.stdout.strip().removeprefix("v"))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise UnusableCliError(f"{pulumi} does not say its version") from error
    if version < LOWEST_CLI:
        raise UnusableCliError(f"{pulumi} is {version}, and {LOWEST_CLI} is the oldest that works")
    return version


def _link(personal: Path, path: str, bin_folder: Path) -> None:
    """Make the CLI that a person has the project's, unless it is."""
    version = _version(personal)
    own = bin_folder / _CLI
    if own.is_symlink() and own.readlink() == personal:
        _add_plugin(bin_folder)
        return
    with _unfinished(bin_folder.parent) as work:
        made = work / "bin"
        made.mkdir()
        (made / _CLI).symlink_to(personal)
        plugin = shutil.which(_PLUGIN, path=path)
        if plugin is not None:
            (made / _PLUGIN).symlink_to(Path(plugin).absolute())
        _put(made, bin_folder, work)
    say(f"Pulumi CLI {version}: the one on the PATH, {personal}.")


def _official_or_built(work: Path, problem: str) -> tuple[Path, VersionInfo]:
    """Return a folder with a CLI that was got for this project, and its version."""
    for get in (official.install, go_module.build):
        try:
            made = get(work)
            return made, _version(made / _CLI)
        except (StepFailedError, UnusableCliError) as error:
            say(f"  {error}")
            problem += f"; {error}"
    raise NoCliError(
        f"No Pulumi CLI: {problem}. Install Pulumi, or run `make cli` where its official "
        "installer or the Go module proxy can be reached."
    )


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder inside `folder` for what is half done; both go if nothing comes of it."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    # It is no part of the project, whatever a person's own git settings are.
    (folder / ".gitignore").write_text("*\n")
    try:
        with tempfile.TemporaryDirectory(prefix="unfinished-", dir=folder) as work:
            yield Path(work)
    except BaseException:
        if is_new:
            shutil.rmtree(folder)
        raise


def _put(made: Path, bin_folder: Path, work: Path) -> None:
    """Put a folder that was made in the place of the one that is there."""
    _add_plugin(made)
    if bin_folder.exists():
        bin_folder.rename(work / "replaced")
    made.rename(bin_folder)


def _add_plugin(bin_folder: Path) -> None:
    """Write the plugin for dynamic resources in Python, unless there is one that can be run."""
    plugin = bin_folder / _PLUGIN
    if os.access(plugin, os.X_OK):
        return
    plugin.unlink(missing_ok=True)  # a link to one that is gone
    plugin.write_text(_PLUGIN_SCRIPT)
    plugin.chmod(0o755)


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _stop(_number: int, _frame: object) -> None:
    for number in _STOPPING:  # a second one must not stop the cleaning up
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
