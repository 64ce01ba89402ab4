"""An IgG that was measured low after rituximab (RE-4b, ruling 36)."""

import pytest

from cds_service.cards import Indicator
from hooks.anti_mag.cards import rituximab_aftercare
from tests.anti_mag.diagnosis.charts import days_ago, number, problem, result
from tests.anti_mag.flare.patients import MGUS, OURS, card_of, dose, finding, labels, patient, truth

COUNT = result("cbc", 7, 30)
PNEUMONIA = problem("pneumonia", onset=days_ago(100), clinical_status="resolved")


def igg(value, ago=30, **given):
    return result("igg_serum", number(value, "mg/dL"), ago, **given)


def treated(*facts, ago=60, **given):
    return patient(*OURS, COUNT, dose(ago), *facts, **given)


def told(*facts, **given):
    card = card_of(rituximab_aftercare, treated(*facts, **given))
    return None if card is None else card.indicator


@pytest.mark.boundaries("RE-4b")
@pytest.mark.parametrize(
    ("value", "alone", "infected"),
    [
        (400, None, None),
        (399, Indicator.INFO, Indicator.WARNING),
        (150, Indicator.INFO, Indicator.WARNING),
        (149, Indicator.WARNING, Indicator.WARNING),
    ],
)
def test_the_level_and_the_infections_decide_how_loud_it_is(value, alone, infected):
    assert (told(igg(value)), told(igg(value), PNEUMONIA)) == (alone, infected)


def test_a_low_igg_with_infections_goes_to_immunology_or_haematology():
    card = card_of(rituximab_aftercare, treated(igg(320), PNEUMONIA))
    assert card is not None
    assert "IgG 320 mg/dL with infections on record, ask immunology or haematology" in card.summary
    assert "AAAAI2022" in card.explanation.evidence
    assert any("aematology" in label for label in labels(card))


@pytest.mark.boundaries("RE-4b")
@pytest.mark.parametrize(("ago", "expected"), [(365, Indicator.WARNING), (366, Indicator.INFO)])
def test_infections_count_for_a_year(ago, expected):
    assert told(igg(320), problem("pneumonia", onset=days_ago(ago), clinical_status="resolved")) is expected


def test_minor_infections_count_when_they_recur():
    first, second = (problem("infection_minor", onset=days_ago(ago), clinical_status="resolved") for ago in (40, 90))
    assert told(igg(320), first) is Indicator.INFO
    assert told(igg(320), first, first) is Indicator.INFO
    assert told(igg(320), first, second) is Indicator.WARNING


def test_an_unread_problem_list_leaves_the_infections_open():
    missing = finding("RE-4b", treated(igg(320), unknown={"conditions"}))
    assert "infections: the problem list" in missing.missing


@pytest.mark.boundaries("RE-4b")
@pytest.mark.parametrize(("ago", "expected"), [(180, "YES"), (181, "NO")])
def test_an_old_igg_says_nothing(ago, expected):
    assert truth("RE-4b", treated(igg(320, ago))) == expected


def test_it_needs_rituximab_and_a_patient_of_ours():
    assert truth("RE-4b", patient(*OURS, COUNT, igg(320))) == "NO"
    assert truth("RE-4b", patient(MGUS, dose(60), igg(320))) == "NO"


def test_missing_is_not_low_and_unread_is_unknown():
    assert truth("RE-4b", treated()) == "NO"
    assert truth("RE-4b", treated(unknown={"laboratory"})) == "UNKNOWN"
    assert truth("RE-4b", treated(igg(800))) == "NO"
    assert truth("RE-4b", treated(igg(800), result("igg_serum", "4,5 x", 5))) == "UNKNOWN"


def test_cover_that_is_broken_is_said_first():
    core = result("anti_hbc_total", "Positive", 400)
    card = card_of(rituximab_aftercare, treated(core, igg(320), PNEUMONIA))
    assert card is not None
    assert "past hepatitis B" in card.summary
    assert "IgG is 320 mg/dL" in card.detail
