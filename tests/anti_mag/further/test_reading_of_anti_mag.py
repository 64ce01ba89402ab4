"""A weak or contradicted titre (WU-3), a strong one without a paraprotein (WU-4), on the one work-up card."""

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from cds_service.values import ReferenceRange
from hooks.anti_mag.cards import diagnostic_work_up
from tests.anti_mag.diagnosis.charts import btu, order, problem, result, titre, up_to
from tests.anti_mag.flare.patients import MGUS, card_of, finding, igm, labels, patient, truth, weekly
from tests.anti_mag.reading import plain

NEUROPATHY = problem("polyneuropathy_generic")
DONE = (
    igm(600, 20),
    result("cbc", 7, 20),
    result("assessment_ncs_pattern", "demyelinating", 100),
)
OTHER_CAUSES = (result("vitamin_b12", 400), result("glucose", 90), result("tsh", 2))
POSITIVE_FIXATION = result("immunofixation_serum", "IgM kappa", 60)
NEGATIVE_FIXATION = result("immunofixation_serum", "No monoclonal protein detected", 60)


def anti_mag(value, days=30, **fields):
    return result("anti_mag_igm_quantitative", btu(value), days, **fields)


def weak(*facts, value=3000, **fields):
    return patient(NEUROPATHY, MGUS, *DONE, POSITIVE_FIXATION, anti_mag(value, **fields), *facts)


def blot(reciprocal, days=40):
    return result("anti_mag_any_class", titre(reciprocal), days, method="Western blot, IgM")


@pytest.mark.boundaries("WU-3")
@pytest.mark.parametrize(("value", "expected"), [(999, "NO"), (1000, "YES"), (6999, "YES"), (7000, "NO")])
def test_a_weak_titre_wants_a_second_method(value, expected):
    assert truth("WU-3", weak(value=value)) == expected


def test_the_card_reads_the_titre_by_the_laboratorys_range_and_the_bands():
    card = card_of(diagnostic_work_up, weak(*OTHER_CAUSES, reference_range=up_to(1000, "{BTU}")))
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert card.summary == "Weak anti-MAG titre: read it by the laboratory's own range, and test by a second method"
    assert "own range: up to 1000 BTU" in card.detail
    assert "One laboratory reads 1000 to 2000 as weak" in card.detail
    assert "7000 BTU (service default) counts as positive" in card.detail
    assert labels(card) == ["Order: Anti-MAG antibody, IgM, quantitative"]


def test_without_a_range_it_is_asked_for():
    card = card_of(diagnostic_work_up, weak())
    assert card is not None
    assert "gave no range" in card.detail


def test_a_blot_gets_the_bands_of_the_blot_and_no_btu():
    card = card_of(diagnostic_work_up, patient(NEUROPATHY, MGUS, *DONE, POSITIVE_FIXATION, blot(1600)))
    assert card is not None
    assert "By immunoblot in one laboratory" in card.detail
    assert "One laboratory reads" not in card.detail


@pytest.mark.boundaries("WU-3")
@pytest.mark.parametrize(("reciprocal", "expected"), [(3199, "YES"), (6400, "NO")])
def test_a_weak_blot_wants_one_too(reciprocal, expected):
    assert truth("WU-3", patient(NEUROPATHY, MGUS, *DONE, POSITIVE_FIXATION, blot(reciprocal))) == expected


def test_a_second_method_that_is_weak_too_settles_it():
    assert truth("WU-3", weak(blot(1600))) == "NO"


def test_a_test_that_is_ordered_settles_it():
    assert truth("WU-3", weak(order("anti_mag_igm_quantitative"))) == "NO"


def test_a_coded_diagnosis_settles_it():
    assert truth("WU-3", weak(problem("anti_mag_neuropathy"))) == "NO"


def test_two_methods_that_disagree_are_shown_side_by_side():
    negative = replace(blot(100), interpretation=frozenset({"NEG"}))
    seen = weak(negative, value=20000)
    assert truth("WU-3", seen) == "YES"
    card = card_of(diagnostic_work_up, seen)
    assert card is not None
    assert "Two methods disagree" in card.detail
    assert "20000 BTU by ELISA" in card.detail
    assert "by immunoblot" in card.detail


def test_without_a_missing_test_the_summary_names_the_disagreement():
    negative = replace(blot(100), interpretation=frozenset({"NEG"}))
    card = card_of(diagnostic_work_up, patient(NEUROPATHY, *DONE, NEGATIVE_FIXATION, anti_mag(8000), negative))
    assert card is not None
    assert card.summary == "Anti-MAG results of two methods disagree: settle it before the diagnosis rests on one"


def test_a_range_in_words_is_shown_as_it_came():
    card = card_of(diagnostic_work_up, weak(reference_range=ReferenceRange(text="negative < 1000")))
    assert card is not None
    assert "own range: negative &lt; 1000" in card.detail or "own range: negative \\< 1000" in card.detail


