"""Serum IgM: which value counts, how old it is, and how far it rose after rituximab.

Converts to mg/dL, keeps total IgM apart from the M-protein, and lets a preliminary, unit-inferred or implausible value
raise a gate but never clear one; what can't be used is kept as it came. What a level means for an order is left to the
rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile

from cds_service.codes import Code
from cds_service.fhir.units import convert
from cds_service.kept import KeptItems
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Result
from cds_service.values import Between, Comparator, Quantity
from hooks.anti_mag.code_sets import code_set, result_sets
from hooks.anti_mag.picture.chart import FULL_STATUSES, PRELIMINARY_STATUSES, Chart
from hooks.anti_mag.picture.unread import Unread, unread_of
from hooks.anti_mag.picture.wording import upper_limit

SERUM_IGM, M_PROTEIN = result_sets("igm_serum", "m_protein")
"""Total IgM by mass. M-protein, molar and qualitative results are other quantities and other code sets."""

PLASMA_EXCHANGE = code_set("plasma_exchange")

LIMITS_IN_G_PER_L = (Decimal(1), Decimal(5))
LIMITS_IN_MG_PER_DL = (Decimal(100), Decimal(500))
"""Upper limits of normal of adult serum IgM, as laboratories print them in either unit: they tell the unit of a result
that came without one (C1). A limit outside both tells nothing."""

MG_DL_IN_G_L = Decimal(100)


@dataclass(frozen=True, slots=True)
class IgmValue:
    """One serum IgM in mg/dL; where it was reported as a bound, `mg_dl` is the bound."""

    mg_dl: Decimal
    on: date
    fact: Fact
    is_preliminary: bool = False
    is_inferred: bool = False
    """The unit was read off the result's own reference range."""
    bound: Comparator = ""
    """The comparator it was reported with: ">" raises a gate at its bound and clears none."""
    is_range: bool = False
    """It was reported as a range, of which `mg_dl` is the upper end."""
    is_implausible: bool = False
    """It is above the plausible limit, which is then `mg_dl`: as high as that, to be confirmed (ruling 25)."""
    is_day_known: bool = True
    codes: frozenset[Code] = frozenset()
    method: str = ""

    @property
    def is_firm(self) -> bool:
        """Good enough to be a baseline and to enter a percentage: final, exact, with its own unit and day."""
        return not (self.is_preliminary or self.is_inferred or self.bound or self.is_range) and self.is_day_known

    @property
    def can_clear(self) -> bool:
        """Good enough to clear a gate: as `is_firm`, or final and below a bound or within a range."""
        is_bounded = self.bound in ("<", "<=") or (self.is_range and not self.bound)
        return self.is_firm or (is_bounded and not (self.is_preliminary or self.is_inferred) and self.is_day_known)

    def is_comparable(self, other: IgmValue) -> bool:
        """The same quantity by the same method, as far as both say (B2.07)."""
        same_code = not self.codes or not other.codes or bool(self.codes & other.codes)
        same_method = not self.method or not other.method or self.method.lower() == other.method.lower()
        return same_code and same_method


@dataclass(frozen=True, slots=True)
class Igm:
    """Serum IgM on record, in the roles it plays."""

    values: Sequence[IgmValue] = ()
    """All usable values, newest first."""
    current: IgmValue | None = None
    """The value that safety gates use: the newest within the time that counts, or a higher one that conflicts with it
    or is still preliminary."""
    clearing: IgmValue | None = None
    """The newest value that may clear a gate, within the time that counts; None where nothing can."""
    unclear: tuple[Fact, ...] = ()
    """Values without a unit, either reading of which could be 4000 mg/dL or more, and that no later value answers."""
    unread: tuple[Unread, ...] = ()
    """Other results that can't be used, as new as the one that clears or without a day, within the time that counts."""
    is_known_absent: bool = False
    """No IgM is on record, and the EHR said so."""
    high_protein: Fact | None = None
    """The newest M-protein within the time that counts, where it is as high as the IgM at which plasma exchange comes
    first. It is another quantity: it is named where IgM is not known, and decides nothing."""

    def is_at_limit(self, thresholds: Thresholds) -> bool:
        """The value that gates use is high enough for plasma exchange to come before rituximab."""
        return self.current is not None and self.current.mg_dl >= thresholds["igm.gate.critical"]

    @property
    def newest(self) -> IgmValue | None:
        """The newest usable value of any age."""
        return self.values[0] if self.values else None


