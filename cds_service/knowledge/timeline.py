"""What a disease package declares of a patient's course, for a picture and a table: results, events, spans.

Which of them matter, and what makes a value unusable, is the package's; how they are drawn is the workbench's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Quality = Literal["good", "censored", "preliminary", "unitless", "unread", "refused"]

QUALITIES: Mapping[Quality, str] = {
    "good": "good",
    "censored": "a bound or a range, no exact value",
    "preliminary": "preliminary",
    "unitless": "without a unit",
    "unread": "could not be read",
    "refused": "not used",
}
"""Each in words."""


@dataclass(frozen=True, slots=True)
class Point:
    """One result. `received` is what came; `value` is where it stands on the axis, None where it has no place there."""

    on: date | None
    received: str
    reference: str
    quality: Quality = "good"
    value: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that counts on an axis, in its unit."""

    value: Decimal
    title: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Results of one kind, on an axis of their own."""

    title: str
    unit: str
    points: tuple[Point, ...]
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, or is due on it (`reference` is then "")."""

    on: date | None
    title: str
    reference: str = ""
    quality: Quality = "good"
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """Events of one kind, on a line of their own."""

    title: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A span of time in which something counts."""

    title: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Timeline:
    """A patient's course up to `today`. What is empty is left out by whoever shows it."""

    today: date
    axes: tuple[Axis, ...] = ()
    lanes: tuple[Lane, ...] = ()
    bands: tuple[Band, ...] = ()
