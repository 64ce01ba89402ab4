"""Which tests are ordered already, or under way: the one place that says so, for every card and rule (C6.3, ruling 39).

An order is known by its code, by the site's own code for it, or by the names of `tests.toml`. Whether a test that is
neither ordered nor on record is missed is left to `work_up`.
"""

from __future__ import annotations

from hooks.anti_mag.code_sets import own_orders
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture.chart import PRELIMINARY_STATUSES, Chart

AWAITED = PRELIMINARY_STATUSES | {"registered"}
"""Statuses of a result that is still to come."""


def is_ordered(chart: Chart, test: str) -> bool:
    """The test, by its name in tests.toml, is drafted or ordered."""
    row = INVESTIGATIONS[test]
    return bool(chart.live_orders(*row.ordered_as, own_orders(test), named=row.called, kind="ServiceRequest"))


def tests_ordered(chart: Chart) -> frozenset[str]:
    """Every test that is drafted or ordered."""
    return frozenset(test for test in INVESTIGATIONS if is_ordered(chart, test)) if chart.record.orders else frozenset()


def is_under_way(chart: Chart, test: str) -> bool:
    """Ordered, or its result is awaited."""
    results = INVESTIGATIONS[test].results
    awaited = chart.results(*results, statuses=AWAITED) + chart.undated_results(*results, statuses=AWAITED)
    return bool(awaited) or is_ordered(chart, test)
