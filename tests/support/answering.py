"""A server that answers every request alike: a captive portal, a broken proxy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


class _RequestHandler(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass


@contextmanager
def answering(answer: Callable[[Mapping[str, str]], bytes], status: int = 200) -> Iterator[str]:
    """Answer each POST on the loopback address.

    Args:
        answer: returns the body, given the request's headers.
        status: the HTTP status.

    Yields:
        The server's URL.
    """

    @Request.application
    def application(request: Request) -> Response:
        return Response(answer(dict(request.headers)), status)

    server = make_server("127.0.0.1", 0, application, True, request_handler=_RequestHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
