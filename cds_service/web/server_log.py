"""The lines of gunicorn itself in the form of ours: one JSON object a line, without anything that a client sent.

What gunicorn says about itself is written out: all of level INFO, and of warnings and errors those about its workers,
its addresses and a site file that is refused. Any other may quote a broken request after a colon, so that only what
stands before it, and the type of an error, are logged.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from cds_service.traces import trace

_OF_ITSELF = (
    *(
        "Worker (pid:",
        "WORKER TIMEOUT (pid:",
        "Connection in use:",
        "Invalid address:",
        "connection to (",
        "Can't connect",
    ),
    *("Reason: Worker", "Reason: App", "Site file refused"),
)


class JsonLines(logging.Formatter):
    """Formats a record of gunicorn's."""

    def format(self, record: logging.LogRecord) -> str:
        is_own = record.levelno <= logging.INFO or str(record.msg).startswith(_OF_ITSELF)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "server": record.getMessage() if is_own else str(record.msg).partition(": ")[0],
            "level": record.levelname.lower(),
        }
        error = record.exc_info[1] if record.exc_info else None
        return msgspec.json.encode(line | (trace(error) if error else {})).decode()


class ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's logger with our form of lines."""

    def setup(self, cfg: object) -> None:
        """Called by gunicorn with its settings, at start and after a reload."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())
