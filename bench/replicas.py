"""One replica and two behind nginx, with one PostgreSQL, and what callers see of a slow one: `make bench-replicas`.

Each replica has one worker, so that a machine of two cores shows what the second replica adds. Writes its tables into
docs/scaling.md. Needs nginx and PostgreSQL; everything runs on the loopback interface and ends by itself.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.contenders import VIEW, bodies
from bench.load import CONNECTIONS, Load, load
from bench.tokens import Signer, signer, site_file
from docs.readme import between
from tests.integration.instances import Instance, Nginx, status
from tests.integration.postgres_server import PostgresServer

PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"
ROUNDS, SECONDS = 3, 4
_TOKENS = 3_000
"""More than a round sends."""
_CALLS = 20
_SLOW = 0.3
_FROZEN = "frozen (it takes calls and answers none)"


def main() -> None:
    """Measure, and write the page's tables."""
    with tempfile.TemporaryDirectory() as name, PostgresServer.started() as database, ExitStack() as ends:
        folder = Path(name)
        made = bodies(folder, datetime.now(UTC).date())["small"].folder
        keys, url = signer(folder), database.database_url()
        sites = [site_file(one, keys.file, url) for one in _folders(folder)]
        replicas = [Instance(site, workers=1) for site in sites]
        nginx = Nginx(folder, *replicas)
        ends.callback(nginx.stop)
        for replica in replicas:
            ends.callback(replica.stop)
        rates = _rates(nginx, replicas[1], made, keys, folder)
        calls = _with_slow_store(nginx.port, made, keys, database, url)
    page = between(PAGE.read_text(encoding="utf-8"), "replicas", "\n".join(rates))
    PAGE.write_text(between(page, "slow", "\n".join(calls)), encoding="utf-8")
    print("\n".join([*rates, "", *calls]))


def _folders(folder: Path) -> Iterator[Path]:
    for name in ("first", "second"):
        (folder / name).mkdir()
        yield folder / name


def _rates(nginx: Nginx, second: Instance, made: Path, keys: Signer, folder: Path) -> list[str]:
    found: dict[str, list[Load]] = {"one": [], "two": []}
    for _ in range(ROUNDS):
        nginx.without(second)
        found["one"].append(_round(nginx.port, made, keys, folder))
        nginx.with_both()
        found["two"].append(_round(nginx.port, made, keys, folder))
    lines = [
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores for load, nginx, "
        f"PostgreSQL and replicas together, {CONNECTIONS} connections, small charts, RS384; medians of {ROUNDS} "
        "rounds.",
        "",
        "| replicas | requests a second | p50 ms | p99 ms | requests |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, rounds in found.items():
        rate, p50, p99 = (statistics.median(getattr(one, what) for one in rounds) for what in ("rate", "p50", "p99"))
        all = sum(one.requests for one in rounds)
        lines.append(f"| {name} | {rate:.0f} | {p50:.1f} | {p99:.1f} | {all:,}, each answered 200 |")
    return lines


def _round(port: str, made: Path, keys: Signer, folder: Path) -> Load:
    file = folder / "tokens"
    file.write_text("".join(f"{keys.token('RS384', VIEW)}\n" for _ in range(_TOKENS)))
    got = load(int(port), VIEW, made, SECONDS, file)
    if got.failed:
        raise SystemExit(f"{got.failed} of {got.requests} calls were not answered 200")
    return got


def _with_slow_store(port: str, made: Path, keys: Signer, database: PostgresServer, url: str) -> list[str]:
    """How calls one after the other are answered while the database is well, slow, frozen and well again."""
    name = url.partition("?")[0].rpartition("/")[2]
    lines = [
        "| database | answers | median s | longest s |",
        "| --- | --- | --- | --- |",
        _row("well", port, made, keys),
    ]
    with _slow(database, name):
        lines.append(_row(f"slow ({_SLOW:g} s for each token)", port, made, keys))
    with database.frozen():
        lines.append(_row(_FROZEN, port, made, keys))
    time.sleep(4)
    return [*lines, _row("well again, 4 s later", port, made, keys)]


def _row(what: str, port: str, made: Path, keys: Signer) -> str:
    answers: Counter[int] = Counter()
    times = []
    for number in range(1, _CALLS + 1):
        body, token = (made / f"{number}.json").read_bytes(), keys.token("RS384", VIEW)
        began = time.perf_counter()
        answers[status(port, VIEW, token, body)] += 1
        times.append(time.perf_counter() - began)
    told = ", ".join(f"{count} x {code}" for code, count in sorted(answers.items()))
    return f"| {what} | {told} | {statistics.median(times):.2f} | {max(times):.2f} |"


@contextmanager
def _slow(database: PostgresServer, name: str) -> Iterator[None]:
    database.psql(
        name,
        "CREATE FUNCTION slow() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep("
        f"{_SLOW}); RETURN NEW; END $$ LANGUAGE plpgsql; "
        "CREATE TRIGGER slow BEFORE INSERT ON tokens FOR EACH ROW EXECUTE FUNCTION slow();",
    )
    try:
        yield
    finally:
        database.psql(name, "DROP TRIGGER slow ON tokens")


if __name__ == "__main__":
    main()
