"""The house over real HTTP inside a test's own process, so that a test can move its clock."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address where `app` answers until the block ends."""
    answering = _Answering()
    server = make_server("127.0.0.1", 0, _whole(app, answering), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        answering.wait_for_the_last()


class _Answering:
    """How many requests are being answered: none is to outlive the house that it is about."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_fault: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_the_last(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count == 0, timeout=30), "a request is never answered"


def _whole(app: Any, answering: _Answering) -> Any:
    """Read each answer whole and close it here.

    The development server forgets to close a file when the browser hangs up while it is sent; a browser does so
    whenever a page is left before its icon has come.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with answering:
            body = app(environ, start_response)
            try:
                return [b"".join(body)]
            finally:
                if hasattr(body, "close"):
                    body.close()

    return answer
