"""Values as FHIR data give them: a day or an interval of days, a quantity, a titre, a text, a range.

Generic and exact, and quickly made, since a chart holds thousands; how each is read off what an EHR sends is
`cds_service.fhir`'s matter, what it means the disease package's.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from cds_service.codes import Concept

Comparator = Literal["", "<", "<=", ">", ">="]
"""The bound a value was reported with; "" means the value is exact."""


class When(msgspec.Struct, frozen=True, gc=False):
    """A FHIR date or time as an interval of whole days in the site's time zone.

    "2024-03" is 2024-03-01 to 2024-03-31; an instant is one day. `moment` orders facts within a day.
    """

    start: date
    end: date
    moment: datetime | None = None
    received: str = ""

    @classmethod
    def on(cls, day: date) -> When:
        return cls(start=day, end=day, received=day.isoformat())


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """A number with its unit. `unit` is a UCUM spelling from the closed unit table; None where none was sent."""

    value: Decimal
    unit: str | None
    comparator: Comparator = ""
    received: str = ""
    """Number and unit as sent, for showing ("38 g/L")."""


class Between(msgspec.Struct, frozen=True, gc=False):
    """A value reported as a range ("4200-4500 mg/dL"): it lies between the two, both of them positive."""

    low: Decimal
    high: Decimal
    unit: str | None
    received: str


class Titre(msgspec.Struct, frozen=True, gc=False):
    """A dilution titre as its reciprocal: 1:25600 is 25600."""

    reciprocal: Decimal
    comparator: Comparator = ""
    received: str = ""


class Text(msgspec.Struct, frozen=True, gc=False):
    """A value sent as text that is neither a number nor a titre."""

    received: str


Value = Quantity | Between | Titre | Concept | Text


class ReferenceRange(msgspec.Struct, frozen=True, gc=False):
    """The laboratory's own range for one result, in the unit of that result's value."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    text: str = ""


def shown(value: Value | None) -> tuple[Decimal | str | None, str | None]:
    """The value and its unit as a fact shows them."""
    match value:
        case Quantity():
            bounded = f"{value.comparator}{value.value}" if value.comparator else value.value
            return bounded, value.unit
        case Titre() | Between():
            return value.received, None
        case Concept():
            return value.text or None, None
        case Text():
            return value.received, None
        case None:
            return None, None
