"""After the flare window: RE-1, RE-2, RF-1, RT-1 and what their cards say (rulings 3 and 11)."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import HookCall
from cds_service.values import When
from hooks.anti_mag.advice import advise
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.cards import alternative_therapy, follow_up_assessment, rituximab_retreatment
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from tests.anti_mag.diagnosis.charts import TODAY, btu, chart, order, problem, result
from tests.anti_mag.flare.patients import (
    OURS,
    Evidence,
    card_of,
    dose,
    finding,
    igm,
    labels,
    ordered,
    patient,
    score,
    symptom,
    truth,
    weekly,
    word,
)
from tests.anti_mag.reading import plain


def days_since(months: int, extra: int = 0) -> int:
    """The age in days of a day that was `months` calendar months and `extra` days ago."""
    return (TODAY - months_after(TODAY, -months)).days + extra


# RE-1

REVIEW_DAY = {6: days_since(6), 9: days_since(9), 12: days_since(12), 18: days_since(18), 24: days_since(24)}


@pytest.mark.boundaries("RE-1")
@pytest.mark.parametrize("month", REVIEW_DAY)
def test_re1_is_due_from_the_day_of_each_review(month: int) -> None:
    seen = score("incat", 3, 43)
    assert truth("RE-1", patient(*OURS, dose(REVIEW_DAY[month]), seen)) == "YES"


def test_re1_is_not_due_the_day_before_the_first_review() -> None:
    assert truth("RE-1", patient(*OURS, dose(REVIEW_DAY[6] - 1), score("incat", 3, 200))) == "NO"


@pytest.mark.boundaries("RE-1")
@pytest.mark.parametrize(("days", "expected"), [(42, "NO"), (43, "YES")])
def test_re1_is_answered_by_a_score_from_six_weeks_before_on(days: int, expected: str) -> None:
    assert truth("RE-1", patient(*OURS, dose(REVIEW_DAY[9]), score("incat", 3, days))) == expected


def test_re1_stays_due_until_answered() -> None:
    assert truth("RE-1", patient(*OURS, dose(1500), score("incat", 3, 1000))) == "YES"
    assert truth("RE-1", patient(*OURS, dose(1500), score("incat", 3, 300))) == "NO"


def test_re1_is_unknown_when_the_assessments_could_not_be_read() -> None:
    made = finding("RE-1", patient(*OURS, dose(REVIEW_DAY[6]), unknown={"assessments"}))
    assert made.truth.value == "UNKNOWN"
    assert made.missing


def test_re1_is_silent_in_the_flare_window_with_a_new_course_planned_and_out_of_scope() -> None:
    assert truth("RE-1", patient(*OURS, dose(170))) == "NO"
    assert truth("RE-1", patient(*OURS, dose(300), ordered("rituximab", days=2))) == "NO"
    assert truth("RE-1", patient(dose(300))) == "NO"


def test_the_review_card_sets_before_and_now_side_by_side() -> None:
    facts = (dose(205), igm(870, 210), igm(620, 90), score("incat", 3, 210), score("incat", 2, 150))
    card = card_of(follow_up_assessment, patient(*OURS, *facts))
    assert card is not None
    assert card.indicator is Indicator.INFO
    line = "- INCAT disability score **2 (2 Oct 2025)**; before rituximab 3 (3 Aug 2025): improved"
    assert line in plain(card.detail)
    assert "a change of -29 %" in card.detail
    assert "too early to call failure" in card.detail


def test_the_review_card_drops_the_caution_from_month_12_on() -> None:
    card = card_of(follow_up_assessment, patient(*OURS, dose(REVIEW_DAY[12]), score("incat", 3, 43)))
    assert card is not None
    assert "too early" not in card.detail


# RE-2

WORSE_INCAT = (score("incat", 2, 230), score("incat", 3, 10))
WORSE_RODS = (score("i_rods", 64, 230), score("i_rods", 55, 10))


def test_re2_warns_when_two_measures_are_worse() -> None:
    made = patient(*OURS, dose(220), *WORSE_INCAT, *WORSE_RODS)
    assert truth("RE-2", made) == "YES"
    card = card_of(follow_up_assessment, made)
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "review" in card.summary
    assert "too early" not in card.detail


def test_re2_is_silent_when_one_measure_is_worse() -> None:
    assert truth("RE-2", patient(*OURS, dose(220), *WORSE_INCAT)) == "NO"


@pytest.mark.boundaries("RE-2")
@pytest.mark.parametrize("part", ["incat_leg", "incat_arm"])
def test_re2_takes_a_total_and_its_parts_for_one_measure(part: str) -> None:
    limb = (score(part, 1, 230), score(part, 2, 10))
    assert truth("RE-2", patient(*OURS, dose(220), *WORSE_INCAT, *limb)) == "NO"
    assert truth("RE-2", patient(*OURS, dose(220), *WORSE_RODS, *limb)) == "YES"


@pytest.mark.boundaries("RE-2")
@pytest.mark.parametrize(("newest", "expected"), [("28", "YES"), ("29", "NO")])
def test_re2_counts_only_meaningful_steps(newest: str, expected: str) -> None:
    grip = (score("grip", "36", 230), score("grip", newest, 10))
    assert truth("RE-2", patient(*OURS, dose(220), *WORSE_INCAT, *grip)) == expected


def test_re2_waits_for_month_6() -> None:
    early = days_since(6, -1)
    assert truth("RE-2", patient(*OURS, dose(days_since(6)), *WORSE_INCAT, *WORSE_RODS)) == "YES"
    assert truth("RE-2", patient(*OURS, dose(early), *WORSE_INCAT, *WORSE_RODS)) == "NO"


def test_re2_does_not_rest_on_scores_of_the_flare_window() -> None:
    early = (score("incat", 2, 230), score("incat", 3, 190), score("i_rods", 64, 230), score("i_rods", 55, 190))
    assert truth("RE-2", patient(*OURS, dose(220), *early)) == "NO"


def test_re2_is_unknown_when_nothing_can_be_compared() -> None:
    assert truth("RE-2", patient(*OURS, dose(220))) == "UNKNOWN"


# RF-1


def failed(day: int = 400, *more: Evidence) -> ClinicalPicture:
    return patient(*OURS, dose(day), score("incat", 4, day + 10), score("incat", 4, 10), *more)


def test_rf1_fires_when_nothing_improved_and_disability_remains() -> None:
    card = card_of(alternative_therapy, failed())
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert labels(card) == ["Referral to neurology", "Referral to haematology"]
    for option in ("bendamustine", "clinical trial", "stop rule", "ASFA", "AANEM"):
        assert option in card.detail
    assert "BTK" not in card.detail, "a therapy without a citation is not listed"
    assert card_of(rituximab_retreatment, failed()) is None


@pytest.mark.boundaries("RF-1")
@pytest.mark.parametrize(("extra", "expected"), [(0, "YES"), (-1, "NO")])
def test_rf1_waits_for_twelve_calendar_months(extra: int, expected: str) -> None:
    assert truth("RF-1", failed(days_since(12, extra))) == expected


def test_rf1_is_silent_after_any_improvement() -> None:
    assert truth("RF-1", failed(400, score("incat", 3, 200))) == "NO"
    assert truth("RF-1", failed(400, score("i_rods", 40, 410), score("i_rods", 44, 100))) == "NO"
    assert truth("RF-1", failed(400, word("improved", 200))) == "NO"


def test_rf1_is_silent_when_the_patient_is_not_disabled() -> None:
    assert truth("RF-1", patient(*OURS, dose(400), score("incat", 1, 410), score("incat", 1, 10))) == "NO"


@pytest.mark.boundaries("RF-1")
@pytest.mark.parametrize(("month", "days_before", "expected"), [(12, 42, "YES"), (12, 43, "NO")])
def test_rf1_rests_on_a_score_of_about_month_12_or_later(month: int, days_before: int, expected: str) -> None:
    made = patient(*OURS, dose(days_since(month)), score("incat", 4, 400), score("incat", 4, days_before))
    assert truth("RF-1", made) == expected


def test_rf1_is_silent_with_another_course_ordered_or_drafted() -> None:
    facts = (*OURS, dose(400), score("incat", 4, 410), score("incat", 4, 10))
    assert truth("RF-1", patient(*facts, ordered("rituximab", days=2))) == "NO"
    assert truth("RF-1", patient(*facts, ordered("rituximab", is_draft=True))) == "NO"


def test_rf1_needs_probable_disease_and_an_adult() -> None:
    facts = (dose(400), score("incat", 4, 410), score("incat", 4, 10))
    possible = (problem("polyneuropathy_generic"), problem("mgus"), result("anti_mag_igm_quantitative", btu(1900), 500))
    assert truth("RF-1", patient(*possible, *facts)) == "NO"
    assert truth("RF-1", patient(*OURS, *facts, born=date(2012, 1, 1))) == "NO"


# RT-1


def relapsed(last: int = 400, *more: Evidence, hook: str = "patient-view") -> ClinicalPicture:
    scores = (score("incat", 4, last + 10), score("incat", 2, last // 2 + 5), score("incat", 3, 3))
    return patient(*OURS, dose(last), *scores, *more, hook=hook)


def test_rt1_fires_on_a_relapse_after_a_response() -> None:
    card = card_of(rituximab_retreatment, relapsed())
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert len(card.suggestions) == 2
    assert card.selection_behavior == "at-most-one"
    assert not any(suggestion.is_recommended for suggestion in card.suggestions)
    for said in ("off-label", "two randomised trials missed", "no maintenance", "hepatitis B"):
        assert said in card.detail
    assert "worse than its best" in card.detail


@pytest.mark.boundaries("RT-1")
@pytest.mark.parametrize(("extra", "expected"), [(0, "NO"), (1, "YES")])
def test_rt1_waits_until_more_than_six_months_after_the_last_dose(extra: int, expected: str) -> None:
    last = days_since(6, extra)
    scores = (score("incat", 4, 230), score("incat", 2, 100), score("incat", 3, 3))
    assert truth("RT-1", patient(*OURS, dose(last + 21), dose(last), *scores)) == expected


def test_rt1_is_silent_in_the_flare_window() -> None:
    scores = (score("incat", 4, 200), score("incat", 2, 100), score("incat", 3, 3))
    assert truth("RT-1", patient(*OURS, dose(180), *scores)) == "NO"


def test_rt1_is_silent_while_the_response_lasts() -> None:
    scores = (score("incat", 4, 410), score("incat", 2, 200), score("incat", 2, 3))
    assert truth("RT-1", patient(*OURS, dose(400), *scores)) == "NO"


def test_rt1_is_silent_below_a_meaningful_step() -> None:
    scores = (score("i_rods", 50, 410), score("i_rods", 68, 200), score("i_rods", 65, 3))
    assert truth("RT-1", patient(*OURS, dose(400), *scores)) == "NO"


def test_rt1_takes_the_clinicians_word_after_the_improvement() -> None:
    scores = (score("incat", 4, 410), score("incat", 2, 200))
    assert truth("RT-1", patient(*OURS, dose(400), *scores, word("worse", 3))) == "YES"
    assert truth("RT-1", patient(*OURS, dose(400), *scores, word("worse", 300))) == "NO"
    assert truth("RT-1", patient(*OURS, dose(400), word("improved", 200), word("worse", 3))) == "YES"
    assert truth("RT-1", patient(*OURS, dose(400), *scores, word("worse", 30), word("stable", 3))) == "NO"


def test_no_improvement_and_still_disabling_is_never_a_relapse() -> None:
    made = failed(400, word("worse", 3))
    assert truth("RT-1", made) == "NO"
    assert truth("RF-1", made) == "YES"


@pytest.mark.boundaries("RT-1")
@pytest.mark.parametrize("scores", [(), (score("incat", 4, 3),)])
def test_rt1_is_on_condition_where_nothing_can_be_compared(scores: tuple[Evidence, ...]) -> None:
    made = patient(*OURS, dose(400), *scores)
    assert truth("RT-1", made) == "UNKNOWN"
    card = card_of(rituximab_retreatment, made)
    assert card is not None
    assert card.suggestions == ()
    assert "If rituximab helped" in card.detail


def test_rt1_on_condition_is_silent_for_mild_stable_disease_and_for_a_word_that_all_is_well() -> None:
    assert truth("RT-1", patient(*OURS, dose(400), score("incat", 1, 3))) == "NO"
    assert truth("RT-1", patient(*OURS, dose(400), word("stable", 3))) == "NO"


def test_rt1_is_silent_with_a_course_ordered_or_drafted() -> None:
    assert truth("RT-1", relapsed(400, ordered("rituximab", days=2))) == "NO"
    assert truth("RT-1", relapsed(400, ordered("rituximab", is_draft=True))) == "NO"


def test_rt1_is_not_silenced_by_an_order_of_the_old_course() -> None:
    assert truth("RT-1", relapsed(400, ordered("rituximab", days=400))) == "YES"


def test_a_course_of_unknown_time_leaves_both_rules_unknown_and_asks_for_its_date() -> None:
    made = patient(*OURS, replace(dose(30), when=None), score("incat", 4, 3))
    assert (truth("RT-1", made), truth("RF-1", made)) == ("UNKNOWN", "UNKNOWN")
    card = card_of(rituximab_retreatment, made)
    assert card is not None
    assert "Earlier rituximab without a date" in card.summary
    assert card.suggestions == ()
    assert card_of(alternative_therapy, made) is None


def test_nobody_without_a_course_hears_of_another_one() -> None:
    made = patient(*OURS, score("incat", 4, 3))
    assert (truth("RT-1", made), truth("RF-1", made)) == ("NO", "NO")


@pytest.mark.parametrize(
    ("fact", "said", "offered"),
    [
        (result("hbsag", "positive", 30), "active hepatitis B", "Referral to hepatology"),
        (problem("pml", recorded=When.on(date(2019, 1, 1))), "leukoencephalopathy", "Referral to neurology"),
    ],
)
def test_against_a_contraindication_no_further_course_is_considered(fact: Evidence, said: str, offered: str) -> None:
    card = card_of(rituximab_retreatment, relapsed(400, fact))
    assert card is not None
    assert labels(card) == [offered]
    assert card.detail.startswith("**No further course of rituximab for now: ")
    assert said in card.detail
    assert "Consider another course" not in card.detail
    assert "Before it repeat the whole baseline" not in card.detail


def test_two_contraindications_are_both_named() -> None:
    card = card_of(rituximab_retreatment, relapsed(400, result("hbsag", "positive", 30), problem("pml")))
    assert card is not None
    assert "active hepatitis B and progressive multifocal leukoencephalopathy stand against it" in card.detail
    assert labels(card) == ["Referral to neurology", "Referral to hepatology"]


def test_a_contraindication_leads_also_where_the_response_is_not_on_record() -> None:
    made = patient(*OURS, dose(400), score("incat", 4, 3), problem("pml"))
    assert truth("RT-1", made) == "UNKNOWN"
    card = card_of(rituximab_retreatment, made)
    assert card is not None
    assert card.summary.startswith("After rituximab, response not on record: no further course for now")
    assert card.detail.startswith("**No further course of rituximab for now: ")


def test_a_relapse_waits_for_the_hyperviscosity_card() -> None:
    bleeding = symptom("hyperviscosity_epistaxis")
    assert card_of(rituximab_retreatment, relapsed(400, igm(4500, 3), bleeding)) is None


@pytest.mark.parametrize(
    ("fact", "said"),
    [(igm(4500, 3), "plasma exchange before another course"), (problem("pml"), "multifocal leukoencephalopathy")],
)
def test_the_summary_of_a_relapse_says_what_stands_against_another_course(fact: Evidence, said: str) -> None:
    card = card_of(rituximab_retreatment, relapsed(400, fact))
    assert card is not None
    assert said in card.summary
    assert len(card.summary) < 140


def test_at_4000_plasma_exchange_is_offered_in_place_of_the_regimens() -> None:
    card = card_of(rituximab_retreatment, relapsed(400, igm(4500, 3)))
    assert card is not None
    assert labels(card) == ["Plasma exchange", "Referral to haematology"]
    assert "Plasma exchange comes first" in card.detail


# C7

FORBIDDEN = (
    r"rituximab is effective",
    r"rituximab should be given",
    r"flare (means|is) (a )?(treatment )?failure",
    r"titre shows (disease )?severity",
    r"IgM is low so",
    r"not due to rituximab",
    r"IVIG is recommended",
    r"immunoglobulin is recommended",
    r"(EAN|PNS|EFNS|NCCN) (states|recommends|says)",
)


def every_card() -> list[Card]:
    flare = (*weekly(20, doses=3), igm(1000, 30))
    loss = (score("onls", 3, 40), score("onls", 5, 2))
    cases: list[tuple[Evidence, ...]] = [
        (*flare, igm(1400, 2)),
        (*flare, igm(4400, 2)),
        (*flare, igm(1000, 2), *loss),
        (*flare, igm(1400, 2), *loss),
        (*flare, igm(4400, 2), *loss, symptom("hyperviscosity_epistaxis")),
        (dose(39),),
        (dose(400), score("incat", 4, 410), score("incat", 4, 10)),
        (dose(400), score("incat", 4, 410), score("incat", 2, 200), score("incat", 4, 10)),
        (dose(220), score("incat", 2, 230), score("incat", 3, 10), score("grip", "60", 230), score("grip", "40", 10)),
        (dose(400),),
        (igm(45, 3, None), score("incat", 1, 5)),
        (igm(4500, 3), score("incat", 1, 5), order("igg_serum")),
    ]
    calls = [HookCall("patient-view", chart(*OURS, *case).record, TODAY) for case in cases]
    return [card for call in calls for card in advise(call).cards]


def test_no_card_says_what_must_not_be_said() -> None:
    for card in every_card():
        text = f"{card.summary} {card.detail}"
        for sentence in FORBIDDEN:
            assert not re.search(sentence, text, re.IGNORECASE), (sentence, text)


def test_every_topic_of_this_part_is_among_those_cards() -> None:
    assert {card.topic for card in every_card()} >= {
        "plasmaExchangeFlare",
        "worseningAfterRituximab",
        "hyperviscosity",
        "igmMonitoring",
        "followUpAssessment",
        "alternativeTherapy",
        "rituximabRetreatment",
    }


# The conduction study of the second year

STUDY = "Nerve conduction study"


def study_offered(*facts: Evidence, unknown: set[str] | None = None) -> bool:
    """Whether the card of a due review asks for the study; it says and offers it together."""
    card = card_of(follow_up_assessment, patient(*OURS, *facts, unknown=unknown or set()))
    assert card is not None
    assert ("Repeat the nerve conduction study" in card.detail) is (STUDY in labels(card))
    return STUDY in labels(card)


@pytest.mark.boundaries("RE-1")
@pytest.mark.parametrize(
    ("months", "extra", "expected"), [(12, -1, False), (12, 0, True), (20, 0, True), (40, 0, True)]
)
def test_a_conduction_study_is_repeated_from_month_12(months: int, extra: int, expected: bool) -> None:
    assert study_offered(dose(days_since(months, extra))) is expected


@pytest.mark.parametrize(("days", "expected"), [(42, False), (43, True)])
def test_one_from_six_weeks_before_month_12_counts(days: int, expected: bool) -> None:
    assert study_offered(dose(days_since(12)), result("assessment_ncs_pattern", "demyelinating", days)) is expected


def test_one_that_is_ordered_or_may_be_there_unread_is_not_asked_for() -> None:
    asked = order("nerve_conduction_referral")
    assert not study_offered(dose(days_since(12)), asked)
    assert not study_offered(dose(days_since(12)), unknown={"procedures"})


@pytest.mark.boundaries("RE-1")
@pytest.mark.parametrize(("ago", "expected"), [(200, "NO"), (201, "YES")])
def test_re1_waits_for_the_end_of_the_window_that_a_site_chose(ago: int, expected: str) -> None:
    longer = THRESHOLDS.changed({"vigilance.window": Decimal(200)})
    assert truth("RE-1", patient(*OURS, dose(ago), thresholds=longer)) == expected
    assert truth("RE-1", patient(*OURS, dose(ago))) == "YES"
