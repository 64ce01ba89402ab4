"""One request through the WSGI application: what it is told, and its answer as the bytes that go out.

An answer is whole before any of it is sent, so that it always has a length and a thread never waits for who reads it.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterable
from email.utils import formatdate
from types import TracebackType
from typing import Any
from wsgiref.types import WSGIApplication

from cds_service.web.http1 import Head

WHOLE_BODY = "cds_service.body"
"""Where the bytes of a body stand in the environ: to read a stream once more would copy a large one twice."""
_Headers = list[tuple[str, str]]
_ErrorInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None
_BODILESS = ("1", "204", "304")
_OURS = frozenset({"connection", "keep-alive", "transfer-encoding", "date"})

_FIXED: dict[str, Any] = {
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
    "SCRIPT_NAME": "",
}


def environ_of(head: Head, body: bytes, size: int, client: object, server: object) -> dict[str, Any]:
    """What WSGI tells an application. `size` is that of a body in chunks, which may be more than is handed over.
    `client` and `server` are addresses as sockets have them."""
    environ: dict[str, Any] = head.environ | _FIXED
    environ["wsgi.input"] = io.BytesIO(body)
    environ[WHOLE_BODY] = body
    environ["wsgi.errors"] = sys.stderr
    environ["REMOTE_ADDR"] = str(client[0]) if isinstance(client, tuple) else ""
    host, port = server[:2] if isinstance(server, tuple) else ("localhost", "")
    environ["SERVER_NAME"], environ["SERVER_PORT"] = str(host), str(port)
    if head.length is None:
        environ["CONTENT_LENGTH"] = str(size)
    return environ


def answered(app: WSGIApplication, environ: dict[str, Any], *, is_kept: bool) -> bytes:
    """The whole answer of `app`. What the application raises is raised here."""
    told: list[Any] = ["", []]
    written: list[bytes] = []

    def start_response(status: str, headers: _Headers, exc_info: _ErrorInfo = None) -> Any:  # noqa: ANN401, ARG001 - WSGI
        told[:] = [status, headers]
        return written.append

    parts: Iterable[bytes] = app(environ, start_response)
    try:
        written.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    is_head = environ["REQUEST_METHOD"] == "HEAD"
    return message(told[0], told[1], b"".join(written), is_kept=is_kept, is_head=is_head)


def message(status: str, headers: _Headers, body: bytes, *, is_kept: bool, is_head: bool = False) -> bytes:
    """An answer as it is sent."""
    is_bodiless = status.startswith(_BODILESS)
    lines = [f"HTTP/1.1 {status}", f"Date: {_date()}", f"Connection: {'keep-alive' if is_kept else 'close'}"]
    names = {name.lower() for name, _ in headers}
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _OURS]
    if "content-length" not in names and not is_bodiless:
        lines.append(f"Content-Length: {len(body)}")
    sent = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return sent if is_head or is_bodiless else sent + body


_now: tuple[int, str] = (0, "")


def _date() -> str:
    """The time for a header, made once a second."""
    global _now
    second = int(time.time())
    if _now[0] != second:
        _now = (second, formatdate(second, usegmt=True))
    return _now[1]
