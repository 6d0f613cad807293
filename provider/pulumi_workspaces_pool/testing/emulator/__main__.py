"""Emulated AWS from the command line, for trying a stack by hand."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import fields

from .control import Timing
from .server import EmulatorServer

# Long enough that a person sees the states, short enough that nobody waits.
DEFAULT_TIMING = Timing(creating=5, starting=4, stopping=4, updating=2, deleting=3)
DEFAULT_BURST = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted, as a command line (by default the process's) says: the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.rate is None and given.burst != DEFAULT_BURST:
        parser.error("--burst needs a --rate")
    try:
        server = EmulatorServer(
            given.port,
            host=given.host,
            timing=Timing(**{item.name: getattr(given, item.name) for item in fields(Timing)}),
            state_after_creation=given.state_after_creation,
            default_directory_id=given.directory,
            default_bundle_id=given.bundle,
        )
        if given.rate is not None:
            server.emulator.limit_rate(given.rate, given.burst)
    except ValueError as error:
        parser.error(str(error))
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
            type=float,
            default=default,
            metavar="SECONDS",
            help=f"how long {item.name} a pool takes (default: {default:g})",
        )
    parser.add_argument("--state-after-creation", choices=("RUNNING", "STOPPED"), default="RUNNING")
    parser.add_argument("--directory", default="wsd-emulated1", metavar="ID", help="seeded id")
    parser.add_argument("--bundle", default="wsb-emulated1", metavar="ID", help="seeded id")
    parser.add_argument(
        "--rate",
        type=float,
        metavar="REQUESTS",
        help="how many a second AWS takes of each operation (default: any number)",
    )
    parser.add_argument(
        "--burst",
        type=int,
        default=DEFAULT_BURST,
        metavar="REQUESTS",
        help=f"how many it takes at once, if there is a rate (default: {DEFAULT_BURST})",
    )
    return parser


def _interrupted() -> threading.Event:
    event = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: event.set())
    return event


def _introduce(server: EmulatorServer) -> None:
    emulator = server.emulator
    exports = "\n".join(
        f"  export {name}={shlex.quote(value)}" for name, value in server.environment().items()
    )
    print(
        f"""Emulated AWS listens on {server.url} (Ctrl-C ends it).
Directories for pools: {emulator.default_directory_id} {emulator.other_directory_id}
Bundles: {emulator.default_bundle_id} {emulator.other_bundle_id}
An AWS CLI and a Pulumi program come here from a shell with:
{exports}
For example:
  aws workspaces describe-workspaces-pools
  pulumi config set aws:region {server.environment()["AWS_REGION"]} && pulumi up""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
