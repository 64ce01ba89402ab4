"""The `alternativeTherapy` card: rituximab failed, what else (RF-1). Its options are not ranked (C3, S9)."""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.course_wording import first_dose
from hooks.anti_mag.cards.response_review import compared, compared_facts
from hooks.anti_mag.cards.suggestions import reviewers
from hooks.anti_mag.picture import ClinicalPicture

CHECK_FIRST = (
    "**Check three things before anything else.** Is the diagnosis right? Did the B cells go, and did the antibody "
    "fall? Is what remains axonal loss, which limits what any treatment can bring back? Then specialist options, in no "
    "order:"
)
OPTIONS = (
    "- **Rituximab in combination**, with haematology: bendamustine, or dexamethasone and cyclophosphamide "
    "(KHWAJA2022);"
    " chlorambucil or cyclophosphamide, with 7 of 10 improved at two years (AAN2025). Cohorts, no randomised trial.\n"
    "- **A clinical trial**, where one is open.\n"
    "- **Immunoglobulin** (AANEM does not recommend it; short-term benefit in one trial (COMI2002)): an individual "
    "trial at most, with a stop rule set beforehand: one measure, one goal, 2 to 4 months.\n"
    "- **Plasma exchange** (ASFA: case by case; less benefit in IgM than in IgG or IgA (DYCK1991)): likewise.\n"
    "- **Physical therapy, falls and pain care** go on whatever is chosen."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """Information; None where rituximab did not fail, or no verdict is possible."""
    answer, course = answers.get("RF-1"), picture.rituximab.latest
    if answer is None or answer.finding.truth is not Truth.YES or course is None:
        return None
    return make_card(
        picture,
        "alternativeTherapy",
        Indicator.INFO,
        "No response to rituximab by 12 months, still disabling: check the diagnosis, then specialist options",
        [
            CHECK_FIRST,
            OPTIONS,
        ],
        [answer],
        suggestions=reviewers("alternativeTherapy", picture, answers),
        more_evidence=("NBA-AU", "RISON2016", "DYCK1991", "AANEMIVIG", "DALAKAS1996", "ASFA2023", "AAN2011PLEX"),
        lines=[f"No measure has improved since the first dose, {first_dose(course)}", *compared(picture)],
        told=compared_facts(picture),
    )
