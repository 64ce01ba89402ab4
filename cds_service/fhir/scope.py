"""What a reader of one resource needs to know beside the resource: whose record, which day, what else was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, tzinfo

import msgspec

from cds_service.codes import Code
from cds_service.fhir.dates import DateUnreadable, joined, read_when
from cds_service.fhir.elements import PERIOD, item
from cds_service.fhir.notes import Notes
from cds_service.fhir.references import Library
from cds_service.record import GapReason, When


@dataclass(frozen=True, slots=True)
class Scope:
    """One hook call, as the readers of its resources see it."""

    patient_id: str
    today: date
    zone: tzinfo
    result_codes: frozenset[Code]
    unit_aliases: Mapping[str, str]
    library: Library

    def when(self, received: object, notes: Notes, name: str) -> When | None:
        """A date as sent; None where there is none, or (with a gap) where it can't be read."""
        if received is None:
            return None
        try:
            return read_when(received, self.zone)
        except DateUnreadable as error:
            notes.add(GapReason.DATE_UNREADABLE, f"{name}: {error}")
            return None

    def period(self, raw: msgspec.Raw, notes: Notes, name: str) -> tuple[When | None, When | None]:
        """Start and end of a Period."""
        sent = item(raw, PERIOD, notes, name, GapReason.DATE_UNREADABLE)
        if sent is None:
            return None, None
        return self.when(sent.start, notes, f"{name}.start"), self.when(sent.end, notes, f"{name}.end")

    def span(self, raw: msgspec.Raw, notes: Notes, name: str) -> When | None:
        """A Period as one interval of days."""
        try:
            return joined(*self.period(raw, notes, name))
        except DateUnreadable as error:
            notes.add(GapReason.DATE_UNREADABLE, f"{name}: {error}")
            return None

    def is_future(self, when: When | None) -> bool:
        """True when every day of `when` lies after today."""
        return when is not None and when.start > self.today
