"""The `igmMonitoring` card: an IgM check of the flare window is overdue, or due by a visit, or to come (FL-0)."""

from __future__ import annotations

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.course_wording import first_dose
from hooks.anti_mag.cards.igm_wording import igm_in_words
from hooks.anti_mag.cards.unread_wording import unread_in_words
from hooks.anti_mag.check_ups import CheckUp, next_igm_check
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.treatment import Course
from hooks.anti_mag.picture.unreadable import IGM
from hooks.anti_mag.rules.plasma_exchange import open_igm_check

WHY = (
    "After rituximab IgM rises in many patients before it falls: in 29 of 54 of a series (GHOBRIAL2004), with the peak "
    "at a mean of 4 weeks in another (TREON2004)."
)


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """Information with the order to sign; None where the checks are in order."""
    answer, course = answers.get("FL-0"), picture.rituximab.latest
    if answer is None or answer.finding.truth is not Truth.YES or course is None:
        return None
    check = None if IGM in picture.unreadable else open_igm_check(picture)
    following = next_igm_check(course, picture.due_by)
    if check is not None:
        lead, summary = _due(picture, course, check, following), _summary(picture, check)
        day = check.on if check.on > picture.today else None
    else:
        assert following is not None  # FL-0 is YES for a check that is due, or at discharge for one to come
        lead, summary, day = _to_come(picture, course, following), _next(following), following.on
    is_ordered = "igm" in picture.drafts.tests_ordered
    offered = [] if is_ordered else [proposals.test(picture, "igm", on=day)]
    told = [picture.igm.newest.fact] if picture.igm.newest else []
    told += [dose.fact for dose in course.doses]
    return make_card(
        picture, "igmMonitoring", Indicator.INFO, summary, [lead, WHY], [answer], suggestions=offered, told=told
    )


def _summary(picture: ClinicalPicture, check: CheckUp) -> str:
    if picture.visit is not None:
        return f"Measure IgM by the visit on {picture.visit.isoformat()}: check of week {check.place} after rituximab"
    return f"Measure IgM now: the check of week {check.place} after rituximab is overdue"


def _next(check: CheckUp) -> str:
    return f"Next IgM check on {check.on.isoformat()} (week {check.place} after rituximab)"


def _due(picture: ClinicalPicture, course: Course, check: CheckUp, following: CheckUp | None) -> str:
    when = f"by the visit on {picture.visit.isoformat()}" if picture.visit else "now"
    plan = f" The next check of the plan is on {following.on.isoformat()}." if following else ""
    verb = "is" if check.on > picture.today else "was"
    return (
        f"**Measure serum IgM {when}**, in the same laboratory with the same method as before. First dose "
        f"{first_dose(course)}; the check of week {check.place} {verb} for {check.on.isoformat()}. "
        f"{_newest(picture)}{plan}"
    )


def _to_come(picture: ClinicalPicture, course: Course, following: CheckUp) -> str:
    return (
        f"**The next serum IgM is due on {following.on.isoformat()} (week {following.place})**, in the same laboratory "
        f"with the same method as before: write it into the discharge plan, with who looks at the result. First dose "
        f"{first_dose(course)}. {_newest(picture)}"
    )


def _newest(picture: ClinicalPicture) -> str:
    if IGM in picture.unreadable:
        return "The IgM values on record could not be read whole."
    newest, unread = picture.igm.newest, [unread_in_words(one, "IgM") for one in picture.igm.unread[:1]]
    told = [f"The {words}." for words in unread]
    if newest:
        told.append(f"The newest {'that can be used' if unread else 'on record'} is {igm_in_words(newest)}.")
    return " ".join(told) or "No usable IgM is on record."
