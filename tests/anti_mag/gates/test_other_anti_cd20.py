"""Gates before every other anti-CD20 antibody in a patient of ours (ruling 31): which run, and what the card says."""

import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import (
    NEUROPATHY,
    SAFE,
    allergy,
    behind,
    cards,
    concept,
    draft,
    given,
    igm,
    on_record,
    picture,
    problem,
    quantity,
    record,
    result,
    safety_card,
    truth,
    vaccinated,
    without,
    words,
)

ANTIBODIES = ["obinutuzumab", "ocrelizumab", "ofatumumab", "ublituximab"]
EVERYTHING = {
    "results": (igm("4300"), result("anti_hbc_total", "Positive", 30)),
    "problems": (NEUROPATHY, problem("pml"), problem("pneumonia", ago=3)),
    "allergies": (allergy(severity="severe"),),
    "medicines": (given("rituximab", 100),),
    "immunizations": (vaccinated(ago=5),),
    "age": 35,
}
CLASS = {"G1", "G3", "G6", "G7", "G8b", "G11", "G14"}


@pytest.mark.parametrize("drug", ANTIBODIES)
def test_the_gates_of_the_class_run_for_every_antibody(drug):
    card = safety_card(record(draft(drug), **EVERYTHING))
    assert card is not None
    assert behind(card) == {*CLASS, "G4"}
    assert card.summary.startswith(f"{drug.capitalize()} order: ")
    assert f"do not give {drug}" in card.detail
    assert f"exchange plasma before {drug}" in card.detail
    assert "CD20LABEL" in card.explanation.evidence


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, {*CLASS, "G4"}),
        (concept("anti_mag_neuropathy"), {*CLASS, "G4"}),
        (words("IgM MGUS"), {*CLASS, "G4"}),
        (concept("waldenstrom"), {*CLASS, "G4"}),
        (words("Follicular lymphoma"), CLASS),
        (words("Multiple sclerosis"), CLASS),
    ],
)
def test_the_gates_on_igm_need_an_order_that_is_not_for_something_else(reason, expected):
    assert behind(safety_card(record(draft("obinutuzumab", reason=reason), **EVERYTHING))) == expected


def test_hyperviscosity_holds_another_antibody_too():
    chart = record(draft("obinutuzumab"), problems=(NEUROPATHY, problem("hyperviscosity_epistaxis", ago=5)))
    assert truth("G5", chart) == "NO"
    raised = (*SAFE, result("viscosity_serum", quantity("4.1", "cP"), 5))
    assert truth("G5", record(draft("obinutuzumab"), results=raised)) == "YES"
    assert truth("G5", record(draft("obinutuzumab", reason=words("Follicular lymphoma")), results=raised)) == "NO"


@pytest.mark.parametrize("reason", [None, words("Multiple sclerosis")])
def test_a_patient_who_is_none_of_ours_gets_nothing(reason):
    chart = record(draft("ocrelizumab", reason=reason), results=(), problems=(problem("multiple_sclerosis"),))
    assert cards(chart) == {}


def test_where_the_problem_list_could_not_be_read_the_patient_may_be_ours():
    assert truth("G1", record(draft("ocrelizumab"), results=(), problems=(), unread=("conditions",))) == "YES"


def test_a_safe_order_gets_no_safety_card():
    assert safety_card(record(draft("obinutuzumab"))) is None


def test_unread_serology_is_unknown_and_named():
    chart = record(draft("obinutuzumab"), results=without("hbsag", "anti_hbc_total"), unread=("hepatitisB",))
    assert truth("G1", chart) == "UNKNOWN"
    assert "obinutuzumab" in cards(chart)["dataUnavailable"].detail


def test_what_is_rituximabs_own_does_not_run():
    chart = record(draft("obinutuzumab", quantity("10", "mg")), **EVERYTHING)
    assert [
        logic for logic in ("G9", "G10", "G10b", "G12", "G13", "G15", "G17", "PL-1") if truth(logic, chart) != "NO"
    ] == []


def test_a_minor_gets_the_serology_gates_alone():
    chart = record(draft("obinutuzumab"), **{**EVERYTHING, "age": 12})
    assert behind(safety_card(chart)) == {"G1", "G3"}


# Overlap


def test_its_own_draft_and_its_own_doses_are_no_overlap():
    assert truth("G11", record(draft("obinutuzumab"), medicines=(given("obinutuzumab", 28),))) == "NO"


@pytest.mark.boundaries("G11")
@pytest.mark.parametrize(("ago", "expected"), [(7, "YES"), (180, "YES"), (181, "NO")])
def test_rituximab_within_six_months_overlaps_with_another_antibody(ago, expected):
    assert truth("G11", record(draft("obinutuzumab"), medicines=(given("rituximab", ago),))) == expected


def test_another_antibody_given_or_ordered_overlaps():
    assert truth("G11", record(draft("obinutuzumab"), medicines=(given("ocrelizumab", 100),))) == "YES"
    assert truth("G11", record(draft("obinutuzumab"), on_record("rituximab"))) == "YES"
    assert truth("G11", record(draft("obinutuzumab"), on_record("ofatumumab"))) == "YES"
    assert truth("G11", record(draft("obinutuzumab"), draft(name="draft-2", selected=False))) == "YES"


def test_two_orders_of_one_antibody_for_one_day_are_named_as_such():
    two = (draft("obinutuzumab", days=3), draft("obinutuzumab", days=3, name="draft-2"))
    card = safety_card(record(*two))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    assert "Two obinutuzumab orders for the same day" in card.detail
    apart = (draft("obinutuzumab", days=3), draft("obinutuzumab", days=31, name="draft-2"))
    assert truth("G11", record(*apart)) == "NO"


def test_a_further_dose_of_the_antibody_makes_open_serology_a_warning():
    results = without("hbsag")
    first, later = (
        record(draft("obinutuzumab"), results=results),
        record(draft("obinutuzumab"), results=results, medicines=(given("obinutuzumab", 28),)),
    )
    assert [card and card.indicator for card in map(safety_card, (first, later))] == [
        Indicator.CRITICAL,
        Indicator.WARNING,
    ]


def test_both_drugs_are_named_where_both_are_ordered():
    chart = record(draft("obinutuzumab"), draft(amount=quantity("720", "mg"), name="draft-2"), results=without("hbsag"))
    card = safety_card(chart)
    assert card is not None
    assert "Rituximab and obinutuzumab order" in card.summary
    assert picture(chart).drafts.other_anti_cd20
