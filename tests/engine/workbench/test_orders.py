"""Orders that are written on the page: listed ones and any drug by name or code, with dose and schedule."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient

from cds_service.workbench.orders import Order, draft_of, orders_of, written_in
from cds_service.workbench.search import Json
from tests.engine.calls import PATIENT, bundle
from tests.engine.workbench.pages import bring, cards, client_of, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE

DAY = date(2026, 1, 10)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(HOSTILE)


def draft(text: str, kinds: dict[str, str] | None = None) -> Json:
    (order,), _ = orders_of([text])
    return draft_of(order, 1, kinds or {}, "pt-1", DAY)


def test_each_listed_order_can_be_chosen_and_is_asked_about(client: FlaskClient) -> None:
    read = page(client.get("/workbench/examples/jane"))
    assert read.all("select", name="order_listed")
    assert {"espresso", "Water"} <= set(read.texts)
    chosen = {"order_listed": "Water", "call": "order-sign"}
    shown = page(client.get("/workbench/examples/jane", query_string=chosen))
    assert "ServiceRequest: Water" in shown.text
    assert "Order: Water" in shown.text


def test_a_drug_by_code_alone_is_drafted_with_its_system_and_kept(client: FlaskClient) -> None:
    typed = {"order_code": "121191", "order_system": "rxnorm", "order_listed": "Water", "call": "order-sign"}
    read = page(client.get("/workbench/examples/jane", query_string=typed))
    assert "MedicationRequest: 121191" in read.text
    assert "Order: RxNorm 121191" in read.text
    assert "ServiceRequest: Water" not in read.text
    (kept,) = read.all("input", name="order")
    again = page(client.get("/workbench/examples/jane", query_string={"order": kept["value"], "call": "order-sign"}))
    assert "MedicationRequest: 121191" in again.text
    assert RXNORM in again.text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"order_name": "Tea", "order_listed": "Water"}, "Tea||||||||"),
        ({"order_listed": "Water"}, "Water||||||||"),
        ({"order_code": "A01", "order_system": "atc", "order_listed": "Water"}, "||||||atc|A01"),
        ({"order_name": "a|b"}, "a b||||||||"),
        ({}, "|||||||"),
    ],
)
def test_what_was_typed_goes_before_what_was_chosen(values: dict[str, str], text: str) -> None:
    assert written_in(values).rstrip("|") == text.rstrip("|")


def test_an_order_has_its_code_dose_and_schedule_in_fields() -> None:
    made = draft("Water|2,5|g|2|wk|4|atc|v07ac")
    (dosage,) = made["dosageInstruction"]
    assert str(dosage["doseAndRate"][0]["doseQuantity"]["value"]) == "2.5"
    assert dosage["timing"]["repeat"]["periodUnit"] == "wk"
    assert dosage["timing"]["repeat"]["count"] == 4
    assert made["subject"] == {"reference": "Patient/pt-1"}
    (coding,) = made["medicationCodeableConcept"]["coding"]
    assert coding == {"system": "http://www.whocc.no/atc", "code": "V07AC"}
    assert orders_of(["Water|2,5|g|2|wk|4|atc|v07ac"])[0][0].words == "Water, ATC V07AC, 2.5 g, every 2 weeks, doses: 4"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Water|lots|mg", "the dose 'lots' is no number"),
        ("Water|1|buckets", "the dose '1' is no number with a unit"),
        ("Water||mg|x|wk|", "the interval 'x' is no number"),
        ("Water|||1|eons|", "the interval '1' is no number"),
        ("Water|||||0", "'0' is no number of doses"),
        ("Water|||||1000", "'1000' is no number of doses"),
        ("Water||||||atc|<b>", "the code '<b>' is no code"),
        ("Water||||||mud|V07", "its system was not chosen"),
        ("||||||mud|V07", "its system was not chosen"),
    ],
)
def test_what_of_an_order_cannot_be_used_is_left_out_and_said(text: str, fault: str) -> None:
    orders, unused = orders_of([text])
    assert [fault in said for said in unused] == [True]
    assert orders == ([Order("Water")] if text.startswith("Water") else [])


@pytest.mark.parametrize("count", ["1", "999"])
def test_the_least_and_the_most_doses_are_taken(count: str) -> None:
    assert orders_of([f"Water|||||{count}"]) == ([Order("Water", count=count)], [])


def test_a_service_has_no_dosage_and_nothing_is_no_order() -> None:
    made = draft("Water|1|mg", {"Water": "ServiceRequest"})
    assert (made["resourceType"], made["code"]) == ("ServiceRequest", {"text": "Water"})
    assert orders_of([" |1|mg", "", "|||"]) == ([], [])


@pytest.mark.parametrize("field", ["name", "dose", "unit", "period", "per", "count", "system", "code", "listed"])
def test_nothing_that_is_typed_becomes_markup(client: FlaskClient, field: str) -> None:
    typed = {"order_name": "Tea", "order_system": "atc", f"order_{field}": EVIL, "call": "order-sign"}
    response = bring(client, bundle(PATIENT), **typed)
    assert "warning" in cards(page(response))
    assert "<script>alert" not in response.get_data(as_text=True)
