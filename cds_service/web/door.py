"""The door of one worker process: takes connections, reads whole requests from them, and sends the answers.

One thread at a time has the door (`relay`), reads from all connections without ever waiting for one, and hands whole
requests to the application. So a slow client holds a little memory and no thread. Each phase of a connection has its
deadline, large bodies wait until there is room for them, and a call that has waited longer than its caller waits is
told so.

What is a request is `http1`'s, what is answered the application's, which worker takes a connection `Loads`'.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

from cds_service import metrics
from cds_service.site.service_tables import Limits
from cds_service.traces import log_failure
from cds_service.web.answering import answered, environ_of
from cds_service.web.connection import SMALL, Connection, Gone, Phase
from cds_service.web.http1 import HttpFault
from cds_service.web.overload import Loads, Room
from cds_service.web.relay import Relay

_HEAVY = 256 * 1024
"""Calls with a larger body are computed one after the other."""
_GRACE = 3.0
"""Seconds before the least rate of a body is asked for."""
_IN_THE_WAY, _STUCK = 2.0, 0.5
"""Seconds after which an unfinished large body gives way to those that wait for room: in all, and without a byte."""
_SOON = 0.05
"""Seconds that a call may wait before it is worth a look whether its caller is still there."""
_LINGER = 2.0
"""Seconds to wait for more of what a client sends after its answer. It is taken in and forgotten: the client might
never read the answer else."""
_SEND = 30.0
"""Seconds for a client to take its answer."""
_SWEEP = 0.25
_HESITATION, _MOST_HESITATION = 0.002, 0.02
"""Seconds that a worker leaves a connection to others, for each that it has more than another, and in all."""
_FULL = 0.05
_NEVER = float("inf")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# When the worker stops, in seconds from then:
_TAKE_IN = 0.4
_IDLE_END = 1.0
_UNFINISHED_END = 5.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the door is set up with. `refusal` makes the whole answer of a status that no application is asked for."""

    limits: Limits
    refusal: Callable[[int], bytes]
    keep_seconds: float
    connections: int


