"""The days of a rituximab course in the words of a card, and how closely they are known."""

from __future__ import annotations

from hooks.anti_mag.picture.treatment import Course

ROUGHLY = ", date known to the month or year alone"


def first_dose(course: Course) -> str:
    """Day 0: of a month or a year its first day (ruling 28)."""
    return f"{course.day_zero.isoformat()}{ROUGHLY if course.doses[0].until else ''}"


def last_dose(course: Course) -> str:
    """The last day that the newest dose can have been given."""
    return f"{course.last_dose.isoformat()}{ROUGHLY if course.is_dated_roughly else ''}"
