"""Runs a program against the engine: this file is what the program's process executes.

It imports nothing of this package: the program may run in a virtual environment without it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
import pulumi.runtime

_SHOWN = 32
_ORGANIZATION = "organization"


def main() -> int:
    """Run the program that the command line names.

    Returns:
        The exit code: 0, or 32 where an error has been shown, or 1.
    """
    arguments = _parse()
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=arguments.monitor,
            engine=arguments.engine,
            project=arguments.project,
            stack=arguments.stack,
            parallel=arguments.parallel,
            dry_run=arguments.preview,
            organization=_ORGANIZATION,
            root_directory=arguments.root_directory,
        )
    )
    program = str(Path(arguments.program).resolve())
    sys.argv = [program]
    # A program's imports are looked for beside the program, not beside this file.
    sys.path.pop(0)
    # After a failure, futures that nobody awaits are left over; they are no news to anyone.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    workers = ThreadPoolExecutor(max_workers=max(arguments.parallel, 1) * 4)
    loop.set_default_executor(workers)

    def run() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception:
        shown = f"Program failed with an unhandled exception:\n{_user_traceback(program)}"
        pulumi.log.error(shown)
        return _SHOWN
    finally:
        workers.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a Pulumi program.")
    for name in ("--monitor", "--engine", "--project", "--stack", "--root-directory"):
        parser.add_argument(name, required=True)
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("--preview", action="store_true")
    parser.add_argument("program")
    return parser.parse_args()


def _user_traceback(program: str) -> str:
    """The part of the traceback that is the person's own: from the program's first line on."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    folder = program if Path(program).is_dir() else str(Path(program).parent)
    for index, frame in enumerate(frames):
        # Frames of frozen modules have names like <frozen runpy>, which are no paths.
        if Path(frame.filename).is_file() and str(Path(frame.filename).resolve()).startswith(
            folder
        ):
            return traceback.format_exc(limit=index - len(frames))
    return traceback.format_exc()


if __name__ == "__main__":
    sys.exit(main())
