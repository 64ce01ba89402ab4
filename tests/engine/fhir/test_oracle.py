"""What an independent FHIR library accepts and says, set beside what is read here."""

from importlib import import_module
from typing import Any

import pytest

from cds_service.values import Quantity
from tests.engine.fhir.charts import HAEMOGLOBIN, RXNORM, UCUM, bundle, concept, one, read

SUBJECT = {"reference": "Patient/pt-1"}
DOSE = {"doseQuantity": {"value": 20.5, "unit": "mg", "system": UCUM, "code": "mg"}}
VALID: list[dict[str, Any]] = [
    {
        "resourceType": "Observation",
        "id": "o-1",
        "meta": {"versionId": "3", "lastUpdated": "2026-01-05T10:00:00Z"},
        "status": "final",
        "code": concept(HAEMOGLOBIN),
        "subject": SUBJECT,
        "effectiveDateTime": "2026-01-05T10:00:00+01:00",
        "valueQuantity": {"value": 13.5, "comparator": ">", "unit": "g/dL", "system": UCUM, "code": "g/dL"},
        "referenceRange": [{"low": {"value": 12.0, "unit": "g/dL"}, "high": {"value": 16.0, "unit": "g/dL"}}],
        "interpretation": [concept("N", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")],
    },
    {
        "resourceType": "Condition",
        "id": "c-1",
        "clinicalStatus": concept("active", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
        "verificationStatus": concept("confirmed", "http://terminology.hl7.org/CodeSystem/condition-ver-status"),
        "code": {"text": "Asthma"},
        "subject": SUBJECT,
        "onsetPeriod": {"start": "2020", "end": "2021-02"},
        "recordedDate": "2021-03-04",
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m-1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept("8640", RXNORM, "Prednisone"),
        "subject": SUBJECT,
        "authoredOn": "2026-01-02",
        "reasonReference": [{"reference": "Condition/c-1"}],
        "dosageInstruction": [
            {
                "timing": {
                    "event": ["2026-01-03T08:00:00Z"],
                    "repeat": {"count": 4, "period": 1.5, "periodUnit": "wk"},
                },
                "doseAndRate": [DOSE],
            }
        ],
    },
    {
        "resourceType": "MedicationAdministration",
        "id": "a-1",
        "status": "completed",
        "medicationCodeableConcept": {"text": "Prednisone"},
        "subject": SUBJECT,
        "effectivePeriod": {"start": "2026-01-03T08:00:00Z", "end": "2026-01-03T12:00:00Z"},
        "dosage": {"dose": {"value": 20.5, "unit": "mg"}},
    },
    {
        "resourceType": "MedicationDispense",
        "id": "d-1",
        "status": "completed",
        "medicationCodeableConcept": {"text": "Prednisone"},
        "subject": SUBJECT,
        "whenHandedOver": "2026-01-03T08:00:00Z",
        "dosageInstruction": [{"doseAndRate": [DOSE]}],
    },
    {
        "resourceType": "MedicationStatement",
        "id": "s-1",
        "status": "active",
        "medicationCodeableConcept": {"text": "Prednisone"},
        "subject": SUBJECT,
        "effectiveDateTime": "2025-12",
        "dosage": [{"doseAndRate": [DOSE]}],
    },
    {
        "resourceType": "Procedure",
        "id": "p-1",
        "status": "completed",
        "code": {"text": "Biopsy"},
        "subject": SUBJECT,
        "performedPeriod": {"start": "2025-01-02", "end": "2025-01-03"},
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "i-1",
        "code": {"text": "Penicillin"},
        "patient": SUBJECT,
        "criticality": "high",
        "recordedDate": "2020",
        "reaction": [{"substance": {"text": "Amoxicillin"}, "manifestation": [{"text": "Rash"}], "severity": "severe"}],
    },
    {
        "resourceType": "Immunization",
        "id": "v-1",
        "status": "completed",
        "vaccineCode": {"text": "Tetanus"},
        "patient": SUBJECT,
        "occurrenceDateTime": "2025-11-03",
    },
    {
        "resourceType": "Goal",
        "id": "g-1",
        "lifecycleStatus": "active",
        "description": {"text": "Walk a mile"},
        "subject": SUBJECT,
        "startDate": "2025-11-03",
        "target": [{"dueDate": "2027-01-01"}],
    },
    {
        "resourceType": "ServiceRequest",
        "id": "r-1",
        "status": "active",
        "intent": "order",
        "code": {"text": "ECG"},
        "subject": SUBJECT,
        "occurrenceTiming": {"event": ["2026-02-01T08:00:00Z"]},
    },
]


def model(resource: dict[str, Any]) -> Any:
    name = resource["resourceType"]
    return getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name).model_validate(resource)


@pytest.mark.parametrize("resource", VALID, ids=lambda resource: resource["resourceType"])
def test_what_the_library_accepts_is_read_without_a_gap(resource: dict[str, Any]):
    assert model(resource).id == resource["id"]
    record = read({"key": bundle(resource), "problems": bundle(VALID[1])})
    assert not record.gaps
    assert record.knows("key", "problems")


def test_a_result_is_read_as_the_library_reads_it():
    theirs, ours = model(VALID[0]), one(VALID[0]).results[0]
    assert isinstance(ours.value, Quantity)
    assert ours.when is not None
    assert (ours.value.value, ours.value.unit) == (theirs.valueQuantity.value, theirs.valueQuantity.code)
    assert ours.value.comparator == theirs.valueQuantity.comparator
    assert ours.when.moment == theirs.effectiveDateTime
    assert ours.reference_range is not None
    assert ours.reference_range.high == theirs.referenceRange[0].high.value


def test_an_order_is_read_as_the_library_reads_it():
    theirs, ours = model(VALID[2]), one(*VALID[1:3]).orders[0]
    line, dosage = theirs.dosageInstruction[0], ours.dosages[0]
    assert dosage.amount is not None
    assert dosage.amount.value == line.doseAndRate[0].doseQuantity.value
    assert (dosage.count, dosage.period) == (line.timing.repeat.count, line.timing.repeat.period)
    assert dosage.events[0].moment == line.timing.event[0]
    assert [reason.text for reason in ours.reasons] == ["Asthma"]
