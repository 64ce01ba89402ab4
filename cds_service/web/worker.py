"""gunicorn's worker of ours: a `Door` that one thread of many has, and the main thread as its watch.

gunicorn starts, stops and replaces the processes and reads their settings; everything between a socket and the
application is the door's. Decision 0001 says why.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import time
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

from cds_service import waiting
from cds_service.site.service_tables import Limits
from cds_service.web.door import Door, Terms
from cds_service.web.overload import Loads
from cds_service.web.problems import SETTINGS
from cds_service.web.relay import NAP
from cds_service.web.server_errors import refusal

STOP_SECONDS = 8.0
"""What is not answered by then is given up: gunicorn would kill the worker two seconds later."""
LIMITS = "cds_service.limits"
"""Where an application keeps its `Limits` among its `extensions`."""

_LOADS = Loads()


class DoorWorker(Worker):  # type: ignore[misc]
    """The worker class of `gunicorn_conf`."""

    def run(self) -> None:
        """The life of the process."""
        limits = getattr(self.wsgi, "extensions", {}).get(LIMITS) or Limits()
        settings = getattr(self.wsgi, "extensions", {}).get(SETTINGS)
        terms = Terms(
            limits, partial(refusal, settings=settings), float(self.cfg.keepalive), self.cfg.worker_connections
        )
        door = Door(self.wsgi, [listener.sock for listener in self.sockets], terms, _LOADS, self.age, self._wake)
        waiting.on_wait(door.step_aside)
        door.open()
        while self.alive and self.ppid == os.getppid():
            self._watch(door)
        door.stop()
        end = time.monotonic() + STOP_SECONDS
        while not door.is_over and time.monotonic() < end:
            self._watch(door)

    def _watch(self, door: Door) -> None:
        """One look at the thread at the door; without calls, one a second."""
        self.notify()
        if not door.relay.is_quiet:
            time.sleep(NAP)
            door.relay.look()
            return
        if door.had_heavy:
            door.had_heavy = False
            _return_memory()
        ready, _, _ = select.select([self.PIPE[0]], [], [], 1.0)
        if ready:
            os.read(self.PIPE[0], 4096)

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # Full: it will wake up anyway.
            os.write(self.PIPE[1], b".")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is gunicorn's
        """SIGTERM. The signal itself wakes the watch, through the same pipe."""
        self.alive = False


def _return_memory() -> None:
    """Give what large calls needed back to the system, which the C library does not do by itself."""
    gc.collect()
    with suppress(OSError, AttributeError):  # Another C library.
        ctypes.CDLL(None).malloc_trim(0)


def forget(worker: Any) -> None:  # noqa: ANN401 - gunicorn's
    """A worker that is gone takes no more connections; called in the parent."""
    _LOADS.leave(worker.age)
