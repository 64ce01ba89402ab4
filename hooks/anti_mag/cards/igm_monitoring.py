"""The `igmMonitoring` card: an IgM check of the flare window is overdue (FL-0).

Silent beside the cards on worsening (FL-2) and on an IgM flare (FL-1), which ask for the same IgM.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Thresholds, Truth
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answer, is_yes, make_card
from hooks.anti_mag.cards.igm_wording import igm_in_words
from hooks.anti_mag.check_ups import next_igm_check, overdue_igm_check
from hooks.anti_mag.picture import ClinicalPicture

WHY = (
    "After rituximab IgM rises in many patients before it falls: by more than 25 % in 8 of 11 of a small series, "
    "with the peak at a mean of 4 weeks (TREON2004). In a larger one 29 of 54 had a rise, still there at 4 months in "
    "4 of 15 (GHOBRIAL2004). A rise that is not seen cannot be acted on."
)


def card(picture: ClinicalPicture, answers: Mapping[str, Answer], thresholds: Thresholds) -> Card | None:
    """Information with the order to sign; None where the checks are in order."""
    answer, course = answers.get("FL-0"), picture.rituximab.latest
    check = overdue_igm_check(course, picture.today, thresholds) if course else None
    if answer is None or answer.finding.truth is not Truth.YES or course is None or check is None:
        return None
    if any(is_yes(answers, logic) for logic in ("FL-1", "FL-2")):
        return None
    following, newest = next_igm_check(course, picture.today), picture.igm.newest
    last = f"The newest on record is {igm_in_words(newest)}." if newest else "No usable IgM is on record."
    plan = f" The next check of the plan is on {following.on.isoformat()}." if following else ""
    return make_card(
        "igmMonitoring",
        Indicator.INFO,
        f"After rituximab: the IgM check of week {check.place} is overdue, measure IgM now",
        [
            "**Measure serum IgM now**, in the same laboratory with the same method as before. Day 0 of the course "
            f"was {course.day_zero.isoformat()}; the check of week {check.place} was for {check.on.isoformat()}. "
            f"{last}{plan}",
            WHY,
        ],
        [answer],
        thresholds,
        suggestions=(proposals.test(picture, "igm"),),
    )
