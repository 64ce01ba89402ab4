"""Which tests of tests.toml are still to be had: what a rule about a known test asks, without a part of its own.

The question is whether a test was done, not what it says: a number counts in whatever unit it came. What is no number
clears nothing and is no absence either; it is told as what came (ruling 24). A test that is ordered is not missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from cds_service.record import Result
from hooks.anti_mag.knowledge_data import INVESTIGATIONS
from hooks.anti_mag.picture.chart import Chart
from hooks.anti_mag.picture.tests_on_order import is_under_way
from hooks.anti_mag.picture.work_up import MissingTest, as_on_record, could_not_be_read, missing_test, too_old

_NUMBER = re.compile(r"\s*[<>=≤≥~]*\s*\d")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tests that are missing, and those of which that cannot be told."""

    missing: tuple[MissingTest, ...] = ()
    unknown: tuple[MissingTest, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedTests:
    """The tests of a chart; without one, none is wanted."""

    chart: Chart | None = None

    def wanted(self, *tests: str, within: int) -> Wanted:
        """Those of the tests that were not done in the last `within` days and are not under way."""
        chart = self.chart
        asked = [] if chart is None else [found for test in tests if (found := _asked(chart, test, within))]
        return Wanted(
            tuple(item for item, is_missing in asked if is_missing),
            tuple(item for item, is_missing in asked if not is_missing),
        )


def _asked(chart: Chart, test: str, within: int) -> tuple[MissingTest, bool] | None:
    """The test with why it is wanted, and whether it is known to be missing; None where nothing is wanted."""
    row = INVESTIGATIONS[test]
    done = next((result.when.end for result in chart.results(*row.results) if result.when and _is_done(result)), None)
    why = too_old(chart, done, within)
    if not why or is_under_way(chart, test):
        return None
    item = missing_test(test, why)
    since = chart.due_by - timedelta(days=within)
    unread = chart.unread_results(*row.results, is_read=_is_dated_and_done, since=since)
    if unread:
        return replace(item, why=could_not_be_read(unread[0], item.label)), False
    if not chart.record.knows(*row.keys):
        return replace(item, why="not sent whole"), False
    return as_on_record(chart, item), True


def _is_done(result: Result) -> bool:
    return _NUMBER.match(result.received) is not None


def _is_dated_and_done(result: Result) -> bool:
    return result.when is not None and _is_done(result)
