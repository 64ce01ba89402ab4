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


def due_igm_check(picture: ClinicalPicture, course: Course) -> CheckUp | None:
    """The latest IgM check that is due: by the day of the visit being booked, else one that is `flare.check_overdue`
    days late today; None before the first is."""
    grace = 0 if picture.visit else picture.thresholds.days("flare.check_overdue")
    late = timedelta(days=grace)
    return max((check for check in _igm_checks(course) if check.on + late <= picture.due_by), key=_day, default=None)


def next_igm_check(course: Course, today: date) -> CheckUp | None:
    """The next IgM check after today; None when the plan has ended."""
    return min((check for check in _igm_checks(course) if check.on > today), key=_day, default=None)


def latest_review(course: Course, today: date) -> CheckUp | None:
    """The latest review of the response whose day has come; None before the first."""
    months = SCHEDULE.response_review_months
    reviews = [CheckUp(month, months_after(course.day_zero, month)) for month in months]
    return max((review for review in reviews if review.on <= today), key=_day, default=None)


def _igm_checks(course: Course) -> list[CheckUp]:
    return [CheckUp(week, course.day_zero + timedelta(weeks=week)) for week in SCHEDULE.flare_check_weeks]


def _day(check: CheckUp) -> date:
    return check.on
