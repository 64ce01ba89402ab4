import re

import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import (
    NEUROPATHY,
    SAFE,
    cards,
    concept,
    draft,
    given,
    igm,
    on_record,
    problem,
    quantity,
    record,
    result,
    truth,
    without,
    words,
)

DISABLING = result("assessment_incat", quantity("4", "{score}"), 20)
MILD = result("assessment_incat", quantity("1", "{score}"), 20)


def evidence_card(chart, hook="order-select"):
    return cards(chart, hook).get("therapyEvidence")


# Neurotoxic drugs


@pytest.mark.parametrize(
    "drug",
    ["vincristine", "bortezomib", "thalidomide", "cisplatin", "carboplatin", "oxaliplatin", "paclitaxel", "docetaxel",
     "cabazitaxel", "brentuximab_vedotin"],
)  # fmt: skip
def test_a_neurotoxic_drug_is_a_warning(drug):
    card = cards(record(draft(drug)), "order-select")["neurotoxicDrug"]
    assert card.indicator is Indicator.WARNING


def test_it_is_a_warning_when_signed_too():
    assert cards(record(draft("bortezomib")))["neurotoxicDrug"].indicator is Indicator.WARNING


def test_another_indication_does_not_make_it_harmless():
    assert truth("TX-3", record(draft("bortezomib", reason=concept("waldenstrom")))) == "YES"


def test_a_suspected_neuropathy_is_enough():
    chart = record(draft("vincristine"), problems=(problem("polyneuropathy_generic"), problem("igm_mgus")))
    assert truth("TX-3", chart) == "YES"


@pytest.mark.boundaries("TX-3")
@pytest.mark.parametrize("problems", [(), (problem("igm_mgus"),), (problem("waldenstrom"),)])
def test_without_a_neuropathy_it_is_silent(problems):
    assert truth("TX-3", record(draft("vincristine"), problems=problems)) == "NO"


def test_bendamustine_is_not_on_the_list():
    assert truth("TX-3", record(draft("bendamustine"))) == "NO"


def test_minors_get_no_recommendation():
    assert truth("TX-3", record(draft("vincristine"), age=12)) == "NO"


def test_an_uncoded_neurotoxic_drug_is_read_by_name():
    assert truth("TX-3", record(draft(words("Paclitaxel 100 mg")))) == "YES"


# Immunotherapies


@pytest.mark.parametrize(
    ("drug", "cited"),
    [
        ("immunoglobulin_iv", "AANEMIVIG"),
        ("prednisone", "MOTOYAMA2011"),
        ("methylprednisolone", "MOTOYAMA2011"),
        ("cyclophosphamide", "PMC3002632"),
        ("chlorambucil", "NOBILE2000"),
        ("melphalan", "AAN2025"),
    ],
)
def test_each_therapy_brings_its_own_evidence(drug, cited):
    card = evidence_card(record(draft(drug), results=(*SAFE, DISABLING)))
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert cited in card.explanation.evidence
    others = {"AANEMIVIG", "MOTOYAMA2011", "NOBILE2000", "ASFA2023"} - {cited}
    if drug != "melphalan" and drug != "cyclophosphamide":
        assert not others & set(card.explanation.evidence)


def test_plasma_exchange_for_the_chronic_disease_shows_both_views():
    chart = record(draft("plasma_exchange", kind="ServiceRequest"), results=(*SAFE, DISABLING))
    card = evidence_card(chart)
    assert card is not None
    assert {"ASFA2023", "AAN2011PLEX", "DYCK1991"} <= set(card.explanation.evidence)


def test_rituximab_is_named_first_choice_with_both_regimens():
    card = evidence_card(record(draft("immunoglobulin_iv"), results=(*SAFE, DISABLING)))
    assert card is not None
    assert "is the first choice" in card.summary
    assert "off-label" in card.detail
    assert "missed their end points" in card.detail
    assert "remove the draft of immunoglobulin iv" in card.detail
    assert card.selection_behavior == "at-most-one"
    assert [suggestion.is_recommended for suggestion in card.suggestions] == [True, False]


