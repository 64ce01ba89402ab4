"""The `rituximab` card: the first choice now, with the regimens; or plasma exchange before it (TX-1, rulings 1, 2, 5).

Missing tests stand on the `diagnosticWorkUp` card; this one names a missing severity only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Thresholds, Truth
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, make_card
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity

REGIMENS = (
    "- **375 mg/m² intravenously once a week, four doses**: the regimen of the trials and series in this disease "
    "(LEGER2013, DALAKAS2009).\n"
    "- **{fixed} mg intravenously twice, two weeks apart**: used elsewhere; no trial in anti-MAG neuropathy.\n\n"
    "Either way the use is off-label. The guideline advises rituximab alone, without maintenance (MSMART2010)."
)
CERTAINTY = (
    "**Certainty is low.** Two randomised trials missed their primary end points (LEGER2013, DALAKAS2009). In cohorts "
    "about one in three to one in two patients improve (SVAHN2018, GAZZOLA2017). In about 12 % the neuropathy worsens "
    "for a time after rituximab (SVAHN2018)."
)
DECISION = "Decide it together, neurology and haematology with the patient; enrol in a trial where one is open."


def card(picture: ClinicalPicture, answers: Mapping[str, Answer], thresholds: Thresholds) -> Card | None:
    """The recommendation, on condition where severity is not on record; None where rituximab is no first choice."""
    answer = answers.get("TX-1")
    if answer is None or answer.finding.truth is Truth.NO or hyperviscosity_leads(answers):
        return None
    if exchange_comes_first(picture, thresholds):
        return _exchange_first(picture, answer, thresholds)
    is_conditional = answer.finding.truth is Truth.UNKNOWN
    is_recommended = not is_conditional and picture.diagnosis.tier >= Tier.PROBABLE
    return make_card(
        "rituximab",
        Indicator.INFO,
        _summary(picture, is_conditional=is_conditional),
        [_lead(picture, is_conditional=is_conditional), _regimens(thresholds), CERTAINTY, *_history(picture)],
        [answer],
        thresholds,
        suggestions=(
            proposals.rituximab_weekly(picture, thresholds, is_recommended=is_recommended),
            proposals.rituximab_two_doses(picture, thresholds),
        ),
        selection_behavior="at-most-one",
    )


def _regimens(thresholds: Thresholds) -> str:
    return REGIMENS.format(fixed=thresholds["dose.fixed"])


def hyperviscosity_leads(answers: Mapping[str, Answer]) -> bool:
    """The `hyperviscosity` card asks for plasma exchange today and holds rituximab: nothing to add before that."""
    return "HV-1" in answers and answers["HV-1"].finding.truth is Truth.YES


def exchange_comes_first(picture: ClinicalPicture, thresholds: Thresholds) -> bool:
    """An IgM at the limit (ruling 5), or hyperviscosity: an order gate would stop rituximab now."""
    current, hyperviscosity = picture.igm.current, picture.hyperviscosity
    is_high = current is not None and current.mg_dl >= thresholds["igm.gate.critical"]
    return is_high or hyperviscosity.symptoms.holds or hyperviscosity.is_viscosity_raised.holds


def _summary(picture: ClinicalPicture, *, is_conditional: bool) -> str:
    if is_conditional:
        known = "old" if picture.disability.severity_is_old else "not on record"
        return f"Anti-MAG neuropathy: if disabling or progressive, rituximab is the first choice; severity is {known}"
    disease = f"{_tier(picture).capitalize()} {_severity(picture)} anti-MAG neuropathy"
    return f"{disease}: rituximab is the first choice (off-label)"


def _lead(picture: ClinicalPicture, *, is_conditional: bool) -> str:
    by_guideline = "rituximab is the first choice by guideline** (MSMART2010, IWWM8TX)"
    if not is_conditional:
        return f"**In this {_tier(picture)} anti-MAG neuropathy, {_severity(picture)}, {by_guideline}. {DECISION}"
    known = (
        "The scores that call it disabling are old." if picture.disability.severity_is_old else "No score is on record."
    )
    return (
        f"**If the neuropathy is disabling or progressive, {by_guideline}. The diagnosis is {_tier(picture)}. {known} "
        f"Record INCAT or ONLS first; mild and stable disease is watched, not treated. {DECISION}"
    )


def _tier(picture: ClinicalPicture) -> str:
    return "confirmed" if picture.diagnosis.tier is Tier.CONFIRMED else "probable"


def _severity(picture: ClinicalPicture) -> str:
    return "disabling" if picture.disability.severity is Severity.DISABLING else "progressive"


def _history(picture: ClinicalPicture) -> list[str]:
    if picture.rituximab.is_readable:
        return []
    return ["No medication list could be read: **earlier rituximab could not be excluded**. Ask the patient."]


def _exchange_first(picture: ClinicalPicture, answer: Answer, thresholds: Thresholds) -> Card:
    is_conditional = answer.finding.truth is Truth.UNKNOWN
    condition = "If the neuropathy is disabling or progressive, treatment" if is_conditional else "Treatment"
    return make_card(
        "rituximab",
        Indicator.WARNING,
        f"{_reason(picture, thresholds)}: plasma exchange first, then rituximab for the anti-MAG neuropathy",
        [
            "**Exchange plasma before rituximab, together with haematology** (IWWM8TX): "
            f"{_because(picture, thresholds)}, and rituximab can raise IgM further (TREON2004). No rituximab is "
            "offered here for now.",
            f"{condition} of this {_tier(picture)} anti-MAG neuropathy is indicated: rituximab is the first choice by "
            f"guideline (MSMART2010, IWWM8TX), off-label, once IgM is down. {DECISION}",
            CERTAINTY,
            *_history(picture),
        ],
        [answer],
        thresholds,
        suggestions=_exchange_drafts(picture),
        more_evidence=("TREON2004",),
    )


def _exchange_drafts(picture: ClinicalPicture) -> Sequence[Suggestion]:
    referral = proposals.haematology_referral(picture)
    return (referral,) if picture.drafts.has_plasma_exchange else (proposals.plasma_exchange(picture), referral)


def _reason(picture: ClinicalPicture, thresholds: Thresholds) -> str:
    current = picture.igm.current
    if current is not None and current.mg_dl >= thresholds["igm.gate.critical"]:
        return f"IgM {current.mg_dl:f} mg/dL"
    return "Hyperviscosity"


def _because(picture: ClinicalPicture, thresholds: Thresholds) -> str:
    current = picture.igm.current
    if current is None or current.mg_dl < thresholds["igm.gate.critical"]:
        return "there are signs of hyperviscosity"
    doubt = ""
    if current.is_preliminary:
        doubt = " (preliminary: confirm it)"
    elif current.is_inferred:
        doubt = " (unit inferred from its reference range: confirm it)"
    return f"IgM is {current.mg_dl:f} mg/dL{doubt}, at or above {thresholds['igm.gate.critical']:f}"
