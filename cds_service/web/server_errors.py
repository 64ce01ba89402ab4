"""What the server answers by itself, to HTTP that it cannot take apart, that comes too slowly, or that it has no room
for: an OperationOutcome like every other error, without a word of the request.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from cds_service.errors import CdsError, HeadersTooLong, Overloaded, RequestBroken, ServiceFailed
from cds_service.settings import LONGEST_HEADER, Settings
from cds_service.web.answering import message
from cds_service.web.problems import RETRY_AFTER, error_system, issue_of


def refusal(status: int, settings: Settings | None = None) -> bytes:
    """A whole answer, after which the connection is closed."""
    error = _error(status)
    system = error_system(settings) if settings else ""
    body = {"resourceType": "OperationOutcome", "issue": [issue_of(fault, system) for fault in error.faults]}
    headers = [
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *_allowed_origin(settings),
        *([("Retry-After", RETRY_AFTER)] if status == 503 else []),
    ]
    return message(f"{status} {HTTPStatus(status).phrase}", headers, msgspec.json.encode(body), is_kept=False)


def _error(status: int) -> CdsError:
    match status:
        case 431:
            return HeadersTooLong(LONGEST_HEADER)
        case 503:
            return Overloaded()
        case _:
            return ServiceFailed() if status >= 500 else RequestBroken()


def _allowed_origin(settings: Settings | None) -> list[tuple[str, str]]:
    """The line that lets a browser client read the answer. Which origin asks is not known, since its header was not
    read: of several that may, none is named."""
    origins = settings.allow_origins if settings else ()
    origin = "*" if "*" in origins else origins[0] if len(origins) == 1 else ""
    return [("Access-Control-Allow-Origin", origin)] if origin else []
