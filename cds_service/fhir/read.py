"""From the prefetch and the context of one hook call to a `PatientRecord`: the way into this package.

Decides which keys are looked at and from which of them absence may be inferred. Never raises for anything that an EHR
sends; what can't be read is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from types import MappingProxyType

import msgspec

from cds_service.fhir.entered import read_entered
from cds_service.fhir.entries import Contents, contents_of
from cds_service.fhir.facts import DRAFTS, Facts, read_drafts, read_entries
from cds_service.fhir.patients import (
    NotAPatient,
    NotThisPatient,
    PatientFailed,
    PatientNotRead,
    PatientUnreadable,
    read_patient,
)
from cds_service.fhir.references import Library, id_of, name_of
from cds_service.fhir.scope import Scope
from cds_service.fhir.versions import newest_versions
from cds_service.knowledge.contract import Vocabulary
from cds_service.record import Gap, GapReason, Order, Patient, PatientRecord

__all__ = [
    "DraftSource",
    "NotAPatient",
    "NotThisPatient",
    "PatientFailed",
    "PatientNotRead",
    "PatientUnreadable",
    "read_patient",
    "read_record",
]


_COUNT = re.compile(r"[?&]_count=(\d+)")


@dataclass(frozen=True, slots=True)
class DraftSource:
    """The drafts of a hook's context. `selections` are "Type/id"; None means that every draft is selected."""

    bundle: msgspec.Raw | None
    selections: frozenset[str] | None


def read_record(
    *,
    patient: Patient,
    prefetch: Mapping[str, msgspec.Raw | None],
    requested: Collection[str],
    drafts: Sequence[DraftSource],
    dispatched: Collection[str] = (),
    entered: Mapping[str, msgspec.Raw] = MappingProxyType({}),
    vocabulary: Vocabulary,
    today: date,
    zone: tzinfo,
) -> PatientRecord:
    """All that the EHR sent for one call, as facts and gaps.

    `prefetch` holds the raw JSON of each key that was sent (None for null); keys that are not `requested` are ignored.
    `requested` may be the service's mapping of keys to templates: a key's value is then checked against the type that
    its template asks for. The key "patient" is the caller's, by `read_patient`. `dispatched` are references of orders
    on record, `entered` the raw JSON of what is being booked or put on record, by the member of the context.
    """
    sent = [key for key in sorted(requested) if key != "patient" and key in prefetch]
    held = [contents_of(key, prefetch[key], _page(requested, key)) for key in sent]
    drafted = [(contents_of(DRAFTS, source.bundle), source.selections) for source in drafts]
    added = [contents_of(f"context.{name}", raw) for name, raw in entered.items()]
    in_hand = [*(contents for contents, _ in drafted), *added]
    entries = newest_versions(entry for contents in held for entry in contents.entries)
    library = Library.of([*(entry for contents in in_hand for entry in contents.entries), *entries])
    scope = Scope(id_of(patient.id), today, zone, vocabulary.result_codes, vocabulary.unit_aliases, library)
    types, facts = _types(requested), Facts()
    read_drafts(drafted, scope, facts)
    read_entered(added, scope, facts)
    read_entries(entries, types, scope, facts)
    facts.orders = [_dispatched(order, {name_of(reference) for reference in dispatched}) for order in facts.orders]
    for contents in held:
        _check_type(contents, types.get(contents.key, ""))
    facts.gaps += [gap for contents in [*held, *in_hand] for gap in contents.gaps]
    facts.gaps += [Gap(GapReason.KEY_ABSENT, key) for key in sorted({*requested} - {"patient"} - prefetch.keys())]
    known = {contents.key for contents in held if contents.is_whole} - facts.unknown_keys
    return _record(patient, facts, frozenset(known | ({"patient"} & {*requested} & prefetch.keys())))


def _dispatched(order: Order, names: Collection[str]) -> Order:
    is_named = not order.is_draft and (order.source in names or id_of(order.source) in names)
    return replace(order, is_selected=True) if is_named else order


def _record(patient: Patient, facts: Facts, known_keys: frozenset[str]) -> PatientRecord:
    return PatientRecord(
        patient=patient,
        results=tuple(facts.results),
        problems=tuple(facts.problems),
        medicines=tuple(facts.medicines),
        procedures=tuple(facts.procedures),
        allergies=tuple(facts.allergies),
        immunizations=tuple(facts.immunizations),
        orders=tuple(facts.orders),
        appointments=tuple(facts.appointments),
        gaps=tuple(dict.fromkeys(facts.gaps)),
        known_keys=known_keys,
    )


def _page(requested: Collection[str], key: str) -> int | None:
    """How many matches the template of a key asks for; None where that is not known."""
    found = _COUNT.search(str(requested[key])) if isinstance(requested, Mapping) else None
    return int(found[1]) if found else None


def _types(requested: Collection[str]) -> dict[str, str]:
    if not isinstance(requested, Mapping):
        return {}
    return {key: str(template).split("?", 1)[0].split("/", 1)[0] for key, template in requested.items()}


def _check_type(contents: Contents, wanted: str) -> None:
    """A key that holds facts, but none of the type that was asked for, was filled by another query."""
    sent = {entry.type for entry in contents.entries if not entry.is_included}
    if wanted and sent and wanted not in sent:
        contents.lacks(GapReason.KEY_UNREADABLE, f"it holds {', '.join(sorted(sent))} where {wanted} was asked for")
