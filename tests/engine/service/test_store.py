"""What is kept before the answer and what a moment later, in one process and between two."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from cds_service.store import Database, FeedbackItem, Shown, Store, StoreUnavailable
from cds_service.store.database import FAILURES, REST
from cds_service.store.later import MOST, Later
from tests.engine.calls import call
from tests.engine.service.around import client_of, site_of
from tests.engine.service.processes import ROOT, Answer, Server, at_once, running, statuses

PATH = "/cds-services/hiccups-patient-view"
SHOWN = Shown("card-1", 1_700_000_000.0, "service", "patient-view", "water", "info", "W-1", "1.0", likeness="alike")
HEARD = FeedbackItem("card-1", "overridden", "2026-01-05T10:00:00Z", comment="no")


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path}/store.db"
    Database(made).migrate()
    return made


def kept(url: str) -> int:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        found: int = connection.execute("SELECT count(*) FROM cards").fetchone()[0]
        return found


def test_cards_shown_are_kept_within_a_second_and_nobody_waits_for_it(url: str) -> None:
    store = Store(Database(url))
    begun = time.monotonic()
    store.remember_shown([SHOWN])
    assert time.monotonic() - begun < 0.1
    assert kept(url) == 0
    while not kept(url):
        assert time.monotonic() - begun < 1.5
        time.sleep(0.02)
    store.remember_shown([replace(SHOWN, uuid="card-2")])
    while kept(url) == 1:
        assert time.monotonic() - begun < 3
        time.sleep(0.02)


def test_a_process_sees_its_own_cards_at_once(url: str) -> None:
    store = Store(Database(url))
    store.remember_shown([SHOWN])
    assert store.likenesses_since(["alike", "other"], SHOWN.shown) == {"alike"}
    assert store.likenesses_since(["alike"], SHOWN.shown + 1) == frozenset()
    assert store.likenesses_since(["other"], SHOWN.shown) == frozenset()
    assert store.shown_counts() == {("2023-11", "water", "W-1"): 1}


def test_feedback_that_comes_at_once_is_on_a_card_that_was_issued(url: str) -> None:
    store = Store(Database(url))
    store.remember_shown([SHOWN])
    store.keep_feedback([HEARD], "service", "")
    (row,) = Store(Database(url)).feedback()
    assert (row.is_issued, row.rules) == (True, "W-1")
    assert store.put_aside(["alike"]) == {"alike"}


def test_feedback_that_another_process_heard_first_is_too_as_soon_as_the_card_is_kept(url: str) -> None:
    shower, hearer = Store(Database(url)), Store(Database(url))
    shower.remember_shown([SHOWN])
    hearer.keep_feedback([HEARD, replace(HEARD, card="never-issued")], "service", "")
    assert hearer.put_aside(["alike"]) == frozenset()
    assert sum(shower.shown_counts().values()) == 1
    assert {row.item.card: row.is_issued for row in hearer.feedback()} == {"card-1": True, "never-issued": False}
    assert hearer.put_aside(["alike"]) == {"alike"}


def test_ended_tokens_are_deleted_piece_by_piece_and_no_other(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds_service.store.random.random", lambda: 0.0)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        rows = [("https://ehr.test", f"j{number}", 100.0 if number < 2500 else 300.0) for number in range(2510)]
        connection.executemany("INSERT INTO tokens VALUES (?, ?, ?)", rows)
    store = Store(Database(url), now=lambda: 200.0)
    counts = []
    for number in range(4):
        assert store.first_use("https://ehr.test", f"new-{number}", 300.0)
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            counts.append(connection.execute("SELECT count(*) FROM tokens WHERE until < 200").fetchone()[0])
    assert counts == [1500, 500, 0, 0]
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT count(*) FROM tokens").fetchone()[0] == 14


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000])
def test_all_that_is_old_is_deleted_whatever_its_number(url: str, count: int) -> None:
    store = Store(Database(url))
    store.keep_shown([replace(SHOWN, uuid=f"card-{number}", shown=5.0) for number in range(count)])
    store.keep_shown([replace(SHOWN, uuid="kept", shown=10.0)])
    assert store.delete_before(10.0) == count
    assert kept(url) == 1


def fail(database: Database) -> None:
    with pytest.raises(StoreUnavailable), database.transaction() as connection:
        connection.execute(text("SELECT * FROM nothing"))


def answers(database: Database) -> bool:
    try:
        with database.transaction() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar())
    except StoreUnavailable:
        return False


def test_a_database_is_left_alone_after_three_failures_in_a_row_and_not_after_one(url: str) -> None:
    seconds = 50.0
    database = Database(url, clock=lambda: seconds)
    for _ in range(5):
        fail(database)
        fail(database)
        assert answers(database)
    for _ in range(FAILURES):
        fail(database)
    assert not answers(database)
    seconds += REST - 0.1
    assert not answers(database)
    seconds += 0.2
    fail(database)  # It is tried once more.
    assert not answers(database)
    seconds += REST + 0.1
    assert answers(database)
    fail(database)
    assert answers(database)


def test_what_a_database_refuses_of_its_contents_is_no_sign_that_it_is_down(url: str) -> None:
    store = Store(Database(url))
    store.keep_shown([SHOWN])
    for _ in range(2 * FAILURES):
        with pytest.raises(StoreUnavailable):
            store.keep_shown([SHOWN])
    store.keep_shown([replace(SHOWN, uuid="card-2")])


def test_what_a_database_does_not_take_is_lost_and_said_so() -> None:
    told: list[StoreUnavailable] = []

    def refuse(_: object) -> None:
        raise StoreUnavailable

    later: Later[int] = Later(refuse, told.append)
    later.add([1, 2])
    later.flush()
    assert (len(told), later.waiting()) == (1, [])


def test_no_more_rows_wait_than_can_be_held() -> None:
    told: list[StoreUnavailable] = []
    is_slow = threading.Event()
    later: Later[int] = Later(lambda _: is_slow.wait(10) and None, told.append)
    later.add(range(MOST - 1))
    later.add([1])
    assert told == []
    later.add([2])
    assert (len(told), len(later.waiting())) == (1, MOST)
    is_slow.set()


def test_rows_are_found_until_they_are_kept() -> None:
    seen: list[list[int]] = []
    later: Later[int] = Later(lambda _: seen.append(later.waiting()), lambda _: None)
    later.add([1, 2])
    later.flush()
    assert (seen, later.waiting()) == ([[1, 2]], [])


def losses(client: FlaskClient) -> float:
    found = re.search(r'cds_unavailable_total\{place="store"\} (\S+)', client.get("/metrics").text)
    return float(found[1]) if found else 0


def test_a_store_that_is_down_costs_no_card_and_is_counted() -> None:
    client = client_of(site_of('[store]\nurl = "sqlite:///no/such/folder/x.db"\n'))
    before, end = losses(client), time.monotonic() + 3
    assert client.post(PATH, json=call()).get_json()["cards"]
    while losses(client) == before:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_cards_shown_are_kept_before_a_server_stops(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert statuses(at_once(10, lambda _: card_of(server))) == [200] * 10
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(9) == 0
    assert kept(f"sqlite:///{tmp_path}/store.db") >= 10


def card_of(server: Server) -> Answer:
    """A call that gets cards: that of the first example that does."""
    answers = sorted((ROOT / "fhir_examples").glob("*/cards-patient-view.json"))
    answer = next(path for path in answers if json.loads(path.read_text()))
    return server.ask("POST", server.path, json.loads(answer.with_name("patient-view.json").read_text()))
