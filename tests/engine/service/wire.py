"""Clients that speak HTTP badly, slowly or not at all: bare connections to a `Server`, and what came back on one."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.engine.calls import PATIENT, bundle, call
from tests.engine.service.processes import Answer, Server, at_once

JSON = "Content-Type: application/json\r\n"


def connected(server: Server) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), 20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def post(
    server: Server, body: bytes = b"", *, headers: str = "", version: str = "1.1", length: int | None = None
) -> bytes:
    """A whole call; `length` announces another length than that of `body`."""
    told = len(body) if length is None else length
    return (
        f"POST {server.path} HTTP/{version}\r\nHost: x\r\n{JSON}{headers}Content-Length: {told}\r\n\r\n".encode() + body
    )


def view(server: Server) -> bytes:
    """The body of a call that opens a chart."""
    prefetch = {key: bundle() for key in server.service["prefetch"]} | {"patient": PATIENT}
    return json.dumps(call(prefetch=prefetch)).encode()


def told(connection: socket.socket, seconds: float = 15.0) -> bytes:
    """All that is said until the other side closes, or for so long."""
    end, said = time.monotonic() + seconds, b""
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            break
        except ConnectionError:
            break
        if not piece:
            break
        said += piece
    return said


def answer_of(connection: socket.socket) -> bytes:
    """One answer with a length, as far as it comes."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = connection.recv(65536)
        if not piece:
            return said
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def held(server: Server, sent: Sequence[bytes]) -> Iterator[list[socket.socket]]:
    """Connections on which this was sent, and that then stay open without a word."""
    with ExitStack() as stack:
        connections = [stack.enter_context(connected(server)) for _ in sent]
        for connection, piece in zip(connections, sent, strict=True):
            connection.sendall(piece)
        yield connections


@contextmanager
def dripping(connections: Sequence[socket.socket], every: float = 0.2, drop: bytes = b"x") -> Iterator[None]:
    """One byte after the other on each, for as long as it is taken."""
    is_over = threading.Event()

    def drip() -> None:
        while not is_over.wait(every):
            for connection in connections:
                try:
                    connection.send(drop)
                except OSError:
                    continue

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def quick(server: Server, times: int = 20) -> list[Answer]:
    """Calls of a hook and questions for its health, all at once: both must be answered soon, whatever else goes on."""
    asked = at_once(times, lambda place: server.view() if place % 2 else server.ask("GET", "/healthz"))
    return [answer for answer in asked if answer]


def memory_of(server: Server) -> float:
    """What the workers hold, in megabytes; what they share is counted once."""
    texts = [Path(f"/proc/{worker}/smaps_rollup").read_text() for worker in server.workers()]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("Pss:")]
    return sum(int(line.split()[1]) for line in lines) / 1024
