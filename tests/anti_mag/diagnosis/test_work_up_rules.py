"""What is missing for the diagnosis (DX-1, DX-2, WU-1), and its card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag.cards import diagnostic_work_up
from hooks.anti_mag.picture.anti_mag import AntiMag
from hooks.anti_mag.picture.contraindications import Contraindications
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.work_up import WorkUp
from tests.anti_mag.diagnosis.pictures import (
    CONFIRMED,
    INCAT,
    MILD,
    PROBABLE,
    SUSPECTED,
    TITRE,
    TREATABLE,
    UNSCORED,
    card_of,
    finding,
    missing,
)

ALL = ("TX-1", "DX-1", "DX-2", "WU-1", "SC-1")
BEFORE = [State.SUSPECTED, State.WORK_UP, State.SEVERITY_UNKNOWN, State.MILD_STABLE, State.TREATABLE]
SILENT = [state for state in State if state not in BEFORE]
POSITIVE = replace(SUSPECTED.diagnosis, anti_mag=PROBABLE.anti_mag, paraprotein=Statement.no())
LACKS_FIXATION = replace(SUSPECTED, diagnosis=POSITIVE, work_up=WorkUp(diagnostic=missing("immunofixation")))


def truth(logic, picture):
    return finding(logic, picture).truth


def card(picture, *logics):
    return card_of(diagnostic_work_up, picture, *(logics or ALL))


@pytest.mark.boundaries("DX-1")
@pytest.mark.parametrize("test", ["anti_mag", "nerve_conduction"])
def test_neuropathy_with_igm_and_one_test_missing_asks_for_it(test):
    assert truth("DX-1", replace(SUSPECTED, work_up=WorkUp(diagnostic=missing(test)))) is Truth.YES


def test_neuropathy_with_igm_and_both_tests_done_asks_for_nothing():
    assert truth("DX-1", replace(SUSPECTED, work_up=WorkUp())) is Truth.NO


@pytest.mark.boundaries("DX-1")
@pytest.mark.parametrize("part", ["neuropathy", "paraprotein"])
def test_without_neuropathy_or_paraprotein_the_two_tests_are_not_asked_for(part):
    diagnosis = replace(SUSPECTED.diagnosis, **{part: Statement.no()})
    assert truth("DX-1", replace(SUSPECTED, diagnosis=diagnosis)) is Truth.NO


def test_an_unreadable_laboratory_is_no_claim_that_anti_mag_was_never_tested():
    picture = replace(SUSPECTED, work_up=WorkUp(unknown=missing("anti_mag")))
    found = finding("DX-1", picture)
    assert found.truth is Truth.UNKNOWN
    assert found.missing
    assert card(picture) is None


def test_a_result_to_be_interpreted_is_not_called_untested():
    unclear = replace(SUSPECTED.diagnosis, anti_mag=AntiMag("unclear", facts=(TITRE,)))
    picture = replace(SUSPECTED, diagnosis=unclear, work_up=WorkUp(diagnostic=missing("anti_mag")))
    assert truth("DX-1", picture) is Truth.NO
    assert truth("WU-1", picture) is Truth.YES


def test_a_positive_antibody_without_immunofixation_asks_for_it():
    assert truth("DX-2", LACKS_FIXATION) is Truth.YES
    assert truth("DX-2", replace(LACKS_FIXATION, work_up=WorkUp())) is Truth.NO
    assert truth("DX-2", replace(LACKS_FIXATION, work_up=WorkUp(unknown=missing("immunofixation")))) is Truth.UNKNOWN


@pytest.mark.boundaries("DX-2")
@pytest.mark.parametrize("verdict", ["weak", "negative", "unclear", "untested"])
def test_an_antibody_that_is_not_positive_does_not_ask_for_immunofixation(verdict):
    diagnosis = replace(POSITIVE, anti_mag=AntiMag(verdict))
    assert truth("DX-2", replace(LACKS_FIXATION, diagnosis=diagnosis)) is Truth.NO


@pytest.mark.boundaries("WU-1")
@pytest.mark.parametrize("test", ["anti_mag", "nerve_conduction", "immunofixation", "igm"])
@pytest.mark.parametrize("tier", [Tier.POSSIBLE, Tier.PROBABLE])
def test_a_missing_piece_of_an_open_diagnosis_makes_the_list(test, tier):
    picture = replace(MILD, diagnosis=replace(PROBABLE, tier=tier), work_up=WorkUp(diagnostic=missing(test)))
    assert truth("WU-1", picture) is Truth.YES


def test_a_missing_blood_count_alone_makes_no_list():
    assert truth("WU-1", replace(SUSPECTED, work_up=WorkUp(diagnostic=missing("blood_count")))) is Truth.NO
    assert truth("WU-1", replace(SUSPECTED, work_up=WorkUp(unknown=missing("blood_count")))) is Truth.NO


@pytest.mark.boundaries("WU-1")
@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        (WorkUp(), Truth.NO),
        (WorkUp(unknown=missing("hbsag")), Truth.UNKNOWN),
        (WorkUp(baseline=missing("hbsag")), Truth.YES),
    ],
)
def test_before_rituximab_any_test_of_the_list_counts_and_a_whole_list_is_none(gaps, expected):
    assert truth("WU-1", replace(TREATABLE, work_up=gaps)) is expected


def test_a_confirmed_diagnosis_makes_no_list_unless_rituximab_is_considered():
    gaps = WorkUp(diagnostic=missing("immunofixation"), baseline=missing("hbsag"))
    assert truth("WU-1", replace(MILD, diagnosis=CONFIRMED, work_up=gaps)) is Truth.NO
    assert truth("WU-1", replace(TREATABLE, diagnosis=CONFIRMED, work_up=gaps)) is Truth.YES


def test_a_bare_text_without_neuropathy_or_antibody_makes_no_list():
    diagnosis = replace(SUSPECTED.diagnosis, neuropathy=Statement.no())
    assert truth("WU-1", replace(SUSPECTED, diagnosis=diagnosis)) is Truth.NO


@pytest.mark.parametrize("logic", ["DX-1", "DX-2", "WU-1"])
@pytest.mark.parametrize("state", SILENT)
def test_the_work_up_is_silent_outside_the_time_before_treatment(logic, state):
    gaps = WorkUp(diagnostic=missing("anti_mag", "nerve_conduction", "immunofixation"))
    picture = replace(SUSPECTED, diagnosis=replace(POSITIVE, paraprotein=PROBABLE.paraprotein), work_up=gaps)
    assert truth(logic, replace(picture, state=state)) is Truth.NO


@pytest.mark.parametrize("logic", ["DX-1", "DX-2", "WU-1"])
@pytest.mark.parametrize("age", [17, None])
def test_children_and_people_of_unknown_age_are_not_worked_up(logic, age):
    picture = LACKS_FIXATION if logic == "DX-2" else SUSPECTED
    assert truth(logic, picture) is Truth.YES
    assert truth(logic, replace(picture, age=age)) is Truth.NO


def test_one_card_lists_each_missing_test_with_its_order():
    made = card(SUSPECTED)
    assert made.indicator is Indicator.INFO
    assert {note.logic for note in made.explanation.findings} == {"DX-1", "WU-1"}
    assert len(made.suggestions) == 2
    assert made.selection_behavior == "any"
    assert "label of anti\\_mag" in made.detail
    assert "anti-MAG, nerve conduction" in made.summary


def test_without_a_rituximab_card_the_baseline_is_not_asked_for():
    gaps = WorkUp(diagnostic=missing("anti_mag"), baseline=missing("hbsag"))
    assert "hbsag" not in card(replace(SUSPECTED, work_up=gaps)).detail


def test_beside_a_rituximab_card_tests_and_scores_stand_on_one_card():
    gaps = WorkUp(diagnostic=missing("nerve_conduction"), baseline=missing("hbsag", "anti_hbc", "scores"))
    made = card(replace(UNSCORED, work_up=gaps))
    assert {note.logic for note in made.explanation.findings} == {"DX-1", "WU-1", "SC-1"}
    assert len(made.suggestions) == 3, "scores are recorded, not ordered"
    assert "before rituximab" in made.summary
    assert made.summary.count("hepatitis B") == 1


@pytest.mark.parametrize(
    ("tests", "named"),
    [
        (("hbsag", "anti_hbc", "anti_hbs"), "hepatitis B"),
        (("anti_hbc", "anti_hbs"), "hepatitis B"),
        (("anti_hbs",), "anti-HBs"),
    ],
)
def test_hepatitis_b_is_not_called_missing_where_anti_hbs_alone_is(tests, named):
    made = card(replace(UNSCORED, work_up=WorkUp(baseline=missing(*tests, "scores"))))
    assert made.summary == f"Still to be had before rituximab: {named}, disability scores"


def test_scores_are_listed_even_when_an_older_one_is_a_baseline():
    made = card(replace(UNSCORED, work_up=WorkUp()))
    assert {note.logic for note in made.explanation.findings} == {"SC-1"}
    assert "INCAT" in made.detail


def test_a_contraindication_takes_the_baseline_list_away_with_the_rituximab_card():
    gaps = WorkUp(baseline=missing("hbsag"))
    pregnant = Contraindications(pregnancy=Statement.yes(INCAT))
    assert card(replace(TREATABLE, diagnosis=CONFIRMED, work_up=gaps, contraindications=pregnant)) is None


def test_nothing_missing_makes_no_card():
    assert card(TREATABLE) is None


def test_many_missing_tests_fit_into_the_summary():
    everything = ("anti_mag", "nerve_conduction", "immunofixation", "igm", "blood_count", "hbsag", "igg", "scores")
    made = card(replace(UNSCORED, work_up=WorkUp(diagnostic=missing(*everything))))
    assert "4 more" in made.summary


def test_what_could_not_be_read_is_named_on_the_card():
    gaps = WorkUp(diagnostic=missing("nerve_conduction"), unknown=missing("anti_mag"))
    assert "could not" in card(replace(SUSPECTED, work_up=gaps)).detail.lower()


@pytest.mark.parametrize(
    ("lacking", "expected"),
    [
        (("igm",), None),
        (("igm", "blood_count"), None),
        (("igm", "nerve_conduction"), "Complete the anti-MAG work-up, still missing: nerve conduction"),
    ],
)
def test_the_igm_that_the_yearly_review_asks_for_stands_on_its_card_alone(lacking, expected):
    made = card_of(diagnostic_work_up, replace(MILD, work_up=WorkUp(diagnostic=missing(*lacking))), *ALL, "MO-1")
    assert (made and made.summary) == expected
