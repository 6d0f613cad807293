"""Pages that stay right while what they list comes and goes, which moto's do not."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from .exceptions import InvalidParameterValuesException

Item = TypeVar("Item")


def page(
    items: Iterable[Item], key: Callable[[Item], list[Any]], limit: int, request: dict[str, Any]
) -> tuple[list[Item], str | None]:
    """One page of items.

    Args:
        items: All of them.
        key: What they are sorted by; different for each. A token holds that of the last one shown.
        limit: The size of a page where the request has no Limit.
        request: The members of the request.

    Returns:
        The items of the page, and the NextToken if there are more.

    Raises:
        InvalidParameterValuesException: The NextToken is none, or of another request.
    """
    asked = {name: request[name] for name in request if name not in ("Limit", "NextToken")}
    checksum = zlib.crc32(json.dumps(asked, sort_keys=True).encode())
    last = _decoded(request["NextToken"], checksum) if "NextToken" in request else None
    rest = [item for item in sorted(items, key=key) if last is None or key(item) > last]
    limit = request.get("Limit", limit)
    if len(rest) <= limit:
        return rest, None
    token = json.dumps([checksum, key(rest[limit - 1])])
    return rest[:limit], base64.urlsafe_b64encode(token.encode()).decode()


def _decoded(token: str, checksum: int) -> list[Any]:
    try:
        its_checksum, last = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError):
        its_checksum, last = None, []
    if its_checksum != checksum:
        raise InvalidParameterValuesException("The NextToken is not one of this request.")
    return list(last)
