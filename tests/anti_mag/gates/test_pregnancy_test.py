"""G8b: could be pregnant, and no fresh negative test."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.cards import Indicator
from cds_service.record import Procedure
from cds_service.values import ReferenceRange, When
from tests.anti_mag.gates.given import (
    FULL_DOSE,
    NEUROPATHY,
    SAFE,
    behind,
    cards,
    concept,
    day,
    draft,
    picture,
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


def chart(*results, **kind):
    return record(ORDER, **{"age": 30, "results": (*SAFE, *results)} | kind)


def test_no_test_is_a_warning_with_the_test_to_order_and_contraception():
    card = safety_card(chart())
    assert card is not None
    assert (card.indicator, behind(card)) == (Indicator.WARNING, {"G8b"})
    assert [suggestion.label for suggestion in card.suggestions] == ["Order: Pregnancy test (hCG), serum"]
    assert "contraception during treatment and for 12 months after it" in card.detail
    assert "7 days (service default)" in card.detail


@pytest.mark.boundaries("G8b")
@pytest.mark.parametrize(("ago", "expected"), [(0, "NO"), (7, "NO"), (8, "YES"), (None, "YES")])
def test_a_negative_test_counts_for_a_week(ago, expected):
    assert truth("G8b", chart(result("pregnancy_test", "Negative", ago))) == expected


@pytest.mark.boundaries("G8b")
@pytest.mark.parametrize(
    "test",
    [
        result("pregnancy_test", "Negative", 1, status="preliminary"),
        result("pregnancy_test", "Negative", 1, status="entered-in-error"),
        result("pregnancy_test", "pending", 1),
        result("pregnancy_test", quantity("3", "m[IU]/mL"), 1),
        result("pregnancy_status_observation", words("Not pregnant"), 1),
    ],
)
def test_what_is_no_clear_negative_test_clears_nothing(test):
    assert truth("G8b", chart(test)) == "YES"


def test_an_amount_within_the_laboratorys_range_is_negative():
    own = ReferenceRange(high=Decimal(5), unit="m[IU]/mL")
    amount = replace(result("pregnancy_test", quantity("2", "m[IU]/mL"), 1), reference_range=own)
    assert truth("G8b", chart(amount)) == "NO"


def test_an_older_negative_test_is_named():
    card = safety_card(chart(result("pregnancy_test", "Negative", 20)))
    assert card is not None
    assert "The last test is of 10 Feb 2026" in plain(card.detail)


def test_a_test_that_is_ordered_is_not_suggested_again_and_settles_nothing():
    ordered = draft("pregnancy_test", name="hcg", kind="ServiceRequest")
    card = safety_card(record(ORDER, ordered, age=30))
    assert card is not None
    assert behind(card) == {"G8b"}
    assert card.suggestions == ()
    assert "A test is ordered" in card.detail


@pytest.mark.boundaries("G8b")
@pytest.mark.parametrize(
    ("age", "sex", "expected"),
    [
        (18, "female", "YES"),
        (55, "female", "YES"),
        (56, "female", "NO"),
        (30, "male", "NO"),
        (30, "", "YES"),
        (30, "other", "YES"),
        (17, "female", "NO"),
    ],
)
def test_it_is_asked_of_those_who_could_be_pregnant(age, sex, expected):
    assert truth("G8b", chart(age=age, sex=sex)) == expected


@pytest.mark.parametrize(("age", "expected"), [(11, False), (12, True)])
def test_children_below_twelve_are_not_asked(age, expected):
    """The gate itself is for adults; the picture draws the line for whoever asks it."""
    assert picture(chart(age=age)).contraindications.pregnancy_test_due.holds is expected


@pytest.mark.boundaries("G8b")
@pytest.mark.parametrize("code_set", ["sterilisation_status", "uterus_absent", "ovaries_absent", "menopause"])
def test_it_is_silent_where_pregnancy_is_excluded(code_set):
    assert truth("G8b", chart(problems=(NEUROPATHY, problem(code_set)))) == "NO"
    done = Procedure("Procedure/s", concept(code_set), "completed", When.on(day(900)))
    assert truth("G8b", chart(procedures=(done,))) == "NO"


def test_a_pregnancy_on_record_is_the_other_gates_matter():
    assert behind(safety_card(chart(problems=(NEUROPATHY, problem("pregnancy"))))) == {"G8"}
    assert behind(safety_card(chart(result("pregnancy_test", "Positive", 3)))) == {"G8"}


def test_unread_tests_are_unknown_and_named_when_signing():
    unread = chart(unread=("pregnancyTests",))
    assert truth("G8b", unread) == "UNKNOWN"
    shown = cards(unread)
    assert set(shown) == {"dataUnavailable"}
    assert shown["dataUnavailable"].explanation.missing == ("pregnancy tests",)


def test_a_fresh_negative_test_is_good_enough_from_a_list_that_was_cut():
    assert truth("G8b", chart(result("pregnancy_test", "Negative", 3), unread=("pregnancyTests",))) == "NO"


def test_for_another_indication_only_a_pregnancy_counts():
    order = draft(amount=FULL_DOSE, reason=words("Rheumatoid arthritis"))
    assert truth("G8b", record(order, age=30)) == "NO"
