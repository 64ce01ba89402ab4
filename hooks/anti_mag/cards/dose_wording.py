"""How the dose check reads: what was ordered, what either regimen would be, and how body surface was computed (G10)."""

from __future__ import annotations

from decimal import Decimal

from cds_service.cards import Indicator
from cds_service.knowledge.numbers import unit_in_words
from cds_service.markdown import escaped
from cds_service.values import Quantity
from hooks.anti_mag.cards.card import marked
from hooks.anti_mag.cards.order_names import order_name
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.body import measured
from hooks.anti_mag.picture.dose import DoseCheck
from hooks.anti_mag.rules.gates_order import checked_doses

_TENTH = Decimal("0.1")
RANK = ("fits", "not given", "not checkable", "off", "far off")


def dose_note(picture: ClinicalPicture) -> tuple[Indicator, str, str]:
    """Urgency, headline and Markdown of the worst dose among the drafts; every dose that is off is told."""
    checks = [check for check in checked_doses(picture) if check.verdict != "fits"]
    checks.sort(key=lambda check: RANK.index(check.verdict), reverse=True)
    worst = checks[0]
    text = " ".join(f"{_order(picture, check)}{_told(picture, check)}" for check in checks)
    headline = (
        _amount(check=worst) + " fits neither regimen" if worst.deviation is not None else "dose cannot be checked"
    )
    indicator = Indicator.CRITICAL if worst.verdict == "far off" else Indicator.WARNING
    return indicator, headline, f"**Dose:** {text}"


def _order(picture: ClinicalPicture, check: DoseCheck) -> str:
    """The order's name, where there are several (CA-12)."""
    several = len(picture.drafts.rituximab) > 1
    return f"{order_name(picture, check.draft)}: " if several else ""


def _amount(check: DoseCheck) -> str:
    return f"dose {_bare(check.amount)}" if check.amount else "dose"


def _told(picture: ClinicalPicture, check: DoseCheck) -> str:
    if check.verdict == "not given":
        return "the order names none; enter it, so that it can be checked."
    if check.deviation is None:
        sent = _as_sent(check)
        return f"{sent}cannot be checked, {' and '.join(check.missing)} missing. Check it by hand before signing."
    off = f"{check.deviation.quantize(_TENTH):f} %"
    regimens = f"{picture.thresholds['dose.mg_m2']} mg/m² or {marked(picture.thresholds, 'dose.fixed')}"
    given = _bare(check.amount) if check.amount else ""
    return f"{given} is {off} off the nearer of {regimens} (LEGER2013). {_surface(picture, check)}".strip()


def _as_sent(check: DoseCheck) -> str:
    """The dose in quotation marks, where its unit is none that rituximab is dosed in ("1 pill")."""
    is_mass = check.amount is not None and (check.amount.unit or "").startswith("mg")
    return "" if check.amount is None or is_mass else f'sent as "{escaped(_bare(check.amount))}", '


def _bare(amount: Quantity) -> str:
    return f"{amount.value.normalize():f} {unit_in_words(amount.unit or '')}".strip()


def _surface(picture: ClinicalPicture, check: DoseCheck) -> str:
    body = picture.body
    if body.surface_m2 is None or body.height_cm is None or body.weight_kg is None or check.expected_mg is None:
        return ""
    old = " Height or weight is old: measure again." if body.is_old else ""
    return (
        f"{picture.thresholds['dose.mg_m2']} mg/m² x {body.surface_m2} m² = {check.expected_mg} mg (Mosteller; height "
        f"{measured(body.height_cm)}, weight {measured(body.weight_kg)}).{old}"
    )
