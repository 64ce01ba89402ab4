"""The `supportiveCare` card: physical therapy, falls, neuropathic pain (ruling 12). Only the part that is needed."""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, make_card, year_or_days
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.rules.supportive import lacks_pain_care, lacks_physical_therapy

MOVEMENT = (
    "**Refer to physical therapy, with balance and strength training**; ask about falls and walking aids. Balance "
    "training did best in neuropathies of every type (STRECKMANN2014), with low certainty."
)
PAIN = (
    "**Discuss treatment of the neuropathic pain**: amitriptyline, duloxetine, gabapentin or pregabalin first, with a "
    "switch to another of them if one does not help (NICECG173), a guideline that is not about anti-MAG neuropathy. "
    "Mind "
    "interactions, and dependence with gabapentin and pregabalin."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One information card for the needs that are not being met; None where there is none."""
    answer = answers.get("supportiveCare")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    needs_therapy, needs_pain_care = lacks_physical_therapy(picture), lacks_pain_care(picture)
    offers = [
        *(["physical therapy"] if needs_therapy else []),
        *(["treatment of the neuropathic pain"] if needs_pain_care else []),
    ]
    span = year_or_days(picture.thresholds.days("supportive.within"))
    return make_card(
        picture,
        "supportiveCare",
        Indicator.INFO,
        f"Offer {' and '.join(offers)} (none in the last {span})",
        [*([MOVEMENT] if needs_therapy else []), *([PAIN] if needs_pain_care else [])],
        [answer],
        suggestions=(proposals.physical_therapy_referral(picture),) if needs_therapy else (),
    )
