"""Serum IgM: units, bounds, statuses, ages, conflicts (C1, C5)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cds_service.values import Between, ReferenceRange, Text, When
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.picture.immunoglobulin import Igm, contradicts, igm_of
from tests.anti_mag.diagnosis.charts import TODAY, chart, number, procedure, result, up_to
from tests.anti_mag.flare.patients import igm


def read(*results: object) -> Igm:
    return igm_of(chart(*results), THRESHOLDS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "unit", "mg_dl"),
    [("1310", "mg/dL", "1310"), ("38", "g/L", "3800"), ("4.3", "g/dL", "4300"), ("13100", "mg/L", "1310")],
)
def test_every_mass_unit_is_read_in_mg_dl(value: str, unit: str, mg_dl: str) -> None:
    (only,) = read(igm(value, 3, unit)).values
    assert only.mg_dl == Decimal(mg_dl)
    assert only.is_firm


@pytest.mark.parametrize("unit", ["%", "[IU]/mL", "umol/L"])
def test_another_unit_is_not_used(unit: str) -> None:
    read_igm = read(igm(4500, 3, unit))
    assert replace(read_igm, unread=()) == Igm()
    assert [one.received for one in read_igm.unread] == [f"4500 {unit}"]


@pytest.mark.parametrize("value", ["0", "-3"])
def test_an_impossible_value_is_not_used_and_kept_as_it_came(value: str) -> None:
    read_igm = read(igm(value, 3))
    assert read_igm.values == ()
    assert [one.received for one in read_igm.unread] == [f"{value} mg/dL"]


def test_a_value_above_the_plausible_limit_counts_as_at_least_the_limit_and_clears_nothing() -> None:
    (only,) = read(igm("15000.1", 3)).values
    assert (only.mg_dl, only.bound, only.fact.value) == (15000, ">=", Decimal("15000.1"))
    assert not only.is_firm
    assert not only.can_clear


@pytest.mark.parametrize(
    ("value", "unit", "high", "mg_dl"),
    [
        ("43", "mg/dL", "2.3", 4300),
        ("4.3", "mg/dL", "2.3", 430),
        ("450", "g/L", "230", 450),
        ("4100", "g/L", "300", 4100),
    ],
)
def test_a_unit_against_the_results_own_range_is_none(value: str, unit: str, high: str, mg_dl: int) -> None:
    (only,) = read(igm(value, 3, unit, reference_range=ReferenceRange(high=Decimal(high), unit=unit))).values
    assert (only.mg_dl, only.is_inferred, only.can_clear) == (mg_dl, True, False)


@pytest.mark.parametrize(
    ("value", "unit", "high"), [("430", "mg/dL", "230"), ("4.3", "g/L", "2.3"), ("43", "mg/dL", "99")]
)
def test_a_unit_that_fits_the_results_own_range_stands(value: str, unit: str, high: str) -> None:
    (only,) = read(igm(value, 3, unit, reference_range=ReferenceRange(high=Decimal(high), unit=unit))).values
    assert not only.is_inferred


@pytest.mark.parametrize(("low", "high"), [("4200", "4500"), ("400", "450")])
def test_of_a_range_the_upper_end_counts_and_enters_no_percentage(low: str, high: str) -> None:
    sent = igm(1, 3)
    (only,) = read(replace(sent, value=Between(Decimal(low), Decimal(high), "mg/dL", f"{low}-{high} mg/dL"))).values
    assert (only.mg_dl, only.is_firm, only.can_clear) == (Decimal(high), False, True)


def test_an_unread_result_stays_beside_an_older_one_and_is_answered_by_a_newer_one() -> None:
    unread = replace(igm(1, 3), value=Text("4,500 x"))
    assert [one.received for one in read(unread, igm(450, 4)).unread] == ["4,500 x"]
    assert [one.received for one in read(unread, igm(450, 3)).unread] == ["4,500 x"]
    assert read(unread, igm(450, 2)).unread == ()
    undated = replace(unread, when=None)
    assert [one.received for one in read(undated, igm(450, 2)).unread] == ["4,500 x"]


@pytest.mark.parametrize(("mg_dl", "is_open"), [(2999, False), (3000, True)])
def test_an_undated_value_leaves_the_question_open_only_where_it_could_matter(mg_dl: int, is_open: bool) -> None:
    assert bool(read(replace(igm(mg_dl, 3), when=None), igm(450, 2)).unread) is is_open


def test_a_result_with_a_caveat_is_not_used_and_stays() -> None:
    read_igm = read(replace(igm(450, 3), caveat="it carries a modifier extension"))
    assert read_igm.values == ()
    assert [one.why for one in read_igm.unread] == ["it carries a modifier extension"]


def test_a_correction_replaces_what_it_corrects() -> None:
    ids = frozenset({("urn:lab", "ACC1")})
    first, second = replace(igm(4500, 5), identifiers=ids), replace(igm(450, 5, status="corrected"), identifiers=ids)
    assert [value.mg_dl for value in read(first, second).values] == [450]
    other_day = replace(igm(450, 4, status="corrected"), identifiers=ids)
    assert len(read(first, other_day).values) == 2


def test_the_highest_plausible_value_is_used() -> None:
    assert read(igm(15000, 3)).current is not None


@pytest.mark.parametrize("name", ["igm_monoclonal", "m_protein", "igm_serum_molar", "igm_serum_qualitative"])
def test_another_quantity_is_no_serum_igm(name: str) -> None:
    assert read(result(name, number("0.9", "g/dL"), 3)).values == ()


def test_a_text_is_no_value() -> None:
    assert read(result("igm_serum", Text("see report"), 3)).values == ()


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown", ""])
def test_a_withdrawn_or_unfinished_result_is_ignored(status: str) -> None:
    assert read(igm(4300, 3, status=status)).current is None


@pytest.mark.parametrize(("high", "mg_dl"), [("2.3", 4500), ("5", 4500), ("1", 4500), ("230", 45), ("500", 45)])
def test_a_unit_is_inferred_from_the_results_own_range(high: str, mg_dl: int) -> None:
    own = up_to(1)
    (only,) = read(igm(45, 3, None, reference_range=type(own)(high=Decimal(high)))).values
    assert only.mg_dl == mg_dl
    assert only.is_inferred
    assert not only.can_clear


@pytest.mark.parametrize("high", ["0.3", "6", "99", "2300"])
def test_a_range_of_another_size_tells_no_unit(high: str) -> None:
    own = up_to(1)
    read_igm = read(igm(45, 3, None, reference_range=type(own)(high=Decimal(high))))
    assert read_igm.values == ()
    assert len(read_igm.unclear) == 1


def test_a_range_with_a_unit_of_its_own_tells_it() -> None:
    (only,) = read(igm(45, 3, None, reference_range=up_to(2, "g/L"))).values
    assert only.mg_dl == 4500
    assert only.is_inferred


@pytest.mark.parametrize(
    ("value", "is_unclear"),
    [("39.9", False), ("40", True), ("150", True), ("150.1", False), ("3999", False), ("4000", True), ("15001", False)],
)
def test_a_value_without_unit_is_unclear_where_one_reading_could_be_4000(value: str, is_unclear: bool) -> None:
    read_igm = read(igm(value, 3, None))
    assert read_igm.values == ()
    assert bool(read_igm.unclear) is is_unclear


def test_a_later_clear_value_answers_an_unclear_one() -> None:
    assert read(igm(45, 8, None), igm(1200, 7)).unclear == ()
    assert read(igm(45, 6, None), igm(1200, 7)).unclear != ()


def test_an_unclear_value_too_old_to_count_asks_nothing() -> None:
    assert read(igm(45, 91, None)).unclear == ()


@pytest.mark.parametrize(("days", "counts"), [(0, True), (90, True), (91, False)])
def test_a_value_counts_for_90_days(days: int, counts: bool) -> None:
    read_igm = read(igm(1200, days))
    assert (read_igm.current is not None) is counts
    assert (read_igm.clearing is not None) is counts
    assert len(read_igm.values) == 1


def test_a_value_without_date_is_not_used() -> None:
    assert read(result("igm_serum", number(4500, "mg/dL"), None)).values == ()


def test_a_value_dated_tomorrow_is_ignored() -> None:
    assert read(igm(4500, -1)).values == ()


def test_a_value_known_to_the_month_raises_and_does_not_clear() -> None:
    month = When(date(2026, 2, 1), date(2026, 2, 28))
    read_igm = read(result("igm_serum", number(4500, "mg/dL"), 3, when=month))
    assert read_igm.current is not None
    assert read_igm.clearing is None


def test_a_preliminary_value_alone_raises_and_does_not_clear() -> None:
    read_igm = read(igm(4300, 3, status="preliminary"))
    assert read_igm.current is not None
    assert read_igm.current.is_preliminary
    assert read_igm.clearing is None


def test_a_newer_preliminary_value_that_is_higher_decides() -> None:
    read_igm = read(igm(900, 20), igm(4300, 3, status="preliminary"))
    assert read_igm.current is not None
    assert read_igm.current.mg_dl == 4300
    assert read_igm.clearing is not None
    assert read_igm.clearing.mg_dl == 900


def test_a_newer_preliminary_value_that_is_lower_does_not_hide_a_final_one() -> None:
    read_igm = read(igm(4300, 40), igm(900, 3, status="preliminary"))
    assert read_igm.current is not None
    assert read_igm.current.mg_dl == 4300


@pytest.mark.parametrize(("apart", "mg_dl"), [(3, 4300), (7, 4300), (8, 3800)])
def test_of_two_values_within_a_week_the_higher_counts(apart: int, mg_dl: int) -> None:
    read_igm = read(igm(4300, 10 + apart), igm(38, 10, "g/L"))
    assert read_igm.current is not None
    assert read_igm.current.mg_dl == mg_dl
    assert read_igm.newest is not None
    assert read_igm.newest.mg_dl == 3800


def test_an_older_high_value_is_answered_by_a_newer_final_one() -> None:
    read_igm = read(igm(5200, 40), igm(2100, 3))
    assert read_igm.current is not None
    assert read_igm.current.mg_dl == 2100


def test_a_lower_bound_raises_and_never_clears() -> None:
    read_igm = read(igm(4000, 3, comparator=">"))
    assert read_igm.current is not None
    assert read_igm.current.mg_dl == 4000
    assert read_igm.clearing is None
    assert not read_igm.values[0].is_firm


def test_an_upper_bound_clears_and_is_no_baseline() -> None:
    read_igm = read(igm(25, 3, comparator="<"))
    assert read_igm.clearing is not None
    assert not read_igm.values[0].is_firm


@pytest.mark.parametrize(
    ("comparator", "value", "is_used"), [("<", 3000, True), ("<", 3001, False), ("<=", 2999, True), ("<=", 3000, False)]
)
def test_an_upper_bound_says_something_only_below_every_gate(comparator: str, value: int, is_used: bool) -> None:
    assert bool(read(igm(value, 3, comparator=comparator)).values) is is_used


def test_absence_is_known_only_where_the_laboratory_was_read() -> None:
    assert igm_of(chart(), THRESHOLDS).is_known_absent
    assert not igm_of(chart(unknown={"laboratory"}), THRESHOLDS).is_known_absent


@pytest.mark.parametrize(
    ("low", "high", "days", "is_conflict"), [(1000, 1250, 3, False), (1000, 1251, 7, True), (1000, 1251, 8, False)]
)
def test_two_values_contradict_each_other_above_25_percent_within_7_days(
    low: int, high: int, days: int, is_conflict: bool
) -> None:
    newer, older = read(igm(low, 3), igm(high, 3 + days)).values
    assert contradicts(newer, older, THRESHOLDS) is is_conflict
    assert contradicts(older, newer, THRESHOLDS) is is_conflict


def test_values_of_different_methods_do_not_contradict_each_other() -> None:
    newer, older = read(igm(1000, 3, method="nephelometry"), igm(2000, 4, method="electrophoresis")).values
    assert not contradicts(newer, older, THRESHOLDS)


def test_values_are_newest_first() -> None:
    assert [value.on for value in read(igm(1, 9), igm(2, 2), igm(3, 5)).values] == sorted(
        (date.fromordinal(TODAY.toordinal() - days) for days in (9, 2, 5)), reverse=True
    )


@pytest.mark.parametrize(
    ("exchanged", "status", "expected"),
    [(3, "completed", 2500), (2, "completed", 5000), (6, "completed", 5000), (3, "in-progress", 5000)],
    ids=["between", "on the day of the newest", "before both", "not finished"],
)
def test_a_plasma_exchange_answers_the_high_value_before_it(exchanged: int, status: str, expected: int) -> None:
    done = procedure("plasma_exchange", days=exchanged, status=status)
    current = read(igm(5000, 5), igm(2500, 2), done).current
    assert current is not None
    assert current.mg_dl == expected
