"""Does the dose on a rituximab draft fit either regimen: 375 mg/m² of body surface, or 1000 mg.

Decides how far the dose is off, by the nearer of the two. Whether that is a warning or more is left to the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Thresholds
from cds_service.values import Quantity
from hooks.anti_mag.picture.drafts import DraftOrder

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture

Verdict = Literal["fits", "off", "far off", "not given", "not checkable"]


@dataclass(frozen=True, slots=True)
class DoseCheck:
    """One draft's dose against the regimens. `deviation` is in percent, always positive; None where not computed."""

    draft: DraftOrder
    verdict: Verdict
    amount: Quantity | None = None
    expected_mg: Decimal | None = None
    """375 mg/m² times body surface; None where height or weight is missing or implausible."""
    deviation: Decimal | None = None
    missing: tuple[str, ...] = ()
    sent: str = ""
    """What came in place of an amount that can be read, or the words of an order that has none."""


IN_MASS = "dose in mg or mg/m²"


def check_dose(picture: ClinicalPicture, draft: DraftOrder) -> DoseCheck:
    """The dose check of one draft; of several dosage lines the worst counts."""
    dosages = draft.order.dosages
    checks = [_check(picture, draft, dosage.amount) for dosage in dosages if dosage.amount is not None]
    checks += [
        DoseCheck(draft, "not checkable", missing=(IN_MASS,), sent=dosage.received)
        for dosage in dosages
        if dosage.received
    ]
    if not checks:
        words = next((dosage.text for dosage in dosages if dosage.text), "")
        return DoseCheck(draft, "not given", missing=("dose",), sent=words)
    return max(checks, key=_badness)


def _badness(check: DoseCheck) -> tuple[int, Decimal]:
    order: tuple[Verdict, ...] = ("fits", "not given", "not checkable", "off", "far off")
    return order.index(check.verdict), check.deviation or Decimal(0)


def _check(picture: ClinicalPicture, draft: DraftOrder, amount: Quantity) -> DoseCheck:
    per_m2, fixed = picture.thresholds["dose.mg_m2"], picture.thresholds["dose.fixed"]
    given_per_m2, given = convert(amount, "mg/m2"), convert(amount, "mg")
    surface = picture.body.surface_m2
    expected = (per_m2 * surface).quantize(Decimal(1), ROUND_HALF_UP) if surface else None
    if given_per_m2 is not None:
        return _judged(draft, amount, expected, [_off_by(given_per_m2, per_m2)], picture.thresholds)
    if given is None:
        return DoseCheck(draft, "not checkable", amount, expected, missing=(IN_MASS,))
    deviations = [_off_by(given, fixed)]
    if surface:
        deviations.append(_off_by(given, per_m2 * surface))
    elif deviations[0] > picture.thresholds["dose.tolerance.warning"]:
        return DoseCheck(draft, "not checkable", amount, missing=_unmeasured(picture))
    return _judged(draft, amount, expected, deviations, picture.thresholds)


def _judged(
    draft: DraftOrder, amount: Quantity, expected: Decimal | None, deviations: list[Decimal], thresholds: Thresholds
) -> DoseCheck:
    deviation = min(deviations)
    verdict: Verdict = "fits"
    if deviation > thresholds["dose.tolerance.critical"]:
        verdict = "far off"
    elif deviation > thresholds["dose.tolerance.warning"]:
        verdict = "off"
    return DoseCheck(draft, verdict, amount, expected, deviation)


def _off_by(given: Decimal, expected: Decimal) -> Decimal:
    return abs(given - expected) / expected * 100


def _unmeasured(picture: ClinicalPicture) -> tuple[str, ...]:
    measures = {"height": picture.body.height_cm, "weight": picture.body.weight_kg}
    absent = tuple(name for name, fact in measures.items() if fact is None)
    return absent or ("plausible height and weight",)
