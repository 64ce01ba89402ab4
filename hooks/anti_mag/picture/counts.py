"""Blood counts and IgG that are low before rituximab.

Takes the newest final value of each and any newer preliminary one, which may raise and never clears. Units are
converted by the closed table; what can't be used stays as it came. A value that is missing is not low: to ask for it is
left to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.codes import ResultSet
from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Result
from cds_service.values import Between, Quantity
from hooks.anti_mag.code_sets import result_set
from hooks.anti_mag.picture.chart import FULL_STATUSES, PRELIMINARY_STATUSES, Chart
from hooks.anti_mag.picture.unread import Unread, unread_as

MEASURES: Mapping[str, tuple[ResultSet, str]] = {
    "neutrophils": (result_set("neutrophils_absolute"), "counts.neutrophils"),
    "platelets": (result_set("platelets"), "counts.platelets"),
    "IgG": (result_set("igg_serum"), "counts.igg"),
}
"""Each measure's code set, and the threshold that says in which unit and below which number it is low."""

_NORMAL_BEGINS: Mapping[ResultSet, tuple[Decimal, Decimal]] = {
    MEASURES["neutrophils"][0]: (Decimal("0.5"), Decimal(5)),
    MEASURES["platelets"][0]: (Decimal(50), Decimal(500)),
    MEASURES["IgG"][0]: (Decimal(200), Decimal(2000)),
}
"""Between which numbers, in the threshold's unit, a laboratory's own lower limit lies. One outside is in another unit
than it says, and so is its value: an IgG of 9 "mg/dL" with a range from 7 to 16."""


@dataclass(frozen=True, slots=True)
class LowCount:
    """One measure below its limit. `value` is in `unit`, where it was reported as a bound the bound."""

    name: str
    value: Decimal
    unit: str
    fact: Fact
    is_preliminary: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """What is low, and what could not be read."""

    low: tuple[LowCount, ...] = ()
    replaceable_igg: LowCount | None = None
    """An IgG below what counts with infections, whatever a site calls low before a dose (ruling 36)."""
    is_igg_very_low: bool = False
    """It is below what counts without infections."""
    unknown: tuple[str, ...] = ()
    """Measures without a usable value where the laboratory results could not be had whole."""
    unread: tuple[Unread, ...] = ()
    """Results that can't be used, as new as the one that would clear or without a day."""


def counts_of(chart: Chart, thresholds: Thresholds) -> Counts:
    """The low counts. Thresholds: `counts.neutrophils`, `counts.platelets`, `counts.igg`, `counts.max_age` (d),
    `igg.replacement`, `igg.very_low`."""
    low, unknown = [], []
    unread: list[Unread] = []
    for name, (code_set, limit) in MEASURES.items():
        unit, max_age = thresholds.row(limit).unit, thresholds.days("counts.max_age")
        low_below = thresholds[limit]
        values = _values(chart, code_set, unit, max_age)
        unread += _unread(chart, name, unit, low_below, _since(chart, values, max_age))
        if not values and not chart.record.knows("laboratory"):
            unknown.append(name)
        found = [(value, result) for value, result in values if _is_below(value, result, low_below)]
        if found:
            value, result = min(found, key=lambda one: one[0])
            is_preliminary = result.status in PRELIMINARY_STATUSES
            low.append(LowCount(name, value, unit, result.fact(name), is_preliminary))
    replaceable, very_low = (_igg_below(chart, thresholds, limit) for limit in ("igg.replacement", "igg.very_low"))
    return Counts(tuple(low), replaceable, very_low is not None, tuple(unknown), tuple(unread))


def _igg_below(chart: Chart, thresholds: Thresholds, limit: str) -> LowCount | None:
    unit, max_age = thresholds.row(limit).unit, thresholds.days("counts.max_age")
    values = _values(chart, MEASURES["IgG"][0], unit, max_age)
    found = [(value, result) for value, result in values if _is_below(value, result, thresholds[limit])]
    if not found:
        return None
    value, result = min(found, key=lambda one: one[0])
    return LowCount("IgG", value, unit, result.fact("Serum IgG"), result.status in PRELIMINARY_STATUSES)


def _since(chart: Chart, values: list[tuple[Decimal, Result]], max_age: int) -> date:
    """The day of the final value that answers what lies before it, else the first day that counts."""
    final = [result.when.end for _, result in values if result.status in FULL_STATUSES and result.when]
    return max(final, default=chart.today - timedelta(days=max_age))


def _unread(chart: Chart, name: str, unit: str, limit: Decimal, since: date) -> tuple[Unread, ...]:
    """One without a day leaves nothing open where its value is read and is not low; nor does a share of the white cells
    that only its name makes a count."""
    code_set = MEASURES[name][0]

    def is_read(result: Result) -> bool:
        if (
            isinstance(result.value, Quantity)
            and result.value.unit == "%"
            and not chart.holds(result.concept, code_set)
        ):
            return True
        number = _number(result, code_set, unit)
        return number is not None and (result.when is not None or not _is_below(number, result, limit))

    return tuple(
        unread_as(
            result, name, "its unit contradicts its own range" if _contradicts_its_range(result, code_set, unit) else ""
        )
        for result in chart.unread_results(code_set, is_read=is_read, since=since)
    )


def _number(result: Result, code_set: ResultSet, unit: str) -> Decimal | None:
    """The value in `unit`, of a range its lower end; None where it can't be used, also since its own range contradicts
    its unit."""
    match result.value:
        case Quantity() as quantity:
            number = convert(quantity, unit)
        case Between(low=low, unit=sent):
            number = convert(Quantity(low, sent), unit)
        case _:
            return None
    if number is None or number < 0 or _contradicts_its_range(result, code_set, unit):
        return None
    return number


def _contradicts_its_range(result: Result, code_set: ResultSet, unit: str) -> bool:
    own = result.reference_range
    begins = None if own is None or own.low is None else convert(Quantity(own.low, own.unit), unit)
    least, most = _NORMAL_BEGINS[code_set]
    return begins is not None and begins > 0 and not least <= begins <= most


def _values(chart: Chart, code_set: ResultSet, unit: str, max_age: int) -> list[tuple[Decimal, Result]]:
    """The newest final value and the preliminary ones after it, in `unit`."""
    values = []
    for result in chart.results(code_set, statuses=FULL_STATUSES | PRELIMINARY_STATUSES):
        if result.when is None or chart.days_ago(result.when.end) > max_age:
            break
        number = _number(result, code_set, unit)
        if number is None:
            continue
        values.append((number, result))
        if result.status in FULL_STATUSES:
            break
    return values


def _is_below(value: Decimal, result: Result, limit: Decimal) -> bool:
    """Below the limit for certain: of a bound, everything that it leaves open must be below."""
    comparator = result.value.comparator if isinstance(result.value, Quantity) else ""
    if comparator in (">", ">="):
        return False
    return value <= limit if comparator == "<" else value < limit
