"""Measures the service, the floor and the peers in alternating rounds and writes `docs/performance.md`.

Everything runs on the loopback interface and ends by itself: rounds, seconds and connections are fixed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import guard, peers, report
from bench.contenders import Bodies, Comparison, Entry, audience_path, bodies, comparisons, contenders, fault_of
from bench.load import Load, load
from bench.report import Measured, Memory, Round, Run
from bench.server import Contender, Server, running
from bench.tokens import Signer, signer

ROUNDS, SECONDS = 5, 3
GUARD_ROUNDS, GUARD_SECONDS = 3, 2
_SPARE, _LEAST = 2, 300
"""Tokens for each request that a round is expected to send, and at least."""
_PARTS = 4


@dataclass(slots=True)
class Bench:
    """The servers that run, and what is sent to them."""

    servers: Mapping[str, Server]
    bodies: Mapping[str, Bodies]
    signer: Signer
    folder: Path
    seconds: int
    sent: Counter[str] = field(default_factory=Counter)

    def compare(self, comparison: Comparison, rounds: int) -> Measured:
        """All rounds of a comparison. The order turns with every round, so that a slow spell hits each alike."""
        rates = {entry.name: self._warm_up(entry) for entry in comparison.entries}
        found: dict[str, list[Round]] = {entry.name: [] for entry in comparison.entries}
        for number in range(rounds):
            turn = number % len(comparison.entries)
            for entry in comparison.entries[turn:] + comparison.entries[:turn]:
                found[entry.name].append(self._round(entry, rates[entry.name]))
        return Measured(comparison, found, self.bodies[comparison.entries[0].bodies].kilobytes)

    def _warm_up(self, entry: Entry) -> float:
        """Check two answers, then a second of load; requests a second."""
        answers = [self._ask(entry, number) for number in (1, 2)]
        if fault := fault_of(entry, answers):
            raise SystemExit(f"{entry.name} at {entry.path}: {fault}")
        return self._load(entry, 1, 3000).rate

    def _ask(self, entry: Entry, number: int) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.servers[entry.server].port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if entry.algorithm:
            headers["Authorization"] = f"Bearer {self.signer.token(entry.algorithm, audience_path(entry))}"
        body = (self.bodies[entry.bodies].folder / f"{number}.json").read_bytes()
        connection.request("POST", entry.path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            raise SystemExit(f"{entry.name} at {entry.path} answered {response.status}: {answer[:500]!r}")
        return answer

    def soak(self, entry: Entry, requests: int) -> list[tuple[int, float]]:
        """Send so many in four parts; the requests that the server has had after each, and its memory in MB."""
        rate, until, found = self._warm_up(entry), self.sent[entry.server], []
        for _ in range(_PARTS):
            until += requests // _PARTS
            while self.sent[entry.server] < until:
                self._round(entry, rate)
            if (memory := self.servers[entry.server].memory()) is not None:
                found.append((self.sent[entry.server], memory))
        return found

    def _round(self, entry: Entry, rate: float) -> Round:
        server = self.servers[entry.server]
        tokens = self._tokens(entry, max(round(rate * self.seconds * _SPARE), _LEAST))
        before = server.cpu_seconds()
        got = self._load(entry, self.seconds, tokens=tokens)
        after = server.cpu_seconds()
        used = None if before is None or after is None else 1000 * (after - before) / got.requests
        return Round(got, used)

    def _load(self, entry: Entry, seconds: int, count: int = 0, tokens: Path | None = None) -> Load:
        port, folder = self.servers[entry.server].port, self.bodies[entry.bodies].folder
        got = load(port, entry.path, folder, seconds, tokens or self._tokens(entry, count))
        if got.failed:
            raise SystemExit(f"{entry.name} at {entry.path}: {got.failed} of {got.requests} requests failed")
        self.sent[entry.server] += got.requests
        return got

    def _tokens(self, entry: Entry, count: int) -> Path | None:
        """A file of new tokens. The floor takes one again and again, and gets a few."""
        if not entry.algorithm:
            return None
        count = count if entry.server == "production" else 10
        path = audience_path(entry)
        file = self.folder / "tokens"
        file.write_text("".join(f"{self.signer.token(entry.algorithm, path)}\n" for _ in range(count)))
        return file


def main() -> None:
    """Run the whole benchmark; fails if any answer was not 200 or not the one expected."""
    arguments = _arguments()
    if arguments.guard:
        _guard()
        return
    today = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_servers:
        folder = Path(name)
        made, keys = bodies(folder, today), signer(folder)
        peer, left_out = _peer()
        stages = {size: _stages(made[size].folder, folder) for size in ("small", "large")}
        servers = _started(contenders(folder, keys.file, peer), open_servers)
        bench = Bench(servers, made, keys, folder, arguments.seconds)
        ours = {name: _ready(servers[name]) for name in ("sandbox", "production")}
        measured, compared = [], comparisons(peer is not None)
        for comparison in compared:
            measured.append(bench.compare(comparison, arguments.rounds))
            _show(measured[-1])
        memory = []
        for name, ready in ours.items():
            after = servers[name].memory()
            if ready is None or after is None:
                continue
            readings = [(bench.sent[name], after)]
            if arguments.soak:
                first = next(entry for one in compared for entry in one.entries if entry.server == name)
                readings += bench.soak(first, arguments.soak)
            memory.append(Memory(f"{servers[name].contender.name}, {name}", *ready, readings))
    run = Run(measured, stages, memory, arguments.rounds, arguments.seconds, left_out)
    report.write(run)
    guard.keep(measured)
    print(f"\nwritten: {report.PAGE}, {report.CHART}")


def _guard() -> None:
    """The sandbox profile beside the floor, shortly; fails where the service became slower."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_servers:
        folder = Path(name)
        made, keys = bodies(folder, datetime.now(UTC).date()), signer(folder)
        wanted = [one for one in comparisons(has_peer=False) if one.entries[-1].server == "floor"]
        named = {entry.server for one in wanted for entry in one.entries}
        there = {name: one for name, one in contenders(folder, keys.file, None).items() if name in named}
        servers = _started(there, open_servers)
        bench = Bench(servers, made, keys, folder, GUARD_SECONDS)
        measured = [bench.compare(comparison, GUARD_ROUNDS) for comparison in wanted]
    for one in measured:
        _show(one)
    if slower := list(guard.faults(measured)):
        raise SystemExit("\n".join(["slower than before:", *slower]))


