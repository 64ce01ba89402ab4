"""A rituximab course in the words of a card: its days, how closely they are known, and what belongs to one."""

from __future__ import annotations

from hooks.anti_mag.cards.card import marked
from hooks.anti_mag.course_plan import plan_of
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.treatment import Course

LINE_BREAK = "  \n"
ROUGHLY = ", date known to the month or year alone"

FORBIDDEN = {
    "G2": "active hepatitis B",
    "G8": "pregnancy",
    "G9": "a severe past reaction to rituximab",
    "G14": "progressive multifocal leukoencephalopathy",
}
"""What forbids rituximab outright, by the gate that says so."""


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


def other_antibodies(picture: ClinicalPicture) -> str:
    """Names of other anti-CD20 antibodies that were given so lately that rituximab would overlap with them (G11); ""
    where none was."""
    given = (one.therapy for one in picture.contraindications.antibodies if one.is_given)
    return " and ".join(dict.fromkeys(given))


def not_on_top(picture: ClinicalPicture) -> list[str]:
    """What a card that would recommend rituximab says beside another anti-CD20 antibody."""
    drugs = other_antibodies(picture)
    if not drugs:
        return []
    days = [one.fact.date for one in picture.contraindications.antibodies if one.is_given and one.fact.date]
    last = f" (last on {max(days)})" if days else ""
    months = marked(picture.thresholds, "anti_cd20.overlap_months")
    return [
        f"**Not on top of {drugs}**{last}: for {months} after an anti-CD20 antibody B cells may still be depleted. "
        "Decide with those who give it which of the two goes on."
    ]
