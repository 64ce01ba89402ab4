import pytest

from cds_service.cards import Indicator
from cds_service.record import Procedure
from cds_service.values import When
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    SAFE,
    allergy,
    behind,
    cards,
    concept,
    day,
    draft,
    problem,
    record,
    result,
    safety_card,
    truth,
    without,
    words,
)

ORDER = draft(amount=FULL_DOSE)


# Pregnancy


def test_a_coded_pregnancy_is_critical():
    card = safety_card(record(ORDER, age=30, problems=(NEUROPATHY, problem("pregnancy"))))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.CRITICAL, {"G8"})


@pytest.mark.boundaries("G8")
@pytest.mark.parametrize(
    "kind", [{"clinical": "resolved"}, {"verification": "refuted"}, {"verification": "provisional"}]
)
def test_a_past_or_doubted_pregnancy_is_none(kind):
    assert truth("G8", record(ORDER, age=30, problems=(NEUROPATHY, problem("pregnancy", **kind)))) == "NO"


@pytest.mark.boundaries("G8")
@pytest.mark.parametrize(("ago", "expected"), [(3, "YES"), (300, "YES"), (301, "NO"), (None, "NO")])
def test_a_positive_test_counts_for_a_pregnancys_length(ago, expected):
    chart = record(ORDER, age=30, results=(*SAFE, result("pregnancy_test", "Positive", ago)))
    assert truth("G8", chart) == expected


def test_a_later_negative_test_clears_and_a_preliminary_one_does_not():
    positive = result("pregnancy_test", "Positive", 60)
    negative = result("pregnancy_test", "Negative", 3)
    doubtful = result("pregnancy_test", "Negative", 3, status="preliminary")
    assert truth("G8", record(ORDER, age=30, results=(*SAFE, positive, negative))) == "NO"
    assert truth("G8", record(ORDER, age=30, results=(*SAFE, positive, doubtful))) == "YES"


def test_a_pregnancy_status_is_read():
    pregnant = result("pregnancy_status_observation", words("Pregnant"), 5)
    not_pregnant = result("pregnancy_status_observation", words("Not pregnant"), 5)
    assert truth("G8", record(ORDER, age=30, results=(*SAFE, pregnant))) == "YES"
    assert truth("G8", record(ORDER, age=30, results=(*SAFE, not_pregnant))) == "NO"


@pytest.mark.boundaries("G8")
@pytest.mark.parametrize("code_set", ["sterilisation_status", "menopause", "uterus_absent"])
def test_a_positive_test_is_not_believed_where_pregnancy_is_excluded(code_set):
    chart = record(
        ORDER,
        age=30,
        problems=(NEUROPATHY, problem(code_set)),
        results=(*SAFE, result("pregnancy_test", "Positive", 3)),
    )
    assert truth("G8", chart) == "NO"


def test_a_pregnancy_coded_before_the_sterilisation_is_over():
    done = Procedure("Procedure/s", concept("sterilisation_status"), "completed", When.on(day(50)))
    chart = record(ORDER, age=40, problems=(NEUROPATHY, problem("pregnancy", ago=400)), procedures=(done,))
    assert truth("G8", chart) == "NO"


def test_a_pregnancy_coded_after_the_sterilisation_stands():
    done = Procedure("Procedure/s", concept("sterilisation_status"), "completed", When.on(day(900)))
    chart = record(ORDER, age=40, problems=(NEUROPATHY, problem("pregnancy", ago=40)), procedures=(done,))
    assert truth("G8", chart) == "YES"


@pytest.mark.boundaries("G8")
@pytest.mark.parametrize(
    ("age", "sex", "expected"),
    [
        (30, "female", "UNKNOWN"),
        (55, "female", "UNKNOWN"),
        (56, "female", "NO"),
        (30, "male", "NO"),
        (30, "", "UNKNOWN"),
    ],
)
def test_unread_pregnancy_data_matter_only_where_pregnancy_is_possible(age, sex, expected):
    assert truth("G8", record(ORDER, age=age, sex=sex, unread=("pregnancyTests",))) == expected


# Past reactions


