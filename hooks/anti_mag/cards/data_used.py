"""The data that a card was decided on, as its last lines: one a fact, deciding ones first, or all of it as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from cds_service.knowledge.numbers import unit_in_words
from cds_service.markdown import escaped, table
from cds_service.record import Fact
from hooks.anti_mag.cards.dates import date_in_words

MOST = 6
"""Lines; the rest is counted."""
_LONGEST_VALUE = 80
_NOT_WORTH_A_WORD = frozenset(
    {"final", "amended", "corrected", "appended", "confirmed", "active", "completed", "draft", "finished"}
)
"""Statuses under which a fact is what one takes it for."""


_LIMITS = {
    ("Anti-MAG", "{BTU}"): ("positive ≥", "anti_mag.btu.positive"),
    ("INCAT leg score", None): ("disabling ≥", "disability.leg"),
    ("ONLS leg score", None): ("disabling ≥", "disability.leg"),
    ("INCAT disability score", None): ("disabling ≥", "disability.total"),
    ("ONLS", None): ("disabling ≥", "disability.total"),
}
"""What a fact of a kind and unit is held against, by the threshold's id: said beside it, so that a reader sees whose
number it is."""


def listed(facts: Sequence[Fact], before: Sequence[str], limit: Callable[[str], str], most: int = MOST) -> str:
    """The deciding facts as a list; `before` are lines that stand above them. `limit` puts the number of a threshold
    into words, "" for one that no rule behind the card uses. "" where there is nothing to list."""
    told = list({(fact.what, fact.value, fact.unit, fact.date, fact.status): fact for fact in facts}.values())
    count = len(before) + len(told)
    lines = [*before[:most], *(_line(fact, limit) for fact in told[: max(most - len(before), 0)])]
    shown = lines if count <= most else [*lines, f"and {count - most} more"]
    return "\n".join(f"- {line}" for line in shown)


def whole_table(facts: Sequence[Fact]) -> str:
    """All facts in three columns; "" where there are none."""
    rows = [[escaped(_capital(fact.what)), _value(fact), _when(fact)] for fact in facts]
    return "**Data used**\n\n" + table(["What", "Value", "Date"], rows) if rows else ""


def _line(fact: Fact, limit: Callable[[str], str]) -> str:
    value = _shortened(shown_value(fact))
    said = f"{escaped(_capital(fact.what))} **{escaped(value)}**" if value else escaped(_capital(fact.what))
    return ", ".join([said, _when(fact), *_status(fact), *_limit(fact, limit)])


def _limit(fact: Fact, limit: Callable[[str], str]) -> list[str]:
    words, key = _LIMITS.get((fact.what, fact.unit), _LIMITS.get((fact.what, None), ("", "")))
    number = limit(key) if key and isinstance(fact.value, Decimal) else ""
    return [f"{words} {number}"] if number else []


def _value(fact: Fact) -> str:
    return ", ".join([escaped(shown_value(fact)) or "recorded", *_status(fact)])


def shown_value(fact: Fact) -> str:
    """Value and unit as a reader writes them; "" where the fact has none."""
    return "" if fact.value is None else f"{fact.value} {unit_in_words(fact.unit or '')}".strip()


def _status(fact: Fact) -> list[str]:
    return [] if not fact.status or fact.status in _NOT_WORTH_A_WORD else [escaped(fact.status.replace("-", " "))]


def _when(fact: Fact) -> str:
    return date_in_words(escaped(fact.date)) if fact.date else "no date"


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1].rstrip()}…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
