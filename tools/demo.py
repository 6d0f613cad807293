"""Shows the main job on emulated AWS, from preview to destroy, and checks all that it shows."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from pulumi.automation import CommandError, InvalidVersionError, PulumiCommand

from tools.screen import Screen

if TYPE_CHECKING:
    from pulumi_workspaces_pool.testing.emulator import Emulator
    from support.outcomes import Outcome
    from tools.sandbox import DemoStack

_DECLARED = {"description": "Desktops of the design team", "desiredUserSessions": "3"}
_DRIFTED_SESSIONS = 9


class NotAsPromisedError(Exception):
    """Something that the demo shows is not as it should be."""


class InterruptedBySignalError(Exception):
    """The demo is to end, by the signal of this number."""


class Interruption:
    """A signal that is to end the demo: what is under way comes to its end first, and hurries."""

    def __init__(self) -> None:
        """Listen to the signals that would end this process."""
        self.hurry: Callable[[], None] = lambda: None
        self._number: int | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def raise_if_any(self) -> None:
        """Raise InterruptedBySignalError if a signal came."""
        if self._number is not None:
            raise InterruptedBySignalError(self._number)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._number = number
        self.hurry()


class Demo:
    """The story, chapter by chapter."""

    def __init__(
        self,
        stack: DemoStack,
        aws: Emulator,
        screen: Screen,
        interruption: Interruption,
        *,
        has_cli: bool,
    ) -> None:
        """Tell what happens to the stack on the screen, until an interruption."""
        self._stack = stack
        self._aws = aws
        self._screen = screen
        self._interruption = interruption
        self._has_cli = has_cli
        self._calls: dict[str, Counter[str]] = {}

    def tell(self) -> None:
        """Tell the story.

        Raises:
            NotAsPromisedError: it did not go as it should.
            InterruptedBySignalError: a signal came meanwhile.
        """
        for number, (column, title, sentence, act) in enumerate(_CHAPTERS, start=1):
            self._screen.chapter(f"{number}. {title}", sentence)
            self._aws.clear_calls()
            act(self)
            self._calls[column] = Counter(call.operation for call in self._aws.calls)
        self._show_calls()

    def _preview(self) -> None:
        self._configure(
            directoryId=self._aws.default_directory_id, bundleId=self._aws.default_bundle_id
        )
        self._run("preview")
        self._check("calls of AWS so far", len(self._aws.calls), 0)

    def _create(self) -> None:
        up = self._run("up")
        pool = self._only_pool()
        self._check("progress was shown", "CREATING for" in up.text, True)
        self._check("the pool in AWS is", pool["State"], "RUNNING")
        outputs = self._stack.resource("desks")["outputs"]
        for name, field in (("poolId", "PoolId"), ("poolArn", "PoolArn")):
            self._check(name, outputs[name], pool[field])

    def _change_nothing(self) -> None:
        up = self._run("up")
        self._check("the stack and its pool are unchanged", up.changes == {"same": 2}, True)
        self._check("write calls", len(self._aws.writes()), 0)
        self._check("calls in all", len(self._aws.calls), 0)

    def _change(self) -> None:
        before = self._only_pool()["PoolId"]
        self._configure(**_DECLARED)
        self._run("up")
        self._check("the same pool as before", self._only_pool()["PoolId"], before)
        self._check_declared()
        updates = [
            " and ".join(sorted(call.parameters.keys() - {"PoolId"}))
            for call in self._aws.writes()
            if call.operation == "UpdateWorkspacesPool"
        ]
        self._check("one UpdateWorkspacesPool, of", "; ".join(updates), "Capacity and Description")

    def _repair_drift(self) -> None:
        pool_id = self._only_pool()["PoolId"]
        self._screen.note(f"Somebody else sets the capacity to {_DRIFTED_SESSIONS} sessions.")
        self._aws.drift(pool_id, Capacity={"DesiredUserSessions": _DRIFTED_SESSIONS})
        self._run("refresh")
        seen = self._stack.resource("desks")["outputs"]["capacity"]["desiredUserSessions"]
        self._check("drift found, desired sessions in AWS", int(seen), _DRIFTED_SESSIONS)
        self._screen.note("The program still says otherwise, so the next `up` puts it right:")
        self._run("up")
        self._check_declared()

    def _destroy(self) -> None:
        self._run("destroy")
        self._check("pools left in AWS", len(self._aws.pools()), 0)
        self._check("resources left in the state", len(self._stack.resources()), 0)

    # What the chapters are made of

    def _configure(self, **values: str) -> None:
        for key, value in values.items():
            shown = f'"{value}"' if " " in value else value
            self._type(f"pulumi config set {key} {shown}")
        self._stack.configure(**values)

    def _type(self, command: str) -> None:
        if self._has_cli:
            self._screen.command(command)
        else:
            self._screen.note(f"What `{command}` does:")

    def _run(self, operation: str) -> Outcome:
        typed = f"pulumi {operation}"
        self._type(typed)
        with self._screen.working(typed):
            outcome: Outcome = getattr(self._stack, operation)()
        self._interruption.raise_if_any()
        if not outcome.ok:
            raise NotAsPromisedError(f"`{typed}` failed: see its output above.")
        return outcome

    def _only_pool(self) -> dict[str, Any]:
        pools = self._aws.pools()
        if len(pools) != 1:
            raise NotAsPromisedError(f"There are {len(pools)} pools in AWS, and not one.")
        return pools[0]

    def _check_declared(self) -> None:
        pool = self._only_pool()
        self._check("description in AWS", pool["Description"], _DECLARED["description"])
        sessions = str(pool["CapacityStatus"]["DesiredUserSessions"])
        self._check("desired sessions in AWS", sessions, _DECLARED["desiredUserSessions"])

    def _check(self, what: str, found: object, promised: object) -> None:
        """Show what was found, or end the demo if it is not what was promised."""
        if found != promised:
            raise NotAsPromisedError(f"{what}: {found}, and not {promised}.")
        self._screen.kept(what if found is True else f"{what}: {found}")

    def _show_calls(self) -> None:
        operations = sorted({name for counts in self._calls.values() for name in counts})
        self._screen.counts(
            "Calls of the AWS API",
            list(self._calls),
            {name: [counts[name] for counts in self._calls.values()] for name in operations},
        )


# What its calls of AWS are counted under, its title, a sentence, and what happens.
_CHAPTERS: tuple[tuple[str, str, str, Callable[[Demo], None]], ...] = (
    ("preview", "Preview", "A directory and a bundle are all that it takes.", Demo._preview),
    ("up", "Create", "The pool is created, and shows its state meanwhile.", Demo._create),
    ("again", "Change nothing", "A second `pulumi up` has nothing to do.", Demo._change_nothing),
    ("change", "Change in place", "New description, more sessions, same pool.", Demo._change),
    (
        "drift",
        "Find drift and put it right",
        "A colleague changes the pool in the console, behind Pulumi's back.",
        Demo._repair_drift,
    ),
    ("destroy", "Destroy", "The pool is terminated, and waited for.", Demo._destroy),
)


def main() -> int:
    """Show the demo; the exit code is 0 if all was as promised."""
    begun = time.monotonic()
    screen = Screen()
    # A proxy that is set for the internet must not get what is for this machine.
    for name in ("no_proxy", "NO_PROXY"):
        given = os.environ.get(name)
        os.environ[name] = ",".join(filter(None, [given, "127.0.0.1,localhost"]))
    try:
        _show(screen, Interruption())
    except InterruptedBySignalError as interrupted:
        screen.note("Interrupted. Nothing of the demo is left.")
        return 128 + int(interrupted.args[0])
    except NotAsPromisedError as error:
        screen.broken(str(error))
        return 1
    except CommandError as error:
        screen.broken(f"The Pulumi CLI did not work: {_sentence(error)}")
        return 1
    seconds = round(time.monotonic() - begun)
    screen.kept(f"All was as promised, in {seconds} s. Nothing of the demo is left.")
    return 0


def _show(screen: Screen, interruption: Interruption) -> None:
    has_cli = shutil.which("pulumi") is not None
    screen.title("An Amazon WorkSpaces Pool under Pulumi", _introduction(has_cli))
    with contextlib.ExitStack() as opened:
        with screen.working("starting emulated AWS"):
            # Importing moto takes a moment, in which a person reads the lines above.
            from tools.sandbox import hurry, open_sandbox  # noqa: PLC0415

            sandbox = open_sandbox(has_cli=has_cli, on_line=partial(_show_line, screen))
            stack, aws = opened.enter_context(sandbox)
        interruption.hurry = partial(hurry, aws)
        interruption.raise_if_any()
        Demo(stack, aws, screen, interruption, has_cli=has_cli).tell()


def _introduction(has_cli: bool) -> list[str]:
    if has_cli:
        return [
            "The project of this folder (Pulumi.yaml, examples/quickstart) on emulated AWS.",
            f"The Pulumi CLI {_cli_version()} runs it.",
        ]
    return [
        "The pool of examples/quickstart on emulated AWS, without the Pulumi CLI: there is none.",
        "Pulumi's own dynamic provider host is called over gRPC, as the CLI calls it; the state",
        "is kept in memory. The provider and its calls of AWS are the real ones; the project's",
        "program does not run.",
        "`make cli` says what it takes to have the CLI.",
    ]


def _cli_version() -> str:
    try:
        return str(PulumiCommand().version)
    except (OSError, InvalidVersionError, subprocess.CalledProcessError) as error:
        raise NotAsPromisedError(f"The `pulumi` on the PATH does not work: {error}") from None


def _show_line(screen: Screen, line: str) -> None:
    # The CLI fills the time with blank lines and with these.
    if line and not line.startswith("@ "):
        screen.output(line)


def _sentence(error: CommandError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("error:")), lines[-1])


if __name__ == "__main__":
    sys.exit(main())
