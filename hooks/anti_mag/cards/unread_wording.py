"""A result that could not be read, in the words of a card: what it is, of which day, and what came."""

from __future__ import annotations

from datetime import date

from cds_service.markdown import escaped
from hooks.anti_mag.picture.unread import Unread


def unread_in_words(unread: Unread, name: str) -> str:
    """Such as 'newest IgM (22 Nov 2026) could not be read: "4,500 x"'."""
    why = f" ({escaped(unread.why)})" if unread.why else ""
    return f'newest {name} ({_day(unread.fact.date)}) could not be read: "{escaped(unread.received[:80])}"{why}'


def _day(sent: str | None) -> str:
    """A day in full, any other date as it was sent."""
    if sent is None:
        return "no date"
    try:
        day = date.fromisoformat(sent)
    except ValueError:
        return escaped(sent)
    return f"{day.day} {day:%b} {day.year}"