def igm_of(chart: Chart, thresholds: Thresholds) -> Igm:
    """Every dated serum IgM of full or preliminary status, read in mg/dL.

    Thresholds: `igm.max_age`, `igm.conflict.days`, `igm.plausible_max`, `igm.gate.caution`, `igm.gate.critical`.
    """
    results = chart.results(SERUM_IGM, statuses=FULL_STATUSES | PRELIMINARY_STATUSES)
    values = KeptItems(value for result in results if (value := _value(result, chart.today, thresholds)) is not None)
    max_age = thresholds.days("igm.max_age")
    current_enough = list(takewhile(lambda value: chart.days_ago(value.on) <= max_age, values))
    clearing = next((value for value in current_enough if value.can_clear), None)
    unclear = tuple(_unclear(chart, results, clearing, thresholds))
    unread = _unread(chart, clearing, thresholds)
    return Igm(
        values=values,
        current=_current(_since_exchange(chart, current_enough), clearing, thresholds),
        clearing=clearing,
        unclear=unclear,
        unread=tuple(one for one in unread if one.fact.reference not in {fact.reference for fact in unclear}),
        is_known_absent=not (results or unread) and chart.record.knows("laboratory"),
        high_protein=_high_protein(chart, thresholds),
    )


def _high_protein(chart: Chart, thresholds: Thresholds) -> Fact | None:
    newest = next(iter(chart.results(M_PROTEIN)), None)
    if newest is None or newest.when is None or not isinstance(newest.value, Quantity):
        return None
    if chart.days_ago(newest.when.end) > thresholds.days("igm.max_age"):
        return None
    mg_dl = convert(newest.value, "mg/dL")
    is_high = mg_dl is not None and mg_dl >= thresholds["igm.gate.critical"]
    return newest.fact("M-protein") if is_high else None


def _unread(chart: Chart, clearing: IgmValue | None, thresholds: Thresholds) -> tuple[Unread, ...]:
    since = clearing.on if clearing else chart.today - timedelta(days=thresholds.days("igm.max_age"))

    def is_read(result: Result) -> bool:
        return (clearing is not None or result.when is not None) and _settles(result, chart.today, thresholds)

    return unread_of(chart, SERUM_IGM, what="Serum IgM", is_read=is_read, since=since)


def _settles(result: Result, today: date, thresholds: Thresholds) -> bool:
    """The result was read; of one without a day only a value that no day could make a matter of concern, beside one
    that clears."""
    if result.when is None:
        undated = _amount(result, thresholds)
        return undated is not None and not undated[1] and undated[0] < thresholds["igm.gate.caution"]
    return _value(result, today, thresholds) is not None


def contradicts(value: IgmValue, other: IgmValue, thresholds: Thresholds) -> bool:
    """Two firm values of one quantity and method, at most 7 days apart, the higher more than 25 % above the lower."""
    if not (value.is_firm and other.is_firm and value.is_comparable(other)):
        return False
    low, high = sorted((value.mg_dl, other.mg_dl))
    is_close = abs((value.on - other.on).days) <= thresholds.days("igm.conflict.days")
    return is_close and (high - low) * 100 > low * thresholds["igm.conflict.relative"]


def _current(values: Sequence[IgmValue], clearing: IgmValue | None, thresholds: Thresholds) -> IgmValue | None:
    """The highest of: the newest value, the newest that can clear, and any other within 7 days of the newest."""
    if not values:
        return None
    reach = thresholds.days("igm.conflict.days")
    near = [value for value in values if (values[0].on - value.on).days <= reach]
    return max([*near, *([clearing] if clearing else [])], key=lambda value: (value.mg_dl, value.on))


def _since_exchange(chart: Chart, values: Sequence[IgmValue]) -> list[IgmValue]:
    """The values without those that a plasma exchange has answered: done on a known day, and IgM measured on a later
    one. Otherwise the high value that led to the exchange would stand against the newer one for a week."""
    done = [procedure.when for procedure in chart.procedures(PLASMA_EXCHANGE) if procedure.status == "completed"]
    days = [when.end for when in done if when is not None and values and when.end < values[0].on]
    last = max(days, default=date.min)
    return [value for value in values if value.on > last]


