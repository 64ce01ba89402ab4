"""How the latest rituximab course turned out: relapse, failure, or no verdict (ruling 3).

Decides the verdict on scores and the clinician's word alone, and none before its time. What follows from it is left to
the rules RF-1 and RT-1.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from cds_service.record import Fact
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.treatment import Course

if TYPE_CHECKING:
    from hooks.anti_mag.picture import ClinicalPicture


class Outcome(Enum):
    """What may be said of the latest course."""

    OPEN = "no verdict"
    RELAPSED = "worse again after a response"
    NOT_COMPARED = "no measure can be compared with one from before, and the disease is not mild"
    FAILED = "no response by 12 months, and still disabling"


def outcome_of(picture: ClinicalPicture) -> Outcome:
    """The verdict on the latest course. OPEN without one, for one that treated something else (ruling 29), in
    the flare window, and below *probable* disease.

    Thresholds: `vigilance.window`, `retreatment.min_months`, `response.verdict_months`, `review.window`.
    """
    course = picture.rituximab.latest
    if course is None or picture.rituximab.treated_something_else or picture.diagnosis.tier < Tier.PROBABLE:
        return Outcome.OPEN
    if course.day(picture.today) <= picture.thresholds.days("vigilance.window"):
        return Outcome.OPEN
    if _has_failed(picture, course):
        return Outcome.FAILED
    if picture.today <= months_after(course.last_dose, int(picture.thresholds["retreatment.min_months"])):
        return Outcome.OPEN
    if has_relapsed(picture, course):
        return Outcome.RELAPSED
    return Outcome.NOT_COMPARED if _is_not_compared(picture, course) else Outcome.OPEN


def facts_of(picture: ClinicalPicture) -> tuple[Fact, ...]:
    """What the verdict rests on: the course, its scores, and the clinician's words since."""
    course = picture.rituximab.latest
    assert course is not None  # there is no verdict without one
    scores = [score.fact for scale in picture.response.scales for score in (scale.baseline, scale.best, scale.newest)]
    words = [word.fact for word in picture.disability.words if word.on > course.day_zero]
    return tuple(dict.fromkeys([course.doses[0].fact, course.doses[-1].fact, *scores, *words]))


def _improvements(picture: ClinicalPicture, course: Course) -> list[date]:
    """Days on which an improvement since day 0 is on record, by a scale or by the clinician's word."""
    by_scale = [scale.best.on for scale in picture.response.scales if scale.has_improved]
    by_word = [word.on for word in picture.disability.words if word.direction == "improved"]
    return by_scale + [day for day in by_word if day > course.day_zero]


def _has_failed(picture: ClinicalPicture, course: Course) -> bool:
    """None improved ever, compared at the time of the verdict or later, and still disabling."""
    verdict_on = months_after(course.day_zero, int(picture.thresholds["response.verdict_months"]))
    earliest = verdict_on - timedelta(days=picture.thresholds.days("review.window"))
    return (
        picture.today >= verdict_on
        and picture.disability.severity is Severity.DISABLING
        and any(scale.newest.on >= earliest for scale in picture.response.scales)
        and not _improvements(picture, course)
    )


def has_relapsed(picture: ClinicalPicture, course: Course) -> bool:
    """Improved on record, and worse again: by a meaningful step from the best, or by the clinician's newest word."""
    improved_on = _improvements(picture, course)
    if not improved_on:
        return False
    newest = next(iter(picture.disability.words), None)
    said_worse = newest is not None and newest.direction == "worse" and newest.on > min(improved_on)
    return said_worse or any(scale.has_relapsed for scale in picture.response.scales if _shows_relapse(scale.scale))


def _shows_relapse(scale: str) -> bool:
    """INCAT, ONLS and I-RODS show a relapse (C2, S10); grip, walking time or strength alone do not."""
    return scale == "i-rods" or scale.split("-")[0] in ("incat", "onls")


def _is_not_compared(picture: ClinicalPicture, course: Course) -> bool:
    """No scale to compare, severity not mild, and no word of the clinician since day 0 that all is well."""
    since = [word for word in picture.disability.words if word.on > course.day_zero]
    is_well = bool(since) and since[0].direction != "worse"
    return not picture.response.scales and not is_well and picture.disability.severity is not Severity.MILD_STABLE
