"""Red flags beside the neuropathy (WU-2), and a course that is too fast (TX-2)."""

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from hooks.anti_mag.cards import red_flag
from tests.anti_mag.diagnosis.charts import btu, days_ago, number, problem, result, up_to
from tests.anti_mag.flare.patients import (
    MGUS,
    NEUROPATHY,
    OURS,
    card_of,
    finding,
    labels,
    ordered,
    patient,
    score,
    truth,
    weekly,
)

SUSPECTED = (problem("polyneuropathy_generic"), MGUS)


def axonal(days=50):
    return result("assessment_ncs_pattern", "axonal", days)


@pytest.mark.boundaries("WU-2")
@pytest.mark.parametrize("flag", ["amyloidosis", "poems", "cryoglobulinemia"])
@pytest.mark.parametrize("disease", [OURS, SUSPECTED])
def test_a_coded_flag_beside_neuropathy_and_igm_is_a_warning(flag, disease):
    seen = patient(*disease, problem(flag))
    assert truth("WU-2", seen) == "YES"
    card = card_of(red_flag, seen)
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "exclude amyloid, POEMS, lymphoma first" in card.summary
    assert labels(card) == ["Referral to haematology", "Referral to neurology"]


def test_a_suspicion_counts_and_what_was_refuted_or_is_over_does_not():
    flag = problem("amyloidosis")
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, verification_status="provisional"))) == "YES"
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, verification_status="refuted"))) == "NO"
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, clinical_status="resolved"))) == "NO"


def test_a_suspicion_is_called_one():
    flag = replace(problem("amyloidosis"), verification_status="provisional")
    card = card_of(red_flag, patient(*SUSPECTED, flag))
    assert card is not None
    assert "(amyloidosis, suspected)" in card.summary


def test_an_axonal_study_with_igm_is_a_flag():
    seen = patient(*SUSPECTED, axonal())
    assert truth("WU-2", seen) == "YES"
    card = card_of(red_flag, seen)
    assert card is not None
    assert "axonal nerve conduction study" in card.summary
    assert "KOREA2023" in card.detail


@pytest.mark.boundaries("WU-2")
@pytest.mark.parametrize("pattern", ["demyelinating", "inexcitable", "mixed", "normal"])
def test_other_patterns_are_none(pattern):
    assert truth("WU-2", patient(*SUSPECTED, result("assessment_ncs_pattern", pattern, 50))) == "NO"


@pytest.mark.boundaries("WU-2")
@pytest.mark.parametrize(("value", "expected"), [(101, "YES"), (100, "NO")])
def test_a_vegf_above_its_own_range_is_a_flag(value, expected):
    vegf = result("vegf", number(value, "pg/mL"), 10, reference_range=up_to(100, "pg/mL"))
    assert truth("WU-2", patient(*SUSPECTED, vegf)) == expected


def test_flags_are_named_together_on_one_card():
    card = card_of(red_flag, patient(*SUSPECTED, problem("amyloidosis"), problem("cryoglobulinemia"), axonal()))
    assert card is not None
    assert "amyloidosis, cryoglobulinaemia, axonal nerve conduction study" in card.summary


@pytest.mark.boundaries("WU-2")
@pytest.mark.parametrize(
    "facts",
    [
        (problem("polyneuropathy_generic"), problem("amyloidosis")),
        (MGUS, problem("amyloidosis")),
        (problem("amyloidosis"),),
        (*SUSPECTED, problem("heart_failure")),
        SUSPECTED,
    ],
    ids=["no IgM", "no neuropathy", "flag alone", "heart failure", "no flag"],
)
def test_neuropathy_igm_and_a_flag_belong_together(facts):
    assert truth("WU-2", patient(*facts)) == "NO"


def test_an_unread_problem_list_is_unknown():
    coded = patient(NEUROPATHY, MGUS, unknown={"conditions"})
    assert truth("WU-2", coded) == "UNKNOWN"


def test_minors_are_left_alone():
    young = patient(
        *SUSPECTED, problem("amyloidosis"), score("onls", 2, 100), score("onls", 4, 5), born=days_ago(3000).end
    )
    assert (truth("WU-2", young), truth("TX-2", young)) == ("NO", "NO")


def onls(before, now, *, apart=100, ago=10):
    return score("onls", before, ago + apart), score("onls", now, ago)


@pytest.mark.boundaries("TX-2")
@pytest.mark.parametrize(("now", "expected"), [(3, "NO"), (4, "YES"), (5, "YES"), (1, "NO")])
def test_two_points_of_onls_within_a_year_are_subacute(now, expected):
    assert truth("TX-2", patient(*OURS, *onls(2, now))) == expected


@pytest.mark.boundaries("TX-2")
@pytest.mark.parametrize(("apart", "expected"), [(365, "YES"), (366, "UNKNOWN")])
def test_the_two_scores_lie_within_a_year(apart, expected):
    assert truth("TX-2", patient(*OURS, *onls(2, 4, apart=apart))) == expected


@pytest.mark.boundaries("TX-2")
@pytest.mark.parametrize(("ago", "expected"), [(365, "YES"), (366, "UNKNOWN")])
def test_the_newest_score_is_of_the_last_year(ago, expected):
    assert truth("TX-2", patient(*OURS, *onls(2, 4, ago=ago))) == expected


def test_the_best_score_of_the_year_is_the_measure():
    assert truth("TX-2", patient(*OURS, score("onls", 3, 300), score("onls", 2, 200), score("onls", 4, 10))) == "YES"


@pytest.mark.boundaries("TX-2")
@pytest.mark.parametrize("scale", ["incat", "onls_leg", "onls_arm"])
def test_no_other_scale_is_read(scale):
    assert truth("TX-2", patient(*OURS, score(scale, 1, 100), score(scale, 4, 10))) == "UNKNOWN"


def test_without_scores_it_is_unknown():
    assert finding("TX-2", patient(*OURS)).missing == ("two ONLS scores of the last year",)


def test_the_card_says_how_fast_and_offers_the_referrals():
    card = card_of(red_flag, patient(*OURS, *onls(2, 4)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "rose from 2 (2025-11-11) to 4 (2026-02-19)" in card.detail
    assert "look again for red flags" in card.summary


def test_both_rules_stand_on_one_card():
    card = card_of(red_flag, patient(*OURS, problem("poems"), *onls(2, 4)))
    assert card is not None
    assert [note.logic for note in card.explanation.findings] == ["WU-2", "TX-2"]
    assert "Exclude AL amyloidosis" in card.detail
    assert "The ONLS rose from 2" in card.detail


def test_a_suspected_neuropathy_that_moves_fast_is_seen_sooner_too():
    assert truth("TX-2", patient(*SUSPECTED, result("anti_mag_igm_quantitative", btu(3000)), *onls(1, 3))) == "YES"


def test_with_rituximab_planned_it_still_speaks_and_after_it_no_longer():
    assert truth("TX-2", patient(*OURS, *onls(2, 4), ordered("rituximab", 5))) == "YES"
    assert truth("TX-2", patient(*OURS, *onls(2, 4), *weekly(60))) == "NO"
    assert truth("TX-2", patient(*OURS, *onls(2, 4), *weekly(1500))) == "NO"
