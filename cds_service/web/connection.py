"""One client's connection, and the request that is being read from it: what arrived, and what is still to come.

Nothing here waits. How long each phase may last, and whether there is room, is the door's.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from cds_service.web.http1 import END_OF_HEAD, MOST_OF_HEAD, Chunks, Head, HttpFault, read_head

SMALL = 64 * 1024
"""A body up to this size needs no room: the number of connections bounds those."""
_PIECE = 256 * 1024
"""Bytes read from one connection before the others have their turn."""


class Phase(Enum):
    """Where a connection is; also how its clock runs."""

    HEAD = auto()
    ROOM = auto()
    BODY = auto()
    CALL = auto()
    SEND = auto()
    LINGER = auto()


class Gone(Exception):
    """The client has closed the connection, or it broke."""


class Connection:
    """Belongs to the thread at the door, and from the start of a call to its end to the one that answers it."""

    __slots__ = (
        *("client", "data", "deadline", "has_unread", "head", "heard", "held", "is_polled", "keeps", "out", "phase"),
        *("received", "server", "since", "sock", "waited", "_body", "_chunks"),
    )

    def __init__(self, sock: socket.socket, client: Any, server: Any) -> None:  # noqa: ANN401 - addresses of any family
        self.sock, self.client, self.server = sock, client, server
        self.phase = Phase.HEAD
        self.since = self.deadline = 0.0
        """When the phase began, and when it must be over."""
        self.is_polled = False
        self.held = 0
        """Room that the body has."""
        self.out = memoryview(b"")
        """What is still to be sent."""
        self.data = b""
        """What arrived and is not understood yet."""
        self.begin_request()

    def begin_request(self) -> None:
        """Forget the request that was answered."""
        self.head: Head | None = None
        self.keeps = False
        self.has_unread = False
        """Something of the request was not read, and perhaps is still to arrive."""
        self.waited = 0.0
        """Seconds that its body waited for room."""
        self.received = 0
        self.heard = 0.0
        """When the last part of its body came."""
        self._body: list[bytes] = []
        self._chunks: Chunks | None = None

    def receive(self) -> bytes:
        """What has arrived, b"" for nothing. Raises `Gone`."""
        most = _PIECE
        if self.phase is Phase.BODY and self._chunks is None and self.head and self.head.length:
            most = min(most, self.head.length - self.received)
        try:
            data = self.sock.recv(most)
        except BlockingIOError:
            return b""
        except OSError:
            raise Gone from None
        if not data:
            raise Gone
        return data

    def send(self) -> bool:
        """Send what can be sent of `out`; whether that was all. Raises `Gone`."""
        try:
            self.out = self.out[self.sock.send(self.out) :]
        except BlockingIOError:
            return False
        except OSError:
            raise Gone from None
        return not self.out

    def is_gone(self) -> bool:
        """The client has closed the connection meanwhile."""
        try:
            return not self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def has_head(self) -> bool:
        """Whether the head is whole now; `head` is it then. Raises `HttpFault`."""
        if self.data.startswith(b"\r\n"):
            self.data = self.data[2:]
        if self.data and not self.data[:1].isupper() and self.data != b"\r":
            raise HttpFault(400)
        head, end, rest = self.data.partition(END_OF_HEAD)
        if len(head) > MOST_OF_HEAD:
            raise HttpFault(431)
        if not end:
            return False
        self.head = read_head(head)
        self.data = rest
        self.keeps = self.head.is_kept
        self._chunks = Chunks() if self.head.length is None else None
        return True

    def take_body(self, limit: int) -> bool:
        """Move what arrived to the body; whether that is over: it is whole, or beyond `limit`. Raises `HttpFault`."""
        assert self.head is not None
        data, self.data = self.data, b""
        if self._chunks is not None:
            self._chunks.feed(data)
            self.received = len(self._chunks.body)
            self.data = self._chunks.rest if self._chunks.is_over else b""
            return self._chunks.is_over or self.received > limit
        missing = (self.head.length or 0) - self.received
        self._body.append(data[:missing])
        self.data = data[missing:]
        self.received += len(self._body[-1])
        return self.received == self.head.length

    def body(self) -> bytes:
        """The whole body, which is forgotten here."""
        parts, self._body = self._body, []
        chunks, self._chunks = self._chunks, None
        if chunks is not None:
            return bytes(chunks.body)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def end(self) -> None:
        """No more is sent; what the client still sends can be received."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def enter(self, phase: Phase, seconds: float) -> None:
        """Begin a phase that may last so long."""
        self.phase = phase
        self.since = time.monotonic()
        self.deadline = self.since + seconds
