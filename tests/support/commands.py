"""The commands of this project, run as a person runs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Far more than it takes, for when all the processors are busy with other tests.
TIMEOUT_SECONDS = 240


def run_module(
    module: str, *arguments: str, environment: Mapping[str, str], answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module` in the project's folder, with these variables and no others."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        input=answer,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
