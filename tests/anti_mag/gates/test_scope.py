import pytest

from cds_service.cards import Indicator
from hooks.anti_mag.picture.drafts import Indication
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

EVERYTHING = {
    "results": (igm("4300"),),
    "problems": (NEUROPATHY, problem("pml")),
    "allergies": (allergy(severity="severe"),),
    "medicines": (given("obinutuzumab", 30),),
}
"""No serology, too much IgM, PML, a severe reaction, another antibody; the draft has no dose."""

ALL = {"G1", "G4", "G9", "G10", "G11", "G14"}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, ALL),
        (concept("anti_mag_neuropathy"), ALL),
        (words("Anti-MAG neuropathy"), ALL),
        (words("Neuropathy with IgM anti-MAG antibody"), ALL),
        (words("IgM MGUS"), ALL),
        (words("Rheumatoid arthritis"), {"G1", "G4", "G9"}),
    ],
)
def test_the_indication_decides_which_gates_run(reason, expected):
    assert behind(safety_card(record(draft(reason=reason), **EVERYTHING))) == expected


def test_another_indication_without_gammopathy_runs_the_short_list():
    chart = record(draft(reason=words("Rheumatoid arthritis")), **{**EVERYTHING, "problems": (problem("pml"),)})
    assert behind(safety_card(chart)) == {"G1", "G9"}


def test_waldenstrom_as_indication_keeps_the_igm_gates():
    chart = record(draft(reason=concept("waldenstrom")), **{**EVERYTHING, "problems": (problem("pml"),)})
    assert behind(safety_card(chart)) == {"G1", "G4", "G9"}


def test_waldenstrom_on_the_list_keeps_the_igm_gates_for_another_indication():
    problems = (problem("waldenstrom"),)
    chart = record(draft(reason=words("Rheumatoid arthritis")), **{**EVERYTHING, "problems": problems})
    assert behind(safety_card(chart)) == {"G1", "G4", "G9"}


def test_out_of_scope_without_indication_nothing_runs():
    assert cards(record(draft(), results=(), problems=())) == {}


def test_out_of_scope_with_another_indication_the_short_list_runs():
    assert behind(safety_card(record(draft(reason=words("lupus")), results=(), problems=()))) == {"G1"}


def test_a_gammopathy_without_neuropathy_runs_every_gate():
    chart = record(draft(), **{**EVERYTHING, "problems": (problem("igm_mgus"), problem("pml"))})
    assert behind(safety_card(chart)) == ALL


@pytest.mark.parametrize("age", [17, None])
def test_minors_and_unknown_age_get_the_general_gates_and_a_note(age):
    card = safety_card(record(draft(reason=concept("anti_mag_neuropathy")), age=age, **EVERYTHING))
    assert behind(card) == {"G1", "G9"}
    assert card is not None
    assert "paediatric use is not covered" in card.detail


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (words("Demyelinating polyneuropathy"), Indication.NEUROPATHY),
        (words("CIDP"), Indication.NEUROPATHY),
        (words("Diabetic neuropathy"), Indication.OTHER),
        (concept("diabetic_polyneuropathy"), Indication.OTHER),
        (words("ANCA vasculitis"), Indication.OTHER),
    ],
)
def test_reasons_are_ours_or_not(reason, expected):
    assert picture(record(draft(reason=reason))).drafts.rituximab[0].indication is expected


# The card


def test_an_order_that_passes_every_gate_has_no_card():
    assert cards(record(draft(amount=quantity("720", "mg")))) == {}


def test_all_gates_of_one_order_are_one_card_most_urgent_first():
    card = safety_card(record(draft(), **EVERYTHING))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    listed = [line for line in card.detail.splitlines() if line.startswith("- **")]
    assert listed[0].startswith("- **Progressive multifocal")
    assert "5 more" in card.summary


def test_more_gates_than_a_reader_takes_in_are_named_all_the_same():
    card = safety_card(record(draft(), **EVERYTHING))
    assert card is not None
    *whole, rest = [line for line in card.detail.splitlines() if line.startswith("- **")]
    assert len(whole) == 4
    assert rest.startswith("- **Settle these too:**")
    assert rest.count(";") + 1 + len(whole) == len(card.explanation.findings)
    assert "dose cannot be checked" in rest or "fits neither regimen" in rest


def test_at_order_select_nothing_is_more_than_a_warning():
    card = safety_card(record(draft(), **EVERYTHING), "order-select")
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "G10" not in behind(card)


@pytest.mark.conformance("CA-12")
def test_of_two_orders_the_card_says_which():
    ours = draft(words("Rituximab A"), quantity("720", "mg"), name="a", days=1)
    other = draft(words("Rituximab B"), quantity("720", "mg"), name="b", days=9, reason=words("lupus"))
    card = safety_card(record(ours, other, problems=(NEUROPATHY, problem("pml"))))
    assert card is not None
    assert "Concerns the order: Rituximab A; Rituximab B" in card.detail
    assert "Concerns only: Rituximab A." in card.detail


@pytest.mark.conformance("MD-03")
def test_a_hostile_order_name_stays_text():
    card = safety_card(record(draft(words("Rituximab <b>x</b> [y](http://z)")), results=without("hbsag")))
    assert card is not None
    assert "\\<b\\>" in card.detail
    assert "](http" not in card.detail


def test_a_later_dose_still_runs_the_other_gates():
    chart = record(draft(), **{**EVERYTHING, "medicines": (given("rituximab", 7),)})
    assert behind(safety_card(chart)) == {"G1", "G4", "G9", "G10", "G14"}


def test_summaries_fit():
    for hook in ("order-select", "order-sign"):
        for card in cards(record(draft(), **EVERYTHING), hook).values():
            assert len(card.summary) < 140


def test_every_gate_of_the_decision_logic_is_registered():
    chart = record(draft(amount=quantity("720", "mg")), results=SAFE)
    gates = ("G1", "G2", "G3", "G4", "G4b", "G4c", "G5", "G8", "G9", "G10", "G11", "G14")
    assert {truth(gate, chart) for gate in gates} == {"NO"}


def test_with_an_unread_problem_list_an_order_without_indication_is_not_taken_for_another_patients():
    """Nobody can say that the patient is out of scope, so what is missing is said (C5), and what was read speaks."""
    chart = record(
        draft(), problems=(), unread=("conditions", "hepatitisB"), results=without("hbsag", "anti_hbc_total")
    )
    assert "dataUnavailable" in cards(chart)
    readable = record(draft(), problems=(), unread=("conditions",), results=without("hbsag", "anti_hbc_total"))
    assert "G1" in behind(cards(readable).get("rituximabSafety"))


def test_out_of_scope_with_everything_read_stays_silent():
    assert cards(record(draft(), problems=())) == {}


def test_two_drafts_of_one_name_are_told_apart_where_a_gate_concerns_one():
    ours = draft(name="a", days=0)
    other = draft(reason=words("rheumatoid arthritis"), name="b", days=0)
    card = safety_card(record(ours, other))
    assert card is not None
    assert "Concerns only: rituximab (order 1 of 2, 2 Mar 2026)." in plain(card.detail)


def test_what_the_hyperviscosity_card_offers_is_not_offered_twice():
    thick = result("viscosity_serum", quantity("4.5", "cP"), 3)
    high = (*without("igm_serum"), igm("4500"), thick)
    offered = {
        topic: [one.label for one in card.suggestions] for topic, card in cards(record(draft(), results=high)).items()
    }
    assert offered["rituximabSafety"] == []
    assert offered["hyperviscosity"] == ["Plasma exchange", "Referral to haematology"]
