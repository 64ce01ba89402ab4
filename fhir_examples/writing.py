"""Writes a FHIR R4 chart statement by statement, for charts that are too many or too long to be written by hand.

Decides the shape of each resource, and no more: what a patient has is said by the caller. Codes are written as
"system|code" with the short names of `SYSTEMS`; a text alone is a resource without a code, as real charts have them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from fhir_examples.example import Json
from hooks.anti_mag.knowledge_data import CODES

SERVER = "https://ehr.example.org/fhir"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
SYSTEMS = {
    "loinc": "http://loinc.org",
    "sct": "http://snomed.info/sct",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "atc": "http://www.whocc.no/atc",
    "orpha": "https://www.orpha.net",
    "assessment": "urn:anti-mag-cds:assessment",
    "lab": "https://lab.example.org/codes",
}
_DISPLAYS = {code: display for codes in CODES.values() for code, display in codes.displays}
_CODE_OF_UNIT = {"BTU": "{BTU}", "score": "{score}"}
"""UCUM codes of units that laboratories print differently."""


class ChartWriter:
    """One patient's chart as it grows. Ids are words of the text and a running number, so that order alone decides."""

    def __init__(self, patient: Json, hour: str = "T08:40:00Z") -> None:
        self.patient = patient
        self.resources: list[Json] = [patient]
        self._hour = hour
        self._seen: Counter[str] = Counter()

    def bundle(self, name: str) -> Json:
        """The whole chart as a collection."""
        entries = [
            {"fullUrl": f"{SERVER}/{item['resourceType']}/{item['id']}", "resource": item} for item in self.resources
        ]
        return {"resourceType": "Bundle", "id": name, "type": "collection", "entry": entries}

    def problem(
        self, text: str, on: date, *codes: str, status: str = "active", verification: str = "confirmed"
    ) -> Json:
        """A problem of the list, begun and recorded on one day."""
        return self._add(
            "Condition",
            text,
            clinicalStatus=_concept(f"{_TERMINOLOGY}/condition-clinical", status),
            verificationStatus=_concept(f"{_TERMINOLOGY}/condition-ver-status", verification),
            code=concept(text, *codes),
            subject=self._subject,
            onsetDateTime=on.isoformat(),
            recordedDate=on.isoformat(),
        )

    def result(
        self,
        text: str,
        on: date,
        value: float | str,
        unit: str = "",
        *codes: str,
        low: float | None = None,
        high: float | None = None,
        **more: object,
    ) -> Json:
        """A result: a number with its unit (or, on purpose, without one), or a text. `more` is added as it is."""
        limits = {"low": low, "high": high}
        found: Json = {name: quantity(limit, unit) for name, limit in limits.items() if limit is not None}
        said: Json = {"valueString": value} if isinstance(value, str) else {"valueQuantity": quantity(value, unit)}
        return self._observe(text, on, codes, said | ({"referenceRange": [found]} if found else {}) | more)

    def finding(self, text: str, on: date, answer: str, *codes: str, answer_code: str = "", **more: object) -> Json:
        """A result whose value is a concept: "Non-reactive", a pattern of nerve conduction."""
        value = concept(answer, *([answer_code] if answer_code else []))
        return self._observe(text, on, codes, {"valueCodeableConcept": value} | more)

    def medicine(self, text: str, on: date, *codes: str, status: str = "active", **more: object) -> Json:
        """A prescription."""
        return self._add(
            "MedicationRequest",
            text,
            status=status,
            intent="order",
            medicationCodeableConcept=concept(text, *codes),
            subject=self._subject,
            authoredOn=on.isoformat(),
            **more,
        )

    def given(self, text: str, on: date, mg: float, *codes: str) -> Json:
        """A dose that was given into a vein."""
        return self._add(
            "MedicationAdministration",
            text,
            status="completed",
            medicationCodeableConcept=concept(text, *codes),
            subject=self._subject,
            effectiveDateTime=on.isoformat() + self._hour,
            dosage={"text": f"{mg:g} mg intravenously", "dose": quantity(mg, "mg")},
        )

    def taken(self, text: str, since: date, until: date, *codes: str, **more: object) -> Json:
        """A treatment that is reported, not witnessed."""
        return self._add(
            "MedicationStatement",
            text,
            status="completed",
            medicationCodeableConcept=concept(text, *codes),
            subject=self._subject,
            effectivePeriod={"start": since.isoformat(), "end": until.isoformat()},
            **more,
        )

    def procedure(self, text: str, on: date, *codes: str, status: str = "completed") -> Json:
        """Something that was done."""
        return self._add(
            "Procedure",
            text,
            status=status,
            code=concept(text, *codes),
            subject=self._subject,
            performedDateTime=on.isoformat(),
        )

    def order(self, text: str, on: date, *codes: str, status: str = "completed") -> Json:
        """A test or a referral that was ordered."""
        return self._add(
            "ServiceRequest",
            text,
            status=status,
            intent="order",
            code=concept(text, *codes),
            subject=self._subject,
            authoredOn=on.isoformat(),
        )

    def immunization(self, text: str, on: date) -> Json:
        """A vaccine that was given."""
        return self._add(
            "Immunization",
            text,
            status="completed",
            vaccineCode=concept(text),
            patient=self._subject,
            occurrenceDateTime=on.isoformat(),
        )

    def allergy(self, text: str, on: date, manifestation: str, severity: str = "mild") -> Json:
        """An allergy with one reaction."""
        return self._add(
            "AllergyIntolerance",
            text,
            clinicalStatus=_concept(f"{_TERMINOLOGY}/allergyintolerance-clinical", "active"),
            verificationStatus=_concept(f"{_TERMINOLOGY}/allergyintolerance-verification", "confirmed"),
            code=concept(text),
            patient=self._subject,
            recordedDate=on.isoformat(),
            reaction=[{"manifestation": [{"text": manifestation}], "severity": severity}],
        )

    @property
    def _subject(self) -> Json:
        return {"reference": f"Patient/{self.patient['id']}"}

    def _observe(self, text: str, on: date, codes: tuple[str, ...], members: Json) -> Json:
        first: Json = {
            "status": "final",
            "code": concept(text, *codes),
            "subject": self._subject,
            "effectiveDateTime": on.isoformat() + self._hour,
        }
        return self._add("Observation", text, **(first | members))

    def _add(self, resource_type: str, text: str, **members: object) -> Json:
        slug = "-".join(re.findall(r"[a-z0-9]+", text.lower())[:3]) or "item"
        self._seen[f"{resource_type}/{slug}"] += 1
        identity = f"{slug}-{self._seen[f'{resource_type}/{slug}']}"
        made: Json = {"resourceType": resource_type, "id": identity[-64:].lstrip("-"), **members}
        self.resources.append(made)
        return made