def _value(result: Result, today: date, thresholds: Thresholds) -> IgmValue | None:
    """A usable value; None where the unit, the number or the bound tells nothing."""
    if result.when is None or result.when.start > today:
        return None
    amount = _amount(result, thresholds)
    if amount is None:
        return None
    mg_dl, is_inferred = amount
    limit = thresholds["igm.plausible_max"]
    is_implausible = mg_dl > limit
    return IgmValue(
        mg_dl=min(mg_dl, limit),
        on=min(result.when.end, today),
        fact=result.fact("Serum IgM, unit inferred" if is_inferred else "Serum IgM"),
        is_preliminary=result.status in PRELIMINARY_STATUSES,
        is_inferred=is_inferred,
        bound=">=" if is_implausible else _comparator(result),
        is_day_known=result.when.start == result.when.end,
        codes=result.concept.codes,
        method=result.method,
        is_range=isinstance(result.value, Between),
        is_implausible=is_implausible,
    )


def _amount(result: Result, thresholds: Thresholds) -> tuple[Decimal, bool] | None:
    """The value in mg/dL (of a range its upper end), and whether its unit was inferred; None where nothing is told."""
    match result.value:
        case Quantity() as quantity:
            pass
        case Between(high=high, unit=unit, received=received):
            quantity = Quantity(high, unit, received=received)
        case _:
            return None
    is_inferred = quantity.unit is None or _contradicts_its_range(quantity, result)
    mg_dl = _inferred(quantity, result) if is_inferred else convert(quantity, "mg/dL")
    if mg_dl is None or mg_dl <= 0 or not _says_enough(quantity.comparator, mg_dl, thresholds):
        return None
    return mg_dl, is_inferred


def _comparator(result: Result) -> Comparator:
    return result.value.comparator if isinstance(result.value, Quantity) else ""


def _contradicts_its_range(quantity: Quantity, result: Result) -> bool:
    """The range, in the unit of the value, has the size of a limit in the other unit: 43 "mg/dL" with a range up to
    2.3. Such a unit is as good as none (ruling 25)."""
    own = result.reference_range
    limit = own.high if own is not None and own.unit == quantity.unit else None
    expected = {"mg/dL": LIMITS_IN_G_PER_L, "g/L": LIMITS_IN_MG_PER_DL}.get(quantity.unit or "")
    return limit is not None and expected is not None and expected[0] <= limit <= expected[1]


def _says_enough(bound: Comparator, mg_dl: Decimal, thresholds: Thresholds) -> bool:
    """An upper bound says something only where all that lies below it is below every gate."""
    caution = thresholds["igm.gate.caution"]
    if bound == "<":
        return mg_dl <= caution
    return mg_dl < caution if bound == "<=" else True


def _inferred(quantity: Quantity, result: Result) -> Decimal | None:
    """The value in mg/dL by the unit that the result's own range is in; None where the range does not tell."""
    own = result.reference_range
    if quantity.unit is None and own is not None and own.unit is not None:
        return convert(Quantity(quantity.value, own.unit), "mg/dL")
    limit = upper_limit(own)
    if limit is None:
        return None
    if LIMITS_IN_G_PER_L[0] <= limit[0] <= LIMITS_IN_G_PER_L[1]:
        return quantity.value * MG_DL_IN_G_L
    return quantity.value if LIMITS_IN_MG_PER_DL[0] <= limit[0] <= LIMITS_IN_MG_PER_DL[1] else None


def _unclear(chart: Chart, results: Sequence[Result], clearing: IgmValue | None, thresholds: Thresholds) -> list[Fact]:
    since = clearing.on if clearing else date.min
    return [
        result.fact("Serum IgM without a unit")
        for result in results
        if result.when is not None
        and result.when.end >= since
        and chart.days_ago(result.when.end) <= thresholds.days("igm.max_age")
        and _could_be_critical(result, thresholds)
    ]


def _could_be_critical(result: Result, thresholds: Thresholds) -> bool:
    """No unit, none to infer, and in mg/dL or in g/L it would be a plausible value at or above the gate."""
    if not isinstance(result.value, Quantity) or result.value.unit is not None:
        return False
    if result.value.comparator in ("<", "<=") or _inferred(result.value, result) is not None:
        return False
    readings = (result.value.value, result.value.value * MG_DL_IN_G_L)
    return any(thresholds["igm.gate.critical"] <= reading <= thresholds["igm.plausible_max"] for reading in readings)
