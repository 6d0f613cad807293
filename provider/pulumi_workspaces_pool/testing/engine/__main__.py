"""The command line of the local engine: ``python -m pulumi_workspaces_pool.testing.engine``."""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .deployment import DEFAULT_PARALLEL, Options
from .errors import EngineError
from .project import Value
from .stack import FAILED, Workspace, to_stderr, to_stdout
from .values import Secret, contains, plain

_CANCELLING = (
    "^C received; cancelling. What is under way is finished. If you would like to terminate "
    "immediately, press ^C again.\nNote that terminating immediately may lead to orphaned "
    "resources and other inconsistencies."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: the command line without the program's name; by default this process's.

    Returns:
        The exit code, as the Pulumi CLI has it: 1 for a failure, 7 for changes that were not
        expected.
    """
    given = _parser().parse_args(arguments)
    state_folder = Path(given.state_dir) if given.state_dir else None
    try:
        workspace = Workspace(given.stack, Path(given.cwd), dict(os.environ), state_folder)
        code: int = given.command(workspace, given)
    except EngineError as error:
        to_stderr(f"error: {error}")
        return FAILED
    return code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("-C", "--cwd", default=".", help="the project's folder")
    common.add_argument("-s", "--stack", default="dev", help="the stack (default: dev)")
    common.add_argument("--state-dir", help="where state is kept")
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_workspaces_pool.testing.engine",
        description="Run a Pulumi program in Python without the Pulumi CLI.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, text in (
        ("preview", "show what up would do"),
        ("up", "create or update the stack's resources"),
        ("refresh", "bring the state in line with what is there"),
        ("destroy", "delete all of the stack's resources"),
    ):
        command = commands.add_parser(name, parents=[common], help=text, allow_abbrev=False)
        command.set_defaults(command=_operate, kind=name)
        _add_options(command, name)
    export = commands.add_parser("export", parents=[common], help="print the stack's state")
    export.add_argument("--show-secrets", action="store_true", help="print secrets too")
    export.set_defaults(command=_export)
    import_ = commands.add_parser("import", parents=[common], help="replace the stack's state")
    import_.add_argument("--file", help="the state; standard input by default")
    import_.set_defaults(command=_import)
    outputs = commands.add_parser("outputs", parents=[common], help="print the stack's outputs")
    outputs.add_argument("--show-secrets", action="store_true", help="print secrets too")
    outputs.add_argument("--json", action="store_true", help="print JSON")
    outputs.add_argument("name", nargs="?", help="print this one only")
    outputs.set_defaults(command=_outputs)
    _add_config(commands, common)
    return parser


def _add_options(command: argparse.ArgumentParser, name: str) -> None:
    command.add_argument(
        "-p", "--parallel", type=int, default=DEFAULT_PARALLEL, help="how many steps at once"
    )
    if name != "preview":
        command.add_argument("-y", "--yes", action="store_true", help="taken for granted")
        command.add_argument("-f", "--skip-preview", action="store_true", help="taken for granted")
    if name != "destroy":
        command.add_argument(
            "--expect-no-changes", action="store_true", help="fail if anything changes"
        )
    if name != "refresh":
        command.add_argument("-r", "--refresh", action="store_true", help="refresh first")
    if name in ("refresh", "destroy"):
        command.add_argument("--preview-only", action="store_true", help="only show it")
    if name == "refresh":
        command.add_argument(
            "--clear-pending-creates",
            action="store_true",
            help="forget creates whose end was not seen",
        )
    if name in ("preview", "up"):
        command.add_argument(
            "--replace", action="append", default=[], metavar="URN", help="replace this resource"
        )
    command.add_argument("-j", "--json", action="store_true", help="print JSON at the end")


def _add_config(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
) -> None:
    config = commands.add_parser("config", parents=[common], help="the stack's configuration")
    config.add_argument("--show-secrets", action="store_true", help="print secrets too")
    config.add_argument("--json", action="store_true", help="print JSON")
    config.set_defaults(command=_list_config)
    actions = config.add_subparsers(metavar="ACTION")
    for name, action in (("set", _set_config), ("get", _get_config), ("rm", _remove_config)):
        # The common arguments stand before or after the action; after it, they win.
        command = actions.add_parser(name)
        command.add_argument("-C", "--cwd", default=argparse.SUPPRESS)
        command.add_argument("-s", "--stack", default=argparse.SUPPRESS)
        command.add_argument("--path", action="store_true", help="the key is a path")
        command.add_argument("key")
        if name == "set":
            command.add_argument("value", nargs="?", help="standard input by default")
            command.add_argument("--secret", action="store_true", help="encrypt the value")
            command.add_argument("--plaintext", action="store_true", help="do not")
        command.set_defaults(command=action)


# -- operations -------------------------------------------------------------------------------


def _operate(workspace: Workspace, given: argparse.Namespace) -> int:
    kind: str = given.kind
    preview = kind == "preview" or bool(getattr(given, "preview_only", False))
    options = Options(
        preview=preview,
        refresh=bool(getattr(given, "refresh", False)),
        refresh_only=kind == "refresh",
        destroy=kind == "destroy",
        parallel=max(1, given.parallel),
        replace=getattr(given, "replace", ()),
        clear_pending_creates=bool(getattr(given, "clear_pending_creates", False)),
    )
    _end_on_interrupt(workspace)
    ran = workspace.run(
        f"preview-{kind}" if preview and kind != "preview" else kind,
        options,
        to_stdout,
        to_stderr,
        expect_no_changes=bool(getattr(given, "expect_no_changes", False)),
        quiet=given.json,
    )
    if given.json:
        to_stdout(ran.json)
    return ran.code


def _end_on_interrupt(workspace: Workspace) -> None:
    # A handler runs in the middle of whatever the main thread does, with the locks that it holds
    # there; a thread of its own can wait for them.
    interrupts: queue.SimpleQueue[int] = queue.SimpleQueue()

    def interrupted(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        # A second signal ends the process as if this handler had never been.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        interrupts.put(number)

    def cancel() -> None:
        interrupts.get()
        to_stderr(_CANCELLING)
        workspace.interrupt()

    threading.Thread(target=cancel, daemon=True, name="interrupts").start()
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)


# -- state and configuration ------------------------------------------------------------------


def _export(workspace: Workspace, given: argparse.Namespace) -> int:
    to_stdout(json.dumps(workspace.export(show_secrets=given.show_secrets), indent=4))
    return 0


def _import(workspace: Workspace, given: argparse.Namespace) -> int:
    try:
        text = Path(given.file).read_text(encoding="utf-8") if given.file else sys.stdin.read()
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise EngineError(f"cannot read the state to import: {error}") from None
    workspace.import_(content)
    to_stdout("Import complete.")
    return 0


def _outputs(workspace: Workspace, given: argparse.Namespace) -> int:
    shown = {
        key: "[secret]" if contains(value, Secret) and not given.show_secrets else plain(value)
        for key, value in workspace.outputs().items()
    }
    if given.name:
        if given.name not in shown:
            raise EngineError(f"current stack does not have output property '{given.name}'")
        value = shown[given.name]
        text = json.dumps(value) if given.json or not isinstance(value, str) else value
        to_stdout(text)
        return 0
    if given.json:
        to_stdout(json.dumps(shown, indent=2))
        return 0
    for key, value in sorted(shown.items()):
        to_stdout(f"{key}  {value if isinstance(value, str) else json.dumps(value)}")
    return 0


def _list_config(workspace: Workspace, given: argparse.Namespace) -> int:
    values = workspace.config.values(workspace.crypter())
    if given.json:
        to_stdout(
            json.dumps(
                {key: _as_json(value, given.show_secrets) for key, value in values.items()},
                indent=2,
            )
        )
        return 0
    for key, value in values.items():
        text = "[secret]" if value.secret and not given.show_secrets else value.text
        to_stdout(f"{key.removeprefix(workspace.project.name + ':')}  {text}")
    return 0


def _as_json(value: Value, show_secrets: bool) -> dict[str, object]:
    shown: dict[str, object] = {"secret": value.secret}
    if not value.secret or show_secrets:
        shown["value"] = value.text
    if value.structured and "value" in shown:
        shown["objectValue"] = json.loads(value.text)
    return shown


def _set_config(workspace: Workspace, given: argparse.Namespace) -> int:
    text = sys.stdin.read().rstrip("\n") if given.value is None else given.value
    workspace.config.set(given.key, text, workspace.crypter(), secret=given.secret, path=given.path)
    return 0


def _get_config(workspace: Workspace, given: argparse.Namespace) -> int:
    found = workspace.config.get(given.key, workspace.crypter(), path=given.path)
    to_stdout(found.text)
    return 0


def _remove_config(workspace: Workspace, given: argparse.Namespace) -> int:
    workspace.config.remove(given.key, path=given.path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
