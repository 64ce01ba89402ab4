"""Feedback is kept once it is acknowledged, whatever variant a client sends, and reported rule by rule."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from cds_service.cli import main
from cds_service.protocol.feedback import read_feedback, utc
from tests.engine.calls import call
from tests.engine.service.around import client_of, site_of

PATH = "/cds-services/hiccups-patient-view"
TIME = "2026-01-05T10:00:00Z"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text("")
    monkeypatch.setenv("CDS_CONFIG", "site.toml")


@pytest.fixture
def client() -> FlaskClient:
    return client_of(site_of(""))


def reported(client: FlaskClient, *items: object) -> TestResponse:
    return client.post(f"{PATH}/feedback", json={"feedback": list(items)})


def item(card: object = "c-1", outcome: object = "overridden", **more: Any) -> dict[str, Any]:
    return {"card": card, "outcome": outcome, "outcomeTimestamp": TIME, **more}


def report(*options: str) -> str:
    result = CliRunner().invoke(main, ["feedback", "report", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def entries() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report("--entries", "--format", "csv"))))


def within_a_second(ask: Callable[[], Any], is_so: Callable[[Any], bool]) -> Any:
    """What is said once that is so: cards shown are kept after their answer."""
    end = time.monotonic() + 1.5
    while not is_so(said := ask()):
        assert time.monotonic() < end, said
        time.sleep(0.05)
    return said


@pytest.mark.conformance("FB-01", "FB-02", "FB-05", "FB-07", "FB-10", "FB-12")
def test_feedback_is_linked_to_the_card_that_was_shown(client: FlaskClient) -> None:
    (card,) = client.post(PATH, json=call()).get_json()["cards"]
    suggestion = card["suggestions"][0]["uuid"]
    reason = {"reason": {"system": "urn:x", "code": "notNow", "display": "Not now"}, "userComment": "later"}
    answer = reported(
        client,
        item(card["uuid"], "accepted", acceptedSuggestions=[{"id": suggestion}]),
        item(card["uuid"], overrideReason=reason),
    )
    assert (answer.status_code, answer.get_json()) == (200, {"stored": 2, "rejected": 0})
    accepted, overridden = entries()
    assert (accepted["rule"], accepted["outcome"], accepted["acceptedSuggestions"]) == ("W-1", "accepted", suggestion)
    assert (overridden["reasonCode"], overridden["comment"], overridden["issued"]) == ("notNow", "later", "yes")
    (line,) = [line for line in json.loads(report("--format", "json")) if line["shown"]]
    assert (line["rule"], line["shown"]) == ("W-1", 1)


@pytest.mark.conformance("FB-09")
def test_the_same_item_is_kept_once(client: FlaskClient) -> None:
    for _ in range(2):
        assert reported(client, item(), item()).get_json() == {"stored": 2, "rejected": 0}
    assert len(entries()) == 1


@pytest.mark.conformance("FB-05", "FB-07", "FB-08", "FB-13")
@pytest.mark.parametrize(
    ("more", "column", "value"),
    [
        ({}, "reasonCode", ""),
        ({"overrideReason": {"reason": {"code": "x", "system": "http://example.test/r"}}}, "reasonCode", "x"),
        ({"overrideReason": {"userComment": "free text"}}, "comment", "free text"),
        ({"overrideReason": {"code": "x", "system": "http://example.test/r"}}, "reasonCode", "x"),
        ({"overrideReason": {"code": "x", "system": "http://example.test/r"}}, "reasonSystem", "http://example.test/r"),
        ({"overrideReason": {"code": "x", "display": "Not now", "reason": {}}}, "reasonDisplay", "Not now"),
        ({"overrideReason": {"code": "y", "reason": {"code": "x"}}}, "reasonCode", "x"),
        ({"overrideReason": {"code": "x", "userComment": "later"}}, "comment", "later"),
        ({"overrideReasons": {"code": "x"}}, "reasonCode", "x"),
        ({"overrideReason": {"reason": "Not now"}}, "reasonDisplay", "Not now"),
        ({"overrideReason": "Not now"}, "reasonDisplay", "Not now"),
        ({"overrideReason": {"reason": None, "extension": {"x": 1}}}, "reasonCode", ""),
        (
            {
                "overrideReasons": {
                    "extension": {"com.epic.cdshooks.feedback.overrideReason.reasonTitle": "Does not apply"}
                }
            },
            "reasonDisplay",
            "Does not apply",
        ),
    ],
)
def test_every_variant_of_a_reason_is_kept(client: FlaskClient, more: Any, column: str, value: str) -> None:
    assert reported(client, item("never-issued", **more)).status_code == 200
    (entry,) = entries()
    assert (entry[column], entry["issued"]) == (value, "no")


@pytest.mark.conformance("FB-05")
@pytest.mark.parametrize(
    ("accepted", "kept"),
    [
        ([{"id": "s-1"}, {"id": "s-2"}], "s-1 s-2"),
        ([{"uuid": "s-1"}, {"uuid": "s-2"}], "s-1 s-2"),
        (["s-1", "s-2"], "s-1 s-2"),
        (["s-1", {"id": "s-2"}, {"uuid": "s-3"}], "s-1 s-2 s-3"),
        ([{"id": "s-1", "uuid": "s-2"}], "s-1"),
        ([{"id": None, "uuid": "s-2"}], "s-2"),
        ({"id": "s-1"}, "s-1"),
        ("s-1", "s-1"),
        ([{}, None, 5, [], "", {"id": 5}, {"id": []}], ""),
        (None, ""),
        (5, ""),
    ],
)
def test_accepted_suggestions_are_kept_in_whatever_form(client: FlaskClient, accepted: object, kept: str) -> None:
    answer = reported(client, item("c-1", "accepted", acceptedSuggestions=accepted))
    assert answer.get_json() == {"stored": 1, "rejected": 0}
    (entry,) = entries()
    assert entry["acceptedSuggestions"] == kept


@pytest.mark.conformance("FB-03", "FB-04", "FB-06")
@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "accepted", "outcomeTimestamp": TIME},
        item(outcome="ignored"),
        item(outcomeTimestamp="yesterday"),
        item(5),
        item(""),
        item("\0"),
        item(" \0 "),
        "text",
        None,
    ],
)
def test_one_wrong_item_costs_itself_alone(client: FlaskClient, wrong: Any) -> None:
    assert reported(client, wrong, item()).get_json() == {"stored": 1, "rejected": 1}
    assert reported(client, wrong).status_code == 400


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 400 + ".5"])
def test_a_number_that_no_computer_holds_costs_its_item_alone(client: FlaskClient, number: str) -> None:
    wrong = json.dumps(item(extension="NUMBER")).replace('"NUMBER"', number)
    for body, status in (
        (f'{{"feedback": [{wrong}, {json.dumps(item())}]}}', 200),
        (f'{{"feedback": [{wrong}]}}', 400),
    ):
        assert client.post(f"{PATH}/feedback", data=body, content_type="application/json").status_code == status
    assert len(entries()) == 1


@pytest.mark.parametrize("body", [{}, {"feedback": {}}, {"feedback": []}, {"feedback": None}, []])
def test_a_body_with_nothing_usable_is_a_400(client: FlaskClient, body: object) -> None:
    answer = client.post(f"{PATH}/feedback", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2021-12-11T10:05:31Z", "2021-12-11T10:05:31Z"),
        ("2021-12-11t10:05:31.123z", "2021-12-11T10:05:31.123Z"),
        ("2021-12-11T10:05:31.500000+00:00", "2021-12-11T10:05:31.5Z"),
        ("2021-12-11T11:05:31-01:30", "2021-12-11T12:35:31Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"),
        ("1990-12-31T15:59:60-08:00", "1990-12-31T23:59:60Z"),
        ("2021-12-11T10:05:31", None),
        ("2021-12-11", None),
        ("2021-13-11T10:05:31Z", None),
        ("2021-12-11T24:00:00Z", None),
        ("2021-12-11T10:05:60Z", None),
        ("0001-01-01T00:00:00+01:00", "0000-12-31T23:00:00Z"),
        ("0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"),
        ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59-23:59"),
        ("2100-02-29T00:00:00Z", None),
        ("٢٠٢١-12-11T10:05:31Z", None),
    ],
)
@pytest.mark.conformance("FB-06")
def test_times_are_those_of_rfc_3339(sent: str, kept: str | None) -> None:
    assert utc(sent) == kept


@pytest.mark.conformance("FB-15")
def test_texts_that_no_database_takes_and_very_long_ones_are_kept_in_part(client: FlaskClient) -> None:
    text = "a\x00b\ud800" + "x" * 100_000
    body = json.dumps({"feedback": [item(overrideReason={"userComment": text})]})
    assert client.post(f"{PATH}/feedback", data=body, content_type="application/json").status_code == 200
    (entry,) = entries()
    assert entry["comment"].startswith("ab")
    assert len(entry["comment"]) == 4000


@pytest.mark.parametrize("comment", ["=1+1", "+1", "-1", "@x", "\t=1", " =1"])
def test_no_cell_begins_a_formula(client: FlaskClient, comment: str) -> None:
    reported(client, item(overrideReason={"reason": {"code": comment, "display": comment}, "userComment": comment}))
    for form in ("csv", "table"):
        assert not any(
            cell.strip().startswith(("=", "+", "-", "@")) for cell in report("--entries", "--format", form).split(",")
        )


def test_a_store_that_cannot_commit_is_a_503_and_hooks_answer() -> None:
    client = client_of(site_of('[store]\nurl = "sqlite:///no/such/folder/x.db"\n'))
    assert client.post(PATH, json=call()).status_code == 200
    answer = reported(client, item())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["checks"]["store"] == "unreachable"


@pytest.mark.parametrize("put_another", [False, True])
def test_a_store_whose_file_is_gone_or_another_takes_nothing_and_says_so(tmp_path: Path, put_another: bool) -> None:
    file = tmp_path / "watched.db"
    client = client_of(site_of(f'[store]\nurl = "sqlite:///{file}"\n'))
    assert reported(client, item()).status_code == 200
    file.rename(tmp_path / "away.db")
    if put_another:
        file.write_bytes((tmp_path / "away.db").read_bytes())
    assert reported(client, item()).status_code == 503
    assert client.get("/readyz").get_json()["checks"]["store"] == "replaced"
    assert client.post(PATH, json=call()).status_code == 200


def test_newer_tables_are_left_alone_and_told(tmp_path: Path) -> None:
    text = f'[store]\nurl = "sqlite:///{tmp_path}/newer.db"\n'
    client_of(site_of(text))
    with sqlite3.connect(tmp_path / "newer.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
    client = client_of(site_of(text))
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["checks"]["store"] == "newer tables"
    assert reported(client, item()).status_code == 200
    (tmp_path / "site.toml").write_text(text)
    told = CliRunner().invoke(main, ["store", "migrate"], env={"CDS_CONFIG": str(tmp_path / "site.toml")})
    assert told.exit_code == 1
    assert told.output == "Error: The tables are those of a newer version; nothing was changed.\n"


@pytest.mark.conformance("FB-01")
def test_an_unknown_service_takes_no_feedback(client: FlaskClient) -> None:
    assert client.post("/cds-services/none/feedback", json={"feedback": [item()]}).status_code == 404
    assert client.get(f"{PATH}/feedback").status_code == 405


@pytest.mark.conformance("FB-15")
def test_the_page_is_closed_until_a_password_is_set_and_then_asks_for_it(client: FlaskClient) -> None:
    assert client.get("/admin/feedback").status_code == 404
    hashed = generate_password_hash("secret")
    opened = client_of(site_of(f'[admin]\nname = "ann"\npassword_hash = "{hashed}"\n'))
    assert opened.get("/admin/feedback").status_code == 401
    assert opened.get("/admin/feedback", auth=("ann", "wrong")).status_code == 401
    (card,) = opened.post(PATH, json=call()).get_json()["cards"]
    reported(opened, item(card["uuid"], overrideReason={"userComment": "<script>alert(1)</script>"}))
    page = opened.get("/admin/feedback", auth=("ann", "secret"))
    assert page.status_code == 200
    assert "W-1" in page.text
    assert "<script>" not in page.text
    table = opened.get("/admin/feedback.csv?entries=1", auth=("ann", "secret"))
    assert table.mimetype == "text/csv"
    assert "W-1" in table.text


def test_the_store_keeps_nothing_of_the_patient(client: FlaskClient, tmp_path: Path) -> None:
    client.post(PATH, json=call())
    held = within_a_second(
        lambda: b"".join(path.read_bytes() for path in tmp_path.glob("cds-service.db*")), lambda kept: b"W-1" in kept
    )
    assert b"pt-1" not in held
    assert b"hb-1" not in held


def test_rows_before_a_day_can_be_deleted(client: FlaskClient) -> None:
    client.post(PATH, json=call())
    reported(client, item())  # Cards that were shown before feedback came are kept with it.
    result = CliRunner().invoke(main, ["store", "delete-before", "2200-01-01"])
    assert result.output == "2 rows deleted.\n"
    assert entries() == []


def test_a_batch_beyond_reason_is_kept_in_part() -> None:
    body = json.dumps({"feedback": [item(f"c-{number}") for number in range(10_005)]}).encode()
    read = read_feedback(body)
    assert (len(read.items), read.rejected) == (10_000, 5)
