"""The store on PostgreSQL keeps its promises: once means once, kept means kept, and down is said at once."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cds_service.app import create_app
from cds_service.main import NAMESPACE
from cds_service.parts import parts_of
from cds_service.settings import Settings
from cds_service.site import Site
from cds_service.site.service_tables import StoreTable
from cds_service.store import Database, FeedbackItem, Shown, Store, StoreUnavailable
from cds_service.store.database import SILENT
from fhir_examples.example import load
from hooks.anti_mag import KNOWLEDGE
from tests.integration.postgres_server import PostgresServer

ROOT = Path(__file__).parents[2]
THREADS = 8
SHOWN = Shown("card-1", 1_700_000_000.0, "service", "patient-view", "igm", "info", "MO-1", "1.0", likeness="alike")
OVERRIDDEN = FeedbackItem("card-1", "overridden", "2026-01-05T10:00:00Z", reason_code="notNow")


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.database_url()


@pytest.fixture
def store(url: str) -> Store:
    database = Database(url)
    database.migrate()
    return Store(database)


def test_host_name_and_password_may_stand_in_a_service_file(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = psycopg.conninfo.conninfo_to_dict(url)
    lines = [f"{name}={where[name]}" for name in ("host", "dbname", "user")]
    (tmp_path / "database.conf").write_text("\n".join(["[cds]", *lines, "password=any"]))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "database.conf"))
    database = Database("postgresql+psycopg:///?service=cds")
    database.migrate()
    assert database.state() == "ok"
    assert Database(url).state() == "ok", "the same one"


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What `work` gives in each of eight threads that begin together."""
    start = Barrier(THREADS)

    def begun(number: int) -> Any:
        start.wait(10)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begun, range(THREADS)))


def processes(script: str, *arguments: str) -> list[str]:
    """What four processes print that wait for each other before their work."""
    waiting = "import sys; print('here', flush=True); sys.stdin.readline()\n"
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", f"from cds_service.store import Database, Store\n{waiting}{script}", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in begun:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
    for process in begun:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = []
    for process in begun:
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        answers.append(out.strip())
    return answers


def test_several_processes_migrate_an_empty_database_at_once(url: str) -> None:
    script = "database = Database(sys.argv[1]); database.migrate(); print(database.state() == 'ok')"
    assert processes(script, url) == ["True"] * 4
    Store(Database(url)).keep_shown([SHOWN])


def test_migrating_again_keeps_what_is_there(store: Store) -> None:
    store.keep_shown([SHOWN])
    store.database.migrate()
    assert sum(store.shown_counts().values()) == 1


def test_a_database_without_tables_is_not_ready(url: str) -> None:
    assert Database(url).state() != "ok"