def _ready(server: Server) -> tuple[float, float] | None:
    """Its memory in MB and the processor time that it has used, before the first request."""
    memory, used = server.memory(), server.cpu_seconds()
    return None if memory is None or used is None else (memory, used)


def _started(there: Mapping[str, Contender], until: ExitStack) -> dict[str, Server]:
    return {name: until.enter_context(running(contender)) for name, contender in there.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, choices=range(1, 21), metavar="1..20")
    parser.add_argument("--seconds", type=int, default=SECONDS, choices=range(1, 31), metavar="1..30")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="send N requests more and watch the memory")
    parser.add_argument("--guard", action="store_true", help="compare shortly with what was measured before")
    return parser.parse_args()


def _peer() -> tuple[Path | None, Sequence[str]]:
    if os.environ.get("PEERS") != "1":
        return None, ["HealthChain (PEERS=1 measures it beside the others)"]
    try:
        return peers.healthchain(), []
    except peers.NotHere as error:
        return None, [f"HealthChain, which could not be installed ({error})"]


def _stages(made: Path, folder: Path) -> dict[str, float]:
    """In a process of its own, since it changes what it times."""
    command = [sys.executable, "-m", "bench.stages", str(made)]
    environment = {**os.environ, "CDS_PROFILE": "sandbox", "CDS_CONFIG": str(folder / "stages.toml")}
    (folder / "stages.toml").write_text(f'[store]\nurl = "sqlite:///{folder / "stages.db"}"\n')
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
    found: dict[str, float] = json.loads(printed)
    return found


def _show(measured: Measured) -> None:
    print(f"\n{measured.comparison.title}, {measured.kilobytes:,.0f} kB", flush=True)
    for name in measured.rounds:
        ratio, cpu = measured.ratio(name), measured.cpu(name)
        over = "" if ratio is None else f"{ratio:8.2f} x"
        used = "" if cpu is None else f"{cpu:9.2f} ms"
        print(f"  {name:28}{measured.rate(name):10,.0f} /s{used}{over}", flush=True)


if __name__ == "__main__":
    main()
