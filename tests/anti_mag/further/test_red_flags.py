"""Red flags beside the neuropathy (WU-2), and a course that is too fast (TX-2)."""

from dataclasses import replace

import pytest

from cds_service.cards import Indicator
from hooks.anti_mag.advice import heard_by
from hooks.anti_mag.cards import red_flag, rituximab, rituximab_retreatment
from tests.anti_mag.diagnosis.charts import btu, days_ago, number, order, problem, result, up_to
from tests.anti_mag.flare.patients import (
    MGUS,
    NEUROPATHY,
    OURS,
    card_of,
    dose,
    finding,
    igm,
    labels,
    ordered,
    patient,
    score,
    truth,
    weekly,
)
from tests.anti_mag.reading import plain

SUSPECTED = (problem("polyneuropathy_generic"), MGUS)


def axonal(days=50):
    return result("assessment_ncs_pattern", "axonal", days)


@pytest.mark.boundaries("WU-2")
@pytest.mark.parametrize("flag", ["amyloidosis", "poems", "cryoglobulinemia"])
@pytest.mark.parametrize("disease", [OURS, SUSPECTED])
def test_a_coded_flag_beside_neuropathy_and_igm_is_a_warning(flag, disease):
    seen = patient(*disease, replace(problem(flag), verification_status="provisional"))
    assert truth("WU-2", seen) == "YES"
    card = card_of(red_flag, seen)
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "Exclude amyloid, POEMS, lymphoma first" in card.summary
    assert labels(card) == ["Referral to haematology", "Referral to neurology"]


@pytest.mark.parametrize(("flag", "name"), [("amyloidosis", "Amyloidosis"), ("poems", "POEMS syndrome")])
def test_a_confirmed_disease_is_treated_first_with_haematology(flag, name):
    card = card_of(red_flag, patient(*OURS, problem(flag)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert card.summary == f"{name} on record beside the neuropathy: treated first, with haematology"
    assert "is treated first, with haematology" in card.detail
    assert "Exclude AL" not in card.detail
    assert labels(card) == ["Referral to haematology"]


def test_a_confirmed_cryoglobulinaemia_is_a_flag_and_not_treated_first():
    card = card_of(red_flag, patient(*OURS, problem("cryoglobulinemia")))
    assert card is not None
    assert card.summary.endswith("first: cryoglobulinaemia beside the neuropathy")


def test_a_referral_that_is_ordered_is_not_offered_again():
    flag = replace(problem("amyloidosis"), verification_status="provisional")
    ordered_ones = (order(text="Referral to haematology"), order("neurology_referral"))
    card = card_of(red_flag, patient(*OURS, flag, *ordered_ones))
    assert card is not None
    assert labels(card) == []
    by_name = card_of(red_flag, patient(*OURS, flag, order(text="Consult neurology")))
    assert by_name is not None
    assert labels(by_name) == ["Referral to haematology"]


# Named in words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nephrotic syndrome", "YES"),
        ("Nephrotic syndrome with unspecified morphologic changes", "YES"),
        ("Orthostatic hypotension (disorder)", "YES"),
        ("Postural hypotension", "YES"),
        ("No orthostatic hypotension", "NO"),
        ("Family history of nephrotic syndrome", "NO"),
        ("Hypotension", "NO"),
        ("Nephritic syndrome", "NO"),
    ],
)
def test_nephrotic_syndrome_and_orthostatic_hypotension_are_flags(text, expected):
    assert truth("WU-2", patient(*SUSPECTED, problem(text=text))) == expected


def test_a_flag_by_name_wants_neuropathy_and_igm_and_an_active_problem():
    flag = problem(text="Nephrotic syndrome")
    assert truth("WU-2", patient(problem("polyneuropathy_generic"), flag)) == "NO"
    assert truth("WU-2", patient(MGUS, flag)) == "NO"
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, clinical_status="resolved"))) == "NO"
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, verification_status="refuted"))) == "NO"
    unread = patient(*SUSPECTED, flag, unknown={"conditions"})
    assert truth("WU-2", unread) == "YES"


