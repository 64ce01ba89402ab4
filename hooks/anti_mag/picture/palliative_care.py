"""Palliative care: a decision on record by which nothing but the emergency and the safety of orders is spoken of.

Decides from codes alone, on the problem list, among procedures, orders and goals (ruling 34, C6.10). What falls silent
is left to `cards.gives_way`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Procedure
from hooks.anti_mag.code_sets import code_set
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.statement import Statement

PALLIATIVE_CARE = code_set("palliative_care")
KEYS = ("conditions", "procedures", "serviceRequests", "goals")
"""The lists that can hold it."""
UNDER_WAY = frozenset({"in-progress", "on-hold"})


def palliative_care_of(chart: Chart, thresholds: Thresholds) -> Statement:
    """On record as an active problem, a live order, a goal that is pursued, or a procedure that is under way or was
    done within `palliative.procedure_age` days; UNKNOWN where one of the lists could not be read whole."""
    found = tuple(_facts(chart, thresholds.days("palliative.procedure_age")))
    if found:
        return Statement.yes(*found)
    return Statement.no() if chart.record.knows(*KEYS) else Statement.unknown("palliative care")


def _facts(chart: Chart, reach: int) -> Iterator[Fact]:
    yield from (problem.fact("Palliative care") for problem in chart.problems(PALLIATIVE_CARE))
    yield from (order.fact("Palliative care ordered") for order in chart.live_orders(PALLIATIVE_CARE))
    yield from (goal.fact("Palliative care as a goal") for goal in chart.goals(PALLIATIVE_CARE))
    for procedure in chart.procedures(PALLIATIVE_CARE):
        if procedure.status in UNDER_WAY or _is_recent(chart, procedure, reach):
            yield procedure.fact("Palliative care given")


def _is_recent(chart: Chart, procedure: Procedure, reach: int) -> bool:
    return procedure.when is not None and chart.days_ago(procedure.when.end) <= reach
