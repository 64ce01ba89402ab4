"""What gunicorn answers to HTTP that it cannot take apart: an OperationOutcome like every other error, without a word
of the request. gunicorn has no setting for it, so its one function that writes such an answer is replaced.
"""

from __future__ import annotations

import socket

import msgspec
from gunicorn import util  # type: ignore[import-untyped]

from cds_service.errors import RequestBroken
from cds_service.web.problems import issue_of


def answer_in_json() -> None:
    """Replace gunicorn's page; called in each worker before it takes requests."""
    util.write_error = write_error


def write_error(connection: socket.socket, status: int, reason: str, message: str) -> None:  # noqa: ARG001 - gunicorn's
    """Write a whole answer to a connection that is then closed. `message` may quote the request and is left out."""
    (fault,) = RequestBroken().faults
    body = msgspec.json.encode({"resourceType": "OperationOutcome", "issue": [issue_of(fault)]})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, head.encode("latin-1") + body)
