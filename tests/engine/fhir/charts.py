"""Resources as EHRs send them, and the reader called on them."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cds_service.fhir.read import DraftSource, read_record
from cds_service.knowledge.contract import Vocabulary
from cds_service.record import GapReason, Patient, PatientRecord

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HAEMOGLOBIN, CREATININE, SYSTOLIC = "718-7", "2160-0", "8480-6"
VOCABULARY = Vocabulary(
    frozenset({(LOINC, HAEMOGLOBIN), (LOINC, CREATININE), (LOINC, SYSTOLIC)}), {"xyz": "{XYZ}", "[btu]": "{XYZ}"}
)
TODAY = date(2026, 1, 10)
ZONE = ZoneInfo("Europe/Berlin")
SUBJECT = {"reference": "Patient/pt-1"}
ABSENT = object()


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(value if isinstance(value, bytes) else json.dumps(value).encode())


def concept(code: str, system: str = LOINC, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def without_absent(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if value is not ABSENT}


def observation(id: str = "o-1", code: str = HAEMOGLOBIN, **members: Any) -> dict[str, Any]:
    """A final haemoglobin of 13.5 g/dL; ABSENT takes a member away."""
    value = {"value": 13.5, "unit": "g/dL", "system": UCUM, "code": "g/dL"}
    valued = {} if any(name.startswith("value") for name in members) else {"valueQuantity": value}
    base = {"resourceType": "Observation", "id": id, "status": "final", "code": concept(code), "subject": SUBJECT}
    return without_absent(base | {"effectiveDateTime": "2026-01-05"} | valued | members)


def condition(id: str = "c-1", **members: Any) -> dict[str, Any]:
    base = {"resourceType": "Condition", "id": id, "subject": SUBJECT, "code": {"text": "Asthma"}}
    return without_absent(base | members)


def request(id: str = "m-1", **members: Any) -> dict[str, Any]:
    base = {"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order", "subject": SUBJECT}
    named = {} if "medicationReference" in members else {"medicationCodeableConcept": {"text": "Prednisone"}}
    return without_absent(base | named | {"authoredOn": "2026-01-02"} | members)


def resource(kind: str, id: str = "x-1", **members: Any) -> dict[str, Any]:
    owner = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return without_absent({"resourceType": kind, "id": id, owner: SUBJECT} | members)


def bundle(*resources: Any, **members: Any) -> dict[str, Any]:
    entries = [{"resource": one} for one in resources]
    return without_absent({"resourceType": "Bundle", "type": "searchset", "entry": entries} | members)


def read(
    prefetch: dict[str, Any] | None = None,
    *,
    drafts: Any = ABSENT,
    selections: Any = None,
    dispatched: Collection[str] = (),
    entered: Mapping[str, Any] | None = None,
    requested: Any = None,
    today: date = TODAY,
) -> PatientRecord:
    """The record of patient pt-1. Prefetch values and drafts are JSON values, bytes, or None for null."""
    sent = {key: None if value is None else raw(value) for key, value in (prefetch or {}).items()}
    chosen = None if selections is None else frozenset(selections)
    sources = [] if drafts is ABSENT else [DraftSource(raw(drafts), chosen)]
    return read_record(
        patient=Patient("pt-1"),
        prefetch=sent,
        requested=list(sent) if requested is None else requested,
        drafts=sources,
        dispatched=dispatched,
        entered={name: raw(value) for name, value in (entered or {}).items()},
        vocabulary=VOCABULARY,
        today=today,
        zone=ZONE,
    )


def one(*resources: Any) -> PatientRecord:
    """The record of a single key that holds `resources`."""
    return read({"key": bundle(*resources)})


def reasons(record: PatientRecord) -> list[GapReason]:
    return [gap.reason for gap in record.gaps]
