"""The `worseningAfterRituximab` card: the neuropathy worsens in the flare window, whatever the IgM (FL-2).

Absorbs FL-1 (ruling 19). What another card offers already is `gives_way`'s.
"""

from __future__ import annotations

from cds_service.cards import Card, Indicator, Suggestion
from cds_service.knowledge.contract import Truth
from cds_service.record import Fact
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.course_wording import FORBIDDEN
from hooks.anti_mag.cards.gives_way import may_offer
from hooks.anti_mag.cards.igm_wording import igm_in_words, rise_in_words
from hooks.anti_mag.cards.suggestions import exchange_in_hand, neurology
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.rules.plasma_exchange import flare_course

REPORTED = (
    "A transient worsening after rituximab was seen in 11 of 92 patients (SVAHN2018); of 13 published acute ones 8 "
    "recovered fully, among them all 4 treated with plasma exchange (SICONOLFI2024). It does not take a high IgM: one "
    "worsened fast at 13 g/L (STORK2013)."
)
MILD = (
    "**Mild: see the patient again in 1 week** before escalating. In a published patient a worsening at 3 weeks "
    "resolved by itself a week later (KILIDIREAS2006)."
)
EXCHANGE = (
    "**Discuss plasma exchange with apheresis and haematology**: ASFA category III, grade 1C, a decision case by case "
    "(ASFA2023)."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """A warning; None without worsening on record."""
    answer = answers.get("FL-2")
    if answer is None or answer.finding.truth is not Truth.YES:
        return None
    is_severe = picture.response.is_severe_worsening
    has_flare = picture.response.igm_rise.holds and flare_course(picture) is not None
    suggests_exchange = is_severe or has_flare
    return make_card(
        picture,
        "worseningAfterRituximab",
        Indicator.WARNING,
        _summary(picture, is_severe=is_severe, suggests_exchange=suggests_exchange),
        [
            "**Urgent neurological review**, with IgM and serum viscosity today. Look for bulbar or respiratory "
            f"weakness and loss of walking: any of them makes it an emergency. {_next_dose(picture)}",
            EXCHANGE if suggests_exchange else MILD,
            *(exchange_in_hand(picture) if suggests_exchange else ()),
            *_igm(picture, has_flare=has_flare),
            REPORTED,
        ],
        [answer],
        told=_told(picture, has_flare=has_flare),
        suggestions=_suggestions(picture, answers, suggests_exchange=suggests_exchange),
    )


def _next_dose(picture: ClinicalPicture) -> str:
    against = " and ".join(FORBIDDEN[gate] for gate in hard_contraindications(picture))
    if against:
        return f"No further dose of rituximab: {against} on record."
    return "Decide with haematology whether the next dose of rituximab is given, and when."


def _summary(picture: ClinicalPicture, *, is_severe: bool, suggests_exchange: bool) -> str:
    if is_severe:
        dose = "no further rituximab" if hard_contraindications(picture) else "decide on the next dose"
        return f"Severe worsening after rituximab: urgent neurology, discuss plasma exchange, {dose}"
    if suggests_exchange:
        return "Worsening with an IgM flare after rituximab: urgent neurology, discuss plasma exchange"
    return "Neuropathy worse after rituximab: urgent neurology review, IgM and viscosity, recheck in 1 week"


def _igm(picture: ClinicalPicture, *, has_flare: bool) -> list[str]:
    """`has_flare`: the rise is of the IgM flare window, and that is not over (FL-1, ruling 19)."""
    response, current = picture.response, picture.igm.current
    if has_flare and response.igm_newest and response.igm_baseline:
        rise = rise_in_words(response.igm_newest, response.igm_baseline)
        return [f"IgM has flared as well: {igm_in_words(response.igm_newest)}, {rise}."]
    if current is None:
        return ["Serum IgM is not known."]
    return [f"Serum IgM is {igm_in_words(current)}. Whatever it is, it does not settle what caused the worsening."]


def _told(picture: ClinicalPicture, *, has_flare: bool) -> list[Fact]:
    """IgM values that the paragraphs tell."""
    response = picture.response
    values = (response.igm_newest, response.igm_baseline) if has_flare else (picture.igm.current,)
    return [value.fact for value in values if value is not None]


def _suggestions(picture: ClinicalPicture, answers: Answers, *, suggests_exchange: bool) -> list[Suggestion]:
    def offers(draft: str) -> bool:
        return may_offer("worseningAfterRituximab", draft, picture, answers)

    has_exchange = suggests_exchange and not picture.drafts.has_plasma_exchange and offers("plasma_exchange")
    tests = [test for test in ("igm", "viscosity") if test not in picture.drafts.tests_ordered and offers(test)]
    return [
        *neurology(picture),
        *([proposals.plasma_exchange(picture)] if has_exchange else []),
        *(proposals.test(picture, test) for test in tests),
    ]
