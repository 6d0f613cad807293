"""What a limit on requests allows, and the page that is written from the figures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from . import document, limited
from .limited import Figure
from .limits import CHANGING, FIVE, TWO, Limit
from .programs import POOLS

MACHINE = {"date": "2026-01-01", "cores": 2, "system": "Linux", "python": "3.11", "cli": "3.274.1"}


@pytest.mark.parametrize(
    ("limit", "requests", "seconds"),
    [
        (FIVE, 0, 0),
        (FIVE, 10, 0),
        (FIVE, 11, 0.2),
        (FIVE, 100, 18),
        (TWO, 100, 47.5),
        (CHANGING, 35, 5),
        (CHANGING, 55, 15),
        (CHANGING, 100, 19.5),
    ],
)
def test_a_limit_allows_the_burst_at_once_and_then_the_rate(
    limit: Limit, requests: int, seconds: float
) -> None:
    assert limit.seconds(requests) == pytest.approx(seconds)


def part(*seconds: float) -> dict[str, Any]:
    calls = {"CreateWorkspacesPool": 100}
    figures = [
        Figure(FIVE.name, POOLS.name, "up", 100, took, 20.0, calls, {"CreateWorkspacesPool": 7})
        for took in seconds
    ]
    return {
        "machine": MACHINE,
        "timing": {"creating": 5.0},
        "figures": [asdict(figure) for figure in figures],
    }


def test_the_page_has_the_figures_and_says_which_break_a_promise() -> None:
    measured = part(22, 24)
    lines = document.page({"limited": measured}).splitlines()
    calls = "100 CreateWorkspacesPool (7 throttled)"
    assert f"| 5/s, burst 10 | `up`, 100 pools | 22.0 | 20.0 | 1.10 | {calls} |" in lines
    assert f"| 5/s, burst 10 | `up`, 100 pools | 24.0 | 20.0 | 1.20 (exceeded) | {calls} |" in lines
    assert [promise.kept for promise in limited.promises(measured)] == [True, False]


def test_the_documents_page_is_not_written_from_part_of_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert document.main() == 1
    document.FOLDER.mkdir(parents=True)
    (document.FOLDER / document.FIGURES).write_text(json.dumps({"limited": part(22)}))
    assert document.main() == 1
    assert capsys.readouterr().err.splitlines() == [
        "docs/performance.md needs figures of limited, scale, ways: run `make bench`.",
        "docs/performance.md needs figures of scale, ways: run `make bench`.",
    ]
