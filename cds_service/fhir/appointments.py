"""Appointments of a visit that is being booked: for which day, and for whom."""

from __future__ import annotations

from cds_service.fhir.elements import JsonObject, many, member, status_of
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.references import name_of, references
from cds_service.fhir.scope import Scope
from cds_service.record import Appointment
from cds_service.values import When


def appointment_of(entry: Entry, scope: Scope, notes: Notes) -> Appointment:
    """An Appointment with the day for which it is booked, or asked for.

    Raises `WrongPatient` where patients take part and none of them is this one, `ResourceUnreadable` where who takes
    part can't be told.
    """
    sent = entry.whole
    _check(sent, scope)
    start = scope.when(sent.get("start"), notes, "start")
    return Appointment(notes.source, status_of(sent.get("status")) or "", start or _requested(sent, scope, notes))


def _requested(sent: JsonObject, scope: Scope, notes: Notes) -> When | None:
    """The earliest day on which one of the periods asked for begins."""
    starts = [scope.period(part, notes, "requestedPeriod")[0] for part in many(sent.get("requestedPeriod"))]
    return min((start for start in starts if start is not None), key=lambda when: when.start, default=None)


def _check(sent: JsonObject, scope: Scope) -> None:
    taking_part = many(sent.get("participant"))
    if not all(isinstance(one, dict) for one in taking_part):
        raise ResourceUnreadable("who takes part can't be told")
    names = [name_of(reference) for one in taking_part for reference, _ in references(member(one, "actor"))]
    patients = [name for name in names if name.startswith("Patient/")]
    if patients and scope.patient_names.isdisjoint(patients):
        raise WrongPatient
