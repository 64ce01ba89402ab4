"""Load on one address of this machine for a few seconds: with wrk where it is installed, else with threads.

The threads share one interpreter, so they reach their own limit before a fast server reaches its; the report says
which generator was used, and figures of the two must not be compared.
"""

from __future__ import annotations

import http.client
import itertools
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8
_WRK_RESULT = re.compile(r"RESULT requests=(\d+) seconds=([\d.]+) p50=([\d.]+) p99=([\d.]+) failed=(\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    """What one round gave; latencies in milliseconds. `failed` counts answers other than 200."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def generator() -> str:
    """Which generator this machine has."""
    return f"wrk -t1 -c{CONNECTIONS}" if shutil.which("wrk") else f"{CONNECTIONS} Python threads"


def load(port: int, path: str, bodies: Path, seconds: int, tokens: Path | None = None) -> Load:
    """POST the bodies of a folder in turn over kept connections, each with the next token where there are any."""
    address = f"http://127.0.0.1:{port}{path}"
    return (
        _wrk(address, bodies, seconds, tokens) if shutil.which("wrk") else _threads(port, path, bodies, seconds, tokens)
    )


def _wrk(address: str, bodies: Path, seconds: int, tokens: Path | None) -> Load:
    script = Path(__file__).with_name("post.lua")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), address, "--", str(bodies)]
    command += [str(tokens)] if tokens else []
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = _WRK_RESULT.search(printed)
    if found is None:
        raise SystemExit(f"wrk printed no result:\n{printed}")
    return Load(int(found[1]), float(found[2]), float(found[3]), float(found[4]), int(found[5]))


def _threads(port: int, path: str, bodies: Path, seconds: int, tokens: Path | None) -> Load:
    contents = [file.read_bytes() for file in sorted(bodies.glob("*.json"))]
    bearers = [f"Bearer {line}" for line in tokens.read_text().splitlines()] if tokens else []
    turn = itertools.count()
    times: list[float] = []
    failed: list[int] = []
    end = time.perf_counter() + seconds

    def post() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (began := time.perf_counter()) < end:
            at = next(turn)
            headers = {"Content-Type": "application/json"}
            if bearers:
                headers["Authorization"] = bearers[at % len(bearers)]
            connection.request("POST", path, contents[at % len(contents)], headers)
            response = connection.getresponse()
            response.read()
            times.append(time.perf_counter() - began)
            if response.status != 200:
                failed.append(response.status)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return Load(len(times), seconds, 1000 * times[len(times) // 2], 1000 * times[len(times) * 99 // 100], len(failed))
