"""The course of a patient as this package wants it drawn: IgM, anti-MAG, scores, treatment, hepatitis B, what is due.

Decides which results stand on which axis, and of each whether and how well it was read. What the picture made of a
result is taken from the picture, so that the drawing never says more than the rules were told.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from cds_service.codes import ResultSet
from cds_service.knowledge.contract import HookCall, Thresholds
from cds_service.knowledge.timeline import Axis, Band, Event, Lane, Limit, Point, Quality, Timeline
from cds_service.record import Medicine, Order, Result
from cds_service.values import Quantity, Titre
from hooks.anti_mag.advice import picture_for
from hooks.anti_mag.check_ups import igm_checks
from hooks.anti_mag.configuration import DEFAULT, Configuration
from hooks.anti_mag.knowledge_data import INVESTIGATIONS, THERAPIES
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.anti_mag import ANTI_MAG_SETS, BTU
from hooks.anti_mag.picture.chart import (
    FULL_STATUSES,
    PRELIMINARY_STATUSES,
    WITHDRAWN_STATUSES,
    Chart,
    dated_first,
)
from hooks.anti_mag.picture.drafts import IMMUNOTHERAPIES, OTHER_ANTI_CD20
from hooks.anti_mag.picture.immunoglobulin import PLASMA_EXCHANGE, SERUM_IGM, IgmValue
from hooks.anti_mag.picture.order_names import therapy_of
from hooks.anti_mag.picture.scales import SCALES
from hooks.anti_mag.picture.treatment import is_given, is_uncertain

HEPATITIS_B = ("hbsag", "anti_hbc", "anti_hbs", "hbv_dna")
OTHER_IMMUNOTHERAPIES = (*IMMUNOTHERAPIES, *OTHER_ANTI_CD20)
IGM_LIMITS = {"igm.gate.caution": "caution", "igm.gate.critical": "exchange first"}
TITRE_LIMITS = {"anti_mag.btu.positive": "positive", "anti_mag.btu.strong": "strong"}

Placed = Callable[[Result], Decimal | None]
"""Where a result stands on an axis; None where it has no place there."""


def timeline(call: HookCall, configuration: Configuration = DEFAULT) -> Timeline:
    """Everything of the course that the package follows, from one call."""
    picture = picture_for(call, configuration)
    chart = Chart(configuration.joined(call).record, configuration.codes, call.today)
    series = (_igm(chart, picture), *_anti_mag(chart, picture.thresholds), *_scores(chart))
    lanes = (
        _rituximab(picture),
        _other_immunotherapy(chart),
        _exchanges(chart),
        _hepatitis_b(chart, picture),
        _due(picture),
    )
    return Timeline(
        call.today,
        tuple(one for one in series if one.points),
        tuple(lane for lane in lanes if lane.events),
        tuple(_bands(picture)),
    )


# Results on an axis


def _igm(chart: Chart, picture: ClinicalPicture) -> Axis:
    read = {value.fact.reference: value for value in picture.igm.values}
    points = [_igm_point(result, read.get(result.source), chart.today) for result in _dated_first(chart, SERUM_IGM)]
    return Axis("Serum IgM", "mg/dL", tuple(points), _limits(picture.thresholds, IGM_LIMITS))


def _igm_point(result: Result, read: IgmValue | None, today: date) -> Point:
    if read is None:
        quality, note = _why_not(result, today)
        return _point(result, quality, note)
    if read.is_inferred:
        return _point(result, "unitless", "the unit was read off the result's own reference range", read.mg_dl)
    if read.is_preliminary:
        return _point(result, "preliminary", "it may raise a warning and clears none", read.mg_dl)
    if read.bound or read.is_range:
        return _point(result, "censored", "", read.mg_dl)
    return _point(result, "good", "", read.mg_dl)


def _anti_mag(chart: Chart, thresholds: Thresholds) -> Iterator[Axis]:
    """By kit and by dilution, which no factor turns into each other; what came otherwise is a text without a place."""
    results = _dated_first(chart, *ANTI_MAG_SETS)
    kit = [result for result in results if _btu(result) is not None]
    dilutions = [result for result in results if _reciprocal(result) is not None]
    rest = [result for result in results if result not in kit and result not in dilutions]
    limits = _limits(thresholds, TITRE_LIMITS)
    yield Axis("Anti-MAG by the Bühlmann kit", "BTU", tuple(_points(kit, _btu, chart.today)), limits)
    yield Axis("Anti-MAG by dilution", "1 to", tuple(_points(dilutions, _reciprocal, chart.today)))
    yield Axis("Anti-MAG in other words", "", tuple(_points(rest, lambda _: None, chart.today)))


def _scores(chart: Chart) -> Iterator[Axis]:
    for scale in SCALES.values():

        def placed(result: Result, accepts: Callable[[Quantity], bool] = scale.accepts) -> Decimal | None:
            value = result.value
            return value.value if isinstance(value, Quantity) and accepts(value) else None

        unit = next(iter(scale.units)) if len(scale.units) == 1 else None
        points = _points(_dated_first(chart, scale.code_set), placed, chart.today)
        yield Axis(scale.label, unit or "points", tuple(_in_numbers(point) for point in points))


def _in_numbers(point: Point) -> Point:
    """A score is a number: said in any other way it was not read, whatever the words say."""
    return replace(point, quality="unread") if point.quality == "good" and point.value is None else point


def _btu(result: Result) -> Decimal | None:
    value = result.value
    return value.value if isinstance(value, Quantity) and value.unit == BTU else None


def _reciprocal(result: Result) -> Decimal | None:
    return result.value.reciprocal if isinstance(result.value, Titre) else None


def _points(results: Iterable[Result], placed: Placed, today: date) -> Iterator[Point]:
    for result in results:
        value = placed(result)
        quality, note = _why_not(result, today)
        if quality == "refused":
            yield _point(result, quality, note)
        elif result.status in PRELIMINARY_STATUSES:
            yield _point(result, "preliminary", "it is not used before it is final", value)
        elif value is not None:
            yield _point(result, "censored" if _is_bound(result) else "good", "", value)
        elif isinstance(result.value, Quantity):
            yield _point(result, quality, note)
        else:
            yield _point(result, "good" if result.received else "unread", "")


def _why_not(result: Result, today: date) -> tuple[Quality, str]:
    """Why a result stands on no axis, as far as it says so itself."""
    if result.status in WITHDRAWN_STATUSES or result.status not in FULL_STATUSES | PRELIMINARY_STATUSES:
        return "refused", f"its status is {result.status or 'missing'}"
    if result.caveat:
        return "refused", result.caveat
    if result.when is not None and result.when.start > today:
        return "refused", "its day is in the future"
    if isinstance(result.value, Quantity) and result.value.unit is None:
        return "unitless", "its unit could not be told"
    return "unread", ""


def _is_bound(result: Result) -> bool:
    return isinstance(result.value, Quantity | Titre) and result.value.comparator != ""


def _point(result: Result, quality: Quality, note: str, value: Decimal | None = None) -> Point:
    return Point(_day(result), result.received, result.source, quality, value, note)


def _dated_first(chart: Chart, *sets: ResultSet) -> list[Result]:
    """Oldest first; those without a day at the end."""
    return sorted(chart.every_result(*sets), key=lambda result: (_day(result) or date.max, result.source))


def _day(result: Result) -> date | None:
    return result.when.end if result.when is not None else None


def _limits(thresholds: Thresholds, titles: Mapping[str, str]) -> tuple[Limit, ...]:
    return tuple(Limit(thresholds[key], title) for key, title in titles.items())


# Events


def _rituximab(picture: ClinicalPicture) -> Lane:
    history = picture.rituximab
    doses = [dose for course in reversed(history.courses) for dose in course.doses]
    given = [Event(dose.on, f"Rituximab {_amount(dose.amount)}".strip(), dose.fact.reference) for dose in doses]
    undated = [Event(None, "Rituximab, day unknown", fact.reference) for fact in history.undated]
    in_doubt = (*history.uncertain, *history.ordered_only)
    doubtful = [Event(None, fact.what, fact.reference, "unread") for fact in in_doubt]
    return Lane("Rituximab", (*given, *undated, *doubtful))


def _amount(amount: Quantity | None) -> str:
    return amount.received if amount is not None else ""


def _other_immunotherapy(chart: Chart) -> Lane:
    """Medicines that reached the patient, and those of which the record does not say whether they did."""
    found = [(one, name) for one in reversed(dated_first(chart.record.medicines)) if (name := _therapy(chart, one))]
    return Lane("Other immunotherapy", tuple(event for one, name in found for event in _given(one, name)))


def _therapy(chart: Chart, medicine: Medicine) -> str | None:
    order = Order(medicine.source, "MedicationRequest", medicine.concept)
    found = therapy_of(order, chart.codes, OTHER_IMMUNOTHERAPIES)
    return THERAPIES[found].name if found is not None else None


def _given(medicine: Medicine, name: str) -> Iterator[Event]:
    title = " ".join(part for part in (name[:1].upper() + name[1:], _amount(medicine.amount)) if part)
    day = medicine.when.start if medicine.when is not None else None
    if is_given(medicine):
        yield Event(day, title if day else f"{title}, day unknown", medicine.source)
    elif is_uncertain(medicine):
        yield Event(None, f"{title}, not said whether given", medicine.source, "unread")


def _exchanges(chart: Chart) -> Lane:
    done = reversed(chart.procedures(PLASMA_EXCHANGE))
    return Lane(
        "Plasma exchange",
        tuple(Event(one.when.end if one.when else None, "Plasma exchange", one.source) for one in done),
    )


def _hepatitis_b(chart: Chart, picture: ClinicalPicture) -> Lane:
    tests = [INVESTIGATIONS[name] for name in HEPATITIS_B]
    found = [(test.name, result) for test in tests for result in _dated_first(chart, *test.results)]
    known = picture.hepatitis_b
    markers = (known.surface_antigen, known.core_antibody, known.surface_antibody, known.dna)
    unread = {one.fact.reference for marker in markers for one in marker.unread}
    return Lane("Hepatitis B", tuple(_marker(label, result, chart.today, unread) for label, result in found))


def _marker(label: str, result: Result, today: date, unread: Container[str]) -> Event:
    quality, _ = _why_not(result, today)
    said = f"{label}: {result.received or 'no value'}"
    if quality != "refused" and result.source in unread:
        quality = "unread"
    elif quality != "refused":
        quality = "preliminary" if result.status in PRELIMINARY_STATUSES else "good" if result.received else "unread"
    return Event(_day(result), said, result.source, quality)


def _due(picture: ClinicalPicture) -> Lane:
    """What the plan after the first dose still holds, and the next dose."""
    course = picture.rituximab.latest
    checks = [check for check in igm_checks(course.day_zero) if check.on >= picture.today] if course else []
    events = [Event(check.on, f"IgM check of week {check.place}", is_due=True) for check in checks]
    next_dose = picture.rituximab.next_dose_due
    if next_dose is not None:
        events.insert(0, Event(next_dose, "Next dose of rituximab", is_due=True))
    return Lane("Due", tuple(events))


def _bands(picture: ClinicalPicture) -> Iterator[Band]:
    length = timedelta(days=picture.thresholds.days("flare.window"))
    for course in reversed(picture.rituximab.courses):
        yield Band("IgM flare window", course.day_zero, course.day_zero + length)
