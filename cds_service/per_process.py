"""One value for each process: threads, connections and open files do not survive the fork of a server's workers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class PerProcess(Generic[Value]):
    """Makes its value at the first use in a process. Safe for threads; what `make` raises is raised by `get`."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._made: dict[int, Value] = {}
        self._lock = threading.Lock()

    def get(self) -> Value:
        """The value of the process that asks."""
        process = os.getpid()
        with self._lock:
            if process not in self._made:
                self._made[process] = self._make()
            return self._made[process]
