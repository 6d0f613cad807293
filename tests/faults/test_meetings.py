"""Whose pool it is and whether it is gone, for every operation: nothing of another's is touched."""

from __future__ import annotations

import pytest

from faults.choice import choose
from faults.meetings import MeetingCell, meeting_cells, try_meeting

CELLS = list(meeting_cells())
_USUAL = [
    *(cell for cell in CELLS if "answered" not in cell.meeting),
    *choose([cell for cell in CELLS if "answered" in cell.meeting], 14),
]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, id=str(cell), marks=() if cell in _USUAL else pytest.mark.slow)
        for cell in CELLS
    ],
)
def test_a_pool_that_is_not_to_be_touched_is_as_it_was(cell: MeetingCell) -> None:
    assert try_meeting(cell).problems == []
