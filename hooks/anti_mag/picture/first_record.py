"""When the neuropathy first shows in the chart: by its problem, an anti-MAG result, a conduction study or a score.

Decides the day alone, and only where every list that could hold an earlier one was read whole. What a treatment from
before it means is left to `treatment` and the rules (ruling 29).
"""

from __future__ import annotations

from datetime import date

from cds_service.record import Problem
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture.chart import WITHDRAWN_STATUSES, Chart, is_confirmed
from hooks.anti_mag.picture.diagnosis import NEUROPATHIES, names_disease
from hooks.anti_mag.picture.nerve_conduction import PATTERN, study_days
from hooks.anti_mag.picture.scales import SCALES

KEYS = ("conditions", "laboratory", "assessments", "procedures")
"""The lists in which the neuropathy can show."""
ANTI_MAG = INVESTIGATIONS["anti_mag"].results
SHOWN_BY = (*ANTI_MAG, PATTERN, *INVESTIGATIONS["nerve_conduction"].results, *(s.code_set for s in SCALES.values()))


def first_record_of_neuropathy(chart: Chart) -> date | None:
    """The earliest day on which the neuropathy may have been on record. None where a list was not read whole, where a
    problem or a result has no date, so that it may be older than all, and where nothing shows it."""
    problems = [problem for problem in chart.record.problems if _is_ours(chart, problem)]
    begun = [_begun(problem) for problem in problems]
    results = [
        result
        for result in chart.record.results
        if result.status not in WITHDRAWN_STATUSES and chart.holds(result.concept, *SHOWN_BY)
    ]
    measured = [result.when.start if result.when else None for result in results]
    days = [*begun, *measured, *study_days(chart)]
    known = [day for day in days if day is not None]
    is_complete = chart.record.knows(*KEYS) and len(known) == len(days)
    return min(known, default=None) if is_complete else None


def _is_ours(chart: Chart, problem: Problem) -> bool:
    return is_confirmed(problem) and (chart.holds(problem.concept, *NEUROPATHIES) or names_disease(problem.concept))


def _begun(problem: Problem) -> date | None:
    """Its onset, else the day it was put on record."""
    when = problem.onset or problem.recorded
    return when.start if when else None
