"""Moves every date in a piece of JSON by the same whole days, so that an example can be replayed on any day.

A date is found wherever it stands in a string: a FHIR date, dateTime or instant, and a day named in a text, in the
words of a card too ("17 Nov 2026", with blanks that do not break). The time of day and its zone stay. A year or a year
and month alone have no day to move and stay as they are, so charts give full dates. Addresses and identifiers
(`http…`, `urn:…`) are left alone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TypeVar, cast

_DAY = re.compile(r"(?<![\d-])(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?![\d-])")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_IN_WORDS = re.compile(rf"(?<!\d)(\d{{1,2}})\u00a0({'|'.join(_MONTHS)})\u00a0(\d{{4}})(?!\d)")
_ADDRESS = ("http://", "https://", "urn:")

Value = TypeVar("Value")


def shifted(value: Value, days: int) -> Value:
    """A copy of a JSON value with every date moved by `days` (negative: into the past)."""
    if isinstance(value, dict):
        return cast(Value, {key: shifted(item, days) for key, item in value.items()})
    if isinstance(value, list):
        return cast(Value, [shifted(item, days) for item in value])
    if isinstance(value, str) and not value.startswith(_ADDRESS):
        moved = _DAY.sub(lambda found: _moved(found.group(1), days), value)
        return cast(Value, _DAY_IN_WORDS.sub(lambda found: _moved_in_words(found, days), moved))
    return value


def _moved(text: str, days: int) -> str:
    """The day moved; a string that only looks like a day (31 February) is none, and stays."""
    try:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
    except ValueError:
        return text


def _moved_in_words(found: re.Match[str], days: int) -> str:
    day, month, year = int(found[1]), _MONTHS.index(found[2]) + 1, int(found[3])
    moved = _moved(f"{year:04}-{month:02}-{day:02}", days)
    try:
        there = date.fromisoformat(moved)
    except ValueError:
        return found[0]
    return f"{there.day}\u00a0{_MONTHS[there.month - 1]}\u00a0{there.year}"
