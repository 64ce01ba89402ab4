from dataclasses import replace
from datetime import date

import pytest

from cds_service.cards import Indicator
from cds_service.values import When
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    behind,
    draft,
    igm,
    on_record,
    problem,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
)

ORDER = draft(amount=FULL_DOSE)
OTHERS = without("igm_serum")


def gates(*values, hook="order-sign", **chart):
    read = record(ORDER, results=(*OTHERS, *values), **chart)
    return tuple(truth(gate, read, hook) for gate in ("G4", "G4b", "G4c"))


@pytest.mark.boundaries("G4", "G4b", "G4c")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("900", ("NO", "NO", "NO")),
        ("2999", ("NO", "NO", "NO")),
        ("3000", ("NO", "NO", "YES")),
        ("3999", ("NO", "NO", "YES")),
        ("4000", ("YES", "NO", "NO")),
        ("8000", ("YES", "NO", "NO")),
    ],
)
def test_the_level_decides_which_gate(value, expected):
    assert gates(igm(value)) == expected


@pytest.mark.boundaries("G4", "G4b")
@pytest.mark.parametrize(("ago", "expected"), [(30, "NO"), (31, "NO"), (90, "NO"), (91, "YES")])
def test_an_igm_counts_for_ninety_days(ago, expected):
    assert gates(igm("900", ago))[1] == expected


@pytest.mark.parametrize(
    ("protein", "ago", "problems", "is_named"),
    [
        (quantity("40", "g/L"), 90, (NEUROPATHY, problem("igm_mgus")), True),
        (quantity("4.0", "g/dL"), 5, (NEUROPATHY, problem("igm_mgus")), True),
        (quantity("39.9", "g/L"), 5, (NEUROPATHY, problem("igm_mgus")), False),
        (quantity("40", "g/L"), 91, (NEUROPATHY, problem("igm_mgus")), False),
        (quantity("40", "g/L"), 5, (NEUROPATHY,), False),
    ],
    ids=["at the limit", "in g/dL", "below it", "too old", "of an unknown class"],
)
def test_a_very_high_m_protein_is_named_where_igm_is_not_known(protein, ago, problems, is_named):
    seen = record(ORDER, results=(*OTHERS, result("m_protein", protein, ago)), problems=problems)
    card = safety_card(seen)
    assert card is not None
    assert (truth("G4", seen), truth("G4b", seen)) == ("NO", "YES")
    assert ("The M-protein was " in card.detail) is is_named


def test_beside_a_current_igm_the_m_protein_is_not_named():
    assert (
        safety_card(record(ORDER, results=(*OTHERS, igm("900"), result("m_protein", quantity("45", "g/L"), 5)))) is None
    )


def test_no_igm_is_a_warning_with_the_test_to_order():
    card = safety_card(record(ORDER, results=OTHERS))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G4b"})
    assert "IgM" in card.suggestions[0].label


def test_an_igm_ordered_already_is_not_suggested_again():
    ordered = on_record("igm_serum", name="lab", kind="ServiceRequest")
    card = safety_card(record(ORDER, ordered, results=OTHERS))
    assert card is not None
    assert card.suggestions == ()


def test_unread_laboratory_results_make_it_unknown():
    assert gates(unread=("laboratory",)) == ("NO", "UNKNOWN", "NO")


def test_a_high_value_speaks_even_from_a_cut_list():
    assert gates(igm("4300"), unread=("laboratory",))[0] == "YES"


def test_a_preliminary_value_raises_and_is_called_preliminary():
    card = safety_card(record(ORDER, results=(*OTHERS, igm("4300", 2, status="preliminary"))))
    assert card is not None
    assert card.indicator is Indicator.CRITICAL
    assert "preliminary: confirm it" in card.detail


def test_a_preliminary_value_above_a_final_one_raises():
    assert gates(igm("900", 12), igm("4300", 2, status="preliminary"))[0] == "YES"


def test_a_preliminary_value_never_clears_a_gate():
    assert gates(igm("900", 2, status="preliminary")) == ("NO", "YES", "NO")


def test_a_withdrawn_value_is_none():
    assert gates(igm("4300", 2, status="entered-in-error")) == ("NO", "YES", "NO")


def test_grams_per_litre_are_converted():
    assert gates(result("igm_serum", quantity("43", "g/L"), 5))[0] == "YES"


def test_of_two_conflicting_values_the_higher_raises():
    assert gates(result("igm_serum", quantity("38", "g/L"), 2), igm("4300", 5))[0] == "YES"


def test_a_value_without_unit_is_asked_about():
    card = safety_card(record(ORDER, results=(*OTHERS, result("igm_serum", quantity("45", None), 5))))
    assert card is not None
    assert "G4b" in behind(card)
    assert "45 mg/dL or 45 g/L?" in card.detail


def test_a_later_clear_value_answers_one_without_unit():
    assert gates(igm("900", 2), result("igm_serum", quantity("45", None), 5)) == ("NO", "NO", "NO")


def test_too_high_an_igm_offers_plasma_exchange_and_haematology():
    card = safety_card(record(ORDER, results=(*OTHERS, igm("4300"))))
    assert card is not None
    assert [suggestion.label for suggestion in card.suggestions] == ["Plasma exchange", "Referral to haematology"]
    assert "4300 mg/dL" in card.summary


def test_near_the_limit_viscosity_is_proposed():
    card = safety_card(record(ORDER, results=(*OTHERS, igm("3200"))))
    assert card is not None
    assert "viscosity" in card.suggestions[0].label


def test_symptoms_of_hyperviscosity_stop_the_order_on_their_own_card():
    chart = record(ORDER, results=(*OTHERS, igm("3500")), problems=(NEUROPATHY, problem("hyperviscosity", ago=3)))
    assert truth("G5", chart) == "YES"
    assert "G5" not in behind(safety_card(chart))


@pytest.mark.boundaries("G5")
@pytest.mark.parametrize(("value", "expected"), [("4.0", "NO"), ("4.1", "YES")])
def test_a_raised_viscosity_stops_the_order(value, expected):
    chart = record(ORDER, results=(*OTHERS, igm("900"), result("viscosity_serum", quantity(value, "cP"), 3)))
    assert truth("G5", chart) == expected


def test_an_unmeasured_viscosity_is_no_gate():
    assert truth("G5", record(ORDER)) == "NO"


@pytest.mark.boundaries("G4b")
@pytest.mark.parametrize(
    ("month", "expected"),
    [(When(date(2026, 2, 1), date(2026, 2, 28)), "YES"), (When(date(2026, 1, 1), date(2026, 1, 31)), "NO")],
)
def test_a_bare_number_of_a_month_that_may_be_younger_than_the_clear_value_is_asked_for(month, expected):
    bare = replace(result("igm_serum", quantity("45", None)), when=month)
    assert gates(igm("1200", 10), bare) == ("NO", expected, "NO")
