"""The plan of a course in three lines, for cards and for the notes of drafts: IgM checks, premedication, vaccines
(ruling 37).

Weeks are those of `schedule.toml`, days are counted from the first day that an order names, else from today, and the
line says which. When a course is offered is left to the cards.
"""

from __future__ import annotations

from dataclasses import dataclass

from hooks.anti_mag.check_ups import igm_checks
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.planned_course import planned_start

PREMEDICATION = "Antihistamine and paracetamol (acetaminophen) before each infusion, as the label says"
VACCINES = "Inactivated vaccines that are due: now, best four weeks before the first dose"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line, and the source that it rests on."""

    text: str
    cites: str


def plan_of(picture: ClinicalPicture) -> tuple[PlanLine, ...]:
    """What belongs to a course that would begin on the planned day."""
    return (
        PlanLine(_igm_checks(picture), "TREON2004"),
        PlanLine(PREMEDICATION, "RTXUSPI"),
        PlanLine(VACCINES, "CD20MON2024"),
    )


def _igm_checks(picture: ClinicalPicture) -> str:
    start = planned_start(picture)
    checks = igm_checks(start)
    weeks = ", ".join(str(check.place) for check in checks)
    days = ", ".join(check.on.isoformat() for check in checks)
    first = f"{'today, ' if start == picture.today else ''}{start.isoformat()}"
    return f"IgM in weeks {weeks}: {days}, counted from a first dose {first}; from another day count anew"
