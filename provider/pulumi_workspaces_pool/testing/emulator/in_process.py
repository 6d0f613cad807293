"""Emulated pools inside the process of the test, by way of moto's mock_aws."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from moto import mock_aws, workspaces
from moto.applicationautoscaling import urls as scaling_urls
from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import Request

from . import urls
from .control import ConnectionDroppedError, Emulator


@contextmanager
def emulated_pools(**settings: Any) -> Iterator[Emulator]:
    """Let boto3 talk to moto in this process, with WorkSpaces pools added.

    Works as a context manager and as a decorator. As with `mock_aws`, make boto3 clients inside.

    Args:
        **settings: Those of `Emulator`, such as timing or state_after_creation.

    Yields:
        The control surface.
    """
    emulator = Emulator(**settings)

    def dispatch(request: Request, full_url: str, headers: Any) -> TYPE_RESPONSE:
        try:
            return emulator.dispatch(request, full_url, headers)
        except ConnectionDroppedError as dropped:
            error = EndpointConnectionError if dropped.refused else ConnectionClosedError
            raise error(endpoint_url=full_url) from dropped

    pools = patch.dict(urls.url_paths, dict.fromkeys(urls.url_paths, dispatch))
    registry = patch.object(workspaces, "workspaces_backends", emulator.backends)
    paths = dict.fromkeys(scaling_urls.url_paths, emulator.dispatch_scaling)
    scaling = patch.dict(scaling_urls.url_paths, paths)
    with mock_aws(), pools, registry, scaling:
        yield emulator
