"""What became of the cards, rule by rule: shown, accepted, overridden with which reasons, month by month.

Silence is never counted as an answer: a card without feedback was shown, and nothing more is known of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.store import FeedbackRow, Store

NO_RULE = "(not issued here)"
ENTRY_COLUMNS = (
    *("rule", "outcome", "reasonCode", "reasonSystem", "reasonDisplay", "comment", "outcomeTimestamp"),
    *("topic", "indicator", "version", "service", "issuer", "card", "acceptedSuggestions", "issued"),
)
SUMMARY_COLUMNS = ("rule", "month", "shown", "accepted", "overridden", "reasons")


@dataclass(slots=True)
class Line:
    """One rule in one month."""

    shown: int = 0
    accepted: int = 0
    overridden: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def summary(store: Store) -> dict[tuple[str, str], Line]:
    """By rule and month ("2026-11"), in that order. Raises `StoreUnavailable`."""
    lines: dict[tuple[str, str], Line] = {}
    for (month, _, rules), count in store.shown_counts().items():
        for rule in rules.split():
            lines.setdefault((rule, month), Line()).shown += count
    for row in store.feedback():
        for rule in row.rules.split() or [NO_RULE]:
            _add(lines.setdefault((rule, row.item.happened[:7]), Line()), row)
    return dict(sorted(lines.items()))


def totals(lines: Mapping[tuple[str, str], Line]) -> dict[str, Line]:
    """All months of each rule together."""
    made: dict[str, Line] = {}
    for (rule, _), line in lines.items():
        total = made.setdefault(rule, Line())
        total.shown += line.shown
        total.accepted += line.accepted
        total.overridden += line.overridden
        total.reasons += line.reasons
    return made


def _add(line: Line, row: FeedbackRow) -> None:
    if row.item.outcome == "accepted":
        line.accepted += 1
        return
    line.overridden += 1
    reason = row.item.reason_display or row.item.reason_code
    line.reasons[reason or ("a comment" if row.item.comment else "no reason given")] += 1


def reasons_of(line: Line) -> str:
    """The reasons, most frequent first: "Not now (3), a comment (1)"."""
    return ", ".join(f"{reason} ({count})" for reason, count in line.reasons.most_common())


def summary_rows(lines: Mapping[tuple[str, str], Line]) -> list[dict[str, object]]:
    """One for each rule and month, by `SUMMARY_COLUMNS`."""
    return [
        {
            "rule": rule,
            "month": month,
            "shown": line.shown,
            "accepted": line.accepted,
            "overridden": line.overridden,
            "reasons": reasons_of(line),
        }
        for (rule, month), line in lines.items()
    ]


def entry_rows(rows: Iterable[FeedbackRow]) -> list[dict[str, object]]:
    """One for each feedback, by `ENTRY_COLUMNS`."""
    return [
        {
            "rule": row.rules,
            "outcome": row.item.outcome,
            "reasonCode": row.item.reason_code,
            "reasonSystem": row.item.reason_system,
            "reasonDisplay": row.item.reason_display,
            "comment": row.item.comment,
            "outcomeTimestamp": row.item.happened,
            "topic": row.topic,
            "indicator": row.indicator,
            "version": row.version,
            "service": row.service,
            "issuer": row.issuer,
            "card": row.item.card,
            "acceptedSuggestions": row.item.suggestions,
            "issued": "yes" if row.is_issued else "no",
        }
        for row in rows
    ]


def rows_of(store: Store, *, is_by_entry: bool) -> tuple[tuple[str, ...], list[dict[str, object]]]:
    """Columns and rows: one for each feedback, or one for each rule and month. Raises `StoreUnavailable`."""
    if is_by_entry:
        return ENTRY_COLUMNS, entry_rows(store.feedback())
    return SUMMARY_COLUMNS, summary_rows(summary(store))


def as_table(columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Columns of text, as wide as their contents."""
    names = list(columns)
    cells = [names, *([" ".join(str(row[name]).split()) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )
