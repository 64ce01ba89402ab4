"""Dosage lines: the amount of a single dose and the repeat it is given by.

A line that names several amounts (as ordered and as calculated) is one dose for each of them. A rate without a time in
it ("375 mg/m2") is a dose, where no other is named. A dose sent as a range has no amount, since neither end of it is
what was ordered; nor has one below, above or about a number, and none that is not above zero. What was sent in place
of an amount is kept for showing. A spoilt part of a line costs only itself: the order is still read.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cds_service.fhir.elements import Json, JsonObject, many, member, objects, only, text
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import NotANumber
from cds_service.fhir.scope import Scope
from cds_service.fhir.units import convert
from cds_service.fhir.values import amount, number, received_of
from cds_service.record import Dosage, GapReason
from cds_service.values import Quantity, When

Bounds = tuple[When | None, When | None]
"""First and last day of a course, as far as its timing says."""


def dosages_of(sent: Json, scope: Scope, notes: Notes) -> tuple[tuple[Dosage, ...], Bounds]:
    """Every readable dosage line, and the bounds of the first line that has any."""
    doses: list[Dosage] = []
    bounds: Bounds = (None, None)
    for line in objects(sent, notes, "dosage"):
        told, of_line = _doses(line, scope, notes)
        doses += told
        bounds = bounds if any(bounds) else of_line
    return tuple(doses), bounds


def first_dose(doses: tuple[Dosage, ...]) -> Quantity | None:
    """The amount of the first line that has one."""
    return next((dose.amount for dose in doses if dose.amount is not None), None)


def first_event(doses: tuple[Dosage, ...]) -> When | None:
    """The earliest day on which a line says that a dose is given."""
    events = [event for dose in doses for event in dose.events]
    return min(events, key=lambda event: (event.start, event.end), default=None)


def events_of(sent: Json, scope: Scope, notes: Notes) -> tuple[tuple[When, ...], Bounds]:
    """The events of a Timing, and the bounds of its repeat."""
    timing = only(sent, notes, "timing")
    if timing is None:
        return (), (None, None)
    events = [scope.when(event, notes, "timing.event") for event in many(timing.get("event"))]
    repeat = only(timing.get("repeat"), notes, "timing.repeat") or {}
    bounds = scope.period(repeat.get("boundsPeriod"), notes, "timing.repeat.boundsPeriod")
    return tuple(event for event in events if event is not None), bounds


def _doses(line: JsonObject, scope: Scope, notes: Notes) -> tuple[list[Dosage], Bounds]:
    events, bounds = events_of(line.get("timing"), scope, notes)
    timing = only(line.get("timing"), notes, "timing") or {}
    repeat = only(timing.get("repeat"), notes, "timing.repeat") or {}
    dose = Dosage(
        count=whole(repeat.get("count"), notes, "timing.repeat.count"),
        frequency=whole(repeat.get("frequency"), notes, "timing.repeat.frequency"),
        period=_number(repeat.get("period"), notes, "timing.repeat.period"),
        period_unit=text(repeat.get("periodUnit")) or text(repeat.get("periodUnits")),
        events=events,
        lasts=_days(repeat.get("boundsDuration"), bounds, scope, notes),
        text=text(line.get("text")),
    )
    readable, unread = _amounts(line, scope, notes)
    doses = [
        *(replace(dose, amount=one) for one in dict.fromkeys(readable)),
        *(replace(dose, received=one) for one in dict.fromkeys(unread)),
    ]
    return doses or [dose], bounds


def _days(duration: Json, bounds: Bounds, scope: Scope, notes: Notes) -> Decimal | None:
    sent = only(duration, notes, "timing.repeat.boundsDuration")
    length = amount(sent, scope.unit_aliases, notes, "timing.repeat.boundsDuration")
    if length is not None:
        return None if length.comparator else convert(length, "d")
    start, end = bounds
    return Decimal((end.end - start.start).days + 1) if start is not None and end is not None else None


def _amounts(line: JsonObject, scope: Scope, notes: Notes) -> tuple[list[Quantity], list[str]]:
    """The amounts of one dose, and what was sent where one belongs and can't be read: of R4's doseAndRate, of STU3 on
    the line itself, and of a MedicationAdministration."""
    places = [*objects(line.get("doseAndRate"), notes, "doseAndRate"), line]
    sent = [part for place in places for name in ("doseQuantity", "dose") if (part := place.get(name)) is not None]
    readable, unread = _read(sent, scope, notes)
    if not readable and not unread:
        rates = [rate for place in places if (rate := place.get("rateQuantity")) is not None]
        readable, unread = _read(rates, scope, notes)
        timed = [one for one in readable if convert(one, "mg") is None and convert(one, "mg/m2") is None]
        readable, unread = [one for one in readable if one not in timed], unread + [one.received for one in timed]
    if not readable and not unread:
        unread = [told for place in places for name in _NO_AMOUNT if (told := _told(place.get(name)))]
    return readable, unread


def _read(sent: list[Json], scope: Scope, notes: Notes) -> tuple[list[Quantity], list[str]]:
    readable: list[Quantity] = []
    unread: list[str] = []
    for part in sent:
        found = amount(only(part, notes, "dose"), scope.unit_aliases, notes, "dose")
        if found is not None and not found.comparator and found.value > 0:
            readable.append(found)
        elif told := _told(part):
            unread.append(told)
    return readable, unread


_NO_AMOUNT = ("doseRange", "rateRatio", "rateRange")


def _told(sent: Json) -> str:
    """A Quantity, Range or Ratio as it came."""
    for first_end, between, second_end in (("low", "to", "high"), ("numerator", "per", "denominator")):
        ends = [_quantity_told(member(sent, name)) for name in (first_end, second_end)]
        if any(ends):
            return f" {between} ".join(end for end in ends if end)
    return _quantity_told(sent)


def _quantity_told(sent: Json) -> str:
    return received_of({"valueQuantity": sent})


def _number(sent: Json, notes: Notes, name: str) -> Decimal | None:
    if sent is None:
        return None
    try:
        return number(sent).value
    except NotANumber as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"{name}: {error}")
        return None


def whole(sent: Json, notes: Notes, name: str) -> int | None:
    """A whole number of times; None where it is none."""
    found = _number(sent, notes, name)
    if found is None or found == found.to_integral_value():
        return None if found is None else int(found)
    notes.add(GapReason.VALUE_UNREADABLE, f"{name}: it is no whole number")
    return None
