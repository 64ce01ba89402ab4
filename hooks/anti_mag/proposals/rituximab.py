"""The two rituximab regimens as draft MedicationRequests, with dose and schedule in fields and in words.

Doses come from the thresholds in force. Whether rituximab is indicated, and which regimen is recommended, is left to
the cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cds_service.cards import Suggestion
from hooks.anti_mag.code_sets import code_set
from hooks.anti_mag.course_plan import plan_of
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.body import measured
from hooks.anti_mag.proposals.drafts import PROPOSED, Json, coded, listed, number, reasoned, subject, suggestion

UCUM = "http://unitsofmeasure.org"
RITUXIMAB = code_set("rituximab")
_RITUXIMAB = coded("rituximab", RITUXIMAB)
_ROUTE: Json = {"text": "intravenous"}
OFF_LABEL = "Off-label use."
BETWEEN_FIXED_DOSES = 14
"""Days between the two fixed doses (decision logic B9)."""


@dataclass(frozen=True, slots=True)
class _Dose:
    """One dose in mg, or in mg/m2 where body surface is not known, and how it came about."""

    value: Decimal
    unit: str
    told: str
    working: str


def rituximab_weekly(picture: ClinicalPicture, is_recommended: bool = False) -> Suggestion:
    """Rituximab 375 mg/m² once a week, four doses; in mg where body surface is known."""
    per_m2, count = picture.thresholds["dose.mg_m2"], int(picture.thresholds["course.weekly_doses"])
    dose = _by_surface(picture, per_m2)
    regimen = f"rituximab {per_m2} mg/m² IV once weekly, {count} doses"
    text = f"{per_m2} mg/m² intravenously once weekly, {count} doses: {dose.told}. {OFF_LABEL}"
    repeat = {"count": count, "frequency": 1, "period": 1, "periodUnit": "wk"}
    return suggestion(
        f"Rituximab {per_m2} mg/m² once weekly, {count} doses",
        f"Draft order: {regimen} (off-label) - {dose.told}",
        _request(picture, text, repeat, dose, [f"{regimen[0].upper()}{regimen[1:]}.", OFF_LABEL, dose.working]),
        is_recommended=is_recommended,
    )


def rituximab_two_doses(picture: ClinicalPicture) -> Suggestion:
    """Two fixed doses (1000 mg), two weeks apart: used elsewhere, without a trial in anti-MAG neuropathy."""
    fixed = picture.thresholds["dose.fixed"]
    regimen = f"rituximab {fixed} mg IV, 2 doses {BETWEEN_FIXED_DOSES} days apart"
    text = f"{fixed} mg intravenously, 2 doses {BETWEEN_FIXED_DOSES} days apart. {OFF_LABEL}"
    repeat = {"count": 2, "frequency": 1, "period": BETWEEN_FIXED_DOSES, "periodUnit": "d"}
    origin = "This regimen is used elsewhere; there is no trial of it in anti-MAG neuropathy."
    notes = [f"{regimen[0].upper()}{regimen[1:]}.", OFF_LABEL, origin]
    return suggestion(
        f"Rituximab {fixed} mg, 2 doses {BETWEEN_FIXED_DOSES} days apart (no trial here)",
        f"Draft order: {regimen} (off-label; used elsewhere, no trial in anti-MAG neuropathy)",
        _request(picture, text, repeat, _Dose(fixed, "mg", f"{fixed} mg per dose", ""), notes),
    )


def _request(picture: ClinicalPicture, text: str, repeat: Json, dose: _Dose, notes: list[str]) -> Json:
    rule = "RT-1" if picture.rituximab.has_treated_neuropathy else "TX-1"
    plan = [f"{line.text}." for line in plan_of(picture)]
    quantity = {"value": number(dose.value), "unit": dose.unit, "system": UCUM, "code": dose.unit}
    return {
        **PROPOSED["MedicationRequest"],
        "medicationCodeableConcept": listed(picture, "rituximab", _RITUXIMAB),
        "subject": subject(picture),
        **reasoned(picture, [*(note for note in notes if note), *plan], rule),
        "dosageInstruction": [
            {
                "sequence": 1,
                "text": text,
                "timing": {"repeat": repeat},
                "route": _ROUTE,
                "doseAndRate": [{"doseQuantity": quantity}],
            }
        ],
    }


def _by_surface(picture: ClinicalPicture, per_m2: Decimal) -> _Dose:
    body = picture.body
    if body.surface_m2 is None or body.height_cm is None or body.weight_kg is None:
        told = f"compute each dose from height and weight ({per_m2} mg/m²)"
        return _Dose(per_m2, "mg/m2", told, "Body surface is not known: measure height and weight.")
    surface = body.surface_m2
    dose = (per_m2 * surface).quantize(Decimal(1), ROUND_HALF_UP)
    old = " Height or weight is old: measure again before the dose is given." if body.is_old else ""
    told = f"{dose} mg per dose for {surface} m²" + (" (height or weight is old: measure again)" if old else "")
    working = (
        f"{dose} mg = {per_m2} mg/m² x {surface} m², body surface by Mosteller's formula from "
        f"height {measured(body.height_cm)} and weight {measured(body.weight_kg)}.{old}"
    )
    return _Dose(dose, "mg", told, working)