@pytest.mark.parametrize(
    "reaction",
    [
        allergy(severity="severe"),
        allergy(criticality="high"),
        allergy(severity="mild", criticality="high"),
        allergy(shown="Stevens-Johnson syndrome"),
        allergy(severity="moderate", shown="Toxic epidermal necrolysis"),
        allergy(shown="Anaphylaxis"),
        allergy(words("Murine protein"), severity="severe"),
        allergy(words("MabThera infusion"), severity="severe"),
        allergy(words("mouse protein"), shown="anaphylactic shock"),
        allergy(concept("rituximab_hyaluronidase_sc"), severity="severe"),
        allergy(severity="severe", clinical="resolved"),
        allergy(severity="severe", verification="unconfirmed"),
    ],
)
def test_a_severe_reaction_is_critical(reaction):
    card = safety_card(record(ORDER, allergies=(reaction,)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.CRITICAL, {"G9"})


@pytest.mark.parametrize("severity", ["mild", "moderate"])
def test_a_mild_infusion_reaction_is_information(severity):
    card = safety_card(record(ORDER, allergies=(allergy(severity=severity, shown="Urticaria"),)))
    assert card is not None
    assert (card.indicator, card.override_reasons) == (Indicator.INFO, ())


def test_an_unrecorded_severity_is_a_warning():
    card = safety_card(record(ORDER, allergies=(allergy(),)))
    assert card is not None
    assert card.indicator is Indicator.WARNING


@pytest.mark.boundaries("G9")
@pytest.mark.parametrize(
    "reaction",
    [
        allergy(severity="severe", verification="refuted"),
        allergy(severity="severe", verification="entered-in-error"),
        allergy(words("Penicillin"), severity="severe"),
        allergy(words("Muriner dust"), severity="severe"),
    ],
)
def test_refuted_and_foreign_allergies_say_nothing(reaction):
    assert truth("G9", record(ORDER, allergies=(reaction,))) == "NO"


def test_unread_allergies_are_unknown():
    assert truth("G9", record(ORDER, unread=("allergies",))) == "UNKNOWN"


# Progressive multifocal leukoencephalopathy


@pytest.mark.parametrize("kind", [{}, {"clinical": "resolved"}, {"verification": "provisional"}, {"ago": None}])
def test_pml_is_critical_however_old(kind):
    card = safety_card(record(ORDER, problems=(NEUROPATHY, problem("pml", **kind))))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.CRITICAL, {"G14"})


def test_refuted_pml_is_none():
    assert truth("G14", record(ORDER, problems=(NEUROPATHY, problem("pml", verification="refuted")))) == "NO"


# Before any order (ruling 3)


@pytest.mark.parametrize(
    ("gate", "chart"),
    [
        ("G2", record(results=(*SAFE, result("hbv_dna", "Detected", 5)))),
        ("G8", record(age=30, problems=(NEUROPATHY, problem("pregnancy")))),
        ("G9", record(allergies=(allergy(severity="severe"),))),
        ("G14", record(problems=(NEUROPATHY, problem("pml")))),
    ],
)
def test_a_contraindication_stands_in_the_place_of_the_recommendation(gate, chart):
    shown = cards(chart, "patient-view")
    assert behind(shown["rituximabSafety"]) == {gate}
    assert shown["rituximabSafety"].indicator is Indicator.WARNING
    assert "rituximab" not in shown


def test_a_mild_reaction_does_not_stand_before_an_order():
    assert safety_card(record(allergies=(allergy(severity="mild"),)), "patient-view") is None


def test_without_a_contraindication_no_safety_card_stands():
    shown = cards(record(), "patient-view")
    assert "rituximabSafety" not in shown
    assert "rituximab" in shown


def test_a_contraindication_is_silent_where_rituximab_is_no_question():
    shown = cards(record(problems=(problem("pml"),)), "patient-view")
    assert "rituximabSafety" not in shown


def test_a_nosebleed_without_monoclonal_igm_is_no_hyperviscosity():
    """G5 asks for a monoclonal IgM as HV-1 does: rituximab for multiple sclerosis, a nosebleed, no IgM on record."""
    chart = record(
        draft(reason=concept("multiple_sclerosis")),
        problems=(problem("hyperviscosity_epistaxis", ago=3),),
        results=without("igm_serum"),
    )
    assert truth("G5", chart) == "NO"
