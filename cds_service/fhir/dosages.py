"""Dosage lines: the amount of a single dose and the repeat it is given by.

A line that names several amounts (as ordered and as calculated) is one dose for each of them. A dose sent as a range
has no amount, since neither end of it is what was ordered. A spoilt part of a line costs only itself: the order is
still read.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec

from cds_service.fhir.concepts import text_of
from cds_service.fhir.elements import (
    DOSAGE,
    DOSE_AND_RATE,
    QUANTITY,
    REPEAT,
    TIMING,
    Dosage,
    Quantity,
    Repeat,
    is_absent,
    item,
    items,
)
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import NotANumber
from cds_service.fhir.quantities import amount, number
from cds_service.fhir.scope import Scope
from cds_service.record import Dosage as Dose
from cds_service.record import GapReason, When
from cds_service.record import Quantity as Measured

Bounds = tuple[When | None, When | None]
"""First and last day of a course, as far as its timing says."""


def dosages_of(raw: msgspec.Raw, scope: Scope, notes: Notes) -> tuple[tuple[Dose, ...], Bounds]:
    """Every readable dosage line, and the bounds of the first line that has any."""
    doses, bounds = [], []
    for line in items(raw, DOSAGE, notes, "dosage"):
        told, sent = _doses(line, scope, notes)
        doses += told
        bounds.append(sent)
    return tuple(doses), next((one for one in bounds if any(one)), (None, None))


def first_dose(doses: tuple[Dose, ...]) -> Measured | None:
    """The amount of the first line that has one."""
    return next((dose.amount for dose in doses if dose.amount is not None), None)


def first_event(doses: tuple[Dose, ...]) -> When | None:
    """The earliest day on which a line says that a dose is given."""
    events = [event for dose in doses for event in dose.events]
    return min(events, key=lambda event: (event.start, event.end), default=None)


def events_of(raw: msgspec.Raw, scope: Scope, notes: Notes) -> tuple[tuple[When, ...], Bounds]:
    """The events of a Timing, and the bounds of its repeat."""
    timing = item(raw, TIMING, notes, "timing")
    if timing is None:
        return (), (None, None)
    sent = timing.event if isinstance(timing.event, list) else [timing.event]
    events = [scope.when(event, notes, "timing.event") for event in sent]
    repeat = item(timing.repeat, REPEAT, notes, "timing.repeat")
    bounds = (None, None) if repeat is None else scope.period(repeat.bounds_period, notes, "timing.repeat.boundsPeriod")
    return tuple(event for event in events if event is not None), bounds


def _doses(line: Dosage, scope: Scope, notes: Notes) -> tuple[list[Dose], Bounds]:
    events, bounds = events_of(line.timing, scope, notes)
    repeat = _repeat(line.timing, notes)
    dose = Dose(
        count=repeat.count,
        frequency=repeat.frequency,
        period=_period(repeat, notes),
        period_unit=text_of(repeat.period_unit),
        events=events,
        text=text_of(line.text),
    )
    sent = [amount(quantity, scope.unit_aliases, notes, "dose") for quantity in _quantities(line, notes)]
    readable = [one for one in sent if one is not None]
    return [replace(dose, amount=one) for one in dict.fromkeys(readable)] or [dose], bounds


def _repeat(raw: msgspec.Raw, notes: Notes) -> Repeat:
    timing = item(raw, TIMING, notes, "timing")
    return (timing and item(timing.repeat, REPEAT, notes, "timing.repeat")) or Repeat()


def _quantities(line: Dosage, notes: Notes) -> list[Quantity]:
    rates = [rate.dose_quantity for rate in items(line.dose_and_rate, DOSE_AND_RATE, notes, "doseAndRate")]
    direct = [item(raw, QUANTITY, notes, "dose") for raw in (line.dose_quantity, line.dose)]
    return [quantity for quantity in [*rates, *direct] if quantity is not None]


def _period(repeat: Repeat, notes: Notes) -> Decimal | None:
    if is_absent(repeat.period):
        return None
    try:
        return number(repeat.period).value
    except NotANumber as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"timing.repeat.period: {error}")
        return None
