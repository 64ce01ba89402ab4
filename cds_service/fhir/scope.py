"""What a reader of one resource needs to know beside the resource: whose record, which day, what else was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import NamedTuple

from cds_service.codes import Code
from cds_service.fhir.dates import DateUnreadable, joined, read_when
from cds_service.fhir.elements import Json, first, only
from cds_service.fhir.notes import Notes
from cds_service.fhir.references import Library
from cds_service.record import GapReason
from cds_service.values import When


class Asked(NamedTuple):
    """A code, and whether a result under it answers one of the disease's questions."""

    code: Json
    codes: frozenset[Code]
    is_answer: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """One hook call, as the readers of its resources see it."""

    patient_names: frozenset[str]
    """What references call the patient: the id, "Patient/id", and what else the call makes plain."""
    today: date
    yesterday: str
    """The day before today, as FHIR writes it."""
    zone: tzinfo
    result_codes: frozenset[Code]
    result_names: re.Pattern[str] | None
    """Finds, in lower case, the names of results that are worth reading although no code says so."""
    unit_aliases: Mapping[str, str]
    library: Library
    asked: dict[bytes, Asked] = field(default_factory=dict)
    """What was found out about a code, by its bytes as sent: the results of a chart share few."""
    own_subjects: set[bytes] = field(default_factory=set)
    """Subjects that name this patient plainly, as sent."""

    def when(self, received: Json, notes: Notes, name: str) -> When | None:
        """A date as sent; None where there is none, or (with a gap) where it can't be read."""
        sent = first(received)
        if sent is None:
            return None
        try:
            return read_when(sent, self.zone)
        except DateUnreadable as error:
            notes.add(GapReason.DATE_UNREADABLE, f"{name}: {error}")
            return None

    def period(self, received: Json, notes: Notes, name: str) -> tuple[When | None, When | None]:
        """Start and end of a Period."""
        sent = only(received, notes, name, GapReason.DATE_UNREADABLE)
        if sent is None:
            return None, None
        return self.when(sent.get("start"), notes, f"{name}.start"), self.when(sent.get("end"), notes, f"{name}.end")

    def span(self, received: Json, notes: Notes, name: str) -> When | None:
        """A Period as one interval of days."""
        try:
            return joined(*self.period(received, notes, name))
        except DateUnreadable as error:
            notes.add(GapReason.DATE_UNREADABLE, f"{name}: {error}")
            return None

    def is_future(self, when: When | None) -> bool:
        """True when every day of `when` lies after today."""
        return when is not None and when.start > self.today
