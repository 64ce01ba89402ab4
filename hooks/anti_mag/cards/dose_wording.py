"""How the dose check reads: what was ordered, what either regimen would be, and how body surface was computed (G10)."""

from __future__ import annotations

import re
from decimal import Decimal

from cds_service.cards import Indicator
from cds_service.knowledge.numbers import unit_in_words
from cds_service.markdown import escaped
from cds_service.values import Quantity
from hooks.anti_mag.cards.card import marked
from hooks.anti_mag.cards.order_names import order_name
from hooks.anti_mag.cards.unread_wording import unread_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.body import measured
from hooks.anti_mag.picture.dose import IN_MASS, DoseCheck
from hooks.anti_mag.rules.gates_order import checked_doses

_TENTH = Decimal("0.1")
_LONGEST = 80
_NO_DOSE = "which could not be read as a dose in mg or mg/m²"
_BY_HAND = "Check it by hand before signing."
_NAMES_A_DOSE = re.compile(r"\d\s?([mµ]?g|mcg|м?г|gram|milligra|micro)", re.IGNORECASE)
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
        return _in_words(check.sent)
    if check.missing == (IN_MASS,):
        sent = check.sent or (_bare(check.amount) if check.amount else "")
        return f'sent as "{_quoted(sent)}", {_NO_DOSE}. {_BY_HAND}'
    if check.deviation is None:
        unread = [unread_in_words(one, name) for name, one in picture.body.unread.items() if name in check.missing]
        told = f"cannot be checked: {' and '.join(check.missing)} could not be had."
        return " ".join([told, *(f"The {words}." for words in unread), _BY_HAND])
    off = f"{check.deviation.quantize(_TENTH):f} %"
    regimens = f"{picture.thresholds['dose.mg_m2']} mg/m² or {marked(picture.thresholds, 'dose.fixed')}"
    given = _bare(check.amount) if check.amount else ""
    return f"{given} is {off} off the nearer of {regimens} (LEGER2013). {_surface(picture, check)}".strip()


def _in_words(sent: str) -> str:
    """An order without a dose that can be read, whose words may still name one."""
    if not _NAMES_A_DOSE.search(sent):
        return "the order names none; enter it, so that it can be checked."
    return f'the order gives it in words alone ("{_quoted(sent)}"), which are not read here. {_BY_HAND}'


def _quoted(sent: str) -> str:
    return escaped(sent if len(sent) <= _LONGEST else f"{sent[:_LONGEST]}…")


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
