"""The user's own rituximab draft with its dose corrected, as one `update` (G10).

Everything but the dose quantity goes back as it came. No correction is offered where it could leave a draft that
contradicts itself (several dosage lines, a dose in words, the weekly dose in the time of the other regimen) or that is
no valid R4. Which doses are off is left to `picture.dose`.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from cds_service.cards import Action, Suggestion
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.dose import DoseCheck
from hooks.anti_mag.picture.schedule import is_timed_as_fixed
from hooks.anti_mag.proposals.rituximab import UCUM

_NUMBER = re.compile(r"\d")


def corrected_dose(picture: ClinicalPicture, check: DoseCheck) -> Suggestion | None:
    """The draft at 375 mg/m² times body surface; None where that is not known or no clean update can be made."""
    if check.expected_mg is None or check.deviation is None or check.amount is None or picture.body.surface_m2 is None:
        return None
    if is_timed_as_fixed(picture, check.draft.order):
        return None
    draft = copy.deepcopy(dict(check.draft.order.resource))
    rate = _only_rate(draft)
    if rate is None:
        return None
    rate["doseQuantity"] = {"value": int(check.expected_mg), "unit": "mg", "system": UCUM, "code": "mg"}
    if not _is_valid(draft):
        return None
    sent = f"{check.amount.value.normalize():f} {check.amount.unit or ''}".strip()
    surface = f"{picture.thresholds['dose.mg_m2']} mg/m² x {picture.body.surface_m2} m²"
    described = f"Update the draft: rituximab {check.expected_mg} mg per dose ({surface}) instead of {sent}"
    return Suggestion(f"Correct the dose to {check.expected_mg} mg", (Action("update", described, draft),))


def _only_rate(draft: dict[str, Any]) -> dict[str, Any] | None:
    """The one place that names the dose; None where there are several, or where words name a number too."""
    line = _only(draft.get("dosageInstruction"))
    if line is None or _NUMBER.search(str(line.get("text") or "") + str(line.get("patientInstruction") or "")):
        return None
    rate = _only(line.get("doseAndRate"))
    return rate if rate is not None and isinstance(rate.get("doseQuantity"), dict) else None


def _only(members: object) -> dict[str, Any] | None:
    is_single = isinstance(members, list) and len(members) == 1 and isinstance(members[0], dict)
    return members[0] if is_single else None  # type: ignore[index]


def _is_valid(draft: dict[str, Any]) -> bool:
    """Imported here: the models take a quarter of a second to load, and no other call needs them."""
    from fhir.resources.R4B.medicationrequest import MedicationRequest

    try:
        MedicationRequest.model_validate(draft)
    except ValueError:
        return False
    return True
