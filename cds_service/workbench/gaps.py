"""What could not be read or used, with its reason and what was received: the members that the reason is about.

Why something could not be read was decided when it was read, and of the course by the package that draws it; here it is
looked up for whoever wants to see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.record import Gap, GapReason
from cds_service.workbench.case import Outcome
from cds_service.workbench.drawing import Row
from cds_service.workbench.search import Json, reference

LONGEST = 300
"""Characters of what was received that stand in the list; the resource below it is whole."""
_LOST = frozenset({"unitless", "unread", "refused"})
"""Qualities of what does not stand on its axis."""
_WRITE = msgspec.json.Encoder(decimal_format="number")
_VALUES = ("value", "component", "dos", "quantity", "medication", "code", "status")
_DATES = (
    *("effective", "onset", "abatement", "recorded", "issued", "authored", "performed", "occurrence", "when", "date"),
)
_BEGINNINGS: Mapping[GapReason, tuple[str, ...]] = {
    GapReason.VALUE_UNREADABLE: _VALUES,
    GapReason.UNIT_UNKNOWN: _VALUES[:4],
    GapReason.DATE_UNREADABLE: _DATES,
    GapReason.IN_FUTURE: _DATES,
    GapReason.WRONG_PATIENT: ("subject", "patient"),
}
"""With what the names of the members begin that a reason is about, where its note names none."""


@dataclass(frozen=True, slots=True)
class GapShown:
    """One gap. `resource` is None where it is about a whole key, or the resource has no name."""

    reason: str
    note: str
    where: str
    received: str
    resource: Json | None


def gaps_of(outcome: Outcome, drafts: Sequence[Json], rows: Iterable[Row] = ()) -> list[GapShown]:
    """Every gap of the record, and every row of the course that was not read and leaves none."""
    gaps = outcome.call.record.gaps if outcome.call is not None else ()
    lost = [row for row in rows if row.quality in _LOST and row.reference not in {gap.source for gap in gaps}]
    if not gaps and not lost:
        return []
    resources = outcome.resources | {reference(draft): draft for draft in drafts}
    prefetch = msgspec.json.decode(outcome.sent).get("prefetch", {})
    return [*(_shown(gap, resources, prefetch) for gap in gaps), *(_of_course(row, resources) for row in lost)]


def _of_course(row: Row, resources: Mapping[str, Json]) -> GapShown:
    resource = resources.get(row.reference.partition("#")[0])
    return GapShown(f"{row.what} {row.quality_in_words}", row.note, row.reference, row.value or "nothing", resource)


def _shown(gap: Gap, resources: Mapping[str, Json], prefetch: Mapping[str, Any]) -> GapShown:
    resource = resources.get(gap.source.partition("#")[0])
    if resource is not None:
        received = dict(_members(gap, resource))
        text = _text(received) if received else ""
    else:
        text = _text(prefetch[gap.key]) if gap.key in prefetch else "nothing"
    return GapShown(gap.reason.value, gap.note, gap.source or gap.key, text, resource)


def _members(gap: Gap, resource: Json) -> Iterator[tuple[str, object]]:
    """The member that the note names, else those that the reason is about."""
    named = gap.note.partition(":")[0].partition(" ")[0]
    if named in resource:
        yield named, resource[named]
        return
    for name, value in resource.items():
        if name.lower().startswith(_BEGINNINGS.get(gap.reason, ())):
            yield name, value


def _text(value: object) -> str:
    text = _WRITE.encode(value).decode("utf-8", "replace")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
