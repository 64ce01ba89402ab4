"""G6, G12, G13 and G15: infection, low counts, an open diagnosis, other diseases."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.values import Between
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    SAFE,
    behind,
    cards,
    concept,
    draft,
    finding,
    problem,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
    words,
)

ORDER = draft(amount=FULL_DOSE)


def with_problem(*problems, **kind):
    return record(ORDER, problems=(NEUROPATHY, *problems), **kind)


def with_results(*results, **kind):
    return record(ORDER, results=(*SAFE, *results), **kind)


# Infection


@pytest.mark.parametrize("code_set", ["sepsis", "tuberculosis_active", "pneumonia", "severe_infection_other"])
def test_a_severe_infection_is_critical_and_named(code_set):
    card = safety_card(with_problem(problem(code_set, ago=3)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.CRITICAL, {"G6"})
    assert code_set.replace("_", r"\_") in card.detail or code_set.replace("_", " ") in card.detail


@pytest.mark.parametrize("code_set", ["infection_minor", "fever"])
def test_a_minor_infection_or_fever_is_information(code_set):
    card = safety_card(with_problem(problem(code_set, ago=3)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"G6"})


def test_a_suspected_severe_infection_is_a_warning():
    card = safety_card(with_problem(problem("sepsis", ago=1, verification="provisional")))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "suspected" in card.summary


@pytest.mark.boundaries("G6")
@pytest.mark.parametrize(("ago", "expected"), [(30, "YES"), (31, "NO"), (None, "NO")])
def test_a_minor_infection_counts_for_a_month(ago, expected):
    assert truth("G6", with_problem(problem("fever", ago=ago))) == expected


@pytest.mark.boundaries("G6")
@pytest.mark.parametrize(("clinical", "ago", "expected"), [("", 30, "YES"), ("", 31, "NO"), ("active", 400, "YES")])
def test_a_severe_infection_without_a_status_counts_for_a_month(clinical, ago, expected):
    assert truth("G6", with_problem(problem("pneumonia", ago=ago, clinical=clinical))) == expected


@pytest.mark.boundaries("G6")
@pytest.mark.parametrize(
    "kind", [{"clinical": "resolved"}, {"verification": "refuted"}, {"verification": "entered-in-error"}]
)
def test_an_infection_that_is_over_or_was_none_says_nothing(kind):
    assert truth("G6", with_problem(problem("sepsis", ago=3, **kind))) == "NO"


def test_with_an_unread_problem_list_infection_is_unknown():
    assert truth("G6", with_problem(unread=("conditions",))) == "UNKNOWN"


def test_for_another_indication_infection_is_not_asked_for():
    order = draft(amount=FULL_DOSE, reason=words("Rheumatoid arthritis"))
    assert truth("G6", record(order, problems=(NEUROPATHY, problem("sepsis", ago=3)))) == "NO"


# Counts and IgG


@pytest.mark.boundaries("G12")
@pytest.mark.parametrize(
    ("code_set", "value", "unit", "expected"),
    [
        ("neutrophils_absolute", "0.99", "10*9/L", "YES"),
        ("neutrophils_absolute", "1.0", "10*9/L", "NO"),
        ("neutrophils_absolute", "999", "/uL", "YES"),
        ("neutrophils_absolute", "1000", "/uL", "NO"),
        ("platelets", "49", "10*3/uL", "YES"),
        ("platelets", "50", "10*3/uL", "NO"),
        ("igg_serum", "399", "mg/dL", "YES"),
        ("igg_serum", "400", "mg/dL", "NO"),
        ("igg_serum", "3.99", "g/L", "YES"),
        ("igg_serum", "4", "g/L", "NO"),
        ("igg_serum", "3", None, "UNKNOWN"),
        ("igg_serum", "3", "mmol/L", "UNKNOWN"),
    ],
)
def test_a_count_or_igg_below_its_limit_is_told(code_set, value, unit, expected):
    assert truth("G12", with_results(result(code_set, quantity(value, unit)))) == expected


@pytest.mark.boundaries("G12")
@pytest.mark.parametrize(
    ("bound", "value", "expected"),
    [("<", "1.0", "YES"), ("<", "1.1", "NO"), ("<=", "0.9", "YES"), ("<=", "1.0", "NO"), (">", "0.5", "NO")],
)
def test_a_bound_is_low_only_where_all_that_it_leaves_open_is(bound, value, expected):
    counted = result("neutrophils_absolute", quantity(value, "10*9/L", bound))
    assert truth("G12", with_results(counted)) == expected


@pytest.mark.boundaries("G12")
@pytest.mark.parametrize(("ago", "expected"), [(180, "YES"), (181, "NO")])
def test_a_low_count_is_told_for_half_a_year(ago, expected):
    assert truth("G12", with_results(result("platelets", quantity("40", "10*9/L"), ago))) == expected


def test_the_newest_final_value_clears_and_a_preliminary_one_does_not():
    low = result("platelets", quantity("40", "10*9/L"), 20)
    later = quantity("150", "10*9/L")
    assert truth("G12", with_results(low, result("platelets", later, 2))) == "NO"
    assert truth("G12", with_results(low, result("platelets", later, 2, status="preliminary"))) == "YES"


def test_a_low_preliminary_value_raises_and_says_so():
    normal = result("platelets", quantity("150", "10*9/L"), 20)
    low = result("platelets", quantity("40", "10*9/L"), 2, status="preliminary")
    card = safety_card(with_results(normal, low))
    assert card is not None
    assert "preliminary: confirm it" in card.detail


def test_a_missing_count_is_none_of_its_business_and_an_unread_one_is_unknown():
    assert truth("G12", record(ORDER)) == "NO"
    assert truth("G12", record(ORDER, unread=("laboratory",))) == "UNKNOWN"


def test_low_values_are_a_warning_with_limits_that_are_this_services_own():
    low = (
        result("neutrophils_absolute", quantity("0.8", "10*9/L")),
        result("igg_serum", quantity("3.1", "g/L")),
    )
    card = safety_card(with_results(*low))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G12"})
    assert "low neutrophils and IgG" in card.summary
    assert "neutrophils 0.8 x10⁹/L" in card.detail
    assert "IgG 310 mg/dL" in card.detail
    assert card.detail.count("(service default)") == 2
    assert [suggestion.label for suggestion in card.suggestions] == [
        "Order: Complete blood count",
        "Order: Serum IgG, quantitative",
        "Referral to haematology",
    ]


# Red flags and the diagnosis


@pytest.mark.parametrize("code_set", ["amyloidosis", "poems", "cryoglobulinemia"])
def test_an_unresolved_red_flag_is_a_warning_also_in_confirmed_disease(code_set):
    card = safety_card(with_problem(problem(code_set)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G13"})


@pytest.mark.parametrize(("code_set", "name"), [("amyloidosis", "Amyloidosis"), ("poems", "POEMS syndrome")])
def test_a_confirmed_disease_is_not_looked_for_but_treated_first(code_set, name):
    card = safety_card(with_problem(problem(code_set)))
    assert card is not None
    assert f"**{name} on record:** it is treated first, with haematology" in card.detail
    assert "look for amyloid" not in card.detail
    assert [suggestion.label for suggestion in card.suggestions] == ["Referral to haematology"]


def test_a_suspected_one_is_looked_for_with_haematology():
    card = safety_card(with_problem(problem("amyloidosis", verification="provisional")))
    assert card is not None
    assert "look for amyloid, POEMS, lymphoma and cryoglobulins before rituximab" in card.detail
    assert [suggestion.label for suggestion in card.suggestions] == ["Referral to haematology"]


@pytest.mark.boundaries("G13")
def test_a_resolved_or_refuted_red_flag_passes():
    assert truth("G13", with_problem(problem("amyloidosis", clinical="resolved"))) == "NO"
    assert truth("G13", with_problem(problem("amyloidosis", verification="refuted"))) == "NO"


POSSIBLE = (problem("sensory_neuropathy"), problem("igm_mgus"))


def test_possible_disease_is_information_that_names_the_missing_pieces():
    card = safety_card(record(ORDER, problems=POSSIBLE))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"G13"})
    assert card.explanation.missing == ("a positive anti-MAG IgM", "a nerve conduction study that fits")


@pytest.mark.boundaries("G13")
def test_a_suspected_diagnosis_lacks_every_piece():
    suspected = problem("anti_mag_neuropathy", verification="provisional")
    assert finding("G13", record(ORDER, problems=(suspected,))).missing == (
        "a neuropathy on the problem list",
        "a positive anti-MAG IgM",
        "an IgM paraprotein",
        "a nerve conduction study that fits",
    )


@pytest.mark.boundaries("G13")
def test_probable_and_confirmed_disease_pass():
    positive = result("anti_mag_igm_quantitative", quantity("12000", "{BTU}"), 40)
    assert truth("G13", record(ORDER, problems=POSSIBLE, results=(*SAFE, positive))) == "NO"
    assert truth("G13", record(ORDER)) == "NO"


def test_a_red_flag_in_possible_disease_is_one_warning_with_both():
    card = safety_card(record(ORDER, problems=(*POSSIBLE, problem("poems"))))
    assert card is not None
    assert card.indicator is Indicator.WARNING
    assert "POEMS" in card.summary
    assert "only possible" in card.detail


@pytest.mark.boundaries("G13")
def test_a_gammopathy_alone_is_no_possible_disease():
    assert truth("G13", record(ORDER, problems=(problem("igm_mgus"),))) == "NO"


@pytest.mark.boundaries("G13")
def test_with_an_unread_problem_list_red_flags_are_unknown():
    assert truth("G13", with_problem(unread=("conditions",))) == "UNKNOWN"


# Other diseases


@pytest.mark.parametrize(
    ("code_set", "said"),
    [
        ("multiple_sclerosis", "relapses followed rituximab"),
        ("arrhythmia_serious", "heart rhythm"),
        ("angina", "heart rhythm"),
        ("heart_failure", "heart rhythm"),
        ("myocardial_infarction_acute", "heart rhythm"),
    ],
)
def test_heart_disease_and_multiple_sclerosis_are_information(code_set, said):
    card = safety_card(with_problem(problem(code_set)))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.INFO, {"G15"})
    assert said in card.detail


@pytest.mark.boundaries("G15")
def test_a_past_or_suspected_disease_is_none():
    assert truth("G15", with_problem(problem("angina", clinical="resolved"))) == "NO"
    assert truth("G15", with_problem(problem("multiple_sclerosis", verification="differential"))) == "NO"


@pytest.mark.boundaries("G15")
def test_with_an_unread_problem_list_other_diseases_are_unknown():
    assert truth("G15", with_problem(unread=("conditions",))) == "UNKNOWN"


def test_both_are_one_line():
    card = safety_card(with_problem(problem("angina"), problem("multiple_sclerosis")))
    assert card is not None
    assert "heart disease and multiple sclerosis" in card.summary


# The card


def test_without_a_rituximab_order_none_of_them_speaks():
    problems = (NEUROPATHY, problem("sepsis", ago=3), problem("amyloidosis"), problem("angina"))
    assert "rituximabSafety" not in cards(record(problems=problems), "order-sign")


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_everything_together_is_one_card_most_urgent_first(hook):
    problems = (NEUROPATHY, problem("sepsis", ago=3), problem("amyloidosis"), problem("angina"))
    low = result("platelets", quantity("40", "10*9/L"))
    card = safety_card(record(ORDER, problems=problems, results=(*SAFE, low)), hook)
    assert card is not None
    assert behind(card) >= {"G6", "G12", "G13", "G15"}
    assert card.indicator is (Indicator.CRITICAL if hook == "order-sign" else Indicator.WARNING)
    lines = [line for line in card.detail.splitlines() if line.startswith("- **")]
    assert lines[0].startswith("- **Severe infection")
    assert card.detail.index("- **Low before rituximab") < card.detail.index("- **Heart disease")
    assert len(card.summary) < 140


@pytest.mark.conformance("MD-03")
def test_a_hostile_name_of_a_problem_stays_text():
    named = concept("sepsis", "Sepsis <b>x</b> [y](http://z)")
    card = safety_card(with_problem(replace(problem("sepsis", ago=3), concept=named)))
    assert card is not None
    assert "](http" not in card.detail
    assert "<b>" not in card.detail.replace("\\<b\\>", "")


def test_of_a_count_reported_as_a_range_the_lower_end_counts():
    low = result("platelets", Between(Decimal(20), Decimal(30), "10*9/L", "20-30 10*9/L"))
    assert truth("G12", record(ORDER, results=(*without("platelets"), low))) == "YES"
