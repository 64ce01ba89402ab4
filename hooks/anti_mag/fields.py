"""What a clinician can tell of a patient without FHIR: each field with its use, and the resource that it becomes.

A field stands for one fact as an EHR would record it, under the first code of its set; it is read back like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cds_service.codes import SetName
from cds_service.knowledge.fields import Field
from hooks.anti_mag.code_sets import code_set, result_set
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.picture.anti_mag import BTU
from hooks.anti_mag.picture.immunoglobulin import PLASMA_EXCHANGE, SERUM_IGM
from hooks.anti_mag.picture.scales import SCALES

Json = dict[str, Any]
Writer = Callable[[str, date, str], Mapping[str, Any]]

_MARKERS = (("negative", "negative"), ("positive", "positive"))
_PRESENT = (("yes", "yes"),)
_UCUM = "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def _concept(name: SetName) -> Json:
    (system, code), display = CODES[name].displays[0]
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _observation(name: SetName, day: date, patient: str, **value: object) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept(name),
        "subject": {"reference": patient},
        "effectiveDateTime": day.isoformat(),
        **value,
    }


def _measured(name: SetName, unit: str) -> Writer:
    def write(value: str, day: date, patient: str) -> Json:
        quantity = {"value": Decimal(value), "unit": unit.strip("{}"), "system": _UCUM, "code": unit}
        return _observation(name, day, patient, valueQuantity=quantity)

    return write


def _told(name: SetName) -> Writer:
    return lambda value, day, patient: _observation(name, day, patient, valueString=value)


def _problem(name: SetName) -> Writer:
    def write(_: str, day: date, patient: str) -> Json:
        return {
            "resourceType": "Condition",
            "clinicalStatus": {"coding": [{"system": f"{_TERMINOLOGY}/condition-clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{_TERMINOLOGY}/condition-ver-status", "code": "confirmed"}]},
            "code": _concept(name),
            "subject": {"reference": patient},
            "onsetDateTime": day.isoformat(),
            "recordedDate": day.isoformat(),
        }

    return write


def _given(name: SetName) -> Writer:
    def write(value: str, day: date, patient: str) -> Json:
        return {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationCodeableConcept": _concept(name),
            "subject": {"reference": patient},
            "effectiveDateTime": day.isoformat(),
            "dosage": {"dose": {"value": Decimal(value), "unit": "mg", "system": _UCUM, "code": "mg"}},
        }

    return write


def _done(name: SetName) -> Writer:
    def write(_: str, day: date, patient: str) -> Json:
        return {
            "resourceType": "Procedure",
            "status": "completed",
            "code": _concept(name),
            "subject": {"reference": patient},
            "performedDateTime": day.isoformat(),
        }

    return write


def _allergy(name: SetName) -> Writer:
    def write(_: str, day: date, patient: str) -> Json:
        return {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": f"{_TERMINOLOGY}/allergyintolerance-clinical", "code": "active"}]},
            "criticality": "high",
            "code": _concept(name),
            "patient": {"reference": patient},
            "recordedDate": day.isoformat(),
        }

    return write


def _score(name: str, use: str) -> Field:
    scale = SCALES[name]
    return Field(name, scale.label, use, _measured(scale.code_set, "{score}"), "points")


RITUXIMAB = code_set("rituximab")

FIELDS: tuple[Field, ...] = (
    Field(
        "neuropathy",
        "Neuropathy on the problem list",
        "without an active neuropathy nothing is treated",
        _problem(code_set("polyneuropathy_generic")),
        options=_PRESENT,
    ),
    Field(
        "anti-mag-neuropathy",
        "Anti-MAG neuropathy diagnosed",
        "a clinician's coded diagnosis counts as confirmed",
        _problem(code_set("anti_mag_neuropathy")),
        options=_PRESENT,
    ),
    Field(
        "igm-mgus",
        "IgM gammopathy on the problem list",
        "one piece of the diagnosis",
        _problem(code_set("igm_mgus")),
        options=_PRESENT,
    ),
    Field(
        "conduction",
        "Nerve conduction study",
        "one piece of the diagnosis; an axonal pattern speaks against it",
        _told(result_set("assessment_ncs_pattern")),
        options=tuple((word, word) for word in ("demyelinating", "axonal", "mixed", "inexcitable", "normal")),
    ),
    Field(
        "igm",
        "Serum IgM",
        "gates before rituximab, and a flare after it",
        _measured(SERUM_IGM, "mg/dL"),
        "mg/dL",
    ),
    Field(
        "anti-mag",
        "Anti-MAG IgM by the Bühlmann kit",
        "the antibody that makes the diagnosis",
        _measured(result_set("anti_mag_igm_quantitative"), BTU),
        "BTU",
    ),
    Field(
        "anti-mag-verdict",
        "Anti-MAG by another assay",
        "without a band of ours, the laboratory's own word decides",
        _told(result_set("anti_mag_igm_qualitative")),
        options=_MARKERS,
    ),
    Field(
        "immunofixation",
        "Immunofixation",
        "shows the paraprotein",
        _told(result_set("immunofixation_serum")),
        options=(
            ("Monoclonal IgM kappa", "monoclonal IgM kappa"),
            ("Monoclonal IgM lambda", "monoclonal IgM lambda"),
            ("No monoclonal protein", "no monoclonal protein"),
        ),
    ),
    _score("incat", "says whether the neuropathy disables, and how it goes"),
    _score("incat-leg", "says whether the neuropathy disables, and how it goes"),
    _score("onls", "says whether the neuropathy disables, and how it goes"),
    _score("i-rods", "says how it goes"),
    Field(
        "course",
        "Clinical course",
        "your own word on how it goes counts beside the scores",
        _told(result_set("assessment_clinical_course")),
        options=tuple((word, word) for word in ("worse", "stable", "improved")),
    ),
    Field(
        "rituximab",
        "Rituximab given",
        "begins the flare window, and decides between first choice and retreatment",
        _given(RITUXIMAB),
        "mg",
    ),
    Field("exchange", "Plasma exchange done", "answers a high IgM", _done(PLASMA_EXCHANGE), options=_PRESENT),
    Field("hbsag", "HBsAg", "must be settled before rituximab", _told(result_set("hbsag")), options=_MARKERS),
    Field(
        "anti-hbc",
        "Anti-HBc",
        "must be settled before rituximab",
        _told(result_set("anti_hbc_total")),
        options=_MARKERS,
    ),
    Field("pregnancy", "Pregnant", "stops rituximab", _problem(code_set("pregnancy")), options=_PRESENT),
    Field("allergy", "Allergy to rituximab", "stops rituximab", _allergy(RITUXIMAB), options=_PRESENT),
    Field("weight", "Body weight", "checks the dose ordered", _measured(result_set("body_weight"), "kg"), "kg"),
    Field("height", "Body height", "checks the dose ordered", _measured(result_set("body_height"), "cm"), "cm"),
)

ORDERS: tuple[tuple[str, str], ...] = (
    ("Rituximab", "MedicationRequest"),
    ("Truxima (rituximab-abbs)", "MedicationRequest"),
    ("IVIG", "MedicationRequest"),
    ("Prednisone", "MedicationRequest"),
    ("Plasma exchange", "ServiceRequest"),
)
"""Orders that are often written, as a clinician names them, with their kind; any other name may be written as well."""
