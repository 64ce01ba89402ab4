"""G10b and G17: the schedule of a rituximab order, and the subcutaneous form."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.record import Dosage
from cds_service.values import When
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    SAFE,
    TODAY,
    behind,
    draft,
    given,
    quantity,
    record,
    result,
    safety_card,
    truth,
    without,
    words,
)

FIXED = quantity("1000", "mg")
PER_AREA = quantity("375", "mg/m2")
SUBCUTANEOUS = "rituximab_hyaluronidase_sc"
MEDICATION = ("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses")


def scheduled(amount=FULL_DOSE, *, days=(), **repeat):
    events = tuple(When.on(TODAY + timedelta(days=day)) for day in days)
    if "period" in repeat:
        repeat["period"] = Decimal(repeat["period"])
    return replace(draft(), dosages=(Dosage(amount=amount, events=events, **repeat),))


def weekly_given(*ago):
    return {"medicines": tuple(given("rituximab", days) for days in ago)}


# Number of doses


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize("amount", [FULL_DOSE, PER_AREA])
@pytest.mark.parametrize(("count", "expected"), [(4, "NO"), (5, "YES")])
def test_the_weekly_regimen_has_four_doses(amount, count, expected):
    order = scheduled(amount, count=count, frequency=1, period="1", period_unit="wk")
    assert truth("G10b", record(order)) == expected


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(("count", "expected"), [(2, "NO"), (3, "YES")])
def test_the_fixed_regimen_has_two(count, expected):
    order = scheduled(FIXED, count=count, frequency=1, period="2", period_unit="wk")
    assert truth("G10b", record(order)) == expected


def test_named_days_are_counted_each_once_with_the_days_given():
    assert truth("G10b", record(scheduled(days=(0, 7, 14, 21)))) == "NO"
    assert truth("G10b", record(scheduled(days=(0, 7, 14, 21, 28)))) == "YES"
    assert truth("G10b", record(scheduled(days=(7, 14)), **weekly_given(0, 7))) == "NO"
    assert truth("G10b", record(scheduled(days=(7, 14, 21)), **weekly_given(0, 7))) == "YES"
    assert truth("G10b", record(scheduled(days=(0, 7, 14, 21)), **weekly_given(0))) == "NO"


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(("given_before", "expected"), [((21, 14, 7), "NO"), ((28, 21, 14, 7), "YES")])
def test_a_single_dose_beyond_the_course_is_told(given_before, expected):
    assert truth("G10b", record(scheduled(), **weekly_given(*given_before))) == expected


def in_days(*days, amount=FULL_DOSE):
    """A course that is ordered dose by dose."""
    return [replace(scheduled(amount, days=(day,)), source=f"MedicationRequest/{day}") for day in days]


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(
    ("days", "amount", "expected"),
    [
        ((0, 7, 14, 21), FULL_DOSE, "NO"),
        ((0, 7, 14, 21, 28), FULL_DOSE, "YES"),
        ((1, 7), FULL_DOSE, "NO"),
        ((1, 6), FULL_DOSE, "YES"),
        ((1, 14), FIXED, "NO"),
        ((1, 13), FIXED, "YES"),
        ((1, 15, 29), FIXED, "YES"),
        ((1, 15, 51), FIXED, "NO"),
    ],
)
def test_a_course_that_is_ordered_dose_by_dose_is_judged_as_one(days, amount, expected):
    assert truth("G10b", record(*in_days(*days, amount=amount))) == expected


def test_the_service_that_infuses_a_prescription_is_no_dose_of_its_own():
    first, second = in_days(1, 4)
    service = replace(first, source="ServiceRequest/infusion", resource_type="ServiceRequest")
    assert truth("G10b", record(first, second)) == "YES"
    assert truth("G10b", record(service, second)) == "NO"


def test_two_orders_too_close_are_told_once_with_the_later_of_them():
    card = safety_card(record(*in_days(1, 8, amount=FIXED)))
    assert card is not None
    assert card.detail.count("two doses are 7 days apart") == 1


def test_a_count_that_may_be_the_whole_course_begun_already_is_believed():
    order = scheduled(count=4, frequency=1, period="1", period_unit="wk")
    assert truth("G10b", record(order, **weekly_given(14, 7))) == "NO"
    assert truth("G10b", record(order, **weekly_given(28, 21, 14, 7))) == "YES"


def test_doses_of_an_earlier_course_do_not_count():
    order = scheduled(count=4, frequency=1, period="1", period_unit="wk")
    assert truth("G10b", record(order, **weekly_given(421, 414, 407, 400))) == "NO"


# Time between doses


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(
    ("amount", "days", "expected"),
    [(FULL_DOSE, 6, "NO"), (FULL_DOSE, 5, "YES"), (FIXED, 13, "NO"), (FIXED, 12, "YES")],
)
def test_doses_too_close_together_are_told(amount, days, expected):
    assert truth("G10b", record(scheduled(amount, days=(1, 1 + days)))) == expected
    repeated = scheduled(amount, count=2, frequency=1, period=str(days), period_unit="d")
    assert truth("G10b", record(repeated)) == expected


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({"frequency": 2, "period": "1", "period_unit": "wk"}, "YES"),
        ({"period": "1", "period_unit": "wk"}, "NO"),
        ({"period": "120", "period_unit": "h"}, "YES"),
        ({"frequency": 1, "period": "6", "period_unit": "mo"}, "UNKNOWN"),
        ({"frequency": 1, "period": "1", "period_unit": "d", "count": 1}, "NO"),
    ],
)
def test_a_repeat_is_read_as_days_between_doses(repeat, expected):
    assert truth("G10b", record(scheduled(**repeat))) == expected


def test_the_last_dose_given_counts_towards_a_day_to_come():
    assert truth("G10b", record(scheduled(days=(2,)), **weekly_given(3))) == "YES"
    assert truth("G10b", record(scheduled(days=(3,)), **weekly_given(3))) == "NO"
    assert truth("G10b", record(draft(amount=FULL_DOSE, days=2), **weekly_given(3))) == "YES"


def test_the_day_on_which_an_order_is_written_is_no_day_of_a_dose():
    assert truth("G10b", record(draft(amount=FULL_DOSE, days=0), **weekly_given(3))) == "NO"


# Which regimen


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(("mg", "expected"), [("990", "YES"), ("989", "NO")])
def test_the_regimen_is_the_one_that_the_dose_is_nearer_to(mg, expected):
    """140 kg and 175 cm are 2.61 m², 375 mg/m² then 979 mg: the middle between it and 1000 mg is 989.4 mg."""
    heavy = (*without("body_weight"), result("body_weight", quantity("140", "kg"), 20))
    assert truth("G10b", record(scheduled(quantity(mg, "mg"), days=(0, 7)), results=heavy)) == expected


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize(
    ("mg", "expected"), [("900", "YES"), ("899", "NO"), ("1100", "YES"), ("1101", "NO"), ("1340", "NO")]
)
@pytest.mark.parametrize("results", [SAFE, without("body_weight")])
def test_about_1000_mg_is_the_fixed_regimen_and_a_dose_that_fits_neither_tells_none(mg, expected, results):
    chart = record(scheduled(quantity(mg, "mg"), days=(0, 7)), results=results)
    assert truth("G10b", chart) == expected


@pytest.mark.boundaries("G10b")
@pytest.mark.parametrize("order", [scheduled(None, count=9), scheduled(quantity("2", "{vial}"), count=9), scheduled()])
def test_without_a_dose_or_a_schedule_the_answer_is_unknown(order):
    assert truth("G10b", record(order)) == "UNKNOWN"


def test_it_is_a_warning_that_says_what_is_off():
    card = safety_card(record(scheduled(days=(0, 3, 6, 9, 12))))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G10b"})
    assert (
        "it makes 5 doses and two doses are 3 days apart; the course of 375 mg/m² has 4 doses, at least 6 days apart."
        in card.detail
    )


def test_the_fixed_regimen_is_told_by_its_own_numbers():
    card = safety_card(record(scheduled(FIXED, days=(0, 7))))
    assert card is not None
    assert "two doses are 7 days apart; the course of 1000 mg has 2 doses, at least 13 days apart." in card.detail


def test_too_many_doses_in_their_right_time_say_nothing_of_the_time():
    card = safety_card(record(scheduled(days=(0, 7, 14, 21, 28))))
    assert card is not None
    assert "it makes 5 doses; the course" in card.detail
    assert "too many doses" in card.summary


def test_half_days_are_told():
    card = safety_card(record(scheduled(count=2, frequency=2, period="1", period_unit="wk")))
    assert card is not None
    assert "two doses are 3.5 days apart" in card.detail
    assert "doses too close together" in card.summary


def test_of_two_orders_the_line_says_which():
    second = replace(scheduled(days=(40, 42)), source="MedicationRequest/b")
    card = safety_card(record(scheduled(days=(0,)), second))
    assert card is not None
    assert "rituximab (order 2 of 2): two doses are 2 days apart" in card.detail


def test_for_another_indication_the_schedule_is_not_checked():
    order = replace(scheduled(days=(0, 1)), reasons=(words("Rheumatoid arthritis"),))
    assert truth("G10b", record(order)) == "NO"


# The subcutaneous form


def test_the_subcutaneous_form_as_first_dose_ever_is_a_warning():
    card = safety_card(record(draft(SUBCUTANEOUS, quantity("1400", "mg"))))
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G17"})
    assert "first dose ever" in card.detail


@pytest.mark.boundaries("G17")
def test_after_intravenous_rituximab_it_passes():
    chart = record(draft(SUBCUTANEOUS, quantity("1400", "mg")), medicines=(given("rituximab", 400),))
    assert truth("G17", chart) == "NO"
    assert truth("G17", record(draft(SUBCUTANEOUS), medicines=(given("rituximab", None),))) == "NO"


def test_a_dose_by_body_surface_is_told_after_any_rituximab():
    card = safety_card(record(draft(SUBCUTANEOUS, PER_AREA), medicines=(given("rituximab", 400),)))
    assert card is not None
    assert behind(card) == {"G17"}
    assert "mg/m²" in card.detail
    assert "first dose ever" not in card.detail


@pytest.mark.boundaries("G17")
def test_with_unread_medication_the_first_dose_is_unknown_and_the_dose_still_told():
    assert truth("G17", record(draft(SUBCUTANEOUS), unread=MEDICATION)) == "UNKNOWN"
    assert truth("G17", record(draft(SUBCUTANEOUS, PER_AREA), unread=MEDICATION)) == "YES"


@pytest.mark.boundaries("G17")
def test_the_intravenous_form_is_none_of_its_business_nor_the_subcutaneous_one_of_g10b():
    assert truth("G17", record(draft(amount=PER_AREA))) == "NO"
    order = replace(scheduled(days=(0, 1, 2, 3, 4)), concept=draft(SUBCUTANEOUS).concept)
    assert truth("G10b", record(order)) == "NO"
