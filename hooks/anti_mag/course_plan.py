"""The plan of a course in three lines, short for cards and in full for the notes of drafts: IgM checks, premedication,
vaccines (ruling 37).

Weeks are those of `schedule.toml`, days are counted from the first day that an order names, else from today, and the
line says which. When a course is offered is left to the cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hooks.anti_mag.check_ups import igm_checks
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.planned_course import planned_start


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line, in full and as short as a card wants it, and the source that it rests on."""

    text: str
    short: str
    cites: str


PREMEDICATION = PlanLine(
    "Antihistamine and paracetamol (acetaminophen) before each infusion, as the label says",
    "Antihistamine and paracetamol before each infusion",
    "RTXUSPI",
)
VACCINES = PlanLine(
    "Inactivated vaccines that are due: now, best four weeks before the first dose",
    "Inactivated vaccines that are due: now, best 4 weeks before",
    "CD20MON2024",
)


def plan_of(picture: ClinicalPicture) -> tuple[PlanLine, ...]:
    """What belongs to a course that would begin on the planned day."""
    start = planned_start(picture)
    return _igm_checks(start, is_today=start == picture.today), PREMEDICATION, VACCINES


@lru_cache(maxsize=16)
def _igm_checks(start: date, *, is_today: bool) -> PlanLine:
    """Kept, since a card and each of its drafts say it."""
    checks = igm_checks(start)
    weeks = ", ".join(str(check.place) for check in checks)
    days = f"IgM in weeks {weeks}: {', '.join(check.on.isoformat() for check in checks)}"
    day = start.isoformat()
    return PlanLine(
        f"{days}, counted from a first dose {f'today, {day}' if is_today else day}; from another day count anew",
        f"{days} (first dose {'today' if is_today else day})",
        "TREON2004",
    )
