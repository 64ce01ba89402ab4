"""Keeps what need not be kept before the answer: in batches, by one thread of each process, at most a second late.

A process that is killed loses what it has not kept by then; one that stops keeps it first. What the database does not
take is lost, and said so.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from cds_service.errors import StoreUnavailable

SECONDS = 0.8
"""How long rows are gathered; with the writing, they are kept within a second."""
MOST = 10_000
"""Rows that wait at most: a database that is that slow keeps none of what comes after them."""

Row = TypeVar("Row")


class Later(Generic[Row]):
    """One for a process. `keep` keeps a batch or raises `StoreUnavailable`; `lost` is told of one that was not."""

    def __init__(self, keep: Callable[[Sequence[Row]], None], lost: Callable[[StoreUnavailable], None]) -> None:
        self._keep = keep
        self._lost = lost
        self._rows: deque[Row] = deque()
        self._is_wanted = threading.Event()
        self._turn = threading.Lock()
        threading.Thread(target=self._run, name="store", daemon=True).start()
        atexit.register(self.flush)

    def add(self, rows: Iterable[Row]) -> None:
        """To be kept soon. Returns at once."""
        if len(self._rows) >= MOST:
            self._lost(StoreUnavailable())
            return
        self._rows.extend(rows)
        if not self._is_wanted.is_set():
            self._is_wanted.set()

    def waiting(self) -> list[Row]:
        """What is not kept yet."""
        return list(self._rows)

    def flush(self) -> None:
        """Keep all of it now."""
        with self._turn:
            batch = self.waiting()
            if not batch:
                return
            try:
                self._keep(batch)
            except StoreUnavailable as error:
                self._lost(error)
            finally:  # Only now: until it is kept, it is found among those that wait.
                for _ in batch:
                    self._rows.popleft()

    def _run(self) -> None:
        while True:
            self._is_wanted.wait()
            time.sleep(SECONDS)
            self._is_wanted.clear()
            self.flush()
