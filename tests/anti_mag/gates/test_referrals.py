"""Whom the words of a gate send to is offered as a draft on the same card, and is not offered again (ruling 39)."""

import pytest

from cds_service.record import Order
from hooks.anti_mag.cards.rituximab_safety import SPEAK_WITH
from hooks.anti_mag.referrals import REFERRALS
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    SAFE,
    behind,
    cards,
    draft,
    given,
    igm,
    problem,
    quantity,
    record,
    result,
    safety_card,
    without,
    words,
)

ORDER = draft("rituximab")


def referred(name: str, status: str = "active") -> Order:
    return Order(f"ServiceRequest/{name}", "ServiceRequest", words(REFERRALS[name].text), status)


CASES = {
    "G2": ("Referral to hepatology", {"results": (*without("hbsag"), result("hbsag", "Positive"))}),
    "G3": ("Referral to hepatology", {"results": (*without("anti_hbc_total"), result("anti_hbc_total", "Positive"))}),
    "G8": ("Referral to obstetrics", {"age": 30, "problems": (NEUROPATHY, problem("pregnancy"))}),
    "G14": ("Referral to neurology", {"problems": (NEUROPATHY, problem("pml"))}),
    "G12": ("Referral to haematology", {"results": (*SAFE, result("platelets", quantity("40", "10*9/L")))}),
    "G4c": ("Referral to haematology", {"results": (*without("igm_serum"), igm("3500"))}),
}


def labels(card) -> list[str]:
    return [suggestion.label for suggestion in card.suggestions if suggestion.label.startswith("Referral")]


def test_the_table_names_gates_and_referrals_that_are_there() -> None:
    assert set(SPEAK_WITH) <= set(BY_LOGIC)
    assert set(SPEAK_WITH.values()) <= set(REFERRALS)


@pytest.mark.parametrize("gate", CASES)
def test_a_gate_offers_whom_it_speaks_of_and_not_again(gate: str) -> None:
    label, chart = CASES[gate]
    card = safety_card(record(ORDER, **chart))
    assert card is not None
    assert gate in behind(card)
    assert labels(card) == [label]
    again = safety_card(record(ORDER, referred(SPEAK_WITH[gate]), **chart))
    assert again is not None
    assert labels(again) == []
    over = safety_card(record(ORDER, referred(SPEAK_WITH[gate], "completed"), **chart))
    assert over is not None
    assert labels(over) == [label]


def test_information_alone_sends_to_nobody() -> None:
    chart = {
        "results": (*without("anti_hbc_total"), result("anti_hbc_total", "Positive"), result("hbv_dna", "Not detected"))
    }
    order = draft(amount=FULL_DOSE)
    card = safety_card(record(order, medicines=(given("entecavir", 5, status="active", kind="statement"),), **chart))
    assert card is not None
    assert behind(card) == {"G3"}
    assert labels(card) == []


def test_two_gates_send_to_one_service_once() -> None:
    low = result("platelets", quantity("40", "10*9/L"))
    card = safety_card(record(ORDER, results=(*without("igm_serum"), igm("3500"), low)))
    assert card is not None
    assert behind(card) >= {"G4c", "G12"}
    assert labels(card) == ["Referral to haematology"]
    first = safety_card(record(ORDER, results=(*without("igm_serum"), igm("4500"), low)))
    assert first is not None
    assert labels(first) == ["Referral to haematology"], "it comes with the plasma exchange"


def test_a_neurotoxic_drug_offers_both_who_agree_on_it_and_not_what_the_rituximab_card_offers() -> None:
    alone = cards(record(draft("bortezomib")))["neurotoxicDrug"]
    assert labels(alone) == ["Referral to neurology", "Referral to haematology"]
    low = result("platelets", quantity("40", "10*9/L"))
    beside = cards(record(ORDER, draft("bortezomib"), results=(*SAFE, low)))
    assert labels(beside["neurotoxicDrug"]) == ["Referral to neurology"]
    assert labels(beside["rituximabSafety"]) == ["Referral to haematology"]


def test_the_way_out_of_the_pregnancy_question_is_named_and_leads_out() -> None:
    untested = {"age": 30, "results": without("pregnancy_test")}
    card = safety_card(record(ORDER, **untested))
    assert card is not None
    assert "Menopause, sterilisation or hysterectomy: put it on the problem list" in card.detail
    after = safety_card(record(ORDER, problems=(NEUROPATHY, problem("menopause")), **untested))
    assert after is None or "G8b" not in behind(after)
