"""The `supportiveCare` card: physical therapy, falls, neuropathic pain (ruling 12). Only the part that is needed."""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, make_card, year_or_days
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.rules.supportive import lacks_pain_care, lacks_physical_therapy

MOVEMENT = (
    "**Refer to physical therapy, with balance and strength training**, and ask about falls and walking aids. Of all "
    "kinds of exercise balance training did best in neuropathies of every type, mostly diabetic ones (STRECKMANN2014). "
    "The certainty is low: one trial alone met all criteria of the Cochrane review (COCHRANEEX). On land or in water: "
    "the results for gait and balance were comparable in 40 patients (AQUATIC2018)."
)
PAIN = (
    "**Discuss treatment of the neuropathic pain**: amitriptyline, duloxetine, gabapentin or pregabalin first, with a "
    "switch to another of them if one does not help or is not tolerated (NICECG173). The guideline is not about "
    "anti-MAG neuropathy; choice, interactions and the risk of dependence with gabapentin and pregabalin are the "
    "prescriber's."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One information card for the needs that are not being met; None where there is none."""
    answer = answers.get("supportiveCare")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    needs_therapy, needs_pain_care = lacks_physical_therapy(picture), lacks_pain_care(picture)
    needs = [
        *(["no physical therapy"] if needs_therapy else []),
        *(["no medicine for the neuropathic pain"] if needs_pain_care else []),
    ]
    disease = "Anti-MAG neuropathy" if picture.diagnosis.tier >= Tier.PROBABLE else "Neuropathy"
    span = year_or_days(picture.thresholds.days("supportive.within"))
    return make_card(
        picture,
        "supportiveCare",
        Indicator.INFO,
        f"{disease}: {' and '.join(needs)} on record in the last {span}",
        [*([MOVEMENT] if needs_therapy else []), *([PAIN] if needs_pain_care else [])],
        [answer],
        suggestions=(proposals.physical_therapy_referral(picture),) if needs_therapy else (),
    )
