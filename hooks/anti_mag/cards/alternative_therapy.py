"""The `alternativeTherapy` card: rituximab failed, what else (RF-1). Its options are not ranked (C3, S9)."""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.course_wording import first_dose
from hooks.anti_mag.cards.response_review import compared
from hooks.anti_mag.cards.suggestions import haematology, neurology
from hooks.anti_mag.cards.therapy_wording import EXCHANGE, IVIG
from hooks.anti_mag.picture import ClinicalPicture

CHECK_FIRST = (
    "**Before anything else, check three things.** Is the diagnosis right? Did the B cells go, and did the antibody "
    "fall? Is what remains axonal loss, which limits what any treatment can bring back?"
)
COMBINATIONS = (
    "**Rituximab in combination**, with haematology: bendamustine, or dexamethasone and cyclophosphamide (KHWAJA2022); "
    "chlorambucil or cyclophosphamide, with 7 of 10 improved at two years in a report on 15 patients (AAN2025). Cohort "
    "evidence, no randomised trial."
)
OTHERS = "**A clinical trial**, where one is open."
STOP_RULE = (
    "Immunoglobulin or plasma exchange can be an individual trial only, with a stop rule set beforehand: one "
    "measure, one goal, 2 to 4 months. What is known of them:"
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
            f"No measure that can be compared has improved since the first dose on {first_dose(course)}.",
            *compared(picture),
            "**Specialist options, in no order:**",
            COMBINATIONS,
            OTHERS,
            STOP_RULE,
            IVIG,
            EXCHANGE,
            "Physical therapy, falls and pain care go on whatever is chosen.",
        ],
        [answer],
        suggestions=(*neurology(picture), *haematology(picture)),
        more_evidence=("NBA-AU", "RISON2016", "DYCK1991"),
    )