def test_a_weak_result_in_words_gets_no_bands():
    worded = result("anti_mag_igm_qualitative", "weakly positive", 30)
    card = card_of(diagnostic_work_up, patient(NEUROPATHY, MGUS, *DONE, POSITIVE_FIXATION, worded))
    assert card is not None
    assert "One laboratory reads" not in card.detail
    assert "By immunoblot" not in card.detail


@pytest.mark.boundaries("WU-3")
@pytest.mark.parametrize(
    "other",
    [
        result("anti_mag_sgpg", "weakly positive", 40),
        result("anti_mag_any_class", "weakly positive", 40, method="IFA"),
        blot(1600),
    ],
    ids=["SGPG", "immunofluorescence", "immunoblot"],
)
def test_another_kind_of_test_is_a_second_method(other):
    assert truth("WU-3", weak(other)) == "NO"


def test_the_same_kind_of_test_and_one_that_does_not_say_are_none():
    elisa = result("anti_mag_any_class", "weakly positive", 40, method="ELISA")
    silent = result("anti_mag_any_class", "weakly positive", 40)
    assert truth("WU-3", weak(elisa)) == "YES"
    assert truth("WU-3", weak(silent)) == "YES"


def test_two_results_of_one_method_are_no_conflict_of_methods():
    assert truth("WU-3", weak(anti_mag(500, 300), value=20000)) == "NO"


def test_a_weak_titre_without_neuropathy_and_paraprotein_is_silent():
    assert truth("WU-3", patient(anti_mag(3000))) == "NO"


def test_after_treatment_it_is_silent():
    assert truth("WU-3", weak(*weekly(60))) == "NO"


def test_an_unread_laboratory_is_unknown():
    unread = patient(NEUROPATHY, MGUS, unknown={"laboratory"})
    assert truth("WU-3", unread) == "UNKNOWN"


def test_it_joins_the_list_of_missing_tests():
    seen = patient(NEUROPATHY, MGUS, *DONE[:2], *OTHER_CAUSES, POSITIVE_FIXATION, anti_mag(3000))
    card = card_of(diagnostic_work_up, seen)
    assert card is not None
    assert {note.logic for note in card.explanation.findings} == {"DX-1", "WU-1", "WU-3"}
    assert card.summary.startswith("Complete the anti-MAG work-up, still missing: nerve conduction")
    assert "test by a second method" in card.detail


# A strong titre without a paraprotein


def strong(*facts, value=20000, fixation=NEGATIVE_FIXATION):
    return patient(NEUROPATHY, *DONE, fixation, anti_mag(value), *facts)


@pytest.mark.boundaries("WU-4")
@pytest.mark.parametrize(("value", "expected"), [(9999, "NO"), (10000, "YES")])
def test_a_strong_titre_without_a_paraprotein_wants_immunofixation_yearly(value, expected):
    assert truth("WU-4", strong(value=value)) == expected


def test_the_card_names_the_next_day_and_calls_the_diagnosis_possible():
    card = card_of(diagnostic_work_up, strong())
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert "every year, next on 1 Jan 2027" in plain(card.detail)
    assert "counts as possible here until a clinician enters it" in card.detail
    assert card.suggestions == ()


def test_when_it_is_due_it_is_listed_once_with_the_order():
    old = replace(NEGATIVE_FIXATION, when=result("cbc", 1, 400).when)
    card = card_of(diagnostic_work_up, strong(fixation=old))
    assert card is not None
    assert {note.logic for note in card.explanation.findings} == {"DX-2", "WU-1", "WU-4"}
    assert "every year, now due" in card.detail
    assert labels(card) == ["Order: Serum immunofixation"]


def test_an_immunofixation_without_a_day_names_no_next_one():
    card = card_of(diagnostic_work_up, strong(fixation=replace(NEGATIVE_FIXATION, when=None)))
    assert card is not None
    assert "repeat immunofixation every year.**" in card.detail


def test_a_paraprotein_or_a_coded_diagnosis_settles_it():
    assert truth("WU-4", strong(MGUS)) == "NO"
    assert truth("WU-4", strong(fixation=POSITIVE_FIXATION)) == "NO"
    assert truth("WU-4", strong(problem("anti_mag_neuropathy"))) == "NO"


def test_immunofixation_never_done_is_the_work_ups_matter():
    seen = patient(NEUROPATHY, *DONE, anti_mag(20000))
    assert (truth("WU-4", seen), truth("DX-2", seen)) == ("NO", "YES")


def test_an_immunofixation_that_could_not_be_read_is_unknown():
    seen = patient(NEUROPATHY, *DONE, anti_mag(20000), unknown={"paraproteinTests"})
    assert finding("WU-4", seen).missing == ("whether immunofixation was done",)
