"""What a process makes once, however many threads ask for it at the same moment."""

from __future__ import annotations

import functools
import os
import re
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_READ_BY_BOTOCORE = re.compile("(AWS_.*|HOME|(HTTPS?|ALL|NO)_PROXY)", re.IGNORECASE)
_caches: list[dict[Any, Any]] = []


def cached_once(make: Callable[P, R]) -> Callable[P, R]:
    """Cache a function by its arguments and by the environment variables that botocore reads.

    `functools.cache` lets every thread that comes before the first result do the work as well: with
    a hundred pools, a hundred times the same work.
    """
    lock = threading.Lock()
    made: dict[Any, R] = {}
    _caches.append(made)

    @functools.wraps(make)
    def cached(*args: P.args, **kwargs: P.kwargs) -> R:
        variables = filter(_READ_BY_BOTOCORE.fullmatch, sorted(os.environ))
        environment = [(name, os.environ.get(name)) for name in variables]
        key = (args, *sorted(kwargs.items()), *environment)
        with lock:
            # Another thread may `forget` meanwhile.
            found = made[key] if key in made else make(*args, **kwargs)
            made[key] = found
            return found

    return cached


def forget() -> None:
    """Empty the caches, for a process that runs one program after another."""
    for made in _caches:
        made.clear()
