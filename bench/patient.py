"""The bodies that are measured: calls for patients who differ in id, birth date, values and days.

The same number and day give the same bytes. At patient-view each patient has anti-MAG neuropathy with demyelinating
conduction, a worsening disability score and a history of IgM, so that the service has cards to give; the rest is
laboratory work as an EHR sends it that ignores the codes in a prefetch template. At order-sign rituximab is ordered,
with or without sixty facts that its safety gates look at.
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
"""Resources of a call at patient-view, the patient included."""
FACTS = 60
"""Results at order-sign that a gate looks at."""

LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
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
_SCORES = ((300, "incat", 1), (300, "incat-leg", 1), (20, "incat", 3), (20, "incat-leg", 2))
"""Age in days, code and value of each score."""
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


GATED: tuple[Test, ...] = (
    ("2465-3", "IgG [Mass/volume] in Serum or Plasma", "mg/dL", Decimal(700), Decimal(1600)),
    ("751-8", "Neutrophils [#/volume] in Blood by Automated count", "10*3/uL", Decimal("1.8"), Decimal("7.7")),
    *UNRELATED[2:3],
    IGM,
)
"""What the gates of a rituximab order look at, beside hepatitis B."""
HEPATITIS_B = (
    ("5196-1", "Hepatitis B virus surface Ag [Presence] in Serum or Plasma by Immunoassay"),
    ("13952-7", "Hepatitis B virus core Ab [Presence] in Serum or Plasma by Immunoassay"),
)
NEVER_ASKED: Test = ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", Decimal(70), Decimal(110))
"""No rule knows its code."""


def patient_view(size: int, number: int, today: date) -> bytes:
    """The call with `size` resources (at least 20) for patient `number`, as of `today`."""
    made = _Writer(number, today)
    laboratory = [*made.antibodies(), *made.history(size - 4 - len(PROBLEMS) - len(_SCORES))]
    prefetch: Json = {
        "patient": made.patient(),
        "conditions": _bundle(made.problem(*problem) for problem in PROBLEMS),
        "laboratory": _bundle(laboratory),
        "paraproteinTests": _bundle([made.fixation()]),
        "assessments": _bundle(made.assessments()),
    }
    return _call("patient-view", made.id, prefetch, {})


def order_sign(is_relevant: bool, number: int, today: date) -> bytes:
    """The call for a draft of rituximab with sixty results: those that its gates look at, or others."""
    made = _Writer(number, today)
    results = made.gated() if is_relevant else [made.result(at, NEVER_ASKED) for at in range(FACTS)]
    prefetch: Json = {
        "patient": made.patient(),
        "conditions": _bundle(made.problem(*problem) for problem in PROBLEMS),
        "laboratory": _bundle(results),
        "paraproteinTests": _bundle([]),
        "assessments": _bundle([]),
        "immunizations": _bundle([]),
    }
    return _call("order-sign", made.id, prefetch, {"draftOrders": _bundle([made.draft()])})


def _call(hook: str, patient: str, prefetch: Json, context: Json) -> bytes:
    call = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr1", "patientId": patient, **context},
        "prefetch": prefetch | {key: _bundle(()) for key in EMPTY_KEYS},
    }
    return json.dumps(call, default=float, separators=(",", ":")).encode()


class _Writer:
    """Writes the resources of one patient."""

    def __init__(self, number: int, today: date) -> None:
        self.id = f"p{number}"
        self._chance = random.Random(20240601 + number)
        self._today = today - timedelta(days=number % 7)
        self._number = number

    def patient(self) -> Json:
        born = date(1948, 3, 2) + timedelta(days=17 * self._number)
        return {"resourceType": "Patient", "id": self.id, "gender": "male", "birthDate": born.isoformat()}

    def antibodies(self) -> list[Json]:
        """Anti-MAG antibodies, found."""
        tested = self._observation("mag", LOINC, ("39087-2", "MAG IgM Titr Ser EIA"), 120)
        tested["valueQuantity"] = _quantity(Decimal(self._chance.randint(20_000, 70_000)), "{BTU}")
        return [tested]

    def fixation(self) -> Json:
        """Immunofixation."""
        fixation = self._observation("ife", LOINC, ("25700-6", "Immunofixation for Serum or Plasma"), 120)
        fixation["valueString"] = self._chance.choice(("Monoclonal IgM kappa", "Monoclonal IgM lambda"))
        return fixation

    def assessments(self) -> list[Json]:
        """Nerve conduction, and INCAT total and leg scores that worsened within a year."""
        conduction = self._observation("ncs", ASSESSMENT, ("ncs-pattern", "Nerve conduction study"), 130)
        conduction["valueCodeableConcept"] = {"coding": [{"system": ASSESSMENT, "code": "demyelinating"}]}
        made = [conduction]
        for age, code, score in _SCORES:
            scored = self._observation(f"{code}-{age}", ASSESSMENT, (code, "INCAT"), age)
            scored["valueQuantity"] = _quantity(Decimal(score), "{score}")
            made.append(scored)
        return made

    def history(self, count: int) -> list[Json]:
        """`count` laboratory values over seven years: one IgM for every ten results, the rest of other tests."""
        return [
            self.result(at, IGM if at % 10 == 0 else UNRELATED[at % len(UNRELATED)], 5 + at * 2500 // max(count, 1))
            for at in range(count)
        ]

    def gated(self) -> list[Json]:
        """Results that the gates look at, newest first."""
        hepatitis = [self._observation(f"hbv-{code}", LOINC, (code, display), 30) for code, display in HEPATITIS_B]
        for result in hepatitis:
            result["valueString"] = "Negative"
        return hepatitis + [self.result(at, GATED[at % len(GATED)], 3 + 5 * at) for at in range(FACTS - len(hepatitis))]

    def result(self, at: int, test: Test, age: int = 10) -> Json:
        """One laboratory value with its reference range."""
        code, display, unit, low, high = test
        value = Decimal(self._chance.randint(700, 900)) if code == IGM[0] else self._between(low, high)
        result = self._observation(f"lab-{at}", LOINC, (code, display), age)
        result["valueQuantity"] = _quantity(value, unit)
        flag = "H" if value > high else "L" if value < low else "N"
        system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
        result["interpretation"] = [{"coding": [{"system": system, "code": flag}]}]
        result["referenceRange"] = [{"low": _quantity(low, unit), "high": _quantity(high, unit)}]
        return result

    def problem(self, code: str, display: str) -> Json:
        """An active, confirmed problem."""
        systems = "http://terminology.hl7.org/CodeSystem/condition-"
        return {
            "resourceType": "Condition",
            "id": f"condition-{code.replace('.', '-')}",
            "clinicalStatus": {"coding": [{"system": f"{systems}clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{systems}ver-status", "code": "confirmed"}]},
            "code": {"coding": [{"system": ICD10, "code": code, "display": display}], "text": display},
            "subject": {"reference": f"Patient/{self.id}"},
            "onsetDateTime": (self._today - timedelta(days=2700)).isoformat(),
        }

    def draft(self) -> Json:
        """The order that is being signed."""
        dose = {"doseQuantity": _quantity(Decimal(750), "mg")}
        return {
            "resourceType": "MedicationRequest",
            "id": "draft-1",
            "status": "draft",
            "intent": "order",
            "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "121191", "display": "rituximab"}]},
            "subject": {"reference": f"Patient/{self.id}"},
            "dosageInstruction": [{"doseAndRate": [dose]}],
        }

    def _between(self, low: Decimal, high: Decimal) -> Decimal:
        return (low + (high - low) * self._chance.randint(-10, 110) / 100).quantize(Decimal("0.1"))

    def _observation(self, id: str, system: str, coded: tuple[str, str], age: int) -> Json:
        code, display = coded
        day = self._today - timedelta(days=age)
        category = "http://terminology.hl7.org/CodeSystem/observation-category"
        return {
            "resourceType": "Observation",
            "id": id,
            "meta": {"versionId": "1", "lastUpdated": f"{day}T10:15:00Z"},
            "status": "final",
            "category": [{"coding": [{"system": category, "code": "laboratory", "display": "Laboratory"}]}],
            "code": {"coding": [{"system": system, "code": code, "display": display}], "text": display},
            "subject": {"reference": f"Patient/{self.id}", "display": "Test Patient"},
            "encounter": {"reference": f"Encounter/e{self._number}"},
            "performer": [{"reference": "Organization/laboratory-1", "display": "Central laboratory"}],
            "effectiveDateTime": f"{day}T09:30:00Z",
            "issued": f"{day}T10:15:00Z",
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