class Door:
    """One for a process, made after the fork. `worker` is its number in `loads`; `wake_watch` is the relay's."""

    def __init__(
        self,
        app: WSGIApplication,
        listeners: Sequence[socket.socket],
        terms: Terms,
        loads: Loads,
        worker: int,
        wake_watch: Callable[[], None],
    ) -> None:
        self._app, self._listeners, self._terms, self._limits = app, list(listeners), terms, terms.limits
        self._loads, self._worker = loads, worker
        self.relay = Relay(self._lead, wake_watch)
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._connections: set[Connection] = set()
        self._ready: deque[Connection] = deque()
        """Whole requests that nobody answers yet."""
        self._waiting: deque[Connection] = deque()
        """Those that wait for room."""
        self._done: deque[Connection] = deque()
        """Answered by threads that had left the door."""
        self._room = Room(terms.limits.bytes_in_hand)
        self._heavy = 0
        """The thread that computes a call with a large body."""
        self.had_heavy = False
        self._swept = 0.0
        self._is_polling = False
        self._polls_again = 0.0
        self._has_hesitated = False
        self._stopped: float | None = None
        self.is_over = False

    def open(self) -> None:
        """Take connections from now on."""
        for end in (self._waker, self._woken, *self._listeners):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._loads.set(self._worker, 0)
        self.relay.start()

    def stop(self) -> None:
        """Answer what is there and what still comes in a moment; `is_over` is true after that. Any thread may call."""
        self._stopped = time.monotonic()
        self._wake()

    def step_aside(self) -> None:
        """The calling thread is going to wait: others may go on meanwhile."""
        self.relay.step_aside()
        self._leave_heavy()

    def _leave_heavy(self) -> None:
        if self._heavy == threading.get_ident():
            self._heavy = 0
            self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # Full: it will wake up anyway.
            self._waker.send(b".")

    # The thread at the door

    def _lead(self) -> None:
        while not self.is_over:
            self._poll()
            while self._done:
                self._finish(self._done.popleft())
            if time.monotonic() - self._swept > _SWEEP:
                self._sweep()
            connection = self._next()
            if connection is None:
                continue
            self.relay.begin()
            self._answer(connection)
            if not self.relay.end():
                self._done.append(connection)
                self._leave_heavy()
                self._wake()
                return
            self._leave_heavy()
            self._finish(connection)

    def _poll(self) -> None:
        now = time.monotonic()
        self._has_hesitated = not self._is_polling and now >= self._polls_again
        if self._has_hesitated:
            self._poll_listeners()
        timeout = _SWEEP if self._is_polling or self._stopped else self._polls_again - now
        for key, _ in self._selector.select(0 if self._startable() else timeout):
            match key.data:
                case Connection():
                    self._go_on(key.data)
                case None:
                    with suppress(OSError):
                        self._woken.recv(4096)
                case listener:
                    self._take(listener)

    # Connections come and go

    def _poll_listeners(self) -> None:
        for listener in self._listeners:
            self._selector.register(listener, selectors.EVENT_READ, listener)
        self._is_polling = True

    def _pause(self, seconds: float) -> None:
        """Take no connection for a moment, so that other workers do."""
        if self._is_polling:
            for listener in self._listeners:
                self._selector.unregister(listener)
            self._is_polling = False
        self._polls_again = time.monotonic() + seconds

    def _take(self, listener: socket.socket) -> None:
        """Take what waits, as long as no other worker has fewer; the others have a moment to take it instead."""
        while True:
            if len(self._connections) >= self._terms.connections and not self._give_up_one():
                self._pause(_FULL)
                return
            excess = self._loads.excess(self._worker)
            if excess and not self._has_hesitated:
                self._pause(min(excess * _HESITATION, _MOST_HESITATION))
                return
            self._has_hesitated = False
            try:
                sock, client = listener.accept()
            except BlockingIOError:
                return
            except OSError:  # Gone already, or this process has no more file descriptors.
                self._give_up_one()
                self._pause(_FULL)
                return
            sock.setblocking(False)
            connection = Connection(sock, client, sock.getsockname())
            connection.enter(Phase.HEAD, float(self._limits.header_seconds))
            self._connections.add(connection)
            self._loads.set(self._worker, len(self._connections))
            self._go_on(connection)

    def _give_up_one(self) -> bool:
        """Close the connection that waits longest for something to be sent, where there is one."""
        idle = [one for one in self._connections if one.phase in (Phase.HEAD, Phase.LINGER)]
        if not idle:
            return False
        self._close(min(idle, key=lambda one: one.deadline))
        return True

    def _close(self, connection: Connection) -> None:
        self._listen_to(connection, 0)
        self._give_back(connection)
        if connection.phase is Phase.ROOM:
            self._waiting.remove(connection)
        connection.sock.close()
        self._connections.discard(connection)
        self._loads.set(self._worker, len(self._connections))

    def _listen_to(self, connection: Connection, events: int) -> None:
        if connection.is_polled:
            self._selector.unregister(connection.sock)
        if events:
            self._selector.register(connection.sock, events, connection)
        connection.is_polled = bool(events)

    def _hear(self, connection: Connection) -> None:
        if not connection.is_polled:
            self._listen_to(connection, selectors.EVENT_READ)

    # What arrives

    def _go_on(self, connection: Connection) -> None:
        """Something can be read from a connection, or written to it."""
        try:
            match connection.phase:
                case Phase.HEAD:
                    self._read_head(connection)
                case Phase.BODY:
                    connection.data += connection.receive()
                    connection.heard = time.monotonic()
                    self._read_body(connection)
                case Phase.SEND:
                    if connection.send():
                        self._after_answer(connection)
                case Phase.LINGER:
                    if connection.receive():
                        connection.deadline = min(connection.since + _SEND, time.monotonic() + _LINGER)
                case _:
                    self._listen_to(connection, 0)
        except Gone:
            self._close(connection)
        except HttpFault as fault:
            self._refuse(connection, fault.status)

    def _read_head(self, connection: Connection) -> None:
        is_first = not connection.data
        data = connection.receive()
        if is_first and data and self._stopped is None:
            connection.enter(Phase.HEAD, float(self._limits.header_seconds))
        connection.data += data
        self._hear(connection)
        self._understand(connection)

    def _understand(self, connection: Connection) -> None:
        """Go on with what arrived of a head; as soon as that is whole, with the body."""
        if not connection.has_head():
            return
        head = connection.head
        assert head is not None
        if head.length is not None and head.length > self._limits.body_bytes + 1:
            self._call_unread(connection)  # It says what is wrong before the body is sent.
        elif self._has_room(connection, head.length or 0):
            self._begin_body(connection)

    def _call_unread(self, connection: Connection) -> None:
        connection.has_unread, connection.keeps = True, False
        self._call(connection)

    def _has_room(self, connection: Connection, size: int) -> bool:
        """Whether the body can be read now; else the connection waits in line."""
        if size <= SMALL or (not self._waiting and self._room.take(size)):
            connection.held = size if size > SMALL else 0
            return True
        self._listen_to(connection, 0)
        connection.enter(Phase.ROOM, float(self._limits.waiting_seconds))
        self._waiting.append(connection)
        return False

    def _begin_body(self, connection: Connection) -> None:
        head = connection.head
        assert head is not None
        connection.enter(Phase.BODY, float(self._limits.body_seconds))
        if head.is_awaiting and not connection.data and head.length != 0:
            with suppress(OSError):
                connection.sock.send(_CONTINUE)
        self._hear(connection)
        self._read_body(connection)

    def _read_body(self, connection: Connection) -> None:
        limit = self._limits.body_bytes + 1
        if connection.take_body(limit):
            if connection.received > limit:
                self._call_unread(connection)
            else:
                self._call(connection)
        elif not connection.held and connection.received > SMALL:
            self._has_room(connection, limit)  # In chunks: nobody knows yet how long it is.

    def _call(self, connection: Connection) -> None:
        connection.enter(Phase.CALL, _NEVER)
        self._ready.append(connection)

    # Room

    def _give_back(self, connection: Connection) -> None:
        if connection.held:
            self._room.give_back(connection.held)
            connection.held = 0
            self._let_in()

    def _let_in(self) -> None:
        """Begin to read the bodies that have waited for room, as far as there is room now."""
        while self._waiting:
            connection = self._waiting[0]
            head = connection.head
            size = (head.length if head else None) or self._limits.body_bytes + 1
            if not self._room.take(size):
                return
            self._waiting.popleft()
            connection.waited = time.monotonic() - connection.since
            connection.held = size
            try:
                self._begin_body(connection)
            except HttpFault as fault:
                self._refuse(connection, fault.status)

    # Answers

    def _startable(self) -> Connection | None:
        """The first call that may be answered now."""
        return next((one for one in self._ready if not self._heavy or one.received <= _HEAVY), None)

    def _next(self) -> Connection | None:
        """The call to answer now. One that waited too long is told so, one whose caller has gone is dropped."""
        while (connection := self._startable()) is not None:
            self._ready.remove(connection)
            now = time.monotonic()
            if self._is_late(connection, now):
                self._shed(connection)
            elif now - connection.since > _SOON and connection.is_gone():
                self._close(connection)
            else:
                return connection
        return None

    def _answer(self, connection: Connection) -> None:
        """Ask the application and send what it says. Runs on after the thread has left the door."""
        head = connection.head
        assert head is not None
        if connection.received > _HEAVY:
            self._heavy = threading.get_ident()
            self.had_heavy = True
        connection.keeps = connection.keeps and self._stopped is None
        try:
            body = b"" if connection.has_unread else connection.body()
            environ = environ_of(head, body, connection.received, connection.client, connection.server)
            answer = answered(self._app, environ, is_kept=connection.keeps)
        except Exception as error:
            log_failure(error)
            answer, connection.keeps = self._terms.refusal(500), False
        connection.out = memoryview(answer)
        with suppress(Gone):  # The thread at the door finds out.
            connection.send()

    def _finish(self, connection: Connection) -> None:
        """After the answer, at the door again."""
        self._give_back(connection)
        if connection.out:
            connection.enter(Phase.SEND, _SEND)
            self._listen_to(connection, selectors.EVENT_WRITE)
        else:
            self._after_answer(connection)

    def _after_answer(self, connection: Connection) -> None:
        if not connection.keeps:
            self._part(connection)
            return
        was_sending = connection.phase is Phase.SEND
        connection.begin_request()
        connection.enter(Phase.HEAD, self._terms.keep_seconds)
        if was_sending:
            self._listen_to(connection, 0)
        self._hear(connection)
        if connection.data:
            try:
                self._understand(connection)
            except HttpFault as fault:
                self._refuse(connection, fault.status)

    def _part(self, connection: Connection) -> None:
        """The last answer is sent. Closed with something unread, a connection takes its answer back."""
        if not (connection.has_unread or connection.data):
            self._close(connection)
            return
        connection.end()
        connection.data = b""
        connection.enter(Phase.LINGER, _LINGER)
        self._listen_to(connection, selectors.EVENT_READ)

    def _refuse(self, connection: Connection, status: int) -> None:
        """Answer without asking the application. What else the client sent is not read."""
        if connection.phase is Phase.ROOM:
            self._waiting.remove(connection)
            connection.phase = Phase.HEAD
        connection.keeps, connection.has_unread = False, True
        connection.out = memoryview(self._terms.refusal(status))
        with suppress(Gone):
            connection.send()
        self._finish(connection)

    def _shed(self, connection: Connection) -> None:
        metrics.SHED.inc()
        self._refuse(connection, 503)

    # Deadlines

    def _sweep(self) -> None:
        now = self._swept = time.monotonic()
        for connection in list(self._connections):
            if now > self._ends(connection):
                self._expire(connection)
            elif connection.phase is Phase.BODY and self._is_slow(connection, now):
                self._refuse(connection, 408)
            elif self._waiting and connection.phase is Phase.BODY and self._is_in_the_way(connection, now):
                self._shed(connection)
        for connection in [one for one in self._ready if self._is_late(one, now)]:
            self._ready.remove(connection)
            self._shed(connection)
        if self._stopped is not None:
            self._close_down(now - self._stopped)

    def _ends(self, connection: Connection) -> float:
        """The deadline of a connection; a worker that stops has less patience."""
        if self._stopped is None or connection.phase is Phase.CALL:
            return connection.deadline
        is_idle = connection.phase is Phase.LINGER or (connection.phase is Phase.HEAD and not connection.data)
        return min(connection.deadline, self._stopped + (_IDLE_END if is_idle else _UNFINISHED_END))

    def _is_late(self, connection: Connection, now: float) -> bool:
        """It has waited for room and for its turn as long as its caller waits for an answer."""
        return now - connection.since + connection.waited > self._limits.waiting_seconds

    def _is_slow(self, connection: Connection, now: float) -> bool:
        seconds = now - connection.since - _GRACE
        return seconds > 0 and connection.received < seconds * self._limits.body_bytes_per_second

    def _is_in_the_way(self, connection: Connection, now: float) -> bool:
        stuck = now - max(connection.heard, connection.since)
        return bool(connection.held) and (now - connection.since > _IN_THE_WAY or stuck > _STUCK)

    def _expire(self, connection: Connection) -> None:
        match connection.phase:
            case Phase.ROOM:
                self._shed(connection)
            case Phase.BODY:
                self._refuse(connection, 408)
            case Phase.HEAD if connection.data:
                self._refuse(connection, 408)
            case _:
                self._close(connection)

    def _close_down(self, seconds: float) -> None:
        if seconds > _TAKE_IN and self._listeners:
            self._pause(_NEVER)
            self._loads.leave(self._worker)
            for listener in self._listeners:
                listener.close()
            self._listeners = []
        self.is_over = not (self._listeners or self._connections)
