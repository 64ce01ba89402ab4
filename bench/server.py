"""Starts a server on a free port of this machine, says what processor time and memory it used, and ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that is measured: its name, and how it is started (without the port)."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


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
        ticks = [sum(map(int, fields[11:13])) for fields in _stats(self.group).values()]
        return sum(ticks) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float | None:
        """Memory of all its processes in MB, what they share counted once (PSS); None where /proc does not tell."""
        rollups = [folder / "smaps_rollup" for folder in _stats(self.group)]
        sizes = [size for rollup in rollups if (size := _proportional(rollup)) is not None]
        return sum(sizes) / 1000 if sizes else None


@contextmanager
def running(contender: Contender) -> Iterator[Server]:
    """The contender, started and answering; it is ended with its workers afterwards."""
    port = _free_port()
    process = subprocess.Popen(
        _with_port(contender.command, port),
        env={**_environment(), **contender.environment, "PORT": str(port)},
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


def _environment() -> dict[str, str]:
    """Without the setting that has Python compile every module at every start, as installed ones are not."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


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


def _stats(group: int) -> dict[Path, list[str]]:
    """The fields behind the name in `/proc/PID/stat`, for every process of a group."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # the process has ended meanwhile
            continue
        if int(fields[2]) == group:
            found[folder] = fields
    return found


def _proportional(rollup: Path) -> int | None:
    """kB; None where the process has ended."""
    try:
        lines = rollup.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), None)
