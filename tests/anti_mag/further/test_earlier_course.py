"""A course that ended long before the neuropathy treated something else (ruling 29)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cds_service.values import When
from hooks.anti_mag.cards import rituximab
from hooks.anti_mag.picture.first_record import first_record_of_neuropathy
from hooks.anti_mag.picture.state import State
from tests.anti_mag.diagnosis.charts import TODAY, chart, days_ago, procedure, result
from tests.anti_mag.flare.patients import MGUS, NEUROPATHY, card_of, dose, finding, patient, score, truth, word
from tests.anti_mag.reading import plain

SINCE = date(2025, 6, 1)
"""The day on which the neuropathy is first on record."""


def on(day):
    return (TODAY - day).days


OURS = (replace(NEUROPATHY, onset=When.on(SINCE)), replace(MGUS, recorded=When.on(date(2010, 1, 1))))
DISABLED = (*OURS, score("incat", 4, 5))
LONG_BEFORE = dose(on(date(2024, 5, 31)))
JUST_WITHIN = dose(on(date(2024, 6, 1)))


@pytest.mark.parametrize(
    ("given", "is_other"), [(LONG_BEFORE, True), (JUST_WITHIN, False), (dose(on(date(2025, 12, 1))), False)]
)
def test_more_than_twelve_months_before_the_first_record_it_treated_something_else(given, is_other):
    assert patient(*DISABLED, given).rituximab.treated_something_else is is_other


def test_the_last_dose_counts_and_not_the_first():
    last = on(date(2024, 6, 3))
    assert not patient(*DISABLED, dose(last + 7), dose(last)).rituximab.treated_something_else


def test_the_latest_course_counts():
    assert not patient(*DISABLED, LONG_BEFORE, dose(200)).rituximab.treated_something_else


def test_rituximab_may_come_naming_it_and_no_verdict_is_given_on_it():
    seen = patient(*DISABLED, LONG_BEFORE)
    assert [truth(logic, seen) for logic in ("TX-1", "RT-1", "RF-1", "RE-1", "RE-2")] == ["YES", "NO", "NO", "NO", "NO"]
    assert seen.state is State.TREATABLE
    assert LONG_BEFORE.source in {fact.reference for fact in finding("TX-1", seen).facts}
    card = card_of(rituximab, seen)
    assert card is not None
    assert "**Rituximab was given before, until 31 May 2024**" in plain(card.detail)
    assert "it treated something else" in card.detail
    assert "course.before_neuropathy" not in card.detail


def test_of_several_earlier_courses_the_last_dose_of_all_is_named():
    facts = finding("TX-1", patient(*DISABLED, dose(on(date(2020, 5, 1))), LONG_BEFORE)).facts
    assert [fact.date for fact in facts if fact.what == "Rituximab given"] == ["2024-05-31"]


def test_a_course_within_the_twelve_months_is_the_neuropathys():
    seen = patient(*DISABLED, JUST_WITHIN)
    assert [truth(logic, seen) for logic in ("TX-1", "RT-1")] == ["NO", "UNKNOWN"]


def test_the_drafts_are_those_of_a_first_course():
    card = card_of(rituximab, patient(*DISABLED, LONG_BEFORE))
    assert card is not None
    (action,) = card.suggestions[0].actions
    assert action.resource is not None
    assert "rule TX-1" in action.resource["note"][0]["text"]


@pytest.mark.parametrize("unread", ["conditions", "laboratory", "assessments", "procedures"])
def test_what_could_hold_an_earlier_record_and_was_not_read_leaves_the_course_its_treatment(unread):
    seen = patient(*DISABLED, LONG_BEFORE, unknown={unread})
    assert not seen.rituximab.treated_something_else
    assert truth("TX-1", seen) == "NO"


def test_a_neuropathy_without_a_date_leaves_the_course_its_treatment():
    seen = patient(NEUROPATHY, MGUS, score("incat", 4, 5), LONG_BEFORE)
    assert not seen.rituximab.treated_something_else


def test_another_course_without_a_date_does_so_too():
    undated = replace(LONG_BEFORE, source="MedicationAdministration/undated", when=None)
    assert not patient(*DISABLED, LONG_BEFORE, undated).rituximab.treated_something_else


@pytest.mark.parametrize(
    "earlier",
    [
        result("anti_mag_igm_quantitative", 20000, on(date(2024, 1, 1))),
        result("assessment_ncs_pattern", "demyelinating", on(date(2024, 1, 1))),
        procedure(text="Nerve conduction study", days=on(date(2024, 1, 1))),
        score("onls", 2, on(date(2024, 1, 1))),
    ],
    ids=["anti-MAG", "conduction", "conduction done", "score"],
)
def test_an_earlier_anti_mag_study_or_score_is_a_record_of_the_neuropathy(earlier):
    seen = chart(*DISABLED, earlier)
    assert first_record_of_neuropathy(seen) == date(2024, 1, 1)
    assert not patient(*DISABLED, LONG_BEFORE, earlier).rituximab.treated_something_else


def test_without_an_onset_the_day_of_recording_counts_and_a_month_from_its_first_day():
    recorded = replace(NEUROPATHY, recorded=days_ago(100))
    assert first_record_of_neuropathy(chart(recorded)) == TODAY - timedelta(days=100)
    month = When(date(2025, 6, 1), date(2025, 6, 30))
    assert first_record_of_neuropathy(chart(replace(NEUROPATHY, onset=month))) == date(2025, 6, 1)
    assert first_record_of_neuropathy(chart(MGUS)) is None


# The first score of the course as its baseline (ruling 18)


@pytest.mark.parametrize(("day", "is_baseline"), [(1, True), (60, True), (61, False)])
def test_the_first_score_of_a_course_stands_for_the_baseline_up_to_day_60(day, is_baseline):
    course, first, newest = dose(400), score("incat", 4, 400 - day), score("incat", 2, 5)
    seen = patient(*OURS, course, first, newest)
    assert bool(seen.response.scales) is is_baseline


def test_without_a_baseline_another_course_is_a_question_on_condition():
    late = (score("incat", 3, 300), score("incat", 4, 5))
    assert truth("RT-1", patient(*OURS, dose(400), *late)) == "UNKNOWN"
    assert truth("RT-1", patient(*OURS, dose(400), *late, word("stable", 3))) == "NO"
