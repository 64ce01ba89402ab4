"""The states of C2, in their order, with rulings 4, 15 and 21."""

from dataclasses import replace

import pytest

from hooks.anti_mag.picture.state import State
from tests.anti_mag.diagnosis.charts import btu, coded, days_ago, problem, result
from tests.anti_mag.flare.patients import (
    MGUS,
    NEUROPATHY,
    OURS,
    WALDENSTROM,
    Evidence,
    dose,
    ordered,
    patient,
    score,
    weekly,
)

POLYNEUROPATHY = problem("polyneuropathy_generic")


def state(*facts: Evidence, hook: str = "patient-view") -> State:
    return patient(*facts, hook=hook).state


def test_nobody_of_ours_is_out_of_scope() -> None:
    assert state() is State.OUT_OF_SCOPE
    assert state(POLYNEUROPATHY) is State.OUT_OF_SCOPE
    assert state(problem("diabetic_polyneuropathy")) is State.OUT_OF_SCOPE


def test_rituximab_for_another_disease_stays_out_of_scope() -> None:
    assert state(*weekly(20), problem("multiple_sclerosis")) is State.OUT_OF_SCOPE
    assert state(ordered("rituximab", is_draft=True, is_selected=True), hook="order-sign") is State.OUT_OF_SCOPE


def test_an_igm_gammopathy_without_neuropathy_is_a_state_of_its_own() -> None:
    assert state(MGUS) is State.GAMMOPATHY_ONLY
    assert state(WALDENSTROM) is State.GAMMOPATHY_ONLY


def test_a_gammopathy_without_neuropathy_stays_so_on_rituximab() -> None:
    assert state(WALDENSTROM, *weekly(20)) is State.GAMMOPATHY_ONLY
    assert state(WALDENSTROM, ordered("rituximab")) is State.GAMMOPATHY_ONLY


def test_a_low_antibody_without_neuropathy_changes_nothing() -> None:
    assert state(result("anti_mag_igm_quantitative", btu(1900), 20)) is State.OUT_OF_SCOPE
    assert state(MGUS, result("anti_mag_igm_quantitative", btu(1900), 20)) is State.GAMMOPATHY_ONLY


def test_a_refuted_diagnosis_is_out_of_scope_or_the_gammopathy_alone() -> None:
    refuted = replace(NEUROPATHY, verification_status="refuted")
    assert state(refuted, POLYNEUROPATHY) is State.OUT_OF_SCOPE
    assert state(refuted, MGUS) is State.GAMMOPATHY_ONLY


def test_suspicion_and_work_up() -> None:
    assert state(result("anti_mag_igm_quantitative", btu(20000), 20)) is State.SUSPECTED
    assert state(POLYNEUROPATHY, MGUS) is State.WORK_UP


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((), State.SEVERITY_UNKNOWN),
        ((score("incat", 1, 20),), State.MILD_STABLE),
        ((score("incat", 4, 20),), State.TREATABLE),
        ((score("incat", 1, 200), score("incat", 2, 20)), State.TREATABLE),
    ],
)
def test_probable_disease_is_sorted_by_severity(scores: tuple[Evidence, ...], expected: State) -> None:
    antibody = result("anti_mag_igm_quantitative", btu(20000), 20)
    assert state(POLYNEUROPATHY, MGUS, antibody, *scores) is expected
    assert state(NEUROPATHY, *scores) is expected


def test_possible_disease_is_not_sorted_by_severity() -> None:
    assert state(POLYNEUROPATHY, MGUS, score("incat", 4, 20)) is State.WORK_UP


def test_an_order_or_a_draft_is_planned() -> None:
    assert state(*OURS, ordered("rituximab")) is State.PLANNED
    assert state(*OURS, ordered("rituximab", is_draft=True, is_selected=True), hook="order-sign") is State.PLANNED
    assert state(*OURS, ordered("rituximab", is_draft=True), hook="order-select") is State.PLANNED


def test_a_draft_for_another_disease_is_not_planned_here() -> None:
    draft = ordered("rituximab", is_draft=True, is_selected=True, reasons=(coded("multiple_sclerosis"),))
    assert state(*OURS, draft, hook="order-sign") is State.SEVERITY_UNKNOWN


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0, State.FLARE_WINDOW), (180, State.FLARE_WINDOW), (181, State.ASSESSMENT), (730, State.ASSESSMENT)],
)
def test_the_days_after_the_first_dose(day: int, expected: State) -> None:
    assert state(*OURS, dose(day), score("incat", 1, day)) is expected


def test_after_two_years_severity_decides_again() -> None:
    assert state(*OURS, dose(731), score("incat", 1, 20)) is State.MILD_STABLE


def test_the_flare_window_comes_before_an_order() -> None:
    assert state(*OURS, *weekly(14, doses=2), ordered("rituximab", days=14)) is State.FLARE_WINDOW


def test_an_order_after_the_flare_window_comes_before_everything_else() -> None:
    facts = (*OURS, *weekly(400), score("incat", 4, 410), score("incat", 4, 10))
    assert state(*facts) is State.REFRACTORY
    assert state(*facts, ordered("rituximab", days=2)) is State.PLANNED


def test_rituximab_of_unknown_time_leaves_the_state_to_severity() -> None:
    assert state(*OURS, replace(dose(30), when=None), score("incat", 4, 20)) is State.TREATABLE


def test_a_relapse_is_the_question_of_another_course() -> None:
    scores = (score("incat", 4, 420), score("incat", 2, 200), score("incat", 4, 10))
    assert state(*OURS, *weekly(400), *scores) is State.RETREATMENT


def test_a_future_dose_is_none() -> None:
    assert state(*OURS, replace(dose(1), when=days_ago(-1))) is State.SEVERITY_UNKNOWN
