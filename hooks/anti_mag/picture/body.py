"""Height, weight and body surface for the dose check.

Takes the newest height and weight, whatever their age, and says when they are older than C1 allows; a weight that
can't be read takes an older one's place, since a dose is not worked out from what is out of date. What dose follows is
left to the order gates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from cds_service.codes import ResultSet
from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Result
from cds_service.values import Quantity
from hooks.anti_mag.code_sets import result_sets
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.unread import Unread, unread_of

HEIGHT, WEIGHT = result_sets("body_height", "body_weight")


@dataclass(frozen=True, slots=True)
class Body:
    """Newest height and weight, for body surface; None where never measured."""

    height_cm: Fact | None = None
    weight_kg: Fact | None = None
    surface_m2: Decimal | None = None
    """By Mosteller's formula, to two decimals; None too where it would be no adult's (a height in metres called cm)."""
    is_old: bool = False
    """Height or weight is older than C1 allows; it is used, and said."""
    unread: Mapping[str, Unread] = field(default_factory=dict)
    """What was measured and could not be read, under "height" and "weight", where nothing else stands for it."""


def body_of(chart: Chart, thresholds: Thresholds) -> Body:
    """Body measures of the chart. Thresholds: `body.height_age`, `body.weight_age` (days), `body.surface_min`,
    `body.surface_max` (m²)."""
    height = _newest(chart, HEIGHT, "cm")
    weight = _newest(chart, WEIGHT, "kg")
    unread = {name: found[0] for name, found in _unread(chart, height, weight) if found}
    weight = None if "weight" in unread else weight
    is_old = _is_older(chart, height, thresholds.days("body.height_age")) or _is_older(
        chart, weight, thresholds.days("body.weight_age")
    )
    return Body(
        height_cm=height[1] if height else None,
        weight_kg=weight[1] if weight else None,
        surface_m2=_plausible(surface(height[2], weight[2]), thresholds) if height and weight else None,
        is_old=is_old,
        unread=unread,
    )


def surface(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Body surface in m² by Mosteller: the square root of height (cm) times weight (kg) over 3600."""
    return (height_cm * weight_kg / 3600).sqrt().quantize(Decimal("0.01"), ROUND_HALF_UP)


def measured(fact: Fact) -> str:
    """A height or weight as a card and a draft tell it: "170.0 cm (2026-03-23)"."""
    return f"{fact.value} {fact.unit or ''}".strip() + f" ({fact.date or 'no date'})"


def _plausible(surface_m2: Decimal, thresholds: Thresholds) -> Decimal | None:
    """A dose worked out from a mistyped height or weight would be worse than none."""
    return surface_m2 if thresholds["body.surface_min"] <= surface_m2 <= thresholds["body.surface_max"] else None


Measure = tuple[Result, Fact, Decimal]


def _newest(chart: Chart, measured: ResultSet, unit: str) -> Measure | None:
    """The newest measurement that can be expressed in `unit`, as received, and its number in `unit`."""
    for result in chart.results(measured):
        number = _number(result, unit)
        if number is not None:
            what = "height" if measured == HEIGHT else "weight"
            return result, replace(result.fact(what), value=_tidy(number), unit=unit), number
    return None


def _number(result: Result, unit: str) -> Decimal | None:
    if not isinstance(result.value, Quantity) or result.value.comparator:
        return None
    number = convert(result.value, unit)
    return number if number is not None and number > 0 else None


def _unread(chart: Chart, height: Measure | None, weight: Measure | None) -> Iterator[tuple[str, tuple[Unread, ...]]]:
    """The heights where there is no other, and the weights of later days than the one that was read."""
    if height is None:
        yield "height", unread_of(chart, HEIGHT, what="height", is_read=lambda result: _is_read(result, "cm"))
    on = weight[0].when.end if weight and weight[0].when else None
    found = unread_of(chart, WEIGHT, what="weight", is_read=lambda result: _is_read(result, "kg"), since=on)
    yield "weight", found if on is None else tuple(one for one in found if (one.fact.date or "")[:10] > on.isoformat())


def _is_read(result: Result, unit: str) -> bool:
    return result.when is not None and _number(result, unit) is not None


def _tidy(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _is_older(chart: Chart, measure: Measure | None, days: int) -> bool:
    return measure is not None and measure[0].when is not None and chart.days_ago(measure[0].when.start) > days
