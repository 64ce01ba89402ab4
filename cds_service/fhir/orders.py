"""MedicationRequests and ServiceRequests as orders, drafts and those on record.

A request not to do something is no order. A draft in which nothing is chosen yet is an order of nothing; on record
that is unreadable, as is an order of something that can't be told. Orders may lie in the future. Why something is
ordered is read as for medicines given.
"""

from __future__ import annotations

from dataclasses import replace

from cds_service.codes import Concept
from cds_service.fhir.dosages import dosages_of, events_of, first_dose, first_event, whole
from cds_service.fhir.elements import JsonObject, as_received, is_true, many, only, says_something, status_of
from cds_service.fhir.entries import Entry
from cds_service.fhir.medicines import UNREAD, concept_in, medicine_of, reasons_of
from cds_service.fhir.notes import MedicineUnknown, Notes, ResourceUnreadable
from cds_service.fhir.references import check_subject
from cds_service.fhir.scope import Scope
from cds_service.record import Dosage, GapReason, Medicine, Order
from cds_service.values import When


def draft_of(entry: Entry, is_selected: bool, scope: Scope, notes: Notes) -> Order | None:
    """A draft of the user's, with its resource as received; None for a request not to do something.

    A subject that leads nowhere is the patient in context; raises `WrongPatient` for a draft that names another, and
    `MedicineUnknown` where what is ordered can't be told.
    """
    sent = entry.whole
    try:
        check_subject(sent.get("subject"), entry, scope.library, scope.patient_names)
    except ResourceUnreadable as unreadable:
        notes.add(GapReason.VALUE_UNREADABLE, f"{unreadable}; it counts as the patient's in context")
    if is_true(sent.get("doNotPerform")):
        return None
    order, lost, _, _ = _order(sent, entry, scope, notes)
    if lost:
        raise MedicineUnknown(lost)
    return replace(order, is_draft=True, is_selected=is_selected, resource=as_received(entry.raw))


def orders_of(entry: Entry, scope: Scope, notes: Notes) -> tuple[Order | None, Medicine | None]:
    """An order on record and, for a medicine, the exposure that it is evidence of; both None where it forbids.

    Raises `MedicineUnknown` where its medicine can't be told, `ResourceUnreadable` where it orders nothing, and
    `WrongPatient`.
    """
    sent = entry.whole
    check_subject(sent.get("subject"), entry, scope.library, scope.patient_names)
    if is_true(sent.get("doNotPerform")):
        return None, None
    order, lost, authored, until = _order(sent, entry, scope, notes)
    if not order.concept and not lost:
        raise ResourceUnreadable("it does not say what is ordered")
    is_plan = order.resource_type == "MedicationRequest" and order.status != "draft"
    medicine = _exposure(order, authored, until, scope) if is_plan else None
    if lost:
        raise MedicineUnknown(lost, medicine)
    return order, medicine


def _order(sent: JsonObject, entry: Entry, scope: Scope, notes: Notes) -> tuple[Order, str, When | None, When | None]:
    """The order, why its medicine can't be told ("" where it can), the day it was written, and the day it ends."""
    is_medicine = entry.type == "MedicationRequest"
    dosages, bounds = dosages_of(sent.get("dosageInstruction"), scope, notes)
    authored = scope.when(sent.get("authoredOn"), notes, "authoredOn")
    concept, lost = medicine_of(sent, entry, scope) if is_medicine else _service(sent)
    order = Order(
        source=notes.source,
        resource_type=entry.type,
        concept=concept,
        status=status_of(sent.get("status")) or "",
        intent=status_of(sent.get("intent")) or "",
        when=_occurrence(sent, scope, notes) or first_event(dosages) or bounds[0] or authored,
        reasons=reasons_of(sent, entry, scope, notes),
        dosages=dosages,
        refills=_refills(sent, notes),
    )
    return order, lost, authored, bounds[1]


def _refills(sent: JsonObject, notes: Notes) -> int | None:
    supply = only(sent.get("dispenseRequest"), notes, "dispenseRequest") or {}
    allowed = supply.get("numberOfRepeatsAllowed")
    return 0 if allowed is None else whole(allowed, notes, "dispenseRequest.numberOfRepeatsAllowed")


def _service(sent: JsonObject) -> tuple[Concept, str]:
    """What a ServiceRequest asks for, and where that is there and can't be told why not."""
    concept = concept_in(many(sent.get("code")))
    return concept, UNREAD if not concept and says_something(sent.get("code")) else ""


def _occurrence(sent: JsonObject, scope: Scope, notes: Notes) -> When | None:
    day = scope.when(sent.get("occurrenceDateTime"), notes, "occurrenceDateTime")
    start, end = scope.period(sent.get("occurrencePeriod"), notes, "occurrencePeriod")
    events, bounds = events_of(sent.get("occurrenceTiming"), scope, notes)
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