# Beside a recommendation


DISABLED = (*OURS, score("incat", 4, 5))
SUSPICION = replace(problem("amyloidosis"), verification_status="provisional")
RELAPSE = (
    *OURS,
    *weekly(700),
    score("incat", 4, 710),
    score("incat", 2, 500),
    score("incat", 4, 5),
)


def test_beside_a_red_flag_rituximab_recommends_nothing():
    clean, flagged = card_of(rituximab, patient(*DISABLED)), card_of(rituximab, patient(*DISABLED, SUSPICION))
    assert clean is not None
    assert flagged is not None
    assert [item.is_recommended for item in clean.suggestions] == [True, False]
    assert [item.is_recommended for item in flagged.suggestions] == [False, False]
    assert "red flag" not in clean.summary
    assert flagged.summary.endswith("rituximab is the first choice after the red flag is settled")
    assert flagged.detail.startswith("**Settle the red flag first** (suspected amyloidosis)")


def test_beside_an_unread_problem_list_no_red_flag_is_claimed():
    seen = patient(*DISABLED, unknown={"conditions"})
    assert truth("WU-2", seen) == "UNKNOWN"
    card = card_of(rituximab, seen)
    assert card is not None
    assert "red flag" not in card.summary


@pytest.mark.parametrize(
    "facts",
    [OURS, (*OURS, igm(4500, 5)), (*DISABLED, igm(4500, 5)), (*OURS, score("incat", 4, 1500))],
    ids=["no score", "no score, exchange first", "exchange first", "old score"],
)
def test_every_form_of_the_rituximab_card_says_after_the_red_flag(facts):
    card = card_of(rituximab, patient(*facts, SUSPICION))
    assert card is not None
    assert "after the red flag is settled" in card.summary
    assert not any(item.is_recommended for item in card.suggestions)


@pytest.mark.parametrize("flag", ["amyloidosis", "poems"])
def test_with_a_confirmed_disease_there_is_no_rituximab_card(flag):
    seen = patient(*DISABLED, problem(flag))
    assert truth("TX-1", seen) == "NO"
    assert card_of(rituximab, seen) is None
    assert truth("TX-1", patient(*DISABLED, replace(problem(flag), clinical_status="resolved"))) == "YES"
    assert truth("TX-1", patient(*DISABLED, replace(problem(flag), verification_status="provisional"))) == "YES"


@pytest.mark.parametrize("facts", [RELAPSE, (*OURS, *weekly(700))], ids=["relapse", "not compared"])
def test_beside_a_red_flag_another_course_waits(facts):
    clean, flagged = (card_of(rituximab_retreatment, patient(*facts, *more)) for more in ((), (SUSPICION,)))
    assert clean is not None
    assert flagged is not None
    assert "red flag" not in clean.summary
    assert flagged.summary.endswith(" after the red flag is settled")
    assert "**Settle the red flag first**" in flagged.detail
    assert not any(item.is_recommended for item in flagged.suggestions)


FAILED = (*OURS, *weekly(700), score("incat", 4, 710), score("incat", 4, 5))


@pytest.mark.parametrize("flag", ["amyloidosis", "poems"])
@pytest.mark.parametrize(
    ("logic", "facts", "otherwise"),
    [("RT-1", RELAPSE, "YES"), ("RT-1", (*OURS, *weekly(700)), "UNKNOWN"), ("RF-1", FAILED, "YES")],
    ids=["relapse", "not compared", "failed"],
)
def test_a_confirmed_disease_is_treated_before_another_course_or_another_therapy(flag, logic, facts, otherwise):
    assert truth(logic, patient(*facts, problem(flag))) == "NO"
    assert truth("WU-2", patient(*facts, problem(flag))) == "YES"
    assert truth(logic, patient(*facts, replace(problem(flag), clinical_status="resolved"))) == otherwise
    assert truth(logic, patient(*facts, replace(problem(flag), verification_status="provisional"))) == otherwise