def person(
    identity: str,
    family: str,
    given: str,
    gender: str,
    born: date | None,
    city: str = "Springfield",
    country: str = "US",
) -> Json:
    """A Patient resource; `born` None where the EHR withholds the day."""
    made: Json = {
        "resourceType": "Patient",
        "id": identity,
        "identifier": [{"use": "usual", "system": "https://ehr.example.org/mrn", "value": identity.upper()}],
        "active": True,
        "name": [{"use": "official", "family": family, "given": given.split()}],
        "gender": gender,
        "address": [{"use": "home", "city": city, "country": country}],
    }
    return made | ({"birthDate": born.isoformat()} if born else {})


def concept(text: str, *codes: str) -> Json:
    """A CodeableConcept of "system|code" items, with the display that our own tables know."""
    made: Json = {"coding": [_coding(code) for code in codes]} if codes else {}
    return made | {"text": text}


def quantity(value: float, unit: str) -> Json:
    """A Quantity in UCUM; without a unit where `unit` is empty. A leading comparator goes before the unit: "> BTU"."""
    comparator, _, name = unit.rpartition(" ")
    made: Json = {"value": value} | ({"comparator": comparator} if comparator else {})
    return made | ({"unit": name, "system": _UCUM, "code": _CODE_OF_UNIT.get(name, name)} if name else {})


def draft(text: str, *codes: str, of: Json, on: date, resource_type: str = "MedicationRequest", **more: object) -> Json:
    """A draft order of a session."""
    what = "medicationCodeableConcept" if resource_type == "MedicationRequest" else "code"
    return {
        "resourceType": resource_type,
        "id": f"draft-{re.findall('[a-z0-9]+', text.lower())[0]}",
        "status": "draft",
        "intent": "order",
        what: concept(text, *codes),
        "subject": {"reference": f"Patient/{of['id']}"},
        "authoredOn": on.isoformat(),
        **more,
    }


def order_context(patient: Json, drafts: Iterable[Json], *, is_selecting: bool) -> Json:
    """The context of order-select (every draft selected) or order-sign."""
    entries = [{"resource": item} for item in drafts]
    made: Json = {"userId": "Practitioner/physician-1", "patientId": patient["id"]}
    if is_selecting:
        made["selections"] = [f"{item['resource']['resourceType']}/{item['resource']['id']}" for item in entries]
    return made | {"draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entries}}


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _coding(code: str) -> Json:
    name, _, value = code.partition("|")
    system = SYSTEMS[name]
    display = _DISPLAYS.get((system, value))
    return {"system": system, "code": value} | ({"display": display} if display else {})
