"""Scores where severity is unknown (SC-1), the yearly review of mild disease (MO-1), supportive care; their cards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Truth
from cds_service.record import Fact
from hooks.anti_mag.cards import follow_up_assessment, supportive_care
from hooks.anti_mag.picture.contraindications import Contraindications
from hooks.anti_mag.picture.disability import Disability
from hooks.anti_mag.picture.drafts import Drafts
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.supportive_care import SupportiveCare
from hooks.anti_mag.picture.work_up import WorkUp
from tests.anti_mag.diagnosis.charts import days_ago
from tests.anti_mag.diagnosis.pictures import (
    CONFIRMED,
    INCAT,
    MILD,
    NEUROPATHY,
    TREATABLE,
    UNSCORED,
    card_of,
    finding,
    missing,
)

NEEDS = SupportiveCare(movement_need=Statement.yes(INCAT), pain_need=Statement.yes(NEUROPATHY))
WITH_DISEASE = [state for state in State if state.value in {f"S{number}" for number in range(3, 11)}]


def truth(logic, picture):
    return finding(logic, picture).truth


def mild(days: int | None, **fields):
    last = None if days is None else days_ago(days).end
    return replace(MILD, disability=replace(MILD.disability, last_assessed=last), **fields)


def follow_up(picture, *logics):
    return card_of(follow_up_assessment, picture, *(logics or ("TX-1", "SC-1", "MO-1")))


@pytest.mark.boundaries("SC-1")
def test_unknown_severity_asks_for_scores():
    assert truth("SC-1", UNSCORED) is Truth.YES
    assert truth("SC-1", TREATABLE) is Truth.NO


@pytest.mark.boundaries("SC-1")
def test_a_score_of_the_last_half_year_keeps_the_reminder_quiet():
    recent = replace(UNSCORED, disability=Disability(last_score=days_ago(179).end))
    due = replace(UNSCORED, disability=Disability(last_score=days_ago(180).end))
    assert (truth("SC-1", recent), truth("SC-1", due)) == (Truth.NO, Truth.YES)


@pytest.mark.boundaries("SC-1")
def test_unreadable_assessments_are_no_claim_that_scores_are_missing():
    unread = replace(UNSCORED, disability=Disability(is_readable=False))
    assert truth("SC-1", unread) is Truth.UNKNOWN
    assert follow_up(unread) is None


def test_scores_are_asked_for_on_the_work_up_card_beside_rituximab_and_here_otherwise():
    assert follow_up(UNSCORED) is None
    pregnant = replace(UNSCORED, contraindications=Contraindications(pregnancy=Statement.yes(INCAT)))
    made = follow_up(pregnant)
    assert made.indicator is Indicator.INFO
    assert "I-RODS" in made.summary


@pytest.mark.boundaries("MO-1")
@pytest.mark.parametrize(("days", "expected"), [(364, Truth.NO), (365, Truth.YES), (None, Truth.YES)])
def test_mild_disease_is_reviewed_yearly(days, expected):
    assert truth("MO-1", mild(days)) is expected


def test_mild_disease_needs_an_igm_every_year():
    assert truth("MO-1", mild(10, work_up=WorkUp(diagnostic=missing("igm")))) is Truth.YES
    assert truth("MO-1", mild(10, work_up=WorkUp(unknown=missing("igm")))) is Truth.UNKNOWN


def test_a_review_is_not_called_overdue_when_assessments_could_not_be_read():
    unread = replace(MILD, disability=replace(MILD.disability, last_assessed=None, is_readable=False))
    assert truth("MO-1", unread) is Truth.UNKNOWN


def test_other_states_have_no_review_of_mild_disease():
    assert truth("MO-1", replace(mild(500), state=State.TREATABLE)) is Truth.NO


@pytest.mark.parametrize("logic", ["SC-1", "MO-1", "supportiveCare"])
@pytest.mark.parametrize("age", [17, None])
def test_children_and_people_of_unknown_age_get_nothing(logic, age):
    picture = mild(500, supportive_care=NEEDS) if logic != "SC-1" else UNSCORED
    assert truth(logic, picture) is Truth.YES
    assert truth(logic, replace(picture, age=age)) is Truth.NO


def test_the_review_card_holds_immunotherapy_back_and_says_what_is_due():
    made = follow_up(mild(400, work_up=WorkUp(diagnostic=missing("igm")), diagnosis=CONFIRMED))
    assert made.indicator is Indicator.INFO
    assert "no immunotherapy now" in made.summary
    assert "Neurological review with scores and IgM due" in made.summary
    assert len(made.suggestions) == 1
    assert "16 %" in made.detail


def test_the_review_card_offers_no_igm_that_is_not_due():
    made = follow_up(mild(400))
    assert made.suggestions == ()
    assert "and IgM" not in made.summary


# Supportive care


@pytest.mark.boundaries("supportiveCare")
@pytest.mark.parametrize("state", list(State))
def test_supportive_care_speaks_from_s3_to_s10(state):
    expected = Truth.YES if state in WITH_DISEASE else Truth.NO
    assert truth("supportiveCare", replace(MILD, state=state, supportive_care=NEEDS)) is expected


def test_needs_that_are_met_or_absent_make_no_card():
    met = replace(NEEDS, has_physical_therapy=True, has_pain_medicine=True)
    for care in (met, SupportiveCare()):
        picture = replace(MILD, supportive_care=care)
        assert truth("supportiveCare", picture) is Truth.NO
        assert card_of(supportive_care, picture, "supportiveCare") is None


def test_unreadable_orders_leave_supportive_care_open():
    unread = replace(NEEDS, knows_physical_therapy=False, knows_pain_medicine=False)
    assert truth("supportiveCare", replace(MILD, supportive_care=unread)) is Truth.UNKNOWN


def test_only_the_part_that_is_needed_is_said():
    movement = card_of(
        supportive_care, replace(MILD, supportive_care=replace(NEEDS, has_pain_medicine=True)), "supportiveCare"
    )
    assert "balance" in movement.detail
    assert "duloxetine" not in movement.detail
    referrals = ["Referral to physical therapy", "Referral to occupational therapy"]
    assert [suggestion.label for suggestion in movement.suggestions] == referrals
    assert "occupational therapy" in movement.detail
    assert "heart block" not in movement.detail
    pain = card_of(
        supportive_care, replace(MILD, supportive_care=replace(NEEDS, has_physical_therapy=True)), "supportiveCare"
    )
    assert "balance" not in pain.detail
    for medicine in ("amitriptyline", "duloxetine", "gabapentin", "pregabalin"):
        assert medicine in pain.detail
    assert pain.suggestions == (), "a pain medicine is never drafted"
    assert "No amitriptyline with heart block" in pain.detail
    assert {"AMISMPC", "SCOTFALLS"} <= set(pain.explanation.evidence)


def test_tremor_is_told_where_the_card_speaks_anyway():
    tremor = Fact("Condition/tremor", "Tremor", "Tremor, unspecified")
    shaking = replace(NEEDS, tremor=Statement.yes(tremor))
    with_it = card_of(supportive_care, replace(MILD, supportive_care=shaking), "supportiveCare")
    assert "No trial of its treatment is known" in with_it.detail
    assert tremor in with_it.explanation.facts
    without = card_of(supportive_care, replace(MILD, supportive_care=NEEDS), "supportiveCare")
    assert "remor" not in without.detail


def test_occupational_therapy_that_is_ordered_or_done_is_not_offered_again():
    for care in (
        replace(MILD, supportive_care=replace(NEEDS, has_occupational_therapy=True)),
        replace(MILD, supportive_care=NEEDS, drafts=Drafts(referrals=frozenset({"occupational_therapy_referral"}))),
    ):
        made = card_of(supportive_care, care, "supportiveCare")
        assert [suggestion.label for suggestion in made.suggestions] == ["Referral to physical therapy"]


def test_supportive_care_offers_what_the_chart_lacks():
    picture = replace(TREATABLE, state=State.FLARE_WINDOW, supportive_care=NEEDS)
    summary = card_of(supportive_care, picture, "supportiveCare").summary
    assert summary.startswith("Offer physical therapy and treatment of the neuropathic pain (none in the last ")
