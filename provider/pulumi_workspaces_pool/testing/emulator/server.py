"""Serves emulated AWS over HTTP from a thread of this process, for clients in other processes."""

from __future__ import annotations

import contextlib
import io
import json
import re
import socket
import threading
from collections.abc import Iterable
from typing import Any

from moto.core.request import Request as MotoRequest
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response

from . import remote
from .control import DEFAULT_REGION, ConnectionDroppedError, Emulator

_TARGETS = {"WorkspacesService": "workspaces", "AnyScaleFrontendService": "application-autoscaling"}


class _EmulatedRequest(MotoRequest):
    from_wsgi_server = True


class _RequestHandler(MotoRequestHandler):
    """Writes no log of requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class EmulatorServer:
    """All of moto with WorkSpaces pools, on a port of 127.0.0.1.

    Attributes:
        emulator: The control surface.
    """

    def __init__(self, port: int = 0, *, host: str = "127.0.0.1", **settings: Any) -> None:
        """Prepare a server; `start`, or a `with` statement, lets it serve.

        Args:
            port: 0 to 65535; 0 takes a free one at the first start.
            host: The address to listen on.
            **settings: Those of `Emulator`, such as timing or state_after_creation.

        Raises:
            ValueError: The port or a setting cannot be as given.
        """
        if port not in range(65536):
            raise ValueError(f"a port is 0 to 65535, not {port}")
        self.emulator = Emulator(**settings)
        self._host = host
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._dispatchers = {
            "workspaces": self.emulator.dispatch,
            "application-autoscaling": self.emulator.dispatch_scaling,
        }

    def __enter__(self) -> EmulatorServer:
        """Start."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.stop()

    @property
    def url(self) -> str:
        """The endpoint to give to clients."""
        return f"http://{self._host}:{self._port}"

    def environment(self) -> dict[str, str]:
        """The environment variables that let any AWS client in another process come here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": DEFAULT_REGION,
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        """Serve, on the same port if it served before; nothing happens if it serves.

        Raises:
            OSError: The port is taken.
        """
        if self._server is not None:
            return
        listener = socket.create_server((self._host, self._port), backlog=256)
        self._port = listener.getsockname()[1]
        with listener:
            self._server = make_server(
                self._host,
                self._port,
                self._application,
                threaded=True,
                request_handler=_RequestHandler,
                fd=listener.fileno(),
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="emulated-aws", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port; what the emulator holds stays. Nothing happens if it is stopped."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.shutdown()
            self._thread.join()

    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            # At once: moto reads some bodies twice, and would wait for the second one for ever.
            environ["wsgi.input"] = io.BytesIO(_EmulatedRequest(environ).get_data())
            request = _EmulatedRequest(environ)
            if request.path.startswith(remote.PATH):
                answer: Any = self._controlled(request)
            elif dispatch := self._dispatchers.get(_service(request)):
                status, headers, body = dispatch(request, request.raw_url, request.headers)
                answer = Response(body, status, headers)
            else:
                answer = self._moto
            return list(answer(environ, start_response))
        except ConnectionDroppedError as dropped:
            _close(environ["werkzeug.socket"])
            raise ConnectionAbortedError from dropped  # werkzeug then writes nothing
        except HTTPException as error:
            return list(error.get_response(environ)(environ, start_response))
        except Exception as error:  # moto raises whatever a request makes it
            return list(_unanswerable(error)(environ, start_response))

    def _controlled(self, request: MotoRequest) -> Response:
        name = request.path.removeprefix(remote.PATH).strip("/")
        status, answer = remote.answer(self.emulator, name, request.get_data())
        return Response(answer, status, content_type="application/json")


def _service(request: MotoRequest) -> str:
    """The service that a request is for, by its target, its path or its signature's scope."""
    if request.path.startswith("/service/WorkspacesService/"):
        return "workspaces"
    target = request.headers.get("X-Amz-Target", "").partition(".")[0]
    scope = re.search(r"/([a-z-]+)/aws4_request", request.headers.get("Authorization", ""))
    return _TARGETS.get(target) or (scope[1] if scope else "")


def _unanswerable(error: Exception) -> Response:
    """What a request is answered that moto cannot answer: no status that clients would retry."""
    code = "NotImplemented" if isinstance(error, NotImplementedError) else "ValidationException"
    message = f"moto cannot answer this request: {type(error).__name__}: {error}"
    answer = {"__type": code, "message": message.encode(errors="replace").decode()}
    return Response(json.dumps(answer), 501 if code == "NotImplemented" else 400)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
