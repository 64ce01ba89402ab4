"""Rituximab and the other therapies: what was given, in which courses, and what is planned.

Administration is truth, dispense and statement come next, a request alone is a plan. How the patient responded is left
to `response`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cds_service.record import Fact, Order, Quantity


@dataclass(frozen=True, slots=True)
class Dose:
    on: date
    fact: Fact
    amount: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Doses that belong together; day 0 is the first. `doses` is oldest first and never empty."""

    doses: tuple[Dose, ...]

    @property
    def day_zero(self) -> date:
        return self.doses[0].on

    @property
    def last_dose(self) -> date:
        return self.doses[-1].on

    def day(self, today: date) -> int:
        """Days since day 0."""
        return (today - self.day_zero).days


@dataclass(frozen=True, slots=True)
class RituximabHistory:
    courses: tuple[Course, ...] = ()
    """Newest first. Given doses only, of any rituximab product."""
    undated: tuple[Fact, ...] = ()
    """Rituximab that was given at an unknown time: a course is on record, its dates are not."""
    is_readable: bool = True
    """At least one of the medication keys could be read (ruling 3)."""
    orders: tuple[Order, ...] = ()
    """Active rituximab requests on record, drafts of this call left out."""
    next_dose_due: date | None = None
    """By an order, else inferred from an unfinished course (ruling 6)."""

    @property
    def has_course(self) -> bool:
        return bool(self.courses or self.undated)

    @property
    def latest(self) -> Course | None:
        return self.courses[0] if self.courses else None
