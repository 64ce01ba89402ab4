"""Required bindings of FHIR R4 (4.0.1) for the code elements that we write; fhir.resources does not check them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

REQUIRED = {
    "Bundle.type": {"collection", "searchset"},
    "Patient.gender": {"male", "female", "other", "unknown"},
    "Patient.name.use": {"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"},
    "Patient.identifier.use": {"usual", "official", "temp", "secondary", "old"},
    "Patient.address.use": {"home", "work", "temp", "old", "billing"},
    "Observation.status": {
        *("registered", "preliminary", "final", "amended"),
        *("corrected", "cancelled", "entered-in-error", "unknown"),
    },
    "Observation.valueQuantity.comparator": {"<", "<=", ">=", ">"},
    "MedicationRequest.status": {
        *("active", "on-hold", "cancelled", "completed"),
        *("entered-in-error", "stopped", "draft", "unknown"),
    },
    "MedicationRequest.intent": {
        *("proposal", "plan", "order", "original-order"),
        *("reflex-order", "filler-order", "instance-order", "option"),
    },
    "MedicationRequest.dosageInstruction.timing.repeat.periodUnit": {"s", "min", "h", "d", "wk", "mo", "a"},
    "MedicationStatement.status": {
        *("active", "completed", "entered-in-error", "intended"),
        *("stopped", "on-hold", "unknown", "not-taken"),
    },
    "MedicationAdministration.status": {
        *("in-progress", "not-done", "on-hold", "completed"),
        *("entered-in-error", "stopped", "unknown"),
    },
    "Immunization.status": {"completed", "entered-in-error", "not-done"},
    "Goal.lifecycleStatus": {
        *("proposed", "planned", "accepted", "active", "on-hold"),
        *("completed", "cancelled", "entered-in-error", "rejected"),
    },
    "Procedure.status": {
        *("preparation", "in-progress", "not-done", "on-hold"),
        *("stopped", "completed", "entered-in-error", "unknown"),
    },
    "ServiceRequest.status": {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
    "ServiceRequest.intent": {
        *("proposal", "plan", "directive", "order", "original-order"),
        *("reflex-order", "filler-order", "instance-order", "option"),
    },
    "AllergyIntolerance.type": {"allergy", "intolerance"},
    "AllergyIntolerance.category": {"food", "medication", "environment", "biologic"},
    "AllergyIntolerance.criticality": {"low", "high", "unable-to-assess"},
    "AllergyIntolerance.reaction.severity": {"mild", "moderate", "severe"},
    "Appointment.status": {
        *("proposed", "pending", "booked", "arrived", "fulfilled"),
        *("cancelled", "noshow", "entered-in-error", "checked-in", "waitlist"),
    },
    "Appointment.participant.status": {"accepted", "declined", "tentative", "needs-action"},
    "Task.status": {
        *("draft", "requested", "received", "accepted", "rejected", "ready", "cancelled"),
        *("in-progress", "on-hold", "failed", "completed", "entered-in-error"),
    },
    "Task.intent": {
        *("unknown", "proposal", "plan", "order", "original-order"),
        *("reflex-order", "filler-order", "instance-order", "option"),
    },
}

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
REQUIRED_CODEABLE = {
    "Condition.clinicalStatus": (
        f"{_TERMINOLOGY}condition-clinical",
        {"active", "recurrence", "relapse", "inactive", "remission", "resolved"},
    ),
    "Condition.verificationStatus": (
        f"{_TERMINOLOGY}condition-ver-status",
        {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"},
    ),
    "AllergyIntolerance.clinicalStatus": (
        f"{_TERMINOLOGY}allergyintolerance-clinical",
        {"active", "inactive", "resolved"},
    ),
    "AllergyIntolerance.verificationStatus": (
        f"{_TERMINOLOGY}allergyintolerance-verification",
        {"unconfirmed", "confirmed", "refuted", "entered-in-error"},
    ),
}

CODE_ELEMENTS = {"status", "intent", "use", "gender", "type", "criticality", "severity", "comparator", "periodUnit"}
"""Members whose plain string values are bound to a required code list somewhere in R4."""


def walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every member with its path, list positions left out."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}")
    if isinstance(value, list):
        for item in value:
            yield from walk(item, path)


def is_bound(path: str, value: Any) -> bool:
    """False for a code, or a CodeableConcept, that is not in the code list that its path requires."""
    if path in REQUIRED and not isinstance(value, list):
        return value in REQUIRED[path]
    if path in REQUIRED_CODEABLE and isinstance(value, dict):
        system, codes = REQUIRED_CODEABLE[path]
        return [(coding["system"], coding["code"] in codes) for coding in value["coding"]] == [(system, True)]
    return True


def unchecked(resource: dict[str, Any]) -> set[str]:
    """The code elements of a resource for which no binding stands here."""
    return {
        path
        for path, value in walk(resource, resource["resourceType"])
        if path.rsplit(".", 1)[-1] in CODE_ELEMENTS and isinstance(value, str)
    }.difference(REQUIRED, REQUIRED_CODEABLE)
