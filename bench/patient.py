"""The two bodies that are measured: a patient-view call for one patient, with 20 and with 1000 resources.

The same seed and day give the same bytes. The patient has anti-MAG neuropathy with demyelinating conduction, a rising
disability score and a history of IgM, so that the service has cards to give; the rest is unrelated laboratory work,
as an EHR sends it that ignores the codes in a prefetch template.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

SMALL, LARGE = 20, 1000
"""Resources in the two bodies, the patient included."""

LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
ASSESSMENT = "urn:anti-mag-cds:assessment"

Test = tuple[str, str, str, Decimal, Decimal]
"""LOINC code, display, unit, low, high."""

IGM: Test = ("2472-9", "IgM [Mass/volume] in Serum or Plasma", "mg/dL", Decimal(40), Decimal(230))
UNRELATED: tuple[Test, ...] = (
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", Decimal("12.0"), Decimal("17.5")),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", Decimal("4.0"), Decimal("11.0")),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", Decimal(150), Decimal(400)),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", Decimal("0.6"), Decimal("1.3")),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", Decimal("3.5"), Decimal("5.1")),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", Decimal(136), Decimal(145)),
)
PROBLEMS = (
    ("G62.89", "Other specified polyneuropathies"),
    ("D47.2", "Monoclonal gammopathy"),
    ("I10", "Essential (primary) hypertension"),
    ("E11.9", "Type 2 diabetes mellitus without complications"),
)
EMPTY_KEYS = (
    "hepatitisB",
    "pregnancyTests",
    "medicationRequests",
    "medicationAdministrations",
    "medicationStatements",
    "medicationDispenses",
    "procedures",
    "allergies",
    "serviceRequests",
    "vitalSigns",
)


def body(size: int, today: date) -> bytes:
    """The request with `size` resources (at least 20), as of `today`."""
    assessments = _assessments(today)
    antibodies, fixation = _diagnostic_results(today)
    laboratory = [antibodies, *_history(size - 3 - len(PROBLEMS) - len(assessments), today)]
    prefetch: Json = {
        "patient": {"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1958-03-02"},
        "conditions": _bundle(_condition(*problem) for problem in PROBLEMS),
        "laboratory": _bundle(laboratory),
        "paraproteinTests": _bundle([fixation]),
        "assessments": _bundle(assessments),
    }
    prefetch |= {key: _bundle(()) for key in EMPTY_KEYS}
    call = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr1", "patientId": "p1"},
        "prefetch": prefetch,
    }
    return json.dumps(call, default=float, separators=(",", ":")).encode()


def _diagnostic_results(today: date) -> list[Json]:
    """Anti-MAG antibodies and immunofixation."""
    tested = today - timedelta(days=120)
    antibodies = _observation("mag", LOINC, ("39087-2", "MAG IgM Titr Ser EIA"), tested)
    antibodies["valueQuantity"] = _quantity(Decimal(48200), "{BTU}")
    fixation = _observation("ife", LOINC, ("25700-6", "Immunofixation for Serum or Plasma"), tested)
    fixation["valueString"] = "Monoclonal IgM kappa"
    return [antibodies, fixation]


def _assessments(today: date) -> list[Json]:
    """Nerve conduction, and INCAT total and leg scores that worsened within a year."""
    conduction = _observation("ncs", ASSESSMENT, ("ncs-pattern", "Nerve conduction study"), today - timedelta(days=130))
    conduction["valueCodeableConcept"] = {"coding": [{"system": ASSESSMENT, "code": "demyelinating"}]}
    made = [conduction]
    for age, total, leg in ((300, 1, 1), (20, 3, 2)):
        for code, score in (("incat", total), ("incat-leg", leg)):
            scored = _observation(f"{code}-{age}", ASSESSMENT, (code, "INCAT"), today - timedelta(days=age))
            scored["valueQuantity"] = _quantity(Decimal(score), "{score}")
            made.append(scored)
    return made


def _history(count: int, today: date) -> list[Json]:
    """`count` laboratory values over seven years: one IgM for every ten results, the rest unrelated."""
    chance = random.Random(20240601)
    made = []
    for number in range(count):
        code, display, unit, low, high = IGM if number % 10 == 0 else UNRELATED[number % len(UNRELATED)]
        day = today - timedelta(days=5 + number * 2500 // max(count, 1))
        value = Decimal(chance.randint(700, 900)) if code == IGM[0] else _between(low, high, chance)
        result = _observation(f"lab-{number}", LOINC, (code, display), day)
        result["valueQuantity"] = _quantity(value, unit)
        flag = "H" if value > high else "L" if value < low else "N"
        system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
        result["interpretation"] = [{"coding": [{"system": system, "code": flag}]}]
        result["referenceRange"] = [{"low": _quantity(low, unit), "high": _quantity(high, unit)}]
        made.append(result)
    return made


def _between(low: Decimal, high: Decimal, chance: random.Random) -> Decimal:
    return (low + (high - low) * chance.randint(-10, 110) / 100).quantize(Decimal("0.1"))


def _observation(id: str, system: str, coded: tuple[str, str], day: date) -> Json:
    code, display = coded
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": id,
        "meta": {"versionId": "1", "lastUpdated": f"{day}T10:15:00Z"},
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "laboratory", "display": "Laboratory"}]}],
        "code": {"coding": [{"system": system, "code": code, "display": display}], "text": display},
        "subject": {"reference": "Patient/p1", "display": "Test Patient"},
        "encounter": {"reference": "Encounter/e1"},
        "effectiveDateTime": f"{day}T09:30:00Z",
        "issued": f"{day}T10:15:00Z",
    }


def _condition(code: str, display: str) -> Json:
    systems = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition",
        "id": f"condition-{code.replace('.', '-')}",
        "clinicalStatus": {"coding": [{"system": f"{systems}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{systems}ver-status", "code": "confirmed"}]},
        "code": {"coding": [{"system": ICD10, "code": code, "display": display}], "text": display},
        "subject": {"reference": "Patient/p1"},
        "onsetDateTime": "2019-05-01",
    }


def _quantity(value: Decimal, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _bundle(resources: Iterable[Json]) -> Json:
    base = "https://ehr.example.org/fhir"
    entries = [
        {"fullUrl": f"{base}/{item['resourceType']}/{item['id']}", "resource": item, "search": {"mode": "match"}}
        for item in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
