"""Says that a thread is going to wait for another machine, to a server that wants to know: its other calls go on then.

Whoever asks over the network says so; who listens is the server's (`cds_service.web.worker`), and nobody need.
"""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def on_wait(listener: Callable[[], None]) -> None:
    """Call `listener` from each thread that is going to wait, in place of any other listener."""
    _listeners[:] = [listener]


def going_to_wait() -> None:
    """The calling thread is going to wait."""
    for listener in _listeners:
        listener()
