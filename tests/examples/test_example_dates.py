"""Every date of an example can be moved by whole days, and nothing else moves."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_examples.example import load, names
from fhir_examples.shift import shifted

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1))
STEPS = st.integers(min_value=-30_000, max_value=30_000)


@given(DAYS, STEPS)
def test_a_date_moves_by_the_days_asked_for(day: date, step: int) -> None:
    assert shifted({"birthDate": day.isoformat()}, step) == {"birthDate": (day + timedelta(days=step)).isoformat()}


@given(STEPS)
def test_moving_there_and_back_changes_nothing(step: int) -> None:
    bundle = dict(load("first_line_rituximab").bundle)
    assert shifted(shifted(bundle, step), -step) == bundle


@pytest.mark.parametrize(
    ("value", "moved"),
    [
        ("2026-02-28", "2026-03-01"),
        ("2026-02-28T23:59:59+01:00", "2026-03-01T23:59:59+01:00"),
        ("2026-12-31T08:00:00.123Z", "2027-01-01T08:00:00.123Z"),
        ("IgM of 2026-02-28: 980 mg/dL", "IgM of 2026-03-01: 980 mg/dL"),
    ],
)
def test_dates_times_and_days_in_a_text_move(value: str, moved: str) -> None:
    assert shifted([value], 1) == [moved]


@pytest.mark.parametrize(
    "value",
    [
        "2026",
        "2026-02",
        "2026-02-31",
        "2472-9",
        "9dd3a2b5-2026-02-10-9481-04115f217945",
        "https://example.org/2026-02-28/guideline",
        "urn:oid:1.2.3",
        20260228,
        None,
        True,
    ],
)
def test_what_is_no_whole_day_stays(value: Any) -> None:
    assert shifted(value, 1) == value


@pytest.mark.parametrize("name", names())
def test_every_day_of_a_chart_moves(name: str) -> None:
    four_centuries = 146_097
    moved = str(shifted(dict(load(name).bundle), four_centuries))
    assert not re.search(r"\b(19|20)\d{2}-\d{2}-\d{2}", moved)
