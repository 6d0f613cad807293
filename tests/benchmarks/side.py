"""One of several stacks side by side: makes one operation of it, and prints its seconds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from pulumi_workspaces_pool.testing.stacks import StackUnderTest

from .measure import PARALLEL
from .programs import POOLS


def main(folder: Path, name: str, count: int, operation: str, environment: str) -> None:
    """Bring the stack up, or destroy it."""
    project = POOLS.write(folder / "project", count)
    state = folder / "state"
    stack = StackUnderTest(project, state=state, name=name, environment=json.loads(environment))
    started = time.perf_counter()
    getattr(stack, operation)(parallel=PARALLEL)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
