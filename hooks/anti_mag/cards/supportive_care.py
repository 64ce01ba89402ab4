"""The `supportiveCare` card: physical therapy, falls, neuropathic pain (ruling 12). Only the part that is needed."""

from __future__ import annotations

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, make_card, year_or_days
from hooks.anti_mag.cards.suggestions import referral
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.rules.supportive import lacks_pain_care, lacks_physical_therapy

MOVEMENT = (
    "**Refer to physical therapy, with balance and strength training** (STRECKMANN2014), low certainty, and to "
    "occupational therapy. Ask about falls, walking aids, orthoses and foot care."
)
TREMOR = (
    "**Tremor is on record**: in a cohort 29 % of the neuropathies with an IgM MGUS had one, and 42 % of these had "
    "another cause as well, so look for that (AHLSKOG2012). No trial of its treatment is known to this service."
)
PAIN = (
    "**Discuss treatment of the neuropathic pain**: amitriptyline, duloxetine, gabapentin or pregabalin first, with a "
    "switch to another of them if one does not help (NICECG173), a guideline that is not about anti-MAG neuropathy. "
    "Mind interactions, and dependence with gabapentin and pregabalin. **No amitriptyline with heart block** "
    "(AMISMPC), and rather another in old people: falls (SCOTFALLS)."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """One information card for the needs that are not being met; None where there is none."""
    answer = answers.get("supportiveCare")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    care = picture.supportive_care
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
        [
            *([MOVEMENT] if needs_therapy else []),
            *([PAIN] if needs_pain_care else []),
            *([TREMOR] if care.tremor.holds else []),
        ],
        [answer],
        suggestions=_referrals(picture) if needs_therapy else (),
        more_evidence=_sources(picture),
        more_facts=care.tremor.facts,
    )


def _referrals(picture: ClinicalPicture) -> list[Suggestion]:
    occupational = "occupational_therapy_referral"
    return [
        proposals.referral(picture, "physical_therapy_referral"),
        *([] if picture.supportive_care.has_occupational_therapy else referral(picture, occupational)),
    ]


def _sources(picture: ClinicalPicture) -> list[str]:
    """Those of what is said, beside the rule's own."""
    return [
        *(["KHWAJA2022"] if lacks_physical_therapy(picture) else []),
        *(["AMISMPC", "SCOTFALLS"] if lacks_pain_care(picture) else []),
        *(["AHLSKOG2012"] if picture.supportive_care.tremor.holds else []),
    ]
