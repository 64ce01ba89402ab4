"""Hepatitis B past or active by the newest readable HBsAg, and antivirals with a low barrier (ruling 35)."""

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from cds_service.codes import Concept
from cds_service.values import When
from hooks.anti_mag.knowledge_data import CODES
from tests.anti_mag.gates.given import (
    NEUROPATHY,
    TODAY,
    behind,
    draft,
    finding,
    given,
    on,
    picture,
    problem,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
    words,
)
from tests.anti_mag.reading import plain

ORDER = draft(amount=quantity("720", "mg"))
OTHERS = (*without("hbsag"),)
LONG_AGO = result("hbsag", "Positive", 2800)
DNA = result("hbv_dna", "Not detected", 20)


def chart(*antigens, **rest):
    return record(ORDER, results=(*OTHERS, *antigens), **rest)


@pytest.mark.boundaries("G2")
@pytest.mark.parametrize(
    ("antigens", "active", "past"),
    [
        ((LONG_AGO,), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "Negative", 30)), "NO", "YES"),
        ((LONG_AGO, result("hbsag", "Negative", 2900)), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "Negative", 2799)), "NO", "YES"),
        ((LONG_AGO, result("hbsag", "Negative", 2800, source="Observation/same-day")), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "Negative", 500)), "NO", "YES"),
        ((LONG_AGO, result("hbsag", "Negative", 30, status="preliminary")), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "see report", 30)), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "Negative", None)), "YES", "NO"),
        ((result("hbsag", "Positive", None), result("hbsag", "Negative", 30)), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "Negative", 60), result("hbsag", "Positive", 30)), "YES", "NO"),
        ((LONG_AGO, result("hbsag", "Negative", 30), result("hbv_dna", "Detected", 20)), "YES", "NO"),
        ((result("hbsag", "Negative", 30),), "NO", "NO"),
    ],
)
def test_the_newest_readable_antigen_decides_between_active_and_past(antigens, active, past):
    patient = chart(*antigens)
    assert (truth("G2", patient), truth("G3", patient)) == (active, past)


def test_past_infection_says_when_the_antigen_was_positive():
    card = safety_card(chart(LONG_AGO, result("hbsag", "Negative", 30)))
    assert card is not None
    assert (behind(card), card.indicator) == ({"G3"}, Indicator.CRITICAL)
    assert "HBsAg positive of 2 Jul 2018" in plain(card.summary)


def test_an_old_negative_leaves_the_serology_open_beside_the_past_infection():
    assert behind(safety_card(chart(LONG_AGO, result("hbsag", "Negative", 500)))) == {"G1", "G3"}


def test_an_unread_antigen_after_the_negative_one_opens_the_serology_again():
    patient = chart(LONG_AGO, result("hbsag", "Negative", 30), result("hbsag", "4,5 x", 10))
    assert (truth("G1", patient), truth("G2", patient), truth("G3", patient)) == ("YES", "NO", "YES")


def test_a_finding_on_the_problem_list_is_answered_by_a_later_negative_antigen():
    if not CODES["hbsag_positive_finding"].codes:
        pytest.skip("the code of the finding is not installed")
    listed = problem("hbsag_positive_finding", ago=2800)
    assert truth("G2", chart(problems=(NEUROPATHY, listed))) == "YES"
    later = chart(result("hbsag", "Negative", 30), problems=(NEUROPATHY, listed))
    assert (truth("G2", later), truth("G3", later)) == ("NO", "YES")


def test_without_serology_nothing_is_past():
    patient = record(ORDER, results=without("hbsag", "anti_hbc_total"), unread=("hepatitisB",))
    assert finding("G1", patient).truth.value == "UNKNOWN"
    assert not picture(patient).hepatitis_b.past_antigen.holds


# Antivirals


def taken(drug: str | Concept, name: str = "m1"):
    medicine = given("lamivudine", 40, kind="statement", status="active")
    what = words(drug) if isinstance(drug, str) else drug
    return replace(medicine, source=f"MedicationStatement/{name}", concept=what)


@pytest.mark.parametrize("drug", ["Lamivudine 100 mg", "Adefovir dipivoxil 10 mg", "Hepsera", "Telbivudine", "Sebivo"])
def test_an_antiviral_with_a_low_barrier_answers_with_information(drug):
    card = safety_card(chart(LONG_AGO, result("hbsag", "Negative", 30), DNA, medicines=(taken(drug),)))
    assert card is not None
    assert (behind(card), card.indicator) == ({"G3"}, Indicator.INFO)
    assert "low barrier to resistance: ask hepatology about entecavir or tenofovir" in card.detail


@pytest.mark.parametrize(
    "drugs", [("Entecavir 0.5 mg",), ("Tenofovir", "Lamivudine 100 mg"), ("Lamivudine 300 mg / Tenofovir 300 mg",)]
)
def test_one_with_a_high_barrier_needs_no_question(drugs):
    running = tuple(taken(drug, name=drug[:3]) for drug in drugs)
    card = safety_card(chart(LONG_AGO, result("hbsag", "Negative", 30), DNA, medicines=running))
    assert card is not None
    assert "low barrier" not in card.detail


def test_one_that_has_ended_is_no_cover_and_asks_no_question():
    ended = replace(taken("Lamivudine 100 mg"), status="completed", until=When.on(TODAY))
    card = safety_card(chart(LONG_AGO, result("hbsag", "Negative", 30), DNA, medicines=(ended,)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "low barrier" not in card.detail
    assert on(0) == ended.until


def test_the_card_prints_what_both_guidelines_say():
    card = safety_card(chart(LONG_AGO, result("hbsag", "Negative", 30), DNA))
    assert card is not None
    assert "at least 12 months (ASCO and AGA say 12, EASL 18)" in card.detail
