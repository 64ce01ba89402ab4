"""At medication-refill, the medicine being refilled is questioned as an order is: neurotoxic drugs, weak therapies."""

from __future__ import annotations

import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import SAFE, behind, cards, draft, given, igm, problem, quantity, record, result, words

REFILL = "medication-refill"


def test_a_refilled_neurotoxic_drug_is_a_warning() -> None:
    card = cards(record(draft("thalidomide")), REFILL)["neurotoxicDrug"]
    assert card.indicator is Indicator.WARNING
    assert behind(card) == {"TX-3"}


@pytest.mark.parametrize("drug", ["prednisone", "immunoglobulin_iv", "cyclophosphamide"])
def test_a_refilled_immunotherapy_of_the_neuropathy_gets_its_evidence(drug: str) -> None:
    assert behind(cards(record(draft(drug)), REFILL)["therapyEvidence"]) == {"TX-4"}


def test_antiviral_cover_after_rituximab_is_watched_at_a_refill() -> None:
    exposed = (*SAFE[:1], result("anti_hbc_total", "Positive", 30))
    chart = record(draft("entecavir"), results=exposed, medicines=(given("rituximab", 60),))
    assert behind(cards(chart, REFILL)["rituximabAftercare"]) == {"RE-3"}


def test_a_treatment_that_is_refilled_is_not_to_be_stopped_at_once() -> None:
    severe = result("assessment_incat", quantity("4", "{score}"), 20)
    chart = record(draft("prednisone"), results=(*SAFE, severe))
    refilled = cards(chart, REFILL)["therapyEvidence"]
    assert "a running treatment is not stopped at once" in refilled.detail
    assert "remove the draft" not in refilled.detail
    assert "remove the draft of prednisone" in cards(chart, "order-select")["therapyEvidence"].detail


def test_a_steroid_for_another_disease_is_none_of_our_business() -> None:
    assert cards(record(draft("prednisone", reason=words("asthma"))), REFILL) == {}


def test_an_order_that_is_not_refilled_and_an_empty_list_say_nothing() -> None:
    assert cards(record(draft("thalidomide", selected=False)), REFILL) == {}
    assert cards(record(results=SAFE), REFILL) == {}


def test_the_gates_of_a_rituximab_order_are_not_this_hooks_matter() -> None:
    assert "rituximabSafety" not in cards(record(draft("rituximab"), results=(igm("1200"),)), REFILL)


def test_without_a_neuropathy_nothing_is_said() -> None:
    assert cards(record(draft("thalidomide"), problems=[problem("igm_mgus")]), REFILL) == {}
