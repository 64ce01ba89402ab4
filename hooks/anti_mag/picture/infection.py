"""Infection at the time of an order: severe and active, suspected, or minor.

Decides from coded problems. A problem without a clinical status, and a minor one, counts only while it is recent:
charts keep old infections open. Whether an infection stops an order is left to the gate; intravenous antimicrobials
have no code set of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Problem
from hooks.anti_mag.code_sets import code_sets
from hooks.anti_mag.picture.chart import DISPROVED, Chart, is_active, is_confirmed
from hooks.anti_mag.picture.statement import Statement

SEVERE = code_sets("sepsis", "tuberculosis_active", "pneumonia", "severe_infection_other")
MINOR = code_sets("infection_minor", "fever")


@dataclass(frozen=True, slots=True)
class Infection:
    """Active infections on the problem list; all three UNKNOWN where it could not be read and names none."""

    severe: Statement = Statement()
    suspected: Statement = Statement()
    """A severe infection that a clinician suspects and has not confirmed."""
    minor: Statement = Statement()
    """A minor infection, or fever."""


def infection_of(chart: Chart, thresholds: Thresholds) -> Infection:
    """The infections that count today. Threshold: `infection.recent` (d)."""
    recent = thresholds.days("infection.recent")
    open_problems = [
        problem
        for problem in chart.record.problems
        if is_active(problem) and problem.verification_status not in DISPROVED
    ]
    severe = [
        problem
        for problem in open_problems
        if chart.holds(problem.concept, *SEVERE) and (problem.clinical_status or _is_recent(chart, problem, recent))
    ]
    minor = [
        problem
        for problem in open_problems
        if problem not in severe and chart.holds(problem.concept, *MINOR) and _is_recent(chart, problem, recent)
    ]
    return Infection(
        severe=_stated(chart, [problem for problem in severe if is_confirmed(problem)], "severe infection"),
        suspected=_stated(chart, [problem for problem in severe if not is_confirmed(problem)], "suspected infection"),
        minor=_stated(chart, minor, "infection or fever"),
    )


def _is_recent(chart: Chart, problem: Problem, days: int) -> bool:
    """Begun or recorded within the days that count; what has no date is not known to be recent."""
    dated = [when for when in (problem.onset, problem.recorded) if when is not None]
    return any(chart.days_ago(when.end) <= days for when in dated)


def _stated(chart: Chart, problems: list[Problem], what: str) -> Statement:
    if problems:
        return Statement.yes(*(problem.fact(what) for problem in problems))
    return Statement() if chart.record.knows("conditions") else Statement.unknown("problem list")
