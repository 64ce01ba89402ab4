"""A declared course as a picture and as a table: where each mark stands, and the rows that say the same.

Knows days, axes and pixels, and nothing of what they mean. A mark's form tells its quality, so that no colour has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from cds_service.knowledge.numbers import shown
from cds_service.knowledge.timeline import QUALITIES, Axis, Event, Lane, Point, Quality, Timeline

WIDTH, LEFT, RIGHT = 740, 96, 118
_PANEL, _LANE, _GAP, _TOP, _STRIP = 76, 26, 30, 46, 14
"""Heights in pixels: of an axis, a lane, what lies between two, the head, and the strip for what has no value."""
_LINE = 12
"""Pixels between two lines of small words."""
_EARLIEST = timedelta(days=30 * 366)
"""How long before today the picture begins at the most; what lies before stands in the table."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `number` is that of its mark."""

    number: int
    day: str
    what: str
    value: str
    quality: Quality
    quality_in_words: str
    note: str
    reference: str
    is_due: bool = False
    is_changed: bool = False
    """It was not there before something was entered on the page."""

    @property
    def content(self) -> tuple[str, ...]:
        """What tells it from others."""
        return self.day, self.what, self.value, self.quality_in_words, self.note, self.reference

    @property
    def title(self) -> str:
        """The row in one phrase, for a mark."""
        changed = "changed" if self.is_changed else ""
        parts = (f"{self.what} {self.value}".strip(), self.day, self.quality_in_words, self.note, changed)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Mark:
    """One point or event in the picture."""

    x: float
    y: float
    row: Row


