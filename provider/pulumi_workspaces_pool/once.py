"""What a process makes only once, however many threads ask for it at the same moment."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_caches: list[dict[Any, Any]] = []


def once(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function returns, for each of its arguments.

    `functools.cache` lets every thread that comes before the first answer do the work as well: with
    a hundred pools, a hundred times the same work.

    Args:
        make: a function of hashable arguments.

    Returns:
        The function, whose calls with the same arguments give the same object.
    """
    lock = threading.Lock()
    made: dict[Any, R] = {}
    _caches.append(made)

    @functools.wraps(make)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, *sorted(kwargs.items()))
        with lock:
            if key not in made:
                made[key] = make(*args, **kwargs)
            return made[key]

    return kept


def forget() -> None:
    """Drop all that was made so far, for a process that runs one program after another."""
    for made in _caches:
        made.clear()
