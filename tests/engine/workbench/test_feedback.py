"""Feedback from a page without script: it passes the service's own door, and what the store then holds is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.store import Database, Store
from tests.engine.calls import PATIENT, bundle, haemoglobin, numbers
from tests.engine.workbench.pages import Page, bring, client_of, page
from tests.knowledge_pages.hostile import EVIL

ESPRESSO = "/workbench/examples/jane?call=sign-espresso"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(Database(f"sqlite:///{tmp_path / 'kept.db'}"))
    made.database.migrate()
    return made


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return client_of(store=store)


def form_of(read: Page, **more: str) -> dict[str, str]:
    """The values of the first form for feedback on a page, as a browser sends them."""
    html = read.html[read.html.index('action="/workbench/feedback"') :]
    inner = Page(html[html.index(">") + 1 : html.index("</form>")])
    hidden = {one["name"]: one["value"] for one in inner.all("input", type="hidden")}
    return hidden | more


def told(read: Page, name: str) -> str:
    """What the record on the page says under a name."""
    return read.html.split(f"<dt>{name}</dt><dd>")[1].split("</dd>")[0]


def test_an_override_is_sent_and_its_record_is_shown_as_the_store_has_it(client: FlaskClient, store: Store) -> None:
    values = form_of(page(client.get(ESPRESSO)), reason="notThirsty", comment="not today")
    read = page(client.post("/workbench/feedback", data=values))
    assert "answered 200: 1 stored, 0 rejected" in read.text
    (row,) = store.feedback()
    assert row.service == "hiccups-order-sign"
    assert (row.item.outcome, row.item.reason_code, row.item.reason_display) == (
        "overridden",
        "notThirsty",
        "Not thirsty",
    )
    assert row.item.reason_system == "urn:hiccups:override-reason"
    for name, value in (
        ("outcome", row.item.outcome),
        ("reasonDisplay", row.item.reason_display),
        ("comment", "not today"),
        ("outcomeTimestamp", row.item.happened),
        ("card", row.item.card),
        ("issued", "no"),
    ):
        assert told(read, name) == value
    assert "(not issued here)" in read.text
    assert read.all("a", href=ESPRESSO)


def test_it_is_logged_once_as_any_call_and_without_its_words(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    values = form_of(page(client.get(ESPRESSO)), reason="notThirsty", comment="not today")
    with caplog.at_level("INFO", logger="cds_service.calls"):
        page(client.post("/workbench/feedback", data=values))
    (line,) = (json.loads(record.getMessage()) for record in caplog.records)
    assert (line["service"], line["status"], line["feedback"]) == (
        "hiccups-order-sign",
        200,
        {"stored": 1, "rejected": 0},
    )
    assert "not today" not in caplog.text


def test_a_suggestion_that_was_accepted_can_be_reported(client: FlaskClient, store: Store) -> None:
    read = page(client.get("/workbench/examples/jane?accept=patient-view:water:0"))
    values = form_of(read)
    page(client.post("/workbench/feedback", data=values))
    (row,) = store.feedback()
    assert (row.item.outcome, row.item.suggestions) == ("accepted", values["suggestion"])


def test_a_page_with_script_asks_for_the_record_alone(client: FlaskClient) -> None:
    sent = {"card": "c-1", "outcome": "accepted", "outcomeTimestamp": "2026-01-05T10:00:00Z"}
    assert client.post("/cds-services/hiccups-patient-view/feedback", json={"feedback": [sent]}).status_code == 200
    read = page(client.get("/workbench/feedback?card=c-1"))
    assert told(read, "outcomeTimestamp") == "2026-01-05T10:00:00Z"
    assert told(read, "empty").startswith("rule, reasonCode, reasonSystem, reasonDisplay, comment, topic")
    for other in ("c-2", "", "%00", "c-1%00c-2"):
        assert "holds nothing of this card" in page(client.get(f"/workbench/feedback?card={other}")).text


def test_of_a_chart_that_somebody_brings_the_record_opens_beside_it(client: FlaskClient) -> None:
    read = page(bring(client, bundle(PATIENT, haemoglobin()), accept="patient-view:water:0"))
    (form,) = read.all("form", action="/workbench/feedback")
    assert form["target"] == "_blank"
    assert form_of(read)["back"] == ""


def test_without_a_store_the_page_says_that_nothing_was_stored() -> None:
    client = client_of()
    read = page(client.post("/workbench/feedback", data=form_of(page(client.get(ESPRESSO)), reason="notThirsty")))
    assert "Nothing was stored. The feedback endpoint answered 503" in read.text
    assert "runs without a store" in page(client.get("/workbench/feedback?card=c-1")).text


class NobodyIsTrusted:
    def admit(self, *_: Any) -> None:
        from cds_service.errors import TokenRefused

        raise TokenRefused("no token", "missing")


def test_where_clients_show_a_token_a_page_can_neither_send_nor_read(store: Store) -> None:
    client = client_of(profile="production", enabled=True, store=store, trust=NobodyIsTrusted())
    read = page(client.post("/workbench/feedback", data=form_of(page(client.get(ESPRESSO)), reason="notThirsty")))
    assert "Nothing was stored. The feedback endpoint answered 401" in read.text
    assert list(store.feedback()) == []
    assert "/admin/feedback" in page(client.get("/workbench/feedback?card=c-1")).text


@pytest.mark.parametrize("service", ["", "nobody", "../workbench", "hiccups-order-sign/feedback?x=", EVIL])
def test_feedback_goes_to_services_of_ours_alone(client: FlaskClient, service: str) -> None:
    assert numbers(client.post("/workbench/feedback", data={"service": service, "card": "c-1"}), 404) == ["CDS-101"]


@pytest.mark.parametrize("reasons", ["", "x", "[1]", "{}", '[{"code": 7}]', "[" * 2000, EVIL])
@pytest.mark.parametrize("back", ["", "https://evil.example.org", "//evil.example.org", "javascript:alert(1)", EVIL])
def test_whatever_the_form_holds_there_is_a_page(client: FlaskClient, reasons: str, back: str) -> None:
    values = {"service": "hiccups-order-sign", "card": EVIL, "reason": EVIL, "comment": EVIL}
    response = client.post("/workbench/feedback", data=values | {"reasons": reasons, "back": back})
    read = page(response)
    assert "<script>alert" not in response.get_data(as_text=True)
    assert read.all("p", **{"class": "back"})
    assert all("evil" not in link.get("href", "") for link in read.all("a"))


def test_a_feedback_without_a_card_is_refused_in_words(client: FlaskClient) -> None:
    read = page(client.post("/workbench/feedback", data={"service": "hiccups-order-sign"}))
    assert "answered 400" in read.text
    assert "Nothing was stored" in read.text
