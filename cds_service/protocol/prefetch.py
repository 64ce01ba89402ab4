"""Turns what was prefetched into a `PatientRecord`, and decides when a call cannot be answered without its patient.

Reading resources is left to `cds_service.fhir`; every other key may be missing, and is then a gap of the record.
"""

from __future__ import annotations

import re
from datetime import date, tzinfo

from cds_service.errors import PatientNotObtained
from cds_service.fhir.read import (
    NotAPatient,
    NotThisPatient,
    PatientFailed,
    PatientNotRead,
    PatientUnreadable,
    read_patient,
    read_record,
)
from cds_service.knowledge.contract import Service, Vocabulary
from cds_service.protocol.request import HookRequest
from cds_service.record import Patient, PatientRecord

CONTEXT_TOKEN = re.compile(r"\{\{\s*context\.(\w+)\s*\}\}")
"""A token of a template that stands for a member of the context."""

PATIENT = "patient"
"""The prefetch key that every service asks for."""

_REASONS: dict[type[PatientNotRead], str] = {
    PatientFailed: "reports an error",
    NotAPatient: "does not hold a Patient",
    NotThisPatient: "does not hold the patient in context",
    PatientUnreadable: "holds a Patient that cannot be read",
}


def patient_of(request: HookRequest, service: Service) -> Patient:
    """The patient in context; with nothing known but the id where the EHR says that it has no Patient resource.

    Raises `PatientNotObtained` where the key is absent or holds anything but that patient.
    """
    query = service.prefetch[PATIENT]
    if PATIENT not in request.prefetch:
        also = ", and could not be read from the FHIR server" if PATIENT in request.not_read else ""
        raise PatientNotObtained(f"was not sent{also}", query)
    sent = request.prefetch[PATIENT]
    if sent is None:
        return Patient(id=request.patient_id)
    try:
        return read_patient(sent, request.patient_id)
    except PatientNotRead as error:
        raise PatientNotObtained(_REASONS[type(error)], query) from None


def record_of(
    request: HookRequest, service: Service, patient: Patient, vocabulary: Vocabulary, *, today: date, zone: tzinfo
) -> PatientRecord:
    """Everything read for this call. Keys that the service does not ask for are ignored."""
    looked_up = {key: raw for key, raw in request.medications.items() if key not in service.prefetch}
    return read_record(
        patient=patient,
        prefetch={**request.prefetch, **looked_up},
        requested={**service.prefetch, **dict.fromkeys(looked_up, "")},
        drafts=request.drafts,
        dispatched=request.dispatched,
        entered=request.entered,
        vocabulary=vocabulary,
        today=today,
        zone=zone,
    )
