"""How disabled the patient is, and which way it goes: scores, their trends, and the clinician's own word.

Decides `Severity` and compares scores around a treatment. What to do about it is left to the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Literal

from cds_service.record import Fact


class Severity(Enum):
    DISABLING = "disabling"
    PROGRESSIVE = "progressive"
    MILD_STABLE = "mild and stable"
    UNKNOWN = "not recorded"


@dataclass(frozen=True, slots=True)
class Score:
    """One value of one scale (a code of urn:anti-mag-cds:assessment, or "modified-rankin")."""

    scale: str
    value: Decimal
    on: date
    fact: Fact


Direction = Literal["improved", "stable", "worse"]


@dataclass(frozen=True, slots=True)
class ScaleCourse:
    """One scale around day 0 of a course: the baseline (ruling 18) against the best and the newest value after it."""

    scale: str
    baseline: Score
    best: Score
    newest: Score
    has_improved: bool
    """The best value after day 0 is better than the baseline by a meaningful step."""
    direction: Direction
    """The newest value against the baseline."""
    has_relapsed: bool
    """After an improvement the newest value is worse than the best by a meaningful step."""
    points_worse: Decimal = Decimal(0)
    """How much worse the newest is than the baseline, in the scale's own points; 0 where it is not."""


@dataclass(frozen=True, slots=True)
class ClinicianWord:
    """A coded `clinical-course` observation: the clinician's own judgement."""

    direction: Direction
    on: date
    fact: Fact


@dataclass(frozen=True, slots=True)
class Disability:
    severity: Severity = Severity.UNKNOWN
    severity_facts: tuple[Fact, ...] = ()
    severity_is_old: bool = False
    """The scores that decide are older than the threshold `score.max_age`."""
    scores: tuple[Score, ...] = ()
    """Newest first."""
    words: tuple[ClinicianWord, ...] = ()
    """Newest first."""
    last_score: date | None = None
    """Newest of any score."""
    last_assessed: date | None = None
    """Newest of score, nerve conduction study and clinical course (ruling 11)."""
