"""What is logged of an error: its type and where it happened. Its message may quote a patient's data."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import msgspec

_log = logging.getLogger("cds_service.failures")


def trace(error: BaseException) -> dict[str, Any]:
    """What failed and where, without messages and values; the cause before its effect."""
    steps: list[str] = []
    link: BaseException | None = error
    while link is not None:
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(link.__traceback__)]
        steps = [*frames, type(link).__name__, *steps]
        link = link.__cause__ or link.__context__
    return {"failure": type(error).__name__, "stack": steps}


def log_failure(error: BaseException, **about: str) -> None:
    """One line on an error, `about` first; words of the program only."""
    _log.error("%s", msgspec.json.encode({**about, **trace(error)}).decode())