# Entered just now


def entered(*facts):
    return patient(*facts, hook="problem-list-item-create")


@pytest.mark.parametrize("flag", ["amyloidosis", "poems"])
def test_a_new_amyloidosis_or_poems_entry_is_heard_as_a_red_flag_and_nothing_else(flag):
    seen = entered(*OURS, replace(problem(flag), is_new=True))
    assert set(heard_by(seen)) == {"HV-1", "WU-2"}
    assert card_of(red_flag, seen) is not None


def test_an_entry_of_another_kind_is_not():
    assert set(heard_by(entered(*OURS, problem("amyloidosis")))) == {"HV-1"}
    assert set(heard_by(entered(*OURS, replace(problem("heart_failure"), is_new=True)))) == {"HV-1"}
    refuted = replace(problem("amyloidosis"), is_new=True, verification_status="refuted")
    assert set(heard_by(entered(*OURS, refuted))) == {"HV-1"}


def test_a_suspicion_counts_and_what_was_refuted_or_is_over_does_not():
    flag = problem("amyloidosis")
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, verification_status="provisional"))) == "YES"
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, verification_status="refuted"))) == "NO"
    assert truth("WU-2", patient(*SUSPECTED, replace(flag, clinical_status="resolved"))) == "NO"


def test_a_suspicion_is_called_one():
    flag = replace(problem("amyloidosis"), verification_status="provisional")
    card = card_of(red_flag, patient(*SUSPECTED, flag))
    assert card is not None
    assert card.summary.endswith("suspected amyloidosis beside the neuropathy")


def test_an_axonal_study_with_igm_is_a_flag():
    seen = patient(*SUSPECTED, axonal())
    assert truth("WU-2", seen) == "YES"
    card = card_of(red_flag, seen)
    assert card is not None
    assert "axonal nerve conduction study" in card.summary
    assert "An axonal study widens the search" in card.detail


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
    more = (problem(text="Nephrotic syndrome"), problem(text="Orthostatic hypotension"))
    card = card_of(red_flag, patient(*SUSPECTED, SUSPICION, problem("cryoglobulinemia"), *more, axonal()))
    assert card is not None
    assert "suspected amyloidosis and 4 other red flags beside" in card.summary
    assert (
        "suspected amyloidosis; cryoglobulinaemia; nephrotic syndrome; orthostatic hypotension; "
        "axonal nerve conduction study" in card.detail
    )


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


@pytest.mark.boundaries("WU-2")
def test_a_neuropathy_or_a_paraprotein_without_the_other_is_not_read_for_red_flags():
    weak = result("anti_mag_igm_quantitative", btu(3000), 20)
    alone = patient(problem("polyneuropathy_generic"), weak, problem("amyloidosis"))
    assert truth("WU-2", alone) == "NO"
    both = patient(problem("polyneuropathy_generic"), MGUS, weak, problem("amyloidosis"))
    assert truth("WU-2", both) == "YES"


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


@pytest.mark.boundaries("TX-2")
@pytest.mark.parametrize(("doses", "expected"), [((), "YES"), ((dose(400),), "NO")])
def test_it_watches_up_to_the_first_course_and_not_while_another_is_planned(doses, expected):
    assert truth("TX-2", patient(*OURS, *doses, *onls(2, 4), ordered("rituximab", 7))) == expected


def test_without_scores_it_is_unknown():
    assert finding("TX-2", patient(*OURS)).missing == ("two ONLS scores of the last year",)


def test_the_card_says_how_fast_and_offers_the_referrals():
    card = card_of(red_flag, patient(*OURS, *onls(2, 4)))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "rose from 2 (11 Nov 2025) to 4 (19 Feb 2026)" in plain(card.detail)
    assert "look again for red flags" in card.summary


def test_both_rules_stand_on_one_card():
    card = card_of(red_flag, patient(*OURS, SUSPICION, *onls(2, 4)))
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
