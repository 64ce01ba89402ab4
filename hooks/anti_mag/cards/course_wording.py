"""A rituximab course in the words of a card: its days, how closely they are known, and what belongs to one."""

from __future__ import annotations

from hooks.anti_mag.course_plan import plan_of
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.treatment import Course

LINE_BREAK = "  \n"
ROUGHLY = ", date known to the month or year alone"


def first_dose(course: Course) -> str:
    """Day 0: of a month or a year its first day (ruling 28)."""
    return f"{course.day_zero.isoformat()}{ROUGHLY if course.doses[0].until else ''}"


def last_dose(course: Course) -> str:
    """The last day that the newest dose can have been given."""
    return f"{course.last_dose.isoformat()}{ROUGHLY if course.is_dated_roughly else ''}"


def plan(picture: ClinicalPicture) -> str:
    """What belongs to a course that is offered, one line each (ruling 37)."""
    return LINE_BREAK.join(f"{line.short} ({line.cites})." for line in plan_of(picture))


def plan_sources(picture: ClinicalPicture) -> tuple[str, ...]:
    """The sources of those lines."""
    return tuple(line.cites for line in plan_of(picture))
