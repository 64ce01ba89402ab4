"""Care after rituximab: danger (SA-1), hepatitis B cover (RE-3), IgG and blood count (RE-4), on one card."""

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from hooks.anti_mag.cards import rituximab_aftercare
from tests.anti_mag.diagnosis.charts import days_ago, medicine, number, order, problem, result
from tests.anti_mag.flare.patients import MGUS, OURS, card_of, dose, finding, labels, patient, symptom, truth, weekly
from tests.anti_mag.reading import plain

YEAR = 365
CHECKED = (result("igg_serum", 800, 30), result("cbc", 7, 30))
CORE = result("anti_hbc_total", "Positive", 400)
NO_DNA = result("hbv_dna", "Not detected", 30)
RUNNING = replace(medicine("entecavir", 200), status="active")


def logics(card):
    return [] if card is None else [note.logic for note in card.explanation.findings]


def treated(*facts, ago=60, **given):
    return patient(*OURS, *CHECKED, dose(ago), *facts, **given)


# Danger


@pytest.mark.parametrize("code_set", ["fever", "sepsis", "pneumonia", "tuberculosis_active", "severe_infection_other"])
def test_fever_and_severe_infection_are_a_warning(code_set):
    card = card_of(rituximab_aftercare, treated(symptom(code_set)))
    assert card is not None
    assert (card.indicator, logics(card)) == (Indicator.WARNING, ["SA-1"])
    assert card.summary == "Stop and evaluate before any further rituximab: fever or infection"


def test_a_minor_infection_is_none():
    assert truth("SA-1", treated(symptom("infection_minor"))) == "NO"


@pytest.mark.boundaries("SA-1")
@pytest.mark.parametrize(("days", "expected"), [(30, "YES"), (31, "NO")])
def test_an_infection_counts_for_thirty_days(days, expected):
    assert truth("SA-1", treated(symptom("pneumonia", days))) == expected


def test_one_that_is_over_or_refuted_does_not_count_and_a_suspicion_does():
    assert truth("SA-1", treated(symptom("pneumonia", clinical_status="resolved"))) == "NO"
    assert truth("SA-1", treated(symptom("pneumonia", verification_status="refuted"))) == "NO"
    assert truth("SA-1", treated(symptom("pneumonia", verification_status="provisional"))) == "YES"


def test_one_without_a_day_does_not_say_when():
    assert truth("SA-1", treated(problem("pneumonia"))) == "NO"


@pytest.mark.boundaries("SA-1")
@pytest.mark.parametrize(("ago", "expected"), [(YEAR, "YES"), (YEAR + 1, "NO")])
def test_it_watches_a_year_from_the_last_dose(ago, expected):
    assert truth("SA-1", patient(*OURS, dose(ago + 14), dose(ago), symptom("fever"))) == expected


def test_without_rituximab_it_is_silent_and_without_its_day_unknown():
    assert truth("SA-1", patient(*OURS, symptom("fever"))) == "NO"
    undated = replace(dose(60), when=None)
    assert finding("SA-1", patient(*OURS, undated, symptom("fever"))).missing == ("when rituximab was given",)


def test_viral_load_in_an_exposed_patient_goes_to_hepatology():
    seen = treated(CORE, result("hbv_dna", number(2000, "[IU]/mL"), 5), RUNNING)
    card = card_of(rituximab_aftercare, seen)
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "HBV-DNA positive" in card.summary
    assert "hepatology today" in card.detail
    assert labels(card) == ["Referral to hepatology"]
    [action] = card.suggestions[0].actions
    assert action.resource["priority"] == "urgent"
    assert action.resource["code"] == {"text": "Referral to hepatology"}


def test_leukoencephalopathy_goes_to_neurology():
    card = card_of(rituximab_aftercare, treated(problem("pml")))
    assert card is not None
    assert "leukoencephalopathy recorded" in card.summary
    assert labels(card) == ["Referral to neurology"]


def test_an_unread_problem_list_leaves_danger_unknown():
    coded_by_text = treated(unknown={"conditions"})
    assert finding("SA-1", coded_by_text).truth.value == "UNKNOWN"


def test_a_gammopathy_alone_and_minors_are_left_to_others():
    assert truth("SA-1", patient(MGUS, dose(60), symptom("fever"))) == "NO"
    assert truth("SA-1", treated(symptom("fever"), born=days_ago(3000).end)) == "NO"


# Hepatitis B


def test_cover_that_runs_is_information_with_its_end():
    card = card_of(rituximab_aftercare, treated(CORE, NO_DNA, RUNNING))
    assert card is not None
    assert (card.indicator, logics(card)) == (Indicator.INFO, ["RE-3"])
    assert "past hepatitis B: antiviral until 31 Dec 2026, HBV-DNA and ALT" in plain(card.summary)
    assert "12 months (ASCO and AGA say 12, EASL 18) [1] after the last dose" in card.detail
    assert labels(card) == []


@pytest.mark.parametrize("status", ["stopped", "completed"])
def test_cover_that_ended_early_is_a_warning(status):
    ended = replace(RUNNING, status=status)
    card = card_of(rituximab_aftercare, treated(CORE, NO_DNA, ended))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "the antiviral has ended, cover is needed until 31 Dec 2026" in plain(card.summary)


