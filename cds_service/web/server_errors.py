"""What gunicorn answers to HTTP that it cannot take apart: an OperationOutcome like every other error, without a word
of the request. gunicorn has no setting for it, so its one function that writes such an answer is replaced.
"""

from __future__ import annotations

import socket
from functools import partial

import msgspec
from gunicorn import util  # type: ignore[import-untyped]

from cds_service.errors import HeadersTooLong, RequestBroken
from cds_service.settings import LONGEST_HEADER, Settings
from cds_service.web.problems import SETTINGS, error_system, issue_of


def answer_in_json(app: object) -> None:
    """Replace gunicorn's page by one for `app`; called in each worker before it takes requests."""
    util.write_error = partial(write_error, settings=getattr(app, "extensions", {}).get(SETTINGS))


def write_error(
    connection: socket.socket,
    status: int,
    reason: str,
    message: str,  # noqa: ARG001 - gunicorn's; it may quote the request
    *,
    settings: Settings | None = None,
) -> None:
    """Write a whole answer to a connection that is then closed."""
    (fault,) = (HeadersTooLong(LONGEST_HEADER) if status == 431 else RequestBroken()).faults
    system = error_system(settings) if settings else ""
    body = msgspec.json.encode({"resourceType": "OperationOutcome", "issue": [issue_of(fault, system)]})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Cache-Control: no-store\r\n{_allowed_origin(settings)}Content-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, head.encode("latin-1") + body)


def _allowed_origin(settings: Settings | None) -> str:
    """The line that lets a browser client read the answer. Which origin asks is not known, since its header was not
    read: of several that may, none is named."""
    origins = settings.allow_origins if settings else ()
    origin = "*" if "*" in origins else origins[0] if len(origins) == 1 else ""
    return f"Access-Control-Allow-Origin: {origin}\r\n" if origin else ""
