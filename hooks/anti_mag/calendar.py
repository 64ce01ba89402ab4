"""Calendar arithmetic on days: months after a day, as clinicians count them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def months_after(day: date, months: int) -> date:
    """The same day, `months` later (earlier if negative); the month's last day where it has no such day."""
    month_index = day.year * 12 + (day.month - 1) + months
    year, month = month_index // 12, month_index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
