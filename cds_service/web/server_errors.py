"""What the server answers by itself, to HTTP that it cannot take apart, that comes too slowly, or that it has no room
for: an OperationOutcome like every other error, without a word of the request.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from cds_service.errors import Overloaded, RequestBroken, ServiceFailed
from cds_service.web.answering import message
from cds_service.web.problems import RETRY_AFTER, issue_of


def refusal(status: int) -> bytes:
    """A whole answer, after which the connection is closed."""
    error = Overloaded() if status == 503 else ServiceFailed() if status >= 500 else RequestBroken()
    body = {"resourceType": "OperationOutcome", "issue": [issue_of(fault) for fault in error.faults]}
    headers = [
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *([("Retry-After", RETRY_AFTER)] if status == 503 else []),
    ]
    return message(f"{status} {HTTPStatus(status).phrase}", headers, msgspec.json.encode(body), is_kept=False)
