"""At order-dispatch the gates run as written on the orders that are dispatched, which are orders on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import SAFE, behind, cards, draft, igm, on_record, quantity, record, safety_card
from tests.anti_mag.hooks.calls import dispatched

DISPATCH = "order-dispatch"
UNTESTED = (igm("1200"),)
GO = dispatched(draft("rituximab"))


def test_a_dispatched_rituximab_order_without_hepatitis_b_is_critical() -> None:
    card = safety_card(record(GO, results=UNTESTED), DISPATCH)
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    assert "G1" in behind(card)
    assert "Concerns the order: rituximab" in card.detail


def test_an_order_that_is_on_record_but_not_dispatched_is_left_alone() -> None:
    assert cards(record(on_record("rituximab"), results=UNTESTED), DISPATCH) == {}
    assert cards(record(results=UNTESTED), DISPATCH) == {}


def test_the_gates_are_those_of_signing() -> None:
    results = (igm("4500"),)
    signed = safety_card(record(draft("rituximab"), results=results), "order-sign")
    sent = safety_card(record(GO, results=results), DISPATCH)
    assert signed is not None
    assert sent is not None
    assert behind(sent) == behind(signed)
    assert sent.indicator is signed.indicator


def test_a_dispatched_order_is_no_duplicate_of_itself() -> None:
    order = dispatched(draft("rituximab", days=3))
    assert "G11" not in behind(safety_card(record(order), DISPATCH))


def test_another_active_order_of_the_day_is_a_duplicate() -> None:
    order = dispatched(draft("rituximab", days=3))
    other = replace(on_record("rituximab", days=3), source="MedicationRequest/other")
    assert "G11" in behind(safety_card(record(order, other), DISPATCH))


def test_two_orders_dispatched_at_once_without_a_day_are_taken_for_one_day() -> None:
    twice = [dispatched(draft("rituximab", name=name)) for name in ("a", "b")]
    assert "G11" in behind(safety_card(record(*twice), DISPATCH))


@pytest.mark.parametrize("status", ["cancelled", "stopped", "completed", "entered-in-error"])
def test_an_order_that_was_taken_back_orders_nothing(status: str) -> None:
    assert cards(record(replace(GO, status=status), results=UNTESTED), DISPATCH) == {}


def test_drugs_and_therapies_are_not_questioned_any_more() -> None:
    sent = [dispatched(draft(drug, name=drug)) for drug in ("vincristine", "immunoglobulin_iv")]
    assert cards(record(*sent, results=UNTESTED), DISPATCH) == {}


def test_an_update_of_the_order_is_never_offered_since_it_is_no_draft() -> None:
    far_off = dispatched(draft("rituximab", quantity("1500", "mg")))
    card = safety_card(record(far_off, results=SAFE), DISPATCH)
    assert card is not None
    assert "G10" in behind(card)
    assert all(action.type != "update" for offered in card.suggestions for action in offered.actions)
