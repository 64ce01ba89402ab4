"""Facts that are changed in place: what they become, what is marked, and what is said of the rest."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient

from cds_service.workbench.marks import Changes
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.workbench.pages import VIEWS, bring, cards, client_of, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE

DAY = date(2026, 1, 10)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(HOSTILE)


def test_a_fact_changes_the_cards_and_is_marked(client: FlaskClient) -> None:
    chart = bundle(PATIENT)
    assert cards(page(bring(client, chart))) == []
    read = page(bring(client, chart, new_fact="haemoglobin", new_value="9,5", new_on="2026-01-09"))
    assert cards(read) == ["info"]
    assert "Changed:" in read.text
    assert "9.5 g/dL (changed)" in read.text
    (kept,) = read.all("input", name="fact")
    assert kept["value"] == "haemoglobin|9.5|2026-01-09"
    assert cards(page(bring(client, chart, fact=kept["value"]))) == ["info"]
    assert cards(page(bring(client, chart, fact="mood|9|2026-01-09"))) == ["info"]
    assert cards(page(bring(client, chart, fact="mood|15|2026-01-09"))) == []


def test_a_fact_without_a_day_is_of_the_day_that_is_asked_about(client: FlaskClient) -> None:
    read = page(bring(client, bundle(PATIENT), fact="haemoglobin|9|soon", day="2026-01-12"))
    assert read.all("input", name="fact", value="haemoglobin|9|2026-01-12")


@pytest.mark.parametrize("value", ["low", "9 g/dL", "-9", "1e3", "NaN", "9" * 40, EVIL])
def test_what_is_no_number_is_not_used_and_said(client: FlaskClient, value: str) -> None:
    read = page(bring(client, bundle(PATIENT), new_fact="haemoglobin", new_value=value))
    assert cards(read) == []
    assert "was not used" in read.text
    assert not read.all("input", name="fact")


@pytest.mark.parametrize("fact", ["", "haemoglobin", "haemoglobin||2026-01-09", "mud|9|2026-01-09", "|||||", EVIL])
def test_what_names_no_fact_changes_nothing(client: FlaskClient, fact: str) -> None:
    read = page(bring(client, bundle(PATIENT), fact=fact))
    assert not read.all("input", name="fact")
    assert "Changed:" not in read.text


def test_an_order_that_is_written_is_asked_about_and_kept(client: FlaskClient) -> None:
    written = {"order_name": "espresso", "order_dose": "5", "order_unit": "g", "order_period": "1", "order_per": "d"}
    address = "/workbench/examples/jane"
    read = page(client.get(address, query_string=[*written.items(), ("call", "patient-view"), ("call", "order-sign")]))
    assert "critical" in cards(read)
    assert "MedicationRequest: espresso" in read.text
    (kept,) = read.all("input", name="order")
    assert "critical" in cards(page(client.get(address, query_string={"order": kept["value"], "call": "order-sign"})))


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_that_is_entered_becomes_markup(client: FlaskClient, view: str) -> None:
    entered = {"order": f"{EVIL}|{EVIL}", "fact": f"haemoglobin|{EVIL}", "order_name": EVIL, "new_on": EVIL}
    response = bring(client, bundle(PATIENT), view, call="order-sign", **entered)
    page(response)
    assert "<script>alert" not in response.get_data(as_text=True)


def test_a_card_that_a_change_brought_is_marked_and_one_that_it_took_is_named(client: FlaskClient) -> None:
    plain = page(client.get("/workbench/examples/jane"))
    assert "Information Offer water" in plain.text
    added = page(bring(client, bundle(PATIENT), fact="haemoglobin|9|2026-01-09"))
    assert "Information new Offer water" in added.text
    written = {"order": "espresso", "call": "order-sign"}
    both = page(client.get("/workbench/examples/jane", query_string=written))
    assert "Critical new Do not drink" in both.text
    assert "Information Offer water" in both.text


def test_a_card_that_is_there_no_more_is_named(client: FlaskClient) -> None:
    address = "/workbench/examples/jane?call=sign-espresso&accept=sign-espresso:stop:0"
    assert not page(client.get(address)).all("p", **{"class": "gone"})
    three = [("order", name) for name in ("espresso", "espresso|1|mg", "espresso|2|mg", "espresso|3|mg")]
    read = page(client.get("/workbench/examples/jane", query_string=[*three, ("call", "order-sign")]))
    assert "gone Offer water" in read.text


def test_a_card_that_now_says_something_else_is_marked_as_changed(client: FlaskClient) -> None:
    query = [("call", "sign-espresso"), ("order", "Tea")]
    read = page(client.get("/workbench/examples/jane", query_string=query))
    assert "Warning new Sip slowly: Tea" in read.text
    card = {"source": {"topic": {"code": "sip"}}, "indicator": "warning", "summary": "Sip: tea"}
    changes = Changes([card])
    assert (changes.mark(card), changes.was(card)) == ("", "")
    other = card | {"summary": "Sip: coffee"}
    assert (changes.mark(other), changes.was(other)) == ("changed", "Sip: tea")
    worse = card | {"indicator": "critical"}
    assert (changes.mark(worse), changes.was(worse)) == ("changed", "")
    assert changes.gone([other]) == []
    assert Changes(None).mark(card) == ""


def test_a_point_that_was_entered_is_marked_in_picture_and_table_and_others_are_not(client: FlaskClient) -> None:
    chart = bundle(PATIENT, haemoglobin(id="entered-1"))
    before = page(bring(client, chart))
    assert "(changed)" not in before.text
    assert not before.all("text", **{"class": "small changed"})
    read = page(bring(client, chart, new_fact="haemoglobin", new_value="11", new_on="2026-01-09"))
    assert len(read.all("text", **{"class": "small changed"})) == 1
    assert read.text.count("(changed)") == 1
    assert "11.0 g/dL (changed)" in read.text
    (mark,) = [link for link in read.all("a") if link.get("aria-label", "").endswith("changed")]
    assert "11.0 g/dL" in mark["aria-label"]
    ids = [f"Observation/entered-{number}" in read.text for number in (1, 2)]
    assert ids == [True, True]  # what the chart has under such an id stays
