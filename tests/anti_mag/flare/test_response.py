"""The response to the latest course: worsening, and the rise of IgM (rulings 18 and 19, C1, B2.07)."""

import pytest

from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.disability import loss_steps
from hooks.anti_mag.picture.scales import RANKIN
from tests.anti_mag.diagnosis.charts import number, result
from tests.anti_mag.flare.patients import OURS, dose, igm, patient, score, weekly, word


def test_without_a_course_there_is_no_response() -> None:
    response = patient(*OURS, igm(900, 5), score("incat", 3, 5)).response
    assert response.scales == ()
    assert not response.worsening.is_unknown
    assert response.igm_baseline is None


# Worsening


@pytest.mark.parametrize(
    ("scale", "before", "after", "is_worse"),
    [
        ("incat", 3, 4, True),
        ("incat", 3, 3, False),
        ("incat", 3, 2, False),
        ("incat_leg", 1, 2, True),
        ("incat_arm", 1, 2, True),
        ("onls", 3, 4, True),
        ("onls_leg", 2, 3, True),
        ("onls_arm", 2, 3, True),
        ("i_rods", 60, 57, False),
        ("i_rods", 60, "56.1", False),
        ("i_rods", 60, 56, True),
        ("i_rods", 60, 70, False),
        ("walk_10m", 10, "12.7", False),
        ("walk_10m", 10, "12.8", True),
        ("walk_10m", 10, 5, False),
        ("i_rods_raw", 40, 10, False),
        ("grip", 60, 20, False),
        ("mrc_sum", 60, 40, False),
    ],
)
def test_a_step_of_each_scale_is_worsening(scale: str, before: int, after: int | str, is_worse: bool) -> None:
    response = patient(*OURS, *weekly(30), score(scale, before, 40), score(scale, after, 3)).response
    assert response.worsening.holds is is_worse


