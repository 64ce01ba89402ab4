"""Dates as a card says them, "17 Nov 2026", which a line break never parts. Modules write them as FHIR does."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KEPT_OR_DAY = re.compile(r'"[^"\n]*"|(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])')
"""What a chart is quoted with stays as it came."""
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_NO_BREAK = "\u00a0"


def in_words(day: date) -> str:
    """Such as "17 Nov 2026"."""
    return _NO_BREAK.join((str(day.day), _MONTHS[day.month - 1], str(day.year)))


def date_in_words(sent: str) -> str:
    """A day or a month in words; a year, and whatever else was sent, as it is."""
    if found := _MONTH.fullmatch(sent):
        return f"{_MONTHS[int(found[2]) - 1]}{_NO_BREAK}{found[1]}"
    try:
        return in_words(date.fromisoformat(sent))
    except ValueError:
        return sent


def with_dates_in_words(text: str) -> str:
    """The text with every day in words, but within quotation marks."""
    return _KEPT_OR_DAY.sub(lambda found: found[0] if found[0][0] == '"' else date_in_words(found[0]), text)
