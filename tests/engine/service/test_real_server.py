"""The service with the knowledge that it ships with, under gunicorn with two workers: what only processes show."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from cds_service.store import Database
from cds_service.store.tables import tokens
from tests.engine.calls import call
from tests.engine.service.around import BASE, ISSUER, Key, client_of, silent, site_of
from tests.engine.service.processes import BROKEN, Server, at_once, counted, holding, running, statuses

HICCUPS = "/cds-services/hiccups-patient-view"


# Production


@pytest.fixture(scope="module")
def key() -> Key:
    return Key()


@pytest.fixture(scope="module")
def production(key: Key, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("production")
    (folder / "keys.json").write_text(json.dumps({"keys": [key.jwk]}))
    site = f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_file = "{folder}/keys.json"\n'
    with running(folder, site, "production") as server:
        yield server


def token_for(server: Server, key: Key, **claims: int) -> str:
    return key.token(f"{BASE}{server.path}", None, **claims)


@pytest.mark.conformance("SE-14")
def test_a_token_is_accepted_once_by_all_workers_together(production: Server, key: Key) -> None:
    one, other = token_for(production, key), token_for(production, key)
    raced = at_once(20, lambda _: production.view(token=one))
    assert sorted(statuses(raced)) == [200] + [401] * 19
    in_turn = [production.view(token=other).status for _ in range(20)]
    assert in_turn == [200] + [401] * 19


def test_the_start_names_the_address_that_clients_call(production: Server) -> None:
    told = [line.rstrip() for line in production.said if line.startswith(("Services:", "Listening:", "Try it:"))]
    assert told == [f"Services:  {BASE}/cds-services", f"Listening: http://127.0.0.1:{production.port}"]


def test_the_counts_of_all_workers_add_up(production: Server, key: Key) -> None:
    before = counted(production)
    answers = at_once(10, lambda _: production.view(token=token_for(production, key)))
    answers += [production.view(token=token_for(production, key)) for _ in range(20)]
    assert statuses(answers) == [200] * 30
    assert counted(production) - before == 30


@pytest.mark.conformance("SE-12", "SE-13")
@pytest.mark.parametrize(
    ("skew", "status"),
    [(25, 200), (40, 401), (-25, 200), (-40, 401)],
    ids=["ahead within", "ahead beyond", "behind within", "behind beyond"],
)
def test_a_clock_may_differ_by_the_leeway_and_no_more(production: Server, key: Key, skew: int, status: int) -> None:
    """By the client's clock the token was issued this second, or ends with it."""
    theirs = int(time.time()) + skew
    claims = {"iat": theirs, "nbf": theirs, "exp": theirs + 60} if skew > 0 else {"iat": theirs - 60, "exp": theirs}
    assert production.view(token=token_for(production, key, **claims)).status == status


# Stopped and killed


def test_a_call_under_way_is_answered_before_the_server_stops(tmp_path: Path) -> None:
    with running(tmp_path) as server, holding(1.0) as (base, is_asked), ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(server.view, base, absent=["laboratory"]) for _ in range(4)]
        assert is_asked(4)
        server.process.send_signal(signal.SIGTERM)
        answers = [call.result() for call in calls]
        assert server.process.wait(10) == 0
    assert statuses(answers) == [200] * 4
    assert max(answer.seconds for answer in answers) >= 1
    assert len((tmp_path / "audit.jsonl").read_text().splitlines()) == 4


def test_calls_that_no_worker_has_taken_yet_are_answered_too(tmp_path: Path) -> None:
    body = json.dumps(call()).encode()
    with running(tmp_path) as server:
        head = f"POST {server.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        waiting = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(20)]
        for connection in waiting:
            connection.sendall(request)
        server.process.send_signal(signal.SIGTERM)
        answers = [connection.recv(12) for connection in waiting]
        assert server.process.wait(10) == 0
    assert answers == [b"HTTP/1.1 200"] * 20


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sandbox")) as server:
        yield server


def kill(workers: Sequence[int]) -> None:
    for worker in workers:
        os.kill(worker, signal.SIGKILL)


