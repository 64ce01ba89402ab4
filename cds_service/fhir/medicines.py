"""Administrations, dispenses and statements as evidence that a medicine was given.

The day is the one on which it was given or began to be taken; a day after today leaves the evidence out, with a gap.
That something was not given or not taken is its status, also where older versions of FHIR say it in a member of its
own. What a status is worth is left to the disease package.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cds_service.fhir.concepts import status_of
from cds_service.fhir.dosages import dosages_of, first_dose
from cds_service.fhir.elements import QUANTITY, RAW_ABSENT, Concepts, References, is_absent, item
from cds_service.fhir.entries import Entry
from cds_service.fhir.medications import medicine_of
from cds_service.fhir.notes import Notes, ResourceUnreadable
from cds_service.fhir.orders import Reasoned, reasons_of
from cds_service.fhir.quantities import amount
from cds_service.fhir.references import check_subject
from cds_service.fhir.scope import Scope
from cds_service.record import ExposureKind, GapReason, Medicine, Quantity, When

_KINDS: dict[str, ExposureKind] = {
    "MedicationAdministration": "administration",
    "MedicationDispense": "dispense",
    "MedicationStatement": "statement",
}


class _Exposure(Reasoned):
    status: Concepts = None
    subject: References = None
    patient: References = None
    effective_date_time: Any = None
    effective_period: msgspec.Raw = RAW_ABSENT
    when_handed_over: Any = None
    when_prepared: Any = None
    dosage: msgspec.Raw = RAW_ABSENT
    dosage_instruction: msgspec.Raw = RAW_ABSENT
    quantity: msgspec.Raw = RAW_ABSENT
    was_not_given: Any = None
    not_given: Any = None
    was_not_taken: Any = None
    taken: Any = None


_EXPOSURE = msgspec.json.Decoder(_Exposure, strict=False)


def medicine_given(entry: Entry, scope: Scope, notes: Notes) -> Medicine | None:
    """The evidence in one resource; None, with a gap, when it lies in the future."""
    sent = _EXPOSURE.decode(entry.raw)
    for subject in (sent.subject, sent.patient):
        check_subject(subject, entry, scope.library, scope.patient_id)
    concept = medicine_of(sent, entry, scope.library, notes)
    if not concept:
        raise ResourceUnreadable("it does not say which medicine")
    when, until = _time(sent, scope, notes)
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    reasons = reasons_of(sent, entry, scope, notes)
    kind = _KINDS[entry.type]
    return Medicine(notes.source, kind, concept, _status(sent), when, until, _amount(sent, scope, notes), reasons)


def _status(sent: _Exposure) -> str:
    if True in (sent.was_not_given, sent.not_given):
        return "not-done"
    if sent.was_not_taken is True or sent.taken == "n":
        return "not-taken"
    return status_of(sent.status)


def _time(sent: _Exposure, scope: Scope, notes: Notes) -> tuple[When | None, When | None]:
    day = scope.when(sent.effective_date_time, notes, "effectiveDateTime")
    start, end = scope.period(sent.effective_period, notes, "effectivePeriod")
    handed = scope.when(sent.when_handed_over, notes, "whenHandedOver")
    prepared = scope.when(sent.when_prepared, notes, "whenPrepared")
    return day or start or end or handed or prepared, end


def _amount(sent: _Exposure, scope: Scope, notes: Notes) -> Quantity | None:
    dosage = sent.dosage_instruction if is_absent(sent.dosage) else sent.dosage
    dose = first_dose(dosages_of(dosage, scope, notes)[0])
    quantity = None if dose is not None else item(sent.quantity, QUANTITY, notes, "quantity")
    return dose or amount(quantity, scope.unit_aliases, notes, "quantity")
