"""Conditions, Procedures, Immunizations, AllergyIntolerances: what the patient has had, undergone and not tolerated.

A problem, procedure or vaccination that was recorded for a day after today is left out, with a gap. An onset after
today, and any date of an allergy, loses only the date: that the patient has it may matter whatever the day.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cds_service.codes import Concept
from cds_service.fhir.concepts import concept_of, status_of, text_of
from cds_service.fhir.elements import CONCEPTS, RAW_ABSENT, Concepts, References, Token, is_absent, items
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import Notes, ResourceUnreadable
from cds_service.fhir.references import check_subject
from cds_service.fhir.scope import Scope
from cds_service.record import Allergy, GapReason, Immunization, Problem, Procedure, Reaction, When


class _Fact(msgspec.Struct, rename="camel"):
    code: Concepts = None
    subject: References = None
    patient: References = None
    clinical_status: Concepts = None
    verification_status: Concepts = None
    recorded_date: Any = None


class _Condition(_Fact):
    onset_date_time: Any = None
    onset_period: msgspec.Raw = RAW_ABSENT
    onset_string: Any = None
    onset_age: Any = None
    onset_range: Any = None
    asserted_date: Any = None
    date_recorded: Any = None


class _Procedure(_Fact):
    status: Concepts = None
    performed_date_time: Any = None
    performed_period: msgspec.Raw = RAW_ABSENT
    performed_string: Any = None
    performed_age: Any = None
    performed_range: Any = None


class _Immunization(_Fact):
    vaccine_code: Concepts = None
    status: Concepts = None
    occurrence_date_time: Any = None
    occurrence_string: Any = None
    date: Any = None
    was_not_given: Any = None
    not_given: Any = None


class _Reaction(msgspec.Struct):
    substance: Concepts = None
    manifestation: msgspec.Raw = RAW_ABSENT
    description: Token = None
    severity: Concepts = None


class _Allergy(_Fact):
    criticality: Concepts = None
    asserted_date: Any = None
    reaction: msgspec.Raw = RAW_ABSENT


_CONDITION = msgspec.json.Decoder(_Condition, strict=False)
_PROCEDURE = msgspec.json.Decoder(_Procedure, strict=False)
_IMMUNIZATION = msgspec.json.Decoder(_Immunization, strict=False)
_ALLERGY = msgspec.json.Decoder(_Allergy, strict=False)
_REACTION = msgspec.json.Decoder(_Reaction, strict=False)


def problem_of(entry: Entry, scope: Scope, notes: Notes) -> Problem | None:
    """The problem that a Condition states; None, with a gap, when it was recorded for the future."""
    sent = _CONDITION.decode(entry.raw)
    _check(sent, entry, scope)
    concept = concept_of(sent.code)
    if not concept:
        raise ResourceUnreadable("it does not say which condition")
    recorded = scope.when(sent.recorded_date or sent.asserted_date or sent.date_recorded, notes, "recordedDate")
    onset = _onset(sent, scope, notes)
    if scope.is_future(recorded) or (recorded is None and scope.is_future(onset)):
        notes.add(GapReason.IN_FUTURE)
        return None
    clinical, verification = status_of(sent.clinical_status), status_of(sent.verification_status)
    return Problem(notes.source, concept, clinical, verification, _past(onset, scope, notes, "the onset"), recorded)


def procedure_of(entry: Entry, scope: Scope, notes: Notes) -> Procedure | None:
    """A Procedure; None, with a gap, when it lies in the future."""
    sent = _PROCEDURE.decode(entry.raw)
    _check(sent, entry, scope)
    concept = concept_of(sent.code)
    if not concept:
        raise ResourceUnreadable("it does not say which procedure")
    when = scope.when(sent.performed_date_time, notes, "performedDateTime") or (
        scope.span(sent.performed_period, notes, "performedPeriod")
        or scope.when(sent.performed_string, notes, "performedString")
    )
    if sent.performed_age is not None or sent.performed_range is not None:
        notes.add(GapReason.DATE_UNREADABLE, "its time is given as an age")
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    return Procedure(notes.source, concept, status_of(sent.status), when)


def immunization_of(entry: Entry, scope: Scope, notes: Notes) -> Immunization | None:
    """An Immunization; None, with a gap, when it lies in the future."""
    sent = _IMMUNIZATION.decode(entry.raw)
    _check(sent, entry, scope)
    concept = concept_of(sent.vaccine_code)
    if not concept:
        raise ResourceUnreadable("it does not say which vaccine")
    when = scope.when(sent.occurrence_date_time or sent.date, notes, "occurrenceDateTime") or (
        scope.when(sent.occurrence_string, notes, "occurrenceString")
    )
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    is_withheld = True in (sent.was_not_given, sent.not_given)
    return Immunization(notes.source, concept, "not-done" if is_withheld else status_of(sent.status), when)


def allergy_of(entry: Entry, scope: Scope, notes: Notes) -> Allergy:
    """An AllergyIntolerance, with the substances named by its code and by its reactions."""
    sent = _ALLERGY.decode(entry.raw)
    _check(sent, entry, scope)
    reactions = items(sent.reaction, _REACTION, notes, "reaction")
    named = [concept_of(sent.code), *(concept_of(reaction.substance) for reaction in reactions)]
    substances = tuple(dict.fromkeys(concept for concept in named if concept))
    if not substances:
        raise ResourceUnreadable("it does not say which substance")
    recorded = scope.when(sent.recorded_date or sent.asserted_date, notes, "recordedDate")
    return Allergy(
        source=notes.source,
        substances=substances,
        clinical_status=status_of(sent.clinical_status),
        verification_status=status_of(sent.verification_status),
        criticality=status_of(sent.criticality),
        reactions=tuple(_reaction(reaction, notes) for reaction in reactions),
        recorded=_past(recorded, scope, notes, "the day of record"),
    )


def _check(sent: _Fact, entry: Entry, scope: Scope) -> None:
    for subject in (sent.subject, sent.patient):
        check_subject(subject, entry, scope.library, scope.patient_id)


def _past(when: When | None, scope: Scope, notes: Notes, name: str) -> When | None:
    if not scope.is_future(when):
        return when
    notes.add(GapReason.IN_FUTURE, f"{name} was left out")
    return None


def _onset(sent: _Condition, scope: Scope, notes: Notes) -> When | None:
    if sent.onset_age is not None or sent.onset_range is not None:
        notes.add(GapReason.DATE_UNREADABLE, "its onset is given as an age")
    if sent.onset_date_time is not None:
        return scope.when(sent.onset_date_time, notes, "onsetDateTime")
    if not is_absent(sent.onset_period):
        start, end = scope.period(sent.onset_period, notes, "onsetPeriod")
        return start or end
    return scope.when(sent.onset_string, notes, "onsetString")


def _reaction(sent: _Reaction, notes: Notes) -> Reaction:
    """What is told in words of the reaction as a whole counts as a manifestation: often it is all there is."""
    manifestations = [concept_of(one) for one in items(sent.manifestation, CONCEPTS, notes, "manifestation")]
    manifestations.append(Concept(text=text_of(sent.description)))
    return Reaction(tuple(concept for concept in manifestations if concept), status_of(sent.severity))
