"""What could not be read, with its reason and what was received: the members that the reason is about, as they came.

Why something could not be read was decided when it was read; here it is looked up for whoever wants to see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.record import Gap, GapReason
from cds_service.workbench.case import Outcome
from cds_service.workbench.search import Json, reference

LONGEST = 300
"""Characters of what was received that stand in the list; the resource below it is whole."""
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


def gaps_of(outcome: Outcome, drafts: Sequence[Json]) -> list[GapShown]:
    """Every gap of the record."""
    if outcome.call is None or not outcome.call.record.gaps:
        return []
    resources = outcome.resources | {reference(draft): draft for draft in drafts}
    prefetch = msgspec.json.decode(outcome.sent).get("prefetch", {})
    return [_shown(gap, resources, prefetch) for gap in outcome.call.record.gaps]


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