def test_an_end_that_is_past_has_ended_too():
    card = card_of(rituximab_aftercare, treated(CORE, NO_DNA, replace(RUNNING, until=days_ago(3))))
    assert card is not None
    assert "the antiviral has ended" in card.summary


def test_one_that_was_never_taken_has_not_ended():
    card = card_of(rituximab_aftercare, treated(CORE, NO_DNA, replace(RUNNING, status="not-taken")))
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert "no antiviral on record" in card.detail


@pytest.mark.parametrize(("days", "expected"), [(90, Indicator.INFO), (91, Indicator.WARNING)])
def test_without_cover_hbv_dna_is_to_be_watched(days, expected):
    card = card_of(rituximab_aftercare, treated(CORE, result("hbv_dna", "Not detected", days)))
    assert card is not None
    assert card.indicator is expected
    assert (labels(card) == []) is (expected is Indicator.INFO)


def test_hbv_dna_that_is_ordered_is_not_offered():
    card = card_of(rituximab_aftercare, treated(CORE, RUNNING, order("hbv_dna")))
    assert card is not None
    assert labels(card) == []


@pytest.mark.boundaries("RE-3")
@pytest.mark.parametrize(("ago", "expected"), [(YEAR, "YES"), (YEAR + 1, "NO")])
def test_cover_is_watched_for_twelve_months_after_the_last_dose(ago, expected):
    assert truth("RE-3", treated(CORE, NO_DNA, ago=ago)) == expected


@pytest.mark.boundaries("RE-3")
@pytest.mark.parametrize(("ago", "expected"), [(365, "YES"), (366, "YES"), (546, "YES"), (547, "NO")])
def test_cover_that_has_ended_is_told_until_eighteen_months(ago, expected):
    """Eighteen months before 2026-03-01 is 2024-09-01, 546 days ago."""
    ended = replace(RUNNING, status="completed")
    assert truth("RE-3", treated(CORE, NO_DNA, ended, ago=ago)) == expected


def test_cover_that_ended_after_what_the_site_asks_for_is_information():
    card = card_of(rituximab_aftercare, treated(CORE, NO_DNA, replace(RUNNING, status="completed"), ago=450))
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert "the antiviral has ended; a guideline asks for it until" in card.summary
    assert "Guidelines differ" in card.detail


@pytest.mark.parametrize("running", [(RUNNING,), ()])
def test_after_what_the_site_asks_for_running_cover_and_none_at_all_are_silent(running):
    assert truth("RE-3", treated(CORE, NO_DNA, *running, ago=450)) == "NO"


def test_without_contact_it_is_silent_and_unread_serology_is_unknown():
    assert truth("RE-3", treated(result("anti_hbc_total", "Negative", 100))) == "NO"
    assert truth("RE-3", treated(unknown={"hepatitisB"})) == "UNKNOWN"


def test_an_unread_medication_list_is_no_broken_cover():
    card = card_of(rituximab_aftercare, treated(CORE, NO_DNA, unknown={"medicationRequests"}))
    assert card is not None
    assert card.indicator is Indicator.INFO
    assert "antiviral treatment" in card.explanation.missing


# IgG and blood count


def unchecked(*facts, ago=200, **given):
    return patient(*OURS, *weekly(ago), *facts, **given)


@pytest.mark.boundaries("RE-4")
@pytest.mark.parametrize(("ago", "expected"), [(120, "NO"), (121, "YES"), (180, "YES"), (181, "YES"), (731, "NO")])
def test_igg_and_blood_count_are_asked_for_from_month_four_to_two_years(ago, expected):
    assert truth("RE-4", unchecked(ago=ago)) == expected


@pytest.mark.boundaries("RE-4")
@pytest.mark.parametrize(("days", "expected"), [(181, "NO"), (182, "YES")])
def test_each_counts_for_six_months(days, expected):
    assert truth("RE-4", unchecked(result("igg_serum", 800, days), result("cbc", 7, 10))) == expected
    assert truth("RE-4", unchecked(result("igg_serum", 800, 10), result("cbc", 7, days))) == expected


def test_the_card_names_and_offers_what_is_lacking():
    card = card_of(rituximab_aftercare, unchecked(result("cbc", 7, 10)))
    assert card is not None
    assert (card.indicator, logics(card)) == (Indicator.INFO, ["RE-4"])
    assert card.summary == "Measure IgG: not checked for 6 months after rituximab"
    assert labels(card) == ["Order: Serum IgG, quantitative"]


def test_what_is_ordered_is_not_asked_for():
    assert truth("RE-4", unchecked(order("igg_serum"), order("cbc"))) == "NO"


def test_an_unread_laboratory_is_unknown():
    assert truth("RE-4", unchecked(unknown={"laboratory"})) == "UNKNOWN"


def test_without_a_course_it_is_silent():
    assert truth("RE-4", patient(*OURS)) == "NO"


def test_all_three_stand_on_one_card_most_urgent_first():
    card = card_of(rituximab_aftercare, unchecked(symptom("fever"), CORE, RUNNING))
    assert card is not None
    assert logics(card) == ["SA-1", "RE-3", "RE-4"]
    assert "fever or infection" in card.summary
    assert labels(card) == [
        "Order: Hepatitis B virus DNA, quantitative",
        "Order: Serum IgG, quantitative",
        "Order: Complete blood count",
    ]
