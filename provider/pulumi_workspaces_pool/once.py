"""What a process makes only once, however many threads ask for it at the same moment."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")


def once(make: Callable[..., R]) -> Callable[..., R]:
    """Keep what a function returns, for each of its arguments.

    `functools.cache` lets every thread that comes before the first answer do the work as well: with
    a hundred pools, a hundred times the same work.

    Args:
        make: a function of hashable positional arguments.

    Returns:
        The function, whose calls with the same arguments give the same object.
    """
    lock = threading.Lock()
    made: dict[tuple[Any, ...], R] = {}

    @functools.wraps(make)
    def kept(*arguments: Any) -> R:
        with lock:
            if arguments not in made:
                made[arguments] = make(*arguments)
            return made[arguments]

    return kept
