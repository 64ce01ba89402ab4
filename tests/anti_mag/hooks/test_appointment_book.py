"""At appointment-book, due means due by the appointment's date (ruling 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cds_service.record import Appointment
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.charts import TODAY, number, problem, result
from tests.anti_mag.flare.patients import NEUROPATHY, OURS, Evidence, igm, score, weekly
from tests.anti_mag.hooks.calls import cards, logic, picture, visit
from tests.anti_mag.reading import plain

BOOK = "appointment-book"
MILD = (*OURS, score("incat", 1, 200), result("cbc", number("5"), 20))
NCS = result("assessment_ncs_pattern", "demyelinating", 500)
ANTI_MAG = result("anti_mag_igm_quantitative", number("20000", "{BTU}"), 200)
FIXATION = result("immunofixation_serum", "monoclonal IgM kappa", 200)
COMPLETE = (NCS, ANTI_MAG, FIXATION)


def truth(logic: str, *facts: Evidence | Appointment) -> str:
    return BY_LOGIC[logic](picture(BOOK, *facts)).truth.value


def test_the_day_is_the_earliest_visit_that_takes_place_and_is_not_past() -> None:
    made = [visit(30), visit(20), visit(10, "cancelled"), visit(12, "noshow"), visit(-5), visit(5, "entered-in-error")]
    assert picture(BOOK, *made).visit == TODAY + timedelta(days=20)
    assert picture(BOOK, *made).due_by == TODAY + timedelta(days=20)


@pytest.mark.parametrize("booked", [[], [visit(-1)], [visit(5, "cancelled")], [replace(visit(5), when=None)]])
def test_without_a_day_to_come_due_means_due_today(booked: list[Appointment]) -> None:
    assert picture(BOOK, *booked).visit is None
    assert picture(BOOK, *booked).due_by == TODAY


def test_a_review_of_mild_disease_is_due_when_the_year_is_over_by_the_visit() -> None:
    # Assessed 200 days ago: a year is over in 165 days. IgM is young enough by then.
    facts = (*MILD, *COMPLETE, igm(900, 0))
    assert truth("MO-1", *facts) == "NO"
    assert truth("MO-1", *facts, visit(164)) == "NO"
    assert truth("MO-1", *facts, visit(165)) == "YES"


def test_an_igm_of_mild_disease_is_due_when_its_year_is_over_by_the_visit() -> None:
    # IgM is 300 days old and due in 65; the scores are of today.
    facts = (*OURS, *COMPLETE, score("incat", 1, 0), result("cbc", number("5"), 20), igm(900, 300))
    assert truth("MO-1", *facts, visit(64)) == "NO"
    assert truth("MO-1", *facts, visit(65)) == "YES"
    card = cards(BOOK, *facts, visit(65))["followUpAssessment"]
    assert "IgM due" in card.summary
    assert "by the visit on 5 May 2026" in plain(card.detail)
    assert [suggestion.label for suggestion in card.suggestions] == ["Order: Serum IgM, quantitative"]


@pytest.mark.boundaries("SC-1")
def test_scores_where_severity_is_unknown_are_due_by_the_visit() -> None:
    old = score("grip", 50, 100)
    assert truth("SC-1", *OURS, *COMPLETE, old) == "NO"
    assert truth("SC-1", *OURS, *COMPLETE, old, visit(79)) == "NO"
    assert truth("SC-1", *OURS, *COMPLETE, old, visit(80)) == "YES"


def test_scores_stand_on_their_own_card_and_the_tests_before_rituximab_on_the_other() -> None:
    shown = cards(BOOK, *OURS, *COMPLETE, visit(20))
    assert set(shown) == {"followUpAssessment", "diagnosticWorkUp"}
    assert logic(shown["followUpAssessment"]) == {"SC-1"}
    work_up = shown["diagnosticWorkUp"]
    assert logic(work_up) == {"WU-1"}
    assert "Have these done by the visit on 21 Mar 2026" in plain(work_up.detail)
    assert "HBsAg" in work_up.detail
    assert "INCAT" not in work_up.detail


def test_missing_pieces_of_the_diagnosis_are_listed_for_the_visit() -> None:
    suspected = (problem("polyneuropathy_generic"), problem("igm_mgus"))
    card = cards(BOOK, *suspected, visit(20))["diagnosticWorkUp"]
    assert logic(card) == {"WU-1"}
    assert "the diagnosis is not complete" in card.detail
    assert "HBsAg" not in card.detail


@pytest.mark.boundaries("RE-1")
@pytest.mark.parametrize(("days", "expected"), [(25, "NO"), (26, "YES")])
def test_a_response_review_is_due_when_its_month_has_come_by_the_visit(days: int, expected: str) -> None:
    # Day 0 was 2025-09-27; month 6 is over on 2026-03-27, in 26 days; today is day 155 of the flare window.
    facts = (*OURS, *weekly(155), score("incat", 3, 200))
    assert picture(BOOK, *facts).state.value == "S7"
    assert truth("RE-1", *facts, visit(days)) == expected


def test_the_review_card_names_the_visit() -> None:
    card = cards(BOOK, *OURS, *weekly(155), score("incat", 3, 200), visit(40))["followUpAssessment"]
    assert logic(card) == {"RE-1"}
    assert "Record the scores by the visit on 10 Apr 2026" in plain(card.detail)
    assert "is due on 27 Mar 2026" in plain(card.detail)


@pytest.mark.parametrize(("days", "week"), [(0, 2), (7, 2), (8, 4), (22, 6)])
def test_an_igm_check_is_due_when_its_day_has_come_by_the_visit(days: int, week: int) -> None:
    # Day 0 was 20 days ago: the checks are on days 14, 28, 42.
    card = cards(BOOK, *OURS, *weekly(20, 3), visit(days))["igmMonitoring"]
    assert f"check of week {week} after rituximab" in card.summary


def test_an_igm_check_that_was_done_or_is_still_to_come_after_the_visit_is_not_due() -> None:
    assert "igmMonitoring" not in cards(BOOK, *OURS, *weekly(20, 3), igm(900, 3), visit(7))
    assert "igmMonitoring" not in cards(BOOK, *OURS, *weekly(5, 1), visit(8))
    assert "igmMonitoring" not in cards(BOOK, *OURS, *weekly(20, 3))


def test_the_igm_draft_is_for_the_day_of_the_check() -> None:
    (offered,) = cards(BOOK, *OURS, *weekly(20, 3), visit(10))["igmMonitoring"].suggestions
    assert plain(offered.label) == "Order: Serum IgM, quantitative on 9 Mar 2026"
    assert offered.actions[0].resource is not None
    assert offered.actions[0].resource["occurrenceDateTime"] == "2026-03-09"


def test_at_other_hooks_a_visit_plays_no_part() -> None:
    assert "rituximab" not in cards(BOOK, *OURS, *COMPLETE, score("incat", 4, 10), visit(20))
    assert "rituximab" in cards("patient-view", *OURS, *COMPLETE, score("incat", 4, 10))


def test_a_patient_out_of_scope_has_nothing_to_settle() -> None:
    assert cards(BOOK, problem("", text="hypertension"), visit(20)) == {}
    assert cards(BOOK, replace(NEUROPATHY, verification_status="refuted"), visit(20)) == {}
