"""Which check-up after rituximab is due: IgM checks of the flare window, reviews of the response (ruling 11).

Decides days from the plan in `schedule.toml` and day 0 of the course. Whether the check was done is left to the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.knowledge_data import SCHEDULE
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.treatment import Course


@dataclass(frozen=True, slots=True)
class CheckUp:
    """One check-up of the plan: its place in it (week or month after day 0), and its day."""

    place: int
    on: date


def igm_checks(day_zero: date) -> list[CheckUp]:
    """The IgM checks after a first dose of that day, given or planned."""
    return [CheckUp(week, day_zero + timedelta(weeks=week)) for week in SCHEDULE.flare_check_weeks]


def due_igm_check(picture: ClinicalPicture, course: Course) -> CheckUp | None:
    """The latest IgM check that is due: by the day of the visit being booked, else one that is `flare.check_overdue`
    days late today; None before the first is."""
    grace = 0 if picture.visit else picture.thresholds.days("flare.check_overdue")
    late = timedelta(days=grace)
    return max(
        (check for check in igm_checks(course.day_zero) if check.on + late <= picture.due_by), key=_day, default=None
    )


def next_igm_check(course: Course, today: date) -> CheckUp | None:
    """The next IgM check after today; None when the plan has ended."""
    return min((check for check in igm_checks(course.day_zero) if check.on > today), key=_day, default=None)


def latest_review(course: Course, today: date) -> CheckUp | None:
    """The latest review of the response whose day has come; None before the first."""
    months = SCHEDULE.response_review_months
    reviews = [CheckUp(month, months_after(course.day_zero, month)) for month in months]
    return max((review for review in reviews if review.on <= today), key=_day, default=None)


def study_is_due(picture: ClinicalPicture, course: Course) -> bool:
    """The time to repeat the conduction study has come, and none is on record since, nor ordered.

    False where the studies could not be read. Threshold: `review.window` (d), by which one may come early.
    """
    day = months_after(course.day_zero, SCHEDULE.conduction_study_months[0])
    disability, early = picture.disability, timedelta(days=picture.thresholds.days("review.window"))
    is_known = disability.knows_studies and "nerve_conduction" not in picture.drafts.tests_ordered
    is_done = disability.last_study is not None and disability.last_study >= day - early
    return is_known and day <= picture.due_by and not is_done


def _day(check: CheckUp) -> date:
    return check.on
