"""Starts a server on a free port of the loopback interface, says how much processor time it used, and ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Contender:
    """What is measured: its name, how it is started (without the port), and the path that takes the body."""

    name: str
    arguments: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Server:
    """A contender that is running. `group` is the process group of all its workers."""

    contender: Contender
    port: int
    group: int

    def cpu_seconds(self) -> float | None:
        """Processor time that all its processes have used so far; None where /proc does not tell."""
        if not Path("/proc/self/stat").exists():
            return None
        ticks = [_ticks(folder / "stat", self.group) for folder in Path("/proc").glob("[0-9]*")]
        return sum(ticks) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(contender: Contender, environment: Mapping[str, str]) -> Iterator[Server]:
    """The contender, started and answering; it is ended with its workers afterwards."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *_with_port(contender.arguments, port)],
        env={**os.environ, **environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield Server(contender, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _with_port(arguments: Sequence[str], port: int) -> list[str]:
    return [argument.replace("{port}", str(port)) for argument in arguments]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a server ended while starting, with code {process.returncode}")
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"a server did not listen within {START_SECONDS} s")


def _ticks(stat: Path, group: int) -> int:
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:  # the process has ended meanwhile
        return 0
    return int(fields[11]) + int(fields[12]) if int(fields[2]) == group else 0
