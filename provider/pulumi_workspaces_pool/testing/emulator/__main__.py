"""Emulated AWS from the command line, for trying a stack by hand."""

from __future__ import annotations

import argparse
import math
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import fields
from types import FrameType

from .control import Timing
from .server import EmulatorServer

# Long enough that a person sees the states, short enough that nobody waits.
DEFAULT_TIMING = Timing(creating=5, starting=4, stopping=4, updating=2, deleting=3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted.

    Args:
        arguments: The command line; the default is that of the process.

    Returns:
        The exit code.
    """
    given = _parser().parse_args(arguments)
    server = EmulatorServer(
        given.port,
        host=given.host,
        timing=Timing(**{item.name: getattr(given, item.name) for item in fields(Timing)}),
        state_after_creation=given.state_after_creation,
        default_directory_id=given.directory,
        default_bundle_id=given.bundle,
    )
    interrupted = _interrupted()
    try:
        server.start()
    except OSError as error:
        print(f"cannot listen on {given.host}:{given.port}: {error.strerror}", file=sys.stderr)
        return 1
    _introduce(server)
    interrupted.wait()
    server.stop()
    print("Goodbye: emulated AWS is gone, and all that it held.", flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_workspaces_pool.testing.emulator",
        description="Serve emulated AWS (moto, with WorkSpaces pools) until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=5055, help="0 takes a free one (default: 5055)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    for item in fields(Timing):
        default = getattr(DEFAULT_TIMING, item.name)
        parser.add_argument(
            f"--{item.name}",
            type=_seconds,
            default=default,
            metavar="SECONDS",
            help=f"how long {item.name} a pool takes (default: {default:g})",
        )
    parser.add_argument("--state-after-creation", choices=("RUNNING", "STOPPED"), default="RUNNING")
    parser.add_argument("--directory", default="wsd-emulated1", metavar="ID", help="seeded id")
    parser.add_argument("--bundle", default="wsb-emulated1", metavar="ID", help="seeded id")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError("must be 0 or more seconds")
    return seconds


def _interrupted() -> threading.Event:
    event = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        event.set()

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    return event


def _introduce(server: EmulatorServer) -> None:
    emulator = server.emulator
    print(f"Emulated AWS listens on {server.url} (Ctrl-C ends it).")
    print(f"Directories for pools: {emulator.default_directory_id} {emulator.other_directory_id}")
    print(f"Bundles: {emulator.default_bundle_id} {emulator.other_bundle_id}")
    print("In the shell of a client:")
    for name, value in server.environment().items():
        print(f"  export {name}={shlex.quote(value)}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
