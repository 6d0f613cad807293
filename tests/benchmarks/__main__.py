"""`make bench`: measures pools beside other ways to have them, and shows the figures."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import limited, scale, ways
from .document import FIGURES, FOLDER, PAGE, PARTS, PLOT, page, plot


def main() -> int:
    """Measure; the exit code is 1 where a promise is not kept."""
    arguments = _arguments()
    # An installed package is compiled; one that may not be would be, in every process, anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.output / FIGURES
    figures = json.loads(path.read_text()) if path.exists() else {}
    for part in arguments.only:
        print(f"Measuring {part} ...", flush=True)
        figures[part] = {"machine": _machine(), **_measured(part, arguments)}
        path.write_text(json.dumps(figures, indent=2) + "\n")
    (arguments.output / PAGE).write_text(page(figures), encoding="utf-8")
    plot(figures, arguments.output / PLOT)
    print(page(figures))
    print(f"Written to {arguments.output}: {FIGURES}, {PAGE}, {PLOT}")
    promises = [
        promise for part in arguments.only for promise in PARTS[part].promises(figures[part])
    ]
    broken = [promise for promise in promises if not promise.kept]
    for promise in broken:
        print(f"Exceeded: {promise.what} is {promise.figure:.3g}, at most {promise.limit:.3g}")
    return 1 if broken else 0


def _measured(part: str, arguments: argparse.Namespace) -> dict[str, Any]:
    if part == "ways":
        return ways.measure(arguments.counts, arguments.creating)
    if part == "limited":
        return limited.measure(arguments.limited)
    return scale.measure(arguments.scale)


def _machine() -> dict[str, Any]:
    version = subprocess.check_output(["pulumi", "version"], text=True)
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "cli": version.strip().removeprefix("v"),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100], help="of `ways`")
    parser.add_argument("--creating", type=float, default=5.0, help="seconds, of `ways`")
    parser.add_argument("--limited", type=int, default=100, help="how many pools, of `limited`")
    parser.add_argument("--scale", type=int, nargs="+", default=[10, 100, 1000], help="of `scale`")
    parser.add_argument("--output", type=Path, default=FOLDER)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
