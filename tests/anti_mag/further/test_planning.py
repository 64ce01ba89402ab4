"""Before a course: baseline and flare plan (PL-1), an IgM between the gates (PL-2), a reason to treat (MO-2)."""

import pytest

from cds_service.cards import Indicator
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    SAFE,
    behind,
    cards,
    concept,
    draft,
    finding,
    given,
    igm,
    on_record,
    problem,
    quantity,
    record,
    result,
    safety_card,
    truth,
    words,
)
from tests.anti_mag.reading import plain

ORDER = draft(amount=FULL_DOSE)
DISABLING = result("assessment_incat", quantity("4", "{score}"), 20)
MILD = result("assessment_incat", quantity("1", "{score}"), 20)
BASELINE = (
    result("igg_serum", quantity("800", "mg/dL"), 20),
    result("cbc", quantity("7", "10*9/L"), 20),
    result("anti_mag_igm_quantitative", quantity("20000", "{BTU}"), 60),
    DISABLING,
)
READY = (*SAFE, *BASELINE)
SELECT = "order-select"


def lacking(*code_sets, add=(), order=ORDER, **chart):
    results = [item for item in READY if not any(item.source.startswith(f"Observation/{name}") for name in code_sets)]
    return record(order, results=(*results, *add), **chart)


# The baseline


def test_with_everything_in_place_there_is_no_card():
    assert truth("PL-1", lacking(), SELECT) == "NO"
    assert safety_card(lacking(), SELECT) is None


@pytest.mark.parametrize(
    ("gone", "named", "is_ordered"),
    [
        ("igg_serum", "Serum IgG", True),
        ("cbc", "Blood count", True),
        ("anti_mag_igm_quantitative", "anti-MAG", True),
        ("assessment_incat", "INCAT", False),
    ],
)
def test_each_gap_is_named_with_the_order_that_closes_it(gone, named, is_ordered):
    add = [result("assessment_clinical_course", "worse", 5)] if gone == "assessment_incat" else []
    card = safety_card(lacking(gone, add=add), SELECT)
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"PL-1"})
    assert named.lower() in card.detail.lower()
    assert len(card.suggestions) == int(is_ordered)


def test_gaps_are_merged_on_one_card_with_the_flare_plan():
    card = safety_card(lacking("igg_serum", "cbc", order=draft(amount=FULL_DOSE, days=10)), SELECT)
    assert card is not None
    assert card.summary == "Rituximab order: baseline incomplete (IgG, blood count)"
    assert "with a first dose on 12 Mar 2026, check IgM on 26 Mar 2026, 9 Apr 2026" in plain(card.detail)
    assert "2 Jul 2026 (weeks 2, 4, 6, 8, 12, 16)" in plain(card.detail)
    assert "whom to call" in card.detail
    assert "ever given elsewhere" in card.detail


def test_without_a_day_on_the_draft_the_plan_counts_from_today():
    card = safety_card(lacking("igg_serum"), SELECT)
    assert card is not None
    assert "with a first dose on 2 Mar 2026" in plain(card.detail)


@pytest.mark.boundaries("PL-1")
@pytest.mark.parametrize(("ago", "expected"), [(365, "NO"), (366, "YES")])
def test_an_anti_mag_titre_is_a_baseline_for_a_year(ago, expected):
    old = result("anti_mag_igm_quantitative", quantity("20000", "{BTU}"), ago)
    assert truth("PL-1", lacking("anti_mag", add=[old]), SELECT) == expected


def test_height_and_weight_are_asked_for_where_no_dose_is_checked_yet():
    chart = lacking("body_height", order=draft())
    assert finding("PL-1", chart, SELECT).missing == ("Height and weight",)
    asked_by_the_dose_gate = lacking("body_height")
    assert truth("PL-1", asked_by_the_dose_gate, SELECT) == "NO"
    assert truth("G10", asked_by_the_dose_gate, SELECT) == "UNKNOWN"