@pytest.mark.parametrize(("after", "is_worse"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_point_of_the_modified_rankin_scale_is_worsening_and_never_called_severe(after: int, is_worse: bool) -> None:
    before, now = (result("modified_rankin", number(value, "{score}"), days) for value, days in ((2, 40), (after, 3)))
    response = patient(*OURS, *weekly(30), before, now).response
    assert response.worsening.holds is is_worse
    assert not response.is_severe_worsening


def test_a_site_may_ask_for_two_points_of_rankin() -> None:
    assert loss_steps(THRESHOLDS)[RANKIN] == 1
    row = THRESHOLDS.row("worsening.rankin")
    assert (row.site_may_change, row.mark) == (True, "D")


@pytest.mark.parametrize(("scale", "after"), [("i_rods", 20), ("walk_10m", 40)])
def test_points_of_i_rods_and_seconds_of_walk_are_not_severe_points(scale: str, after: int) -> None:
    response = patient(*OURS, *weekly(30), score(scale, 60 if scale == "i_rods" else 10, 40), score(scale, after, 3))
    assert response.response.worsening.holds
    assert not response.response.is_severe_worsening


@pytest.mark.parametrize("scale", ["i_rods", "walk_10m"])
def test_a_scale_that_did_not_move_settles_that_nothing_was_lost_and_answers_no_word(scale: str) -> None:
    facts = (*OURS, *weekly(30), score(scale, 60, 40), score(scale, 60, 3))
    assert not patient(*facts).response.worsening.is_unknown
    assert not patient(*facts).response.worsening.holds
    assert patient(*facts, word("worse", 10)).response.worsening.holds


@pytest.mark.parametrize(("after", "is_severe"), [(4, False), (5, True)])
def test_two_points_are_severe(after: int, is_severe: bool) -> None:
    response = patient(*OURS, *weekly(30), score("onls", 3, 40), score("onls", after, 3)).response
    assert response.is_severe_worsening is is_severe


@pytest.mark.parametrize(("days", "is_known"), [(30 + 365, True), (30 + 366, False)])
def test_the_baseline_of_a_score_is_of_the_year_before_day_zero(days: int, is_known: bool) -> None:
    response = patient(*OURS, *weekly(30), score("incat", 3, days), score("incat", 4, 3)).response
    assert response.worsening.holds is is_known
    assert response.worsening.is_unknown is not is_known


def test_without_a_score_before_the_first_in_the_course_is_the_baseline() -> None:
    response = patient(*OURS, *weekly(30), score("incat", 3, 25), score("incat", 4, 3)).response
    assert response.worsening.holds


def test_the_clinicians_word_is_worsening_and_not_severe() -> None:
    response = patient(*OURS, *weekly(30), word("worse", 3)).response
    assert response.worsening.holds
    assert not response.is_severe_worsening


def test_a_word_from_before_the_course_says_nothing_of_it() -> None:
    assert patient(*OURS, *weekly(30), word("worse", 31)).response.worsening.is_unknown


def test_the_newest_word_counts() -> None:
    assert not patient(*OURS, *weekly(30), word("worse", 20), word("stable", 3)).response.worsening.holds


def test_a_later_score_without_loss_answers_a_word() -> None:
    facts = (*OURS, *weekly(30), score("incat", 3, 40), score("incat", 3, 3))
    assert not patient(*facts, word("worse", 10)).response.worsening.holds
    assert patient(*facts, word("worse", 2)).response.worsening.holds


def test_worsening_is_unknown_where_nothing_was_recorded_since() -> None:
    worsening = patient(*OURS, *weekly(30), score("incat", 3, 40)).response.worsening
    assert worsening.is_unknown
    assert worsening.missing


# IgM


@pytest.mark.parametrize(("days", "is_baseline"), [(30, True), (120, True), (121, False), (29, False)])
def test_the_baseline_is_of_the_90_days_up_to_day_zero(days: int, is_baseline: bool) -> None:
    response = patient(*OURS, *weekly(30), igm(1000, days)).response
    assert (response.igm_baseline is not None) is is_baseline


def test_the_newest_baseline_counts() -> None:
    baseline = patient(*OURS, *weekly(30), igm(1000, 100), igm(1100, 35)).response.igm_baseline
    assert baseline is not None
    assert baseline.mg_dl == 1100


@pytest.mark.parametrize("fields", [{"status": "preliminary"}, {"comparator": ">"}, {"unit": None}])
def test_a_value_that_is_not_firm_is_no_baseline(fields: dict[str, str | None]) -> None:
    assert patient(*OURS, *weekly(30), igm(1000, 35, **fields)).response.igm_baseline is None


@pytest.mark.parametrize(("days", "is_in"), [(150, False), (149, True), (30, True), (29, False)])
def test_the_flare_window_is_day_1_to_120(days: int, is_in: bool) -> None:
    newest = patient(*OURS, dose(150), igm(1000, days)).response.igm_newest
    assert (newest is not None) is is_in


@pytest.mark.parametrize(
    ("baseline", "newest", "rises"),
    [(1000, 1250, True), (1000, 1249, False), (400, 500, True), (400, 499, False), (200, 299, False), (200, 300, True)],
)
def test_a_flare_is_a_rise_of_25_percent_and_100(baseline: int, newest: int, rises: bool) -> None:
    response = patient(*OURS, *weekly(30), igm(baseline, 40), igm(newest, 3)).response
    assert response.igm_rise.holds is rises
    assert not response.igm_rise.is_unknown


def test_a_rise_that_is_over_is_none() -> None:
    assert not patient(*OURS, *weekly(60), igm(1000, 65), igm(2000, 40), igm(900, 3)).response.igm_rise.holds


def test_a_preliminary_value_enters_no_percentage() -> None:
    response = patient(*OURS, *weekly(30), igm(1000, 40), igm(2000, 3, status="preliminary")).response
    assert response.igm_rise.is_unknown


def test_a_rise_without_baseline_is_unknown_and_says_what_is_missing() -> None:
    rise = patient(*OURS, *weekly(30), igm(2000, 3)).response.igm_rise
    assert rise.is_unknown
    assert "before the first dose" in rise.missing[0]


def test_units_may_differ_between_baseline_and_newest() -> None:
    assert patient(*OURS, *weekly(30), igm(10, 40, "g/L"), igm(1400, 3)).response.igm_rise.holds


def test_values_that_contradict_each_other_give_no_verdict_until_repeated() -> None:
    rise = patient(*OURS, *weekly(30), igm(1000, 40), igm(1400, 6), igm(2000, 3)).response.igm_rise
    assert rise.is_unknown
    assert "repeat" in rise.missing[0]


def test_a_rise_within_a_week_across_day_zero_is_no_contradiction() -> None:
    assert patient(*OURS, *weekly(5, doses=1), igm(1000, 6), igm(1400, 1)).response.igm_rise.holds


def test_values_of_different_methods_are_not_compared() -> None:
    rise = patient(
        *OURS, *weekly(30), igm(1000, 40, method="nephelometry"), igm(2000, 3, method="electrophoresis")
    ).response.igm_rise
    assert rise.is_unknown


def test_a_second_course_has_its_own_baseline() -> None:
    response = patient(*OURS, *weekly(400), *weekly(30), igm(5000, 420), igm(1000, 40), igm(1300, 3)).response
    assert response.igm_baseline is not None
    assert response.igm_baseline.mg_dl == 1000
