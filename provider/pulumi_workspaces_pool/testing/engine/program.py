"""The person's program: a Python process that registers resources with the engine.

It is started as Pulumi's language host starts it: with its configuration in the environment, and
the addresses of the engine's services on the command line of a small entry point.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import EngineError
from .processes import Child
from .project import Project, Value

SHOWN = 32
"""The exit code of a program whose error has been shown already."""


@dataclass(frozen=True)
class Connection:
    """Where the engine is, and what it is about."""

    monitor: str
    engine: str
    stack: str
    preview: bool
    parallel: int


def python_in(folder: Path | None) -> str:
    """The Python to run on.

    Args:
        folder: the virtual environment that a project or plugin names, or None for this
            process's own Python.

    Raises:
        EngineError: there is no virtual environment.
    """
    if folder is None:
        return sys.executable
    for name in ("bin/python", "Scripts/python.exe"):
        if (folder / name).exists():
            return str(folder / name)
    raise EngineError(f"the 'virtualenv' option names {folder}, which is no virtual environment")


def start_program(
    project: Project,
    connection: Connection,
    config: Mapping[str, Value],
    env: Mapping[str, str],
    on_line: Callable[[str], None],
) -> Child:
    """Start the program.

    Args:
        project: the project.
        connection: where the engine is.
        config: the stack's configuration.
        env: the environment that it is to have, without what the engine adds.
        on_line: gets every line that it prints.

    Returns:
        The process.
    """
    main = project.main
    if not main.exists():
        raise EngineError(f"could not find the program {main}")
    arguments = [
        python_in(project.virtualenv()),
        "-u",
        str(Path(__file__).with_name("entry.py")),
        "--monitor",
        connection.monitor,
        "--engine",
        connection.engine,
        "--project",
        project.name,
        "--root-directory",
        str(project.root),
        "--stack",
        connection.stack,
        "--parallel",
        str(connection.parallel),
        *(["--preview"] if connection.preview else []),
        str(main),
    ]
    child = Child(
        arguments,
        project.program_folder,
        {
            **env,
            "PULUMI_CONFIG": json.dumps({key: value.text for key, value in config.items()}),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps([k for k, v in config.items() if v.secret]),
        },
        on_line,
    )
    child.pass_on()
    return child