def test_a_killed_worker_breaks_its_calls_and_nothing_else(sandbox: Server) -> None:
    assert statuses(at_once(8, lambda _: sandbox.view())) == [200] * 8
    with holding(3.0) as (base, is_asked), ThreadPoolExecutor(1) as pool:
        held = pool.submit(sandbox.view, base, absent=["laboratory"])
        assert is_asked(1)
        kill(sandbox.workers())
        with pytest.raises(BROKEN):
            held.result(2)
    assert sandbox.view().status == 200
    _kill_under_load(sandbox)
    assert sandbox.view().status == 200
    assert sandbox.ask("GET", "/readyz").status == 200
    verified = sandbox.command("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def _kill_under_load(server: Server) -> None:
    """Kill one worker after the other while calls come in; those that it had under way break, no others fail."""
    answered, is_over = threading.Semaphore(0), threading.Event()

    def ask_on() -> set[int]:
        seen: set[int] = set()
        while not is_over.is_set():
            with suppress(*BROKEN):
                seen.add(server.view().status)
                answered.release()
        return seen

    with ThreadPoolExecutor(6) as pool:
        asking = [pool.submit(ask_on) for _ in range(6)]
        try:
            for _ in range(5):
                assert all(answered.acquire(timeout=10) for _ in range(20))
                kill(server.workers()[:1])
        finally:
            is_over.set()
        assert set().union(*(one.result(15) for one in asking)) == {200}


def test_feedback_that_was_acknowledged_outlives_a_kill(sandbox: Server) -> None:
    item: dict[str, Any] = {"card": "a-card", "outcome": "accepted", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    item["acceptedSuggestions"] = [{"id": "a-suggestion"}]
    assert sandbox.ask("POST", f"{sandbox.path}/feedback", {"feedback": [item]}).status == 200
    kill(sandbox.workers())
    report = sandbox.command("feedback", "report", "--entries", "--format", "json")
    assert report.returncode == 0, report.stderr
    assert [entry["outcome"] for entry in json.loads(report.stdout)] == ["accepted"]


# Too much, too full


def test_many_who_write_at_once_are_all_kept(tmp_path: Path) -> None:
    """SQLite has one writer at a time: those who come meanwhile wait for their turn, and none is passed over."""
    database, never = Database(f"sqlite:///{tmp_path}/store.db"), threading.Event()
    database.migrate()

    def keep(number: int) -> None:
        for turn in range(5):
            with database.writing() as connection:
                connection.execute(tokens.insert(), {"issuer": ISSUER, "jti": f"{number}-{turn}", "until": 0.0})
                never.wait(0.005)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(keep, range(16)))
    with database.transaction() as connection:
        assert len(connection.execute(select(tokens)).all()) == 80


def test_more_calls_than_places_are_told_so_and_nobody_waits(tmp_path: Path) -> None:
    with running(tmp_path, "[limits]\nrequests_in_flight = 2\n") as server, silent() as base:
        answers = at_once(40, lambda _: server.view(base, absent=["laboratory", "conditions", "procedures"]))
        assert server.view().status == 200
    assert set(statuses(answers)) == {200, 503}
    assert max(answer.seconds for answer in answers if answer) < 5
    shed = [answer for answer in answers if answer and answer.status == 503]
    assert 36 <= len(shed) < 40
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in shed)
    assert max(answer.seconds for answer in shed) < 2.5


def test_a_full_disk_under_the_audit_file_costs_no_card(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to("/dev/full")
    with running(tmp_path) as server:
        answers = [server.view() for _ in range(6)]
        metrics = server.ask("GET", "/metrics").body.decode()
    assert all("cards" in json.loads(answer.body) for answer in answers)
    assert 'cds_unavailable_total{place="audit"} 6.0' in metrics


def test_a_full_disk_under_the_store_costs_no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def fill(connection: Any, _: object) -> None:
        """SQLite says that the disk is full when the file would grow beyond the pages that it has."""
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(Engine, "connect", fill)
    try:
        client = client_of(site_of(""))
        item: dict[str, Any] = {"card": "c", "outcome": "overridden", "overrideReason": {"userComment": "no " * 1000}}
        for second in range(10):
            assert client.post(HICCUPS, json=call()).get_json()["cards"]
            item["outcomeTimestamp"] = f"2026-01-05T10:00:0{second}Z"
            answer = client.post(f"{HICCUPS}/feedback", json={"feedback": [item]})
            if answer.status_code != 200:
                break
        assert (answer.status_code, bool(answer.headers["Retry-After"])) == (503, True)
        assert client.post(HICCUPS, json=call()).get_json()["cards"]
    finally:
        event.remove(Engine, "connect", fill)
    assert 'cds_unavailable_total{place="store"}' in client.get("/metrics").text
