"""An IgM that is still raised after day 120, and confirmed (FL-4)."""

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from hooks.anti_mag.cards import plasma_exchange_flare
from tests.anti_mag.flare.patients import OURS, card_of, finding, igm, labels, patient, symptom, truth, weekly

DAY_ZERO = 150
"""Days ago: today is day 150 of the course."""
BASELINE = igm(1000, DAY_ZERO + 5)


def late(*values, day_zero=DAY_ZERO, baseline=BASELINE):
    """Values as (mg/dL, day of the course)."""
    return patient(*OURS, *weekly(day_zero), baseline, *(igm(value, day_zero - day) for value, day in values))


@pytest.mark.boundaries("FL-4")
@pytest.mark.parametrize(("value", "expected"), [(1249, "NO"), (1250, "YES"), (2000, "YES")])
def test_two_values_a_quarter_above_the_baseline_are_a_lasting_rise(value, expected):
    assert truth("FL-4", late((value, 130), (value, 145))) == expected


@pytest.mark.boundaries("FL-4")
@pytest.mark.parametrize(("apart", "expected"), [(13, "UNKNOWN"), (14, "YES")])
def test_the_values_lie_two_weeks_apart(apart, expected):
    assert truth("FL-4", late((1500, 145 - apart), (1500, 145))) == expected


@pytest.mark.boundaries("FL-4")
@pytest.mark.parametrize(("first", "expected"), [(120, "UNKNOWN"), (121, "YES")])
def test_both_are_of_after_day_120(first, expected):
    assert truth("FL-4", late((1500, first), (1500, 145))) == expected


@pytest.mark.boundaries("FL-4")
@pytest.mark.parametrize(("day_zero", "expected"), [(120, "NO"), (180, "YES"), (181, "NO")])
def test_it_runs_from_day_121_to_day_180(day_zero, expected):
    values = ((1500, 122), (1500, 140)) if day_zero > 120 else ((1500, 60), (1500, 80))
    assert truth("FL-4", late(*values, day_zero=day_zero, baseline=igm(1000, day_zero + 5))) == expected


def test_the_floor_of_100_holds_here_too():
    low = igm(200, DAY_ZERO + 5)
    assert truth("FL-4", late((290, 130), (290, 145), baseline=low)) == "NO"
    assert truth("FL-4", late((300, 130), (300, 145), baseline=low)) == "YES"


def test_one_high_value_waits_to_be_confirmed():
    found = finding("FL-4", late((1500, 145)))
    assert found.truth.value == "UNKNOWN"
    assert found.missing == ("a second serum IgM two weeks after the first",)
    assert card_of(plasma_exchange_flare, late((1500, 145))) is None


def test_a_rise_that_has_gone_or_is_new_is_none():
    assert truth("FL-4", late((1500, 130), (1100, 145))) == "NO"
    assert truth("FL-4", late((1100, 125), (1500, 145))) == "NO"


def test_without_a_baseline_or_a_late_value_it_is_unknown():
    assert truth("FL-4", patient(*OURS, *weekly(DAY_ZERO), igm(1500, 20), igm(1500, 5))) == "UNKNOWN"
    assert truth("FL-4", late((1500, 60))) == "UNKNOWN"


def test_a_preliminary_value_confirms_nothing():
    seen = patient(*OURS, *weekly(DAY_ZERO), BASELINE, igm(1500, 20), igm(1500, 5, status="preliminary"))
    assert truth("FL-4", seen) == "UNKNOWN"


def test_another_method_is_not_compared():
    values = [replace(igm(1500, ago), method="nephelometry") for ago in (20, 5)]
    seen = patient(*OURS, *weekly(DAY_ZERO), replace(BASELINE, method="turbidimetry"), *values)
    assert truth("FL-4", seen) == "UNKNOWN"


def test_the_card_asks_haematology_about_progression_and_calls_nothing_a_failure():
    card = card_of(plasma_exchange_flare, late((1500, 130), (1600, 145)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert card.summary == "IgM still raised 150 days after rituximab, confirmed: ask haematology about progression"
    assert "60 % and 600 mg/dL above 1000 mg/dL" in card.detail
    assert "IWWMRESP" in card.explanation.evidence
    assert "failure" not in card.detail
    assert labels(card) == ["Referral to haematology"]


def test_beside_a_threatening_igm_the_referral_stands_on_the_other_card():
    card = card_of(plasma_exchange_flare, late((4200, 130), (4200, 145), baseline=igm(3000, DAY_ZERO + 5)))
    assert card is not None
    assert card.suggestions == ()


def test_with_symptoms_the_hyperviscosity_card_speaks_alone():
    seen = patient(*OURS, *weekly(DAY_ZERO), BASELINE, igm(3200, 20), igm(3200, 5), symptom("hyperviscosity_epistaxis"))
    assert truth("FL-4", seen) == "YES"
    assert card_of(plasma_exchange_flare, seen) is None
