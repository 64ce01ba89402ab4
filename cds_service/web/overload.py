"""How much one process takes on itself, by number of calls and by bytes in hand, and how workers share connections.

What does not fit is told so (503) or waits at the door for a while; how long is the door's.
"""

from __future__ import annotations

import mmap
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


class Room:
    """Room for large bodies, in bytes. The first always finds room, or one larger than all of it never would."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes; they have it then, until it is given back."""
        if self._held and self._held + size > self._most:
            return False
        self._held += size
        return True

    def give_back(self, size: int) -> None:
        """Of a body that is no longer held."""
        self._held -= size


_MOST_WORKERS = 64
_ABSENT = -1


class Loads:
    """How many connections each worker of one server has, in memory that they share: made before they are."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 8 * _MOST_WORKERS)).cast("q")
        for place in range(_MOST_WORKERS):
            self._counts[place] = _ABSENT

    def set(self, worker: int, connections: int) -> None:
        """`worker` is a number that no other living worker has."""
        self._counts[worker % _MOST_WORKERS] = connections

    def leave(self, worker: int) -> None:
        """That worker takes no more connections."""
        self._counts[worker % _MOST_WORKERS] = _ABSENT

    def excess(self, worker: int) -> int:
        """How many more it has than the worker with the fewest."""
        return self._counts[worker % _MOST_WORKERS] - min(count for count in self._counts if count != _ABSENT)