def test_without_severity_neither_regimen_is_recommended():
    card = evidence_card(record(draft("immunoglobulin_iv")))
    assert card is not None
    assert card.summary.startswith("If the neuropathy is disabling or progressive")
    assert [suggestion.is_recommended for suggestion in card.suggestions] == [False, False]


def test_mild_stable_disease_gets_the_evidence_and_no_regimen():
    card = evidence_card(record(draft("immunoglobulin_iv"), results=(*SAFE, MILD)))
    assert card is not None
    assert card.suggestions == ()


def test_at_a_high_igm_no_regimen_is_offered():
    card = evidence_card(record(draft("immunoglobulin_iv"), results=(*without("igm_serum"), igm("4000"), DISABLING)))
    assert card is not None
    assert card.suggestions == ()
    assert "Plasma exchange comes first" in card.detail


def test_a_contraindication_leaves_the_evidence_alone():
    chart = record(draft("immunoglobulin_iv"), results=(*SAFE, DISABLING), problems=(NEUROPATHY, problem("pml")))
    card = evidence_card(chart)
    assert card is not None
    assert card.suggestions == ()


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize("reason", [words("Asthma"), concept("diabetic_polyneuropathy")])
def test_another_indication_is_none_of_our_business(reason):
    assert truth("TX-4", record(draft("prednisone", reason=reason)), "order-select") == "NO"


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize("reason", [None, words("Neuropathy"), concept("anti_mag_neuropathy")])
def test_ours_or_none_is_our_business(reason):
    assert truth("TX-4", record(draft("prednisone", reason=reason)), "order-select") == "YES"


def test_possible_disease_is_not_told_of_it():
    chart = record(draft("immunoglobulin_iv"), problems=(problem("polyneuropathy_generic"), problem("igm_mgus")))
    assert truth("TX-4", chart, "order-select") == "NO"


def test_plasma_exchange_is_right_in_the_flare_window():
    chart = record(draft("plasma_exchange", kind="ServiceRequest"), medicines=(given("rituximab", 20),))
    assert truth("TX-4", chart, "order-select") == "NO"


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize(("value", "expected"), [("3999", "YES"), ("4000", "NO")])
def test_plasma_exchange_is_right_at_a_high_igm(value, expected):
    chart = record(draft("plasma_exchange", kind="ServiceRequest"), results=(*without("igm_serum"), igm(value)))
    assert truth("TX-4", chart, "order-select") == expected


def test_plasma_exchange_is_right_with_hyperviscosity():
    results = (*without("igm_serum"), igm("3500"))
    problems = (NEUROPATHY, problem("hyperviscosity", ago=3))
    chart = record(draft("plasma_exchange", kind="ServiceRequest"), results=results, problems=problems)
    assert truth("TX-4", chart, "order-select") == "NO"


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize("rituximab", [draft(name="rtx", selected=False), on_record("rituximab")])
def test_a_steroid_beside_rituximab_is_premedication(rituximab):
    assert truth("TX-4", record(draft("methylprednisolone"), rituximab), "order-select") == "NO"


def test_a_topical_steroid_is_none():
    assert truth("TX-4", record(draft(concept("hydrocortisone", "Hydrocortisone 1 % cream"))), "order-select") == "NO"


@pytest.mark.boundaries("TX-4")
@pytest.mark.parametrize(
    "text", ["Rho(D) immune globulin", "Hepatitis B immune globulin", "Subcutaneous immune globulin"]
)
def test_other_immunoglobulins_are_none(text):
    assert truth("TX-4", record(draft(words(text))), "order-select") == "NO"


def test_minors_are_not_told():
    assert truth("TX-4", record(draft("prednisone"), age=15), "order-select") == "NO"


def test_an_unselected_draft_is_not_spoken_of():
    assert truth("TX-4", record(draft("prednisone", selected=False)), "order-select") == "NO"


def test_no_forbidden_sentence_is_said():
    drugs = ("immunoglobulin_iv", "prednisone", "cyclophosphamide", "chlorambucil", "bortezomib", "vincristine")
    for drug in drugs:
        for card in cards(record(draft(drug), results=(*SAFE, DISABLING)), "order-select").values():
            assert not re.search(r"IVIG is recommended|is effective|should be given|treatment failure", card.detail)
