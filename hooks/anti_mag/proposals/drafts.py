"""What all proposed orders share: patient, date, reason, note and the way from a FHIR model to plain JSON values."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, cast

from fhir.resources.R4B.fhirresourcemodel import FHIRResourceModel
from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.cards import Action, Suggestion
from cds_service.codes import SetName
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier

SERVICE = "anti-MAG neuropathy decision support"


def suggestion(label: str, description: str, draft: FHIRResourceModel, *, is_recommended: bool = False) -> Suggestion:
    """One suggestion that creates `draft`. One EHR shows only `description`, so it must say everything."""
    action = Action("create", description, cast(dict[str, Any], json.loads(draft.model_dump_json())))
    return Suggestion(label, (action,), is_recommended)


def service_request(
    picture: ClinicalPicture,
    code: dict[str, Any],
    notes: list[str],
    rule: str,
    *,
    priority: str | None = None,
    on: date | None = None,
) -> ServiceRequest:
    """A draft ServiceRequest for the patient of the picture, to be done on a day where one is given."""
    when = {"occurrenceDateTime": on.isoformat()} if on else {}
    return ServiceRequest.model_validate({**shared(picture, notes, rule), "code": code, "priority": priority, **when})


def shared(picture: ClinicalPicture, notes: list[str], rule: str) -> dict[str, Any]:
    """Elements that every draft has. `rule` is an id of the decision logic, or "" where the card alone names it."""
    told = f"Suggested by {SERVICE}" + (f", rule {rule}." if rule else ".")
    reason = reason_text(picture)
    return {
        "status": "draft",
        "intent": "proposal",
        "subject": {"reference": f"Patient/{picture.patient_id}"},
        "authoredOn": picture.today.isoformat(),
        "reasonCode": [{"text": reason}] if reason else None,
        "reasonReference": [{"reference": problem} for problem in reason_problems(picture)] or None,
        "note": [{"text": " ".join([*notes, told])}],
    }


def coded(text: str, code_set: SetName) -> dict[str, Any]:
    """A CodeableConcept with the code that this service writes for a code set, under that code's own name."""
    (system, code), display = CODES[code_set].displays[0]
    return {"coding": [{"system": system, "code": code, "display": display}], "text": text}


def listed(picture: ClinicalPicture, name: str, code: dict[str, Any]) -> dict[str, Any]:
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
