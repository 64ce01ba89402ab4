"""Sheds calls that one process cannot take: they are told so at once (503) instead of waiting without end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cds_service import metrics
from cds_service.errors import Overloaded


class Places:
    """Places for calls under way in this process."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a place for the time of a call; raises `Overloaded` where there is none."""
        if not self._free.acquire(blocking=False):
            metrics.SHED.inc()
            raise Overloaded
        try:
            yield
        finally:
            self._free.release()