@pytest.mark.boundaries("PL-1")
def test_a_body_that_was_measured_is_not_asked_for_again_before_a_dose_is_chosen():
    assert truth("PL-1", lacking(order=draft()), SELECT) == "NO"
    for gone in ("body_height", "body_weight"):
        assert finding("PL-1", lacking(gone, order=draft()), SELECT).missing == ("Height and weight",)


def test_what_a_gate_asks_for_is_not_asked_for_twice():
    card = safety_card(lacking("hbsag", "igm_serum"), SELECT)
    assert card is not None
    assert behind(card) == {"G1", "G4b"}


def test_a_test_that_is_ordered_is_no_gap():
    ordered = on_record("igg_serum", name="lab", kind="ServiceRequest")
    chart = record(ORDER, ordered, results=[item for item in READY if "igg" not in item.source])
    assert truth("PL-1", chart, SELECT) == "NO"


def test_unread_results_leave_it_unknown():
    found = finding("PL-1", lacking("igg_serum", "cbc", unread=["laboratory"]), SELECT)
    assert found.truth.value == "UNKNOWN"
    assert "whether on record: Serum IgG" in found.missing


def test_an_old_igm_is_told_on_a_card_that_shows_anyway_and_makes_none():
    old = [igm("1200", 45)]
    assert safety_card(lacking("igm_serum", add=old), SELECT) is None
    card = safety_card(lacking("igm_serum", "cbc", add=old), SELECT)
    assert card is not None
    assert "45 days old" in card.detail
    fresh = safety_card(lacking("igm_serum", "cbc", add=[igm("1200", 30)]), SELECT)
    assert fresh is not None
    assert "days old" not in fresh.detail


@pytest.mark.boundaries("PL-1")
@pytest.mark.parametrize(("ago", "expected"), [(35, "NO"), (36, "YES")])
def test_a_later_dose_of_the_course_asks_for_no_baseline(ago, expected):
    chart = lacking("cbc", medicines=(given("rituximab", ago),))
    assert truth("PL-1", chart, SELECT) == expected


def test_it_speaks_while_the_order_is_put_together_and_not_when_it_is_signed():
    assert safety_card(lacking("cbc"), "order-sign") is None


@pytest.mark.parametrize("logic", ["PL-1", "PL-2", "MO-2"])
@pytest.mark.parametrize(
    "chart",
    [
        record(draft(reason=words("Rheumatoid arthritis"), amount=FULL_DOSE), results=(igm("3500"),)),
        record(ORDER, results=(igm("3500"),), age=12),
        record(ORDER, results=(igm("3500"),), problems=(problem("igm_mgus"),)),
        record(ORDER, results=(igm("3500"),), problems=()),
        record(draft(selected=False), results=(igm("3500"),)),
    ],
    ids=["another indication", "a minor", "gammopathy alone", "no disease of ours", "not selected"],
)
def test_only_a_course_for_an_adult_with_the_neuropathy_is_planned(logic, chart):
    assert truth(logic, chart, SELECT) == "NO"


# IgM between the gates


@pytest.mark.boundaries("PL-2")
@pytest.mark.parametrize(("value", "expected"), [("2999", "NO"), ("3000", "YES"), ("3999", "YES"), ("4000", "NO")])
def test_the_level_between_the_gates_counts(value, expected):
    assert truth("PL-2", lacking("igm_serum", add=[igm(value)]), SELECT) == expected


def test_near_the_limit_the_gate_says_it_for_both():
    card = safety_card(lacking("igm_serum", add=[igm("3500")]), SELECT)
    assert card is not None
    assert behind(card) == {"G4c", "PL-2"}
    assert card.detail.count("agree with haematology") == 1
    assert [suggestion.label for suggestion in card.suggestions] == [
        "Order: Serum viscosity",
        "Referral to haematology",
    ]


