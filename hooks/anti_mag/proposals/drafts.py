"""What all proposed orders share: patient, date, reason and note.

A draft is made of plain JSON values, its members in FHIR's order. Fixed parts are made as modules load, shared between
drafts and never changed. That every draft is valid FHIR R4 is shown by tests, with `fhir.resources`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cds_service.cards import Action, Suggestion
from cds_service.codes import SetName
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier

SERVICE = "anti-MAG neuropathy decision support"


Json = Mapping[str, Any]


def suggestion(label: str, description: str, draft: Json, *, is_recommended: bool = False) -> Suggestion:
    """One suggestion that creates `draft`. One EHR shows only `description`, so it must say everything."""
    return Suggestion(label, (Action("create", description, draft),), is_recommended)


def service_request(
    picture: ClinicalPicture,
    code: Json,
    notes: list[str],
    rule: str,
    *,
    priority: str | None = None,
    on: date | None = None,
) -> Json:
    """A draft ServiceRequest for the patient of the picture, to be done on a day where one is given."""
    return {
        **PROPOSED["ServiceRequest"],
        **({"priority": priority} if priority else {}),
        "code": code,
        "subject": subject(picture),
        **({"occurrenceDateTime": on.isoformat()} if on else {}),
        **reasoned(picture, notes, rule),
    }


PROPOSED: Mapping[str, Json] = {
    type: {"resourceType": type, "status": "draft", "intent": "proposal"}
    for type in ("ServiceRequest", "MedicationRequest")
}
"""How every draft begins, by its resource type."""


def subject(picture: ClinicalPicture) -> Json:
    """The patient, as a Reference."""
    return {"reference": f"Patient/{picture.patient_id}"}


def reasoned(picture: ClinicalPicture, notes: list[str], rule: str) -> Json:
    """The date, the reasons and the note of a draft. `rule` is an id of the decision logic, or "" where the card alone
    names it."""
    reason, problems = reason_text(picture), reason_problems(picture)
    told = f"Suggested by {SERVICE}" + (f", rule {rule}." if rule else ".")
    return {
        "authoredOn": picture.today.isoformat(),
        **({"reasonCode": [{"text": reason}]} if reason else {}),
        **({"reasonReference": [{"reference": problem} for problem in problems]} if problems else {}),
        "note": [{"text": " ".join([*notes, told])}],
    }


def number(value: Decimal) -> int | float:
    """A JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)


def coded(text: str, code_set: SetName) -> Json:
    """A CodeableConcept with the code that this service writes for a code set, under that code's own name."""
    (system, code), display = CODES[code_set].displays[0]
    return {"coding": [{"system": system, "code": code, "display": display}], "text": text}


def listed(picture: ClinicalPicture, name: str, code: Json) -> Json:
    """The CodeableConcept with the site's own catalogue code added, where it has one for this order."""
    ours = picture.catalogue.get(name)
    if ours is None:
        return code
    coding = {"system": ours.system, "code": ours.code, "display": ours.display or code["text"]}
    return {**code, "coding": [*code.get("coding", ()), coding]}


def reason_text(picture: ClinicalPicture) -> str:
    """The reason for an order, no surer than the chart is; "" where the chart gives none."""
    diagnosis = picture.diagnosis
    if diagnosis.is_coded:
        return "Anti-MAG neuropathy"
    if diagnosis.tier >= Tier.PROBABLE:
        return "Neuropathy with IgM anti-MAG antibody"
    if diagnosis.neuropathy.holds:
        return "Neuropathy, suspected anti-MAG neuropathy"
    if diagnosis.has_gammopathy:
        return "IgM monoclonal gammopathy"
    return "Check before rituximab" if picture.drafts.rituximab else ""


def reason_problems(picture: ClinicalPicture) -> list[str]:
    """References to the problems that the diagnosis rests on, neuropathy first; not to one being entered."""
    entered = {problem.reference for problem in picture.new_entries.problems}
    facts = (*picture.diagnosis.neuropathy.facts, *picture.diagnosis.facts)
    references = dict.fromkeys(fact.reference for fact in facts if fact.reference.startswith("Condition/"))
    return [reference for reference in references if reference not in entered]