@dataclass(frozen=True, slots=True)
class Panel:
    """An axis with its results, or with `scale` empty a lane of events."""

    title: str
    y: float
    height: float
    marks: tuple[Mark, ...]
    scale: tuple[tuple[float, str], ...] = ()
    limits: tuple[tuple[float, float, str], ...] = ()
    """Of each its height, the height of its words, and these."""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it. `rows` hold every point and event, those without a place in the picture too."""

    height: float
    today: float
    panels: tuple[Panel, ...]
    bands: tuple[tuple[float, float, str], ...]
    """Left, width, title."""
    days: tuple[tuple[float, str], ...]
    rows: tuple[Row, ...]
    qualities: tuple[tuple[str, str], ...]
    """Those that occur, for the legend."""
    gone: tuple[str, ...] = ()
    """What was there before something was entered on the page, and is no longer."""

    @property
    def bottom(self) -> float:
        """Where the axis of days is."""
        return self.height - 20


class _Days:
    """The axis of days."""

    def __init__(self, timeline: Timeline) -> None:
        events = [event for lane in timeline.lanes for event in lane.events]
        past = [point.on for series in timeline.axes for point in series.points] + [event.on for event in events]
        earliest = timeline.today - _EARLIEST
        first = min((day for day in past if day and earliest <= day <= timeline.today), default=timeline.today)
        to_come = [event.on for event in events if event.is_due and event.on is not None]
        self.first = min(first, timeline.today - timedelta(days=60)) - timedelta(days=7)
        self.last = max([timeline.today, *to_come]) + timedelta(days=14)

    def x(self, day: date) -> float:
        share = (day - self.first).days / (self.last - self.first).days
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Years, or months where the course is short; never closer than their words are wide."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120) if months / step <= 10 or step == 120)
        for count in range(months + 1):
            year, month = divmod(self.first.year * 12 + self.first.month - 1 + count, 12)
            day = date(year, month + 1, 1)
            if (year * 12 + month) % step == 0 and self.holds(day):
                yield self.x(day), f"{year}" if step >= 12 else f"{_MONTHS[month]} {year}"


def drawn(timeline: Timeline, before: Timeline | None = None) -> Drawing:
    """The picture and the table of a course; with `before`, what that did not have is marked."""
    days = _Days(timeline)
    was = drawn(before).rows if before is not None else None
    known = None if was is None else {row.content for row in was}
    panels: list[Panel] = []
    rows: list[Row] = []
    y = float(_TOP)
    for series in timeline.axes:
        made = [_marked(_row(len(rows) + at, series.title, point), known) for at, point in enumerate(series.points, 1)]
        rows += made
        panels.append(_panel(series, made, days, y))
        y += _PANEL + _STRIP + _GAP
    for lane in timeline.lanes:
        listed = [_marked(_event_row(len(rows) + at, lane, event), known) for at, event in enumerate(lane.events, 1)]
        rows += listed
        marks = [
            Mark(days.x(event.on), y + _LANE / 2, row)
            for event, row in zip(lane.events, listed, strict=True)
            if event.on is not None and days.holds(event.on)
        ]
        panels.append(Panel(lane.title, y, _LANE, tuple(marks)))
        y += _LANE
    occurring = {row.quality for row in rows if not row.is_due}
    there = {row.content for row in rows}
    return Drawing(
        height=y + 26,
        today=days.x(timeline.today),
        panels=tuple(panels),
        bands=tuple(_bands(timeline, days, before)),
        days=tuple(days.ticks()),
        rows=tuple(sorted(rows, key=lambda row: (row.day == "", row.day, row.number))),
        qualities=(*(pair for pair in QUALITIES.items() if pair[0] in occurring), *_due(rows)),
        gone=tuple(row.title for row in was or () if row.content not in there),
    )


def _marked(row: Row, known: Set[tuple[str, ...]] | None) -> Row:
    return row if known is None or row.content in known else replace(row, is_changed=True)


def _panel(series: Axis, rows: Sequence[Row], days: _Days, y: float) -> Panel:
    pairs = [(point, row) for point, row in zip(series.points, rows, strict=True) if days.holds(point.on)]
    values = [point.value for point, _ in pairs if point.value is not None]
    highest = max([Decimal(1), *values, *(limit.value for limit in series.limits)])
    top = highest * Decimal("1.1")

    def height_of(value: Decimal) -> float:
        return round(y + _PANEL - float(value / top) * _PANEL, 1)

    marks = [
        Mark(days.x(point.on), y + _PANEL + _STRIP - 3 if point.value is None else height_of(point.value), row)
        for point, row in pairs
        if point.on is not None
    ]
    in_line = [mark for mark, (point, _) in zip(marks, pairs, strict=True) if point.value is not None]
    return Panel(
        title=f"{series.title}, {series.unit}" if series.unit else series.title,
        y=y,
        height=_PANEL,
        marks=tuple(marks),
        scale=((height_of(Decimal(0)), "0"), (height_of(highest), shown(highest))),
        limits=tuple(_apart((height_of(one.value), f"{one.title} {shown(one.value)}") for one in series.limits)),
        line=" ".join(f"{mark.x},{mark.y}" for mark in in_line) if len(in_line) > 1 else "",
    )


def _apart(limits: Iterable[tuple[float, str]]) -> Iterator[tuple[float, float, str]]:
    """The limits from the lowest up, with their words so far apart that they can be read."""
    below = float("inf")
    for y, words in sorted(limits, reverse=True):
        below = min(y + 4, below - _LINE)
        yield y, below, words


def _bands(timeline: Timeline, days: _Days, before: Timeline | None) -> Iterable[tuple[float, float, str]]:
    for band in timeline.bands:
        start, end = max(band.start, days.first), min(band.end, days.last)
        is_changed = before is not None and band not in before.bands
        if start < end:
            title = f"{band.title}, changed" if is_changed else band.title
            yield days.x(start), round(days.x(end) - days.x(start), 1), title


def _row(number: int, what: str, point: Point) -> Row:
    words = QUALITIES[point.quality]
    return Row(number, _iso(point.on), what, point.received, point.quality, words, point.note, point.reference)


def _event_row(number: int, lane: Lane, event: Event) -> Row:
    words = "due" if event.is_due else QUALITIES[event.quality]
    return Row(number, _iso(event.on), lane.title, event.title, event.quality, words, "", event.reference, event.is_due)


def _due(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return [("due", "due")] if any(row.is_due for row in rows) else []


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()
