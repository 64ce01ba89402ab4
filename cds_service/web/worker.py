"""gunicorn's threaded worker, which on a graceful stop first takes in the connections that are waiting already.

gunicorn closes its socket at once, and the system then resets those that no worker has taken yet, calls and all. Here
the door is narrowed instead (no further connections wait), what waits is taken in for a moment, and then gunicorn's own
stop goes on: it answers every call that a worker has.
"""

from __future__ import annotations

import threading
from types import FrameType

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

SECONDS = 0.4
"""Taking in what waits needs some thousandths; a busy machine gets more."""


class DrainingWorker(ThreadWorker):  # type: ignore[misc]
    """The worker class of `gunicorn_conf`."""

    is_draining = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM."""
        if self.is_draining:
            return
        self.is_draining = True
        for listener in self.sockets:
            listener.sock.listen(0)
        stop = threading.Timer(SECONDS, super().handle_exit, (sig, frame))
        stop.daemon = True
        stop.start()
