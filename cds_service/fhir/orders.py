"""MedicationRequests and ServiceRequests as orders, drafts and those on record.

A request not to do something is no order. A draft in which nothing is chosen yet is an order of nothing; on record
that is unreadable. Orders may lie in the future. Why something is ordered is read from `reasonCode` and from the
Conditions that `reasonReference` leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from cds_service.codes import Concept
from cds_service.fhir.concepts import concept_of, status_of, text_of
from cds_service.fhir.dosages import dosages_of, events_of, first_dose, first_event
from cds_service.fhir.elements import (
    CONCEPTS,
    RAW_ABSENT,
    REFERENCE,
    UNREADABLE,
    Concepts,
    Reference,
    References,
    items,
)
from cds_service.fhir.entries import Entry
from cds_service.fhir.medications import Medicated, medicine_of
from cds_service.fhir.notes import Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.references import check_subject, contained_in
from cds_service.fhir.scope import Scope
from cds_service.record import Dosage, GapReason, Medicine, Order, When


class Reasoned(Medicated):
    """The members by which a resource says why, beside those that name its medicine."""

    reason_code: msgspec.Raw = RAW_ABSENT
    reason_reference: msgspec.Raw = RAW_ABSENT


class _Request(Reasoned):
    status: Concepts = None
    intent: Concepts = None
    subject: References = None
    do_not_perform: bool | None = None
    code: Concepts = None
    authored_on: Any = None
    dosage_instruction: msgspec.Raw = RAW_ABSENT
    occurrence_date_time: Any = None
    occurrence_period: msgspec.Raw = RAW_ABSENT
    occurrence_timing: msgspec.Raw = RAW_ABSENT


class _Condition(msgspec.Struct):
    subject: References = None
    code: Concepts = None


_REQUEST = msgspec.json.Decoder(_Request, strict=False)
_CONDITION = msgspec.json.Decoder(_Condition, strict=False)
_ANYTHING = msgspec.json.Decoder(dict[str, Any])


def draft_of(entry: Entry, is_selected: bool, scope: Scope, notes: Notes) -> Order | None:
    """A draft of the user's, with its resource as received; None for a request not to do something."""
    sent = _read(entry, scope)
    if sent.do_not_perform:
        return None
    order, _, _ = _order(sent, entry, scope, notes)
    return replace(order, is_draft=True, is_selected=is_selected, resource=_ANYTHING.decode(entry.raw))


def orders_of(entry: Entry, scope: Scope, notes: Notes) -> tuple[Order | None, Medicine | None]:
    """An order on record and, for a medicine, the exposure that it is evidence of; both None where it forbids."""
    sent = _read(entry, scope)
    if sent.do_not_perform:
        return None, None
    order, authored, until = _order(sent, entry, scope, notes)
    if not order.concept:
        raise ResourceUnreadable("it does not say what is ordered")
    if order.resource_type != "MedicationRequest" or order.status == "draft":
        return order, None
    return order, _exposure(order, authored, until, scope)


def reasons_of(sent: Reasoned, origin: Entry, scope: Scope, notes: Notes) -> tuple[Concept, ...]:
    """Why: the concepts of `reasonCode`, then those of the Conditions that `reasonReference` leads to."""
    coded = [concept_of(one) for one in items(sent.reason_code, CONCEPTS, notes, "reasonCode")]
    referred = items(sent.reason_reference, REFERENCE, notes, "reasonReference")
    found = [concept for reference in referred for concept in _referred(reference, sent, origin, scope, notes)]
    return tuple(concept for concept in [*coded, *found] if concept)


def _read(entry: Entry, scope: Scope) -> _Request:
    sent = _REQUEST.decode(entry.raw)
    check_subject(sent.subject, entry, scope.library, scope.patient_id)
    return sent


def _order(sent: _Request, entry: Entry, scope: Scope, notes: Notes) -> tuple[Order, When | None, When | None]:
    """The order, the day it was written, and the day it ends."""
    is_medicine = entry.type == "MedicationRequest"
    dosages, bounds = dosages_of(sent.dosage_instruction, scope, notes)
    authored = scope.when(sent.authored_on, notes, "authoredOn")
    order = Order(
        source=notes.source,
        resource_type=entry.type,
        concept=medicine_of(sent, entry, scope.library, notes) if is_medicine else concept_of(sent.code),
        status=status_of(sent.status),
        intent=status_of(sent.intent),
        when=_occurrence(sent, scope, notes) or first_event(dosages) or bounds[0] or authored,
        reasons=reasons_of(sent, entry, scope, notes),
        dosages=dosages,
    )
    return order, authored, bounds[1]


def _occurrence(sent: _Request, scope: Scope, notes: Notes) -> When | None:
    day = scope.when(sent.occurrence_date_time, notes, "occurrenceDateTime")
    start, end = scope.period(sent.occurrence_period, notes, "occurrencePeriod")
    events, bounds = events_of(sent.occurrence_timing, scope, notes)
    return day or start or end or first_event((Dosage(events=events),)) or bounds[0]


def _exposure(order: Order, authored: When | None, until: When | None, scope: Scope) -> Medicine | None:
    """What was asked for counts from the day it was for, else from the day it was written; not before that day."""
    days = [day for day in (order.when, authored) if day is not None]
    past = [day for day in days if not scope.is_future(day)]
    if days and not past:
        return None
    when = past[0] if past else None
    amount = first_dose(order.dosages)
    return Medicine(order.source, "request", order.concept, order.status, when, until, amount, order.reasons)


def _referred(reference: Reference, sent: Reasoned, origin: Entry, scope: Scope, notes: Notes) -> Iterator[Concept]:
    name = text_of(reference.reference)
    try:
        concept = _condition_at(name, sent.contained, origin, scope)
    except (*UNREADABLE, ResourceUnreadable) as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"reasonReference: {error}")
        return
    except WrongPatient:
        notes.add(GapReason.WRONG_PATIENT, "reasonReference leads to another patient's record")
        return
    if concept:
        yield concept
    elif text_of(reference.display):
        yield Concept(text=text_of(reference.display))
    elif name:
        notes.add(GapReason.VALUE_UNREADABLE, "reasonReference: what it leads to was not sent along")


def _condition_at(name: str, contained: msgspec.Raw, origin: Entry, scope: Scope) -> Concept:
    if name.startswith("#"):
        raw = contained_in(contained, name)
        return Concept() if raw is None else concept_of(_CONDITION.decode(raw).code)
    entry = scope.library.find(name, origin)
    if entry is None or entry.type != "Condition":
        return Concept()
    sent = _CONDITION.decode(entry.raw)
    check_subject(sent.subject, entry, scope.library, scope.patient_id)
    return concept_of(sent.code)
