"""The figures of the guide to sizing are those of the last measurement, by the sum that it shows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from docs.sizing import cores, filled, milliseconds
from tests.docs.repository import text


def test_the_figures_are_those_of_the_last_measurement() -> None:
    assert filled(text("docs/how-to/size.md")) == text("docs/how-to/size.md"), "make docs"


def test_what_was_measured_is_found_whole() -> None:
    assert set(milliseconds(text("docs/performance.md"))) == {"small", "large"}


@pytest.mark.parametrize(
    ("calls", "time", "needed"),
    [(24_000, "1000", "2"), (24_000, "500", "1"), (48_000, "500", "2"), (0, "500", "0")],
)
def test_cores_are_calls_in_the_busiest_hour_times_their_processor_time(calls: int, time: str, needed: str) -> None:
    """24,000 a day are 3,600 in the busiest hour: one a second."""
    assert cores(calls, Decimal(time)) == Decimal(needed)
