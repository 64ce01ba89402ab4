"""What the user is putting on record in this call: a problem, an allergy, the appointments of a visit.

They come in the hook's context and are marked as new; a version of them that is on record already gives way, as it does
to a draft. Appointments lie in the future and are read nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from cds_service.fhir.concepts import status_of, text_of
from cds_service.fhir.elements import RAW_ABSENT, UNREADABLE, Concepts, References, is_absent, parts
from cds_service.fhir.entries import SUPPORTING, Contents, Entry
from cds_service.fhir.facts import Facts
from cds_service.fhir.histories import allergy_of, problem_of
from cds_service.fhir.notes import Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.references import name_of, references
from cds_service.fhir.scope import Scope
from cds_service.fhir.versions import newest_versions
from cds_service.record import Appointment, GapReason, When


class _Appointment(msgspec.Struct, rename="camel"):
    status: Concepts = None
    start: Any = None
    requested_period: msgspec.Raw = RAW_ABSENT
    participant: list[_Participant | None] | _Participant | None = None


class _Participant(msgspec.Struct):
    actor: References = None


_APPOINTMENT = msgspec.json.Decoder(_Appointment, strict=False)


def read_entered(entered: Iterable[Contents], scope: Scope, facts: Facts) -> None:
    """What is being entered, into `facts`; to be read before what is on record."""
    for entry in newest_versions(entry for contents in entered for entry in contents.entries):
        if entry.type in SUPPORTING:
            continue
        notes = Notes(entry.key, entry.source)
        try:
            _read(entry, scope, notes, facts)
        except WrongPatient:
            notes.add(GapReason.WRONG_PATIENT)
        except (*UNREADABLE, ResourceUnreadable) as error:
            notes.add(GapReason.RESOURCE_UNREADABLE, str(error))
        facts.gaps += notes.gaps


def appointment_of(entry: Entry, scope: Scope, notes: Notes) -> Appointment:
    """An Appointment with the day for which it is booked, or asked for."""
    sent = _APPOINTMENT.decode(entry.raw)
    _check(sent, scope)
    start = scope.when(sent.start, notes, "start")
    return Appointment(notes.source, status_of(sent.status), start or _requested(sent, scope, notes))


def _read(entry: Entry, scope: Scope, notes: Notes, facts: Facts) -> None:
    match entry.type:
        case "Condition":
            problem = problem_of(entry, scope, notes)
            facts.problems += [replace(problem, is_new=True)] if problem is not None else []
        case "AllergyIntolerance":
            facts.allergies.append(replace(allergy_of(entry, scope, notes), is_new=True))
        case "Appointment":
            facts.appointments.append(appointment_of(entry, scope, notes))
        case _:
            raise ResourceUnreadable(f"{entry.type} is not read as an entry")


def _requested(sent: _Appointment, scope: Scope, notes: Notes) -> When | None:
    """The earliest day on which one of the periods asked for begins."""
    if is_absent(sent.requested_period):
        return None
    starts = [scope.period(part, notes, "requestedPeriod")[0] for part in parts(sent.requested_period)]
    return min((start for start in starts if start is not None), key=lambda when: when.start, default=None)


def _check(sent: _Appointment, scope: Scope) -> None:
    """Raises `WrongPatient` where patients take part and none of them is this one."""
    taking_part = sent.participant if isinstance(sent.participant, list) else [sent.participant]
    actors = [actor for one in taking_part if one is not None for actor in references(one.actor)]
    names = [name_of(text_of(actor.reference)) for actor in actors]
    patients = [name for name in names if name.startswith("Patient/")]
    if patients and f"Patient/{scope.patient_id}" not in patients:
        raise WrongPatient