def test_a_database_without_an_encoding_of_its_own_serves_as_well(postgres: PostgresServer) -> None:
    """What a cluster is given that was made where no locale was set."""
    database = Database(postgres.database_url("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
    database.migrate()
    store = Store(database)
    store.keep_feedback([replace(OVERRIDDEN, comment="später")], "service", "")
    assert [row.item.comment for row in store.feedback()] == ["später"]


def test_a_token_is_new_for_exactly_one_of_eight_threads(store: Store) -> None:
    def used(_: int) -> list[bool]:
        return [store.first_use("https://ehr.example.org", f"token-{token}", 2e9) for token in range(20)]

    uses = at_once(used)
    assert [sum(thread[token] for thread in uses) for token in range(20)] == [1] * 20


@pytest.mark.usefixtures("store")
def test_a_token_is_new_for_exactly_one_of_four_processes(url: str) -> None:
    script = """store = Store(Database(sys.argv[1]))
print(sum(store.first_use('https://ehr.example.org', f'token-{number}', 2e9) for number in range(50)))"""
    assert sum(map(int, processes(script, url))) == 50


def test_a_token_of_another_issuer_is_another_token(store: Store) -> None:
    assert store.first_use("https://ehr.example.org", "same", 2e9)
    assert store.first_use("https://other.example.org", "same", 2e9)


def test_a_used_token_is_remembered_through_a_crash(store: Store, postgres: PostgresServer, url: str) -> None:
    assert store.first_use("https://ehr.example.org", "before the crash", 2e9)
    postgres.stop("immediate")
    postgres.start()
    assert not Store(Database(url)).first_use("https://ehr.example.org", "before the crash", 2e9)


def test_feedback_that_is_sent_twice_is_kept_once(store: Store) -> None:
    store.keep_shown([SHOWN])
    for _ in range(2):
        store.keep_feedback([OVERRIDDEN], "service", "")
    (row,) = store.feedback()
    assert (row.item, row.is_issued, row.rules) == (OVERRIDDEN, True, "MO-1")


def test_feedback_that_eight_threads_send_is_kept_once(store: Store) -> None:
    items = [replace(OVERRIDDEN, card=f"card-{number}") for number in range(10)]
    at_once(lambda number: store.keep_feedback(items if number % 2 else items[::-1], "service", ""))
    assert sorted(row.item.card for row in store.feedback()) == sorted(item.card for item in items)


def test_a_batch_that_cannot_be_kept_whole_is_not_kept_in_part(store: Store) -> None:
    too_long = replace(OVERRIDDEN, outcome="x" * 100)
    with pytest.raises(StoreUnavailable):
        store.keep_feedback([OVERRIDDEN, too_long], "service", "")
    assert list(Store(Database(store.database._url)).feedback()) == []


def test_cards_put_aside_and_cards_seen_are_told_by_their_likeness(store: Store) -> None:
    store.keep_shown([SHOWN, replace(SHOWN, uuid="card-2", likeness="other")])
    store.keep_feedback([OVERRIDDEN], "service", "")
    assert store.put_aside(["alike", "other"]) == {"alike"}
    assert store.likenesses_since(["alike", "other", "unseen"], SHOWN.shown) == {"alike", "other"}
    assert store.likenesses_since(["alike"], SHOWN.shown + 1) == frozenset()
    assert store.shown_counts() == {("2023-11", "igm", "MO-1"): 2}


def test_what_is_older_than_a_moment_can_be_deleted(store: Store) -> None:
    store.keep_shown([SHOWN, replace(SHOWN, uuid="card-2", shown=SHOWN.shown + 10)])
    assert store.delete_before(SHOWN.shown + 5) == 1
    assert sum(store.shown_counts().values()) == 1


def open_now(url: str) -> int:
    """Connections to the database of `url`, without the one that asks."""
    with psycopg.connect(plain(url)) as connection:
        wanted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        (count,) = connection.execute(wanted).fetchone() or (0,)
        return int(count)


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def test_a_process_has_no_more_connections_than_the_site_says_and_the_one_that_migrates_has_none(url: str) -> None:
    database = Database(url, connections=2)
    database.migrate()
    assert open_now(url) == 0
    store, seen = Store(database), []

    def use(number: int) -> None:
        for turn in range(5):
            assert store.first_use("issuer", f"{number}-{turn}", 1e12)
            if number == 0:
                seen.append(open_now(url))

    at_once(use)
    assert max(seen) == 2


def connection_to(url: str) -> psycopg.Connection | None:
    """None where the server has too many clients."""
    try:
        return psycopg.connect(plain(url))
    except psycopg.OperationalError:
        return None


def test_ended_tokens_are_deleted_and_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.first_use("issuer", "ended", 1.0)
    assert store.first_use("issuer", "good", 1e12)
    monkeypatch.setattr("cds_service.store.random.random", lambda: 0.0)
    assert store.first_use("issuer", "another", 1e12)
    assert store.first_use("issuer", "ended", 1e12)
    assert not store.first_use("issuer", "good", 1e12)


def test_a_server_without_a_free_connection_is_asked_again_at_once(url: str) -> None:
    store = Store(Database(url))
    store.database.migrate()
    with ExitStack() as stack:
        while (another := connection_to(url)) is not None:
            stack.enter_context(another)
        with pytest.raises(StoreUnavailable):
            store.keep_shown([SHOWN])
    store.keep_shown([SHOWN])
    assert sum(store.shown_counts().values()) == 1


def test_a_server_that_is_down_is_said_at_once_and_one_that_is_back_is_used(postgres: PostgresServer, url: str) -> None:
    seconds = 0.0
    database = Database(url, clock=lambda: seconds)
    database.migrate()
    store = Store(database)
    postgres.stop()
    try:
        with pytest.raises(StoreUnavailable):
            store.keep_shown([SHOWN])
        assert database.state() != "ok"
    finally:
        postgres.start()
    seconds = 60.0
    store.keep_shown([SHOWN])
    assert sum(store.shown_counts().values()) == 1


def test_a_server_that_is_silent_is_given_up_and_left_alone(postgres: PostgresServer, url: str) -> None:
    now = 0.0
    database = Database(url, clock=lambda: now)
    database.migrate()
    store = Store(database)
    store.keep_shown([SHOWN])
    with postgres.frozen():
        assert _seconds_until_refused(store) < SILENT + 2 + 1  # What is due, then a new connection, and some.
        assert _seconds_until_refused(store) < 0.5
    now = 60.0
    store.keep_shown([replace(SHOWN, uuid=str(uuid4()))])
    assert sum(store.shown_counts().values()) == 2


def _seconds_until_refused(store: Store) -> float:
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.keep_shown([replace(SHOWN, uuid=str(uuid4()))])
    return time.monotonic() - began


def test_feedback_over_http_is_in_the_report_of_the_command_line(url: str, tmp_path: Path) -> None:
    parts = parts_of(Site(store=StoreTable(url=url)), "sandbox")
    client = create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], parts=parts).test_client()
    services = {service["hook"]: service["id"] for service in client.get("/cds-services").get_json()["services"]}
    path = f"/cds-services/{services['patient-view']}"
    example = load("first_line_rituximab")
    card, *_ = client.post(path, json=example.request(example.calls[0])).get_json()["cards"]
    feedback = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    for _ in range(2):
        answer = client.post(f"{path}/feedback", json={"feedback": [feedback]})
        assert (answer.status_code, answer.get_json()) == (200, {"stored": 1, "rejected": 0})
    (tmp_path / "site.toml").write_text(f'[store]\nurl = "{url}"\n')
    command = [sys.executable, "-m", "cds_service.cli", "feedback", "report", "--entries", "--format", "csv"]
    said = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "CDS_CONFIG": str(tmp_path / "site.toml")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (entry,) = csv.DictReader(io.StringIO(said.stdout))
    assert (entry["outcome"], entry["card"], entry["issued"]) == ("overridden", card["uuid"], "yes")
    assert entry["rule"]
