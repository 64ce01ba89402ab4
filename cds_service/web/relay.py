"""Which thread of a worker has the door. One at a time reads for all connections and answers what it has read.

Handing every call to another thread would cost more than many calls do. So the thread at the door answers itself, and
only when that takes long, or when it says that it is going to wait, another takes its place at the door; it goes on
with its call alone, and stands by when it is done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

NAP = 0.02
"""Seconds between two looks of the watch: a call that takes longer than one to two of them leaves the door."""
_HARDLY = 0.5
"""Share of the time between two looks."""
_QUIET = 10
"""Looks without any call, after which the watch waits to be woken."""


class Relay:
    """The threads of one process. `lead` is run by the one at the door, until `end` says that it no longer is.

    `wake` is called when the watch, which calls `look` every `NAP` seconds, should do so again.
    """

    def __init__(self, lead: Callable[[], None], wake: Callable[[], None]) -> None:
        self._lead = lead
        self._wake = wake
        self._lock = threading.Lock()
        self._next = threading.Semaphore(0)
        self._spare = 0
        self._leader = 0
        self._at_work: set[int] = set()
        """Threads that left the door since their calls took long, and that did not say that they wait."""
        self._turn = 0
        self._is_busy = False
        self._looked_at, self._looks, self._quiet, self._computed = 0, 0, 0, 0.0
        self.is_quiet = True

    def start(self) -> None:
        """Put the first thread at the door."""
        with self._lock:
            self._pass_on()

    def begin(self) -> None:
        """The thread at the door begins to answer a call."""
        self._turn += 1
        self._is_busy = True
        if self.is_quiet:
            self.is_quiet = False
            self._wake()

    def end(self) -> bool:
        """Its call is answered. False where another has taken its place meanwhile."""
        me = threading.get_ident()
        with self._lock:
            if self._leader == me:
                self._is_busy = False
                return True
            self._at_work.discard(me)
            return False

    def step_aside(self) -> None:
        """The calling thread is going to wait for something outside of this process."""
        me = threading.get_ident()
        with self._lock:
            self._at_work.discard(me)
            if self._leader == me and self._is_busy:
                self._pass_on()

    def look(self) -> None:
        """Let another take the place of the one at the door, if that has been at the same call for long.

        The more do so already, the longer is long: calls that compute are not done sooner by taking turns. Where the
        process hardly computes at all, they wait, and there is no reason to.
        """
        computed, self._computed = time.process_time() - self._computed, time.process_time()
        if self._turn != self._looked_at or not self._is_busy:
            self._quiet = 0 if self._is_busy or self._turn != self._looked_at else self._quiet + 1
            self._looked_at, self._looks = self._turn, 0
            self.is_quiet = self._quiet >= _QUIET and not self._is_busy
            return
        self._looks += 1
        is_waiting = computed < _HARDLY * NAP
        if self._looks <= len(self._at_work) and not is_waiting:
            return
        with self._lock:
            if self._is_busy and self._turn == self._looked_at:
                if not is_waiting:
                    self._at_work.add(self._leader)
                self._pass_on()

    def _pass_on(self) -> None:
        self._leader, self._is_busy = 0, False
        if self._spare:
            self._spare -= 1
            self._next.release()
        else:
            threading.Thread(target=self._stand_by, name="door", daemon=True).start()

    def _stand_by(self) -> None:
        while True:
            with self._lock:
                self._leader = threading.get_ident()
            self._lead()
            with self._lock:
                self._spare += 1
            self._next.acquire()
