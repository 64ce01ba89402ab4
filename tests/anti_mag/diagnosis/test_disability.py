"""Severity, and scores compared around a course."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cds_service.codes import Concept
from cds_service.values import When
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.disability import Disability, ScaleCourse, Severity, disability_of, scale_courses
from tests.anti_mag.diagnosis.charts import TODAY, chart, days_ago, number, procedure, result

DAY_ZERO = TODAY - timedelta(days=200)


def disability(*facts, **fields) -> Disability:
    return disability_of(chart(*facts, **fields), THRESHOLDS)


def score(scale: str, value: int | str, days: int = 30):
    return result(f"assessment_{scale}", number(value, "{score}"), days=days)


def word(direction: str, days: int = 30):
    concept = Concept(frozenset({("urn:anti-mag-cds:assessment", direction)}), direction)
    return result("assessment_clinical_course", concept, days=days)


def course(*facts, day_zero=DAY_ZERO) -> dict[str, ScaleCourse]:
    return {item.scale: item for item in scale_courses(disability(*facts), day_zero, THRESHOLDS)}


@pytest.mark.parametrize(
    ("fact", "severity"),
    [
        (result("modified_rankin", 3), Severity.DISABLING),
        (result("modified_rankin", 2), Severity.MILD_STABLE),
        (score("incat", 3), Severity.DISABLING),
        (score("incat", 2), Severity.MILD_STABLE),
        (score("incat_leg", 2), Severity.DISABLING),
        (score("incat_leg", 1), Severity.MILD_STABLE),
        (score("onls", 3), Severity.DISABLING),
        (score("onls", 2), Severity.MILD_STABLE),
        (score("onls_leg", 2), Severity.DISABLING),
        (score("onls_leg", 1), Severity.MILD_STABLE),
        (score("incat_arm", 3), Severity.DISABLING),
    ],
)
def test_each_disability_score_has_its_limit(fact, severity):
    assert disability(fact).severity is severity


def test_arm_and_leg_of_one_day_make_the_total():
    assert disability(score("incat_arm", 2), score("incat_leg", 1)).severity is Severity.DISABLING
    assert disability(score("incat_arm", 2), score("incat_leg", 1, days=31)).severity is Severity.MILD_STABLE


@pytest.mark.parametrize(
    "fact", [score("incat_arm", 1), score("i_rods", 90), result("assessment_grip", number(70, "kPa"))]
)
def test_a_scale_that_leaves_the_legs_unknown_never_shows_mild_disease(fact):
    assert disability(fact).severity is Severity.UNKNOWN


def test_no_score_at_all_is_unknown():
    assert disability().severity is Severity.UNKNOWN


def test_disabling_scores_older_than_a_year_stay_disabling_and_are_called_old():
    assert not disability(score("incat", 3, days=365)).severity_is_old
    old = disability(score("incat", 3, days=366))
    assert (old.severity, old.severity_is_old) == (Severity.DISABLING, True)


def test_mild_disease_on_record_stays_mild_however_old():
    assert disability(score("incat", 1, days=4000)).severity is Severity.MILD_STABLE


def test_an_outdated_disabling_score_gives_way_to_a_newer_mild_one_of_another_scale():
    assert (
        disability(score("onls", 1, days=10), result("modified_rankin", 3, days=2000)).severity is Severity.MILD_STABLE
    )


@pytest.mark.parametrize(
    ("earlier", "later", "severity"),
    [
        (score("onls", 1, days=395), score("onls", 2), Severity.PROGRESSIVE),
        (score("onls", 1, days=396), score("onls", 2), Severity.MILD_STABLE),
        (score("onls", 2, days=200), score("onls", 2), Severity.MILD_STABLE),
        (score("i_rods", 70, days=200), score("i_rods", 66), Severity.PROGRESSIVE),
        (score("i_rods", 70, days=200), score("i_rods", 67), Severity.UNKNOWN),
        (score("i_rods_raw", 40, days=200), score("i_rods_raw", 20), Severity.UNKNOWN),
        (
            result("assessment_walk_10m", number("10.0", "s"), days=200),
            result("assessment_walk_10m", number("12.8", "s")),
            Severity.PROGRESSIVE,
        ),
        (
            result("assessment_walk_10m", number("10.0", "s"), days=200),
            result("assessment_walk_10m", number("12.7", "s")),
            Severity.UNKNOWN,
        ),
    ],
)
def test_a_loss_within_a_year_is_progression(earlier, later, severity):
    assert disability(earlier, later).severity is severity


def test_a_progression_of_long_ago_is_no_progression_now():
    assert disability(score("onls", 1, days=600), score("onls", 2, days=400)).severity is Severity.MILD_STABLE


def test_the_newest_word_of_the_clinician_counts_for_a_year():
    mild = score("incat", 1)
    assert disability(mild, word("worse", days=365)).severity is Severity.PROGRESSIVE
    assert disability(mild, word("worse", days=366)).severity is Severity.MILD_STABLE
    assert disability(mild, word("worse", days=100), word("stable", days=10)).severity is Severity.MILD_STABLE


def test_a_word_of_improvement_does_not_undo_disabling_scores():
    assert disability(score("incat", 4, days=60), word("improved", days=5)).severity is Severity.DISABLING


def test_a_progression_of_today_makes_old_disabling_scores_current_again():
    found = disability(score("incat", 4, days=900), word("worse", days=10))
    assert (found.severity, found.severity_is_old) == (Severity.PROGRESSIVE, False)


@pytest.mark.parametrize(
    "fact",
    [
        score("incat", 11),
        replace(score("incat", 3), status="preliminary"),
        replace(score("incat", 3), when=None),
        result("assessment_incat", number(3, "{score}", ">")),
        result("assessment_incat", number(3, "kg")),
        result("assessment_incat", "three"),
    ],
)
def test_an_impossible_or_unfinished_score_is_left_out(fact):
    assert disability(fact).scores == ()


def test_a_grip_in_kilograms_is_not_taken_for_kilopascals():
    assert disability(result("assessment_grip", number(30, "kg"))).scores == ()


def test_the_last_assessment_is_the_newest_of_score_study_and_word():
    found = disability(score("incat", 1, days=500), word("stable", days=300))
    assert (found.last_score, found.last_assessed) == (days_ago(500).end, days_ago(300).end)
    studied = disability(score("incat", 1, days=500), procedure(text="Nerve conduction study", days=50))
    assert studied.last_assessed == days_ago(50).end


def test_scores_stand_newest_first():
    assert [item.value for item in disability(score("incat", 1, days=90), score("incat", 2, days=9)).scores] == [2, 1]


def test_assessments_that_could_not_be_read_are_said():
    assert not disability(unknown={"assessments"}).is_readable


# Around a course


def test_the_baseline_is_the_newest_score_of_the_year_before_day_zero():
    found = course(score("incat", 3, days=210), score("incat", 2, days=565), score("incat", 1, days=10))["incat"]
    assert (found.baseline.value, found.newest.value) == (3, 1)
    assert found.has_improved
    assert found.direction == "improved"


def test_a_score_older_than_the_year_is_no_baseline_and_the_first_in_the_course_is_taken():
    found = course(score("incat", 5, days=566), score("incat", 3, days=150), score("incat", 2, days=10))["incat"]
    assert found.baseline.value == 3


def test_a_single_score_in_the_course_cannot_be_compared():
    assert course(score("incat", 3, days=150)) == {}


def test_a_relapse_is_a_loss_after_an_improvement():
    found = course(score("incat", 4, days=210), score("incat", 2, days=100), score("incat", 3, days=5))["incat"]
    assert found.has_improved
    assert found.has_relapsed
    assert found.direction == "improved"


def test_the_points_lost_are_counted_against_the_baseline():
    found = course(score("onls", 3, days=210), score("onls", 5, days=5))["onls"]
    assert (found.direction, found.points_worse) == ("worse", 2)


@pytest.mark.parametrize(
    ("scale", "unit", "before", "after", "direction"),
    [
        ("i_rods", "{score}", 50, 54, "improved"),
        ("i_rods", "{score}", 50, 53, "stable"),
        ("grip", "kPa", 50, 58, "improved"),
        ("grip", "kPa", 50, 43, "stable"),
        ("grip", "kPa", 50, 42, "worse"),
        ("mrc_sum", "{score}", 50, 52, "improved"),
        ("walk_10m", "s", "10.0", "7.2", "improved"),
        ("walk_10m", "s", "10.0", "7.3", "stable"),
        ("walk_10m", "s", "10.0", "12.8", "worse"),
    ],
)
def test_each_scale_has_its_meaningful_step(scale, unit, before, after, direction):
    earlier = result(f"assessment_{scale}", number(before, unit), days=210)
    later = result(f"assessment_{scale}", number(after, unit), days=5)
    (found,) = course(earlier, later).values()
    assert found.direction == direction
    assert found.has_improved is (direction == "improved")


@pytest.mark.parametrize("name", ["assessment_i_rods_raw", "assessment_nis_ll", "modified_rankin"])
def test_scales_without_a_known_step_are_not_compared(name):
    assert course(result(name, 2, days=210), result(name, 5, days=5)) == {}


def test_a_score_of_which_only_the_year_is_known_is_compared_with_nothing_in_that_year():
    year = When(date(TODAY.year - 1, 1, 1), date(TODAY.year - 1, 12, 31))
    imprecise = replace(score("incat", 4), when=year)
    assert course(imprecise, score("incat", 2, days=230)) == {}


def test_a_score_of_this_year_is_not_dated_later_than_today():
    year = When(date(TODAY.year, 1, 1), date(TODAY.year, 12, 31))
    assert disability(replace(score("incat", 4), when=year)).last_score == TODAY
