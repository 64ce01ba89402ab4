"""Servers that write what they like to a socket, when they like."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Write = Callable[[bytes], None]


@dataclass
class Heard:
    """A server's base, and the head of each request that it was sent."""

    base: str
    heads: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def writing(script: Callable[[Write], None], is_to_listen: bool = True, times: int = 1) -> Iterator[Heard]:
    """A loopback server that runs `script` `times` for each connection, after the head of its request or at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = Heard(f"http://127.0.0.1:{server.getsockname()[1]}")

        def answer(connected: socket.socket) -> None:
            with connected:
                try:
                    for _ in range(times):
                        head = b""
                        while is_to_listen and b"\r\n\r\n" not in head:
                            if not (part := connected.recv(65_536)):
                                return
                            head += part
                        heard.heads.append(head.decode())
                        script(connected.sendall)
                except OSError:
                    return  # The client has left.

        def accept() -> None:
            while not heard.is_over.is_set():
                try:
                    connected, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connected,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield heard
        finally:
            heard.is_over.set()
            server.shutdown(socket.SHUT_RDWR)


@contextmanager
def full() -> Iterator[str]:
    """A server whose queue of connections is full: a further one is neither taken nor refused."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(server.getsockname())
        time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            for each in waiting:
                each.close()


def dripping(start: bytes, drop: bytes, seconds: float = 6.0) -> Callable[[Write], None]:
    """Writes `start`, then `drop` again and again, each well within any time limit for one read."""

    def script(write: Write) -> None:
        write(start)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            write(drop)
            time.sleep(0.03)

    return script