@pytest.mark.boundaries("PL-2")
@pytest.mark.parametrize(("ago", "expected"), [(20, "YES"), (90, "YES"), (91, "NO")])
def test_an_igm_that_fell_from_there_is_a_warning(ago, expected):
    chart = lacking("igm_serum", add=[igm("2000", 2), igm("4300", ago)])
    assert truth("PL-2", chart, SELECT) == expected


def test_after_a_fall_a_threshold_is_to_be_agreed():
    card = safety_card(lacking("igm_serum", add=[igm("2000", 2), igm("4300", 20)]), SELECT)
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"PL-2"})
    assert "IgM 2000 mg/dL, fallen from 4300 mg/dL" in card.summary
    assert "viscosity" in card.suggestions[0].label


def test_a_rise_from_below_is_no_fall():
    assert truth("PL-2", lacking("igm_serum", add=[igm("2500", 2), igm("1200", 20)]), SELECT) == "NO"


def test_without_an_igm_it_is_unknown():
    assert truth("PL-2", lacking("igm_serum"), SELECT) == "UNKNOWN"


# A reason to treat


def test_mild_disease_asks_for_the_reason():
    card = safety_card(lacking("assessment_incat", add=[MILD]), SELECT)
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"MO-2"})
    assert "mild, stable disease" in card.detail


def test_without_a_score_it_is_asked_for_once():
    card = safety_card(lacking("assessment_incat"), SELECT)
    assert card is not None
    assert behind(card) == {"MO-2"}
    assert card.detail.count("INCAT or ONLS and I-RODS") == 1
    both = safety_card(lacking("assessment_incat", "cbc"), SELECT)
    assert both is not None
    assert behind(both) == {"MO-2", "PL-1"}
    assert both.detail.count("INCAT or ONLS and I-RODS") == 1


@pytest.mark.boundaries("MO-2")
def test_disabling_or_progressive_disease_is_reason_enough():
    assert truth("MO-2", lacking(), SELECT) == "NO"
    worse = result("assessment_clinical_course", "worse", 5)
    assert truth("MO-2", lacking("assessment_incat", add=[worse]), SELECT) == "NO"


@pytest.mark.boundaries("MO-2")
def test_unread_scores_leave_it_unknown():
    assert truth("MO-2", lacking("assessment_incat", unread=["assessments"]), SELECT) == "UNKNOWN"


@pytest.mark.boundaries("MO-2")
def test_possible_disease_is_the_diagnosis_gates_matter():
    possible = (problem("polyneuropathy_generic"), problem("igm_mgus"))
    chart = lacking("anti_mag", "assessment_incat", problems=possible)
    assert truth("MO-2", chart, SELECT) == "NO"


@pytest.mark.boundaries("MO-2")
def test_a_relapse_is_reason_enough():
    scores = [result("assessment_incat", quantity(value, "{score}"), ago) for value, ago in (("2", 420), ("0", 200))]
    relapsed = [*scores, result("assessment_incat", quantity("1", "{score}"), 10)]
    chart = lacking("assessment_incat", add=relapsed, medicines=(given("rituximab", 400),))
    assert truth("MO-2", chart, SELECT) == "NO"


@pytest.mark.boundaries("MO-2")
@pytest.mark.parametrize(("ago", "expected"), [(7, "NO"), (100, "NO"), (200, "YES")])
def test_the_reason_is_asked_for_before_a_course_and_neither_within_one_nor_where_it_is_too_soon(ago, expected):
    chart = lacking("assessment_incat", add=[MILD], medicines=(given("rituximab", ago),))
    assert truth("MO-2", chart, SELECT) == expected


def test_the_neuropathy_as_indication_is_ours():
    chart = lacking("cbc", order=draft(amount=FULL_DOSE, reason=concept("anti_mag_neuropathy")))
    assert truth("PL-1", chart, SELECT) == "YES"


def test_nothing_is_said_at_patient_view():
    assert "rituximabSafety" not in cards(lacking("cbc"), "patient-view")
