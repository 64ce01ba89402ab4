"""Measures the service and the floor in alternating rounds and prints medians and ratios.

Everything runs on the loopback interface and ends by itself: rounds, seconds and connections are fixed.
"""

from __future__ import annotations

import os
import platform
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import requests

from bench.load import CONNECTIONS, Load, generator, load
from bench.patient import LARGE, SMALL, body
from bench.server import Contender, Server, running

ROUNDS = 5
SECONDS = 4
WORKERS = 2

_FLOOR = ("gunicorn", "bench.floor:app", "--workers", str(WORKERS), "--bind", "127.0.0.1:{port}")
CONTENDERS = (
    Contender(
        "cds-service", ("cds_service.cli", "serve", "--workers", str(WORKERS)), "/cds-services/anti-mag-patient-view"
    ),
    Contender("floor, same server", (*_FLOOR, "--config", "python:cds_service.web.gunicorn_conf"), "/floor"),
    Contender("floor, sync workers", _FLOOR, "/floor"),
)


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement: the load, and the server's processor time in milliseconds a request."""

    load: Load
    cpu: float | None


def main() -> None:
    """Run the whole benchmark; fails if any answer was not 200 or the service had no card to give."""
    today = datetime.now(UTC).date()
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores shared with the load"
    )
    print(f"{WORKERS} workers each, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s, load by {generator()}")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_servers:
        servers = [
            open_servers.enter_context(running(contender, {"CDS_PROFILE": "sandbox"})) for contender in CONTENDERS
        ]
        for size in (SMALL, LARGE):
            file = Path(folder) / f"{size}.json"
            file.write_bytes(body(size, today))
            print(f"\n{size} resources, {file.stat().st_size / 1000:.0f} kB; cards: {_cards(servers[0], file)}")
            _report(servers, _rounds(servers, file))


def _cards(server: Server, file: Path) -> str:
    address = f"http://127.0.0.1:{server.port}{server.contender.path}"
    response = requests.post(address, file.read_bytes(), headers={"Content-Type": "application/json"}, timeout=30)
    cards = response.json().get("cards") if response.status_code == 200 else None
    if not cards:
        raise SystemExit(f"the service answered {response.status_code} without cards: {response.text[:500]}")
    return ", ".join(card["source"]["topic"]["code"] for card in cards)


def _rounds(servers: list[Server], file: Path) -> dict[str, list[Round]]:
    """All rounds by contender. The order turns with every round, so that a slow spell hits each alike."""
    measured: dict[str, list[Round]] = {server.contender.name: [] for server in servers}
    for server in servers:
        load(server.port, server.contender.path, file, 1)
    for number in range(ROUNDS):
        turn = number % len(servers)
        for server in servers[turn:] + servers[:turn]:
            measured[server.contender.name].append(_round(server, file))
    return measured


def _round(server: Server, file: Path) -> Round:
    before = server.cpu_seconds()
    got = load(server.port, server.contender.path, file, SECONDS)
    after = server.cpu_seconds()
    if got.failed:
        raise SystemExit(f"{server.contender.name}: {got.failed} of {got.requests} requests failed")
    used = None if before is None or after is None else 1000 * (after - before) / got.requests
    return Round(got, used)


def _report(servers: list[Server], measured: dict[str, list[Round]]) -> None:
    print(f"{'':22}{'requests/s (range)':>26}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'ratio':>8}")
    own = median(round.load.rate for round in measured[servers[0].contender.name])
    for name, rounds in measured.items():
        rates = [round.load.rate for round in rounds]
        cpu = [round.cpu for round in rounds if round.cpu is not None]
        shown = f"{median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
        p50, p99 = median(round.load.p50 for round in rounds), median(round.load.p99 for round in rounds)
        used = f"{median(cpu):.2f}" if cpu else "-"
        print(f"{name:22}{shown:>26}{p50:>9.1f}{p99:>9.1f}{used:>9}{own / median(rates):>8.2f}")
    print("ratio: requests/s of cds-service over those of the line")


if __name__ == "__main__":
    main()
