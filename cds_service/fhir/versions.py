"""One resource sent twice: which of its versions counts.

The same type and id under two keys, or twice in a Bundle, is one resource. The newest version counts, whatever the
order of sending; a resource without an id has no versions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import Any

import msgspec

from cds_service.fhir.concepts import text_of
from cds_service.fhir.dates import DateUnreadable, read_when
from cds_service.fhir.elements import UNREADABLE, Token
from cds_service.fhir.entries import Entry


class _Meta(msgspec.Struct, rename="camel"):
    version_id: Token = None
    last_updated: Any = None


_META = msgspec.json.Decoder(_Meta, strict=False)
_Rank = tuple[int, float, bytes]


def newest_versions(entries: Iterable[Entry]) -> list[Entry]:
    """Every resource once, under all keys that hold it; in one order, since a search promises none and the same chart
    must read the same."""
    kept: dict[object, Entry] = {}
    for entry in entries:
        identity = _identity(entry)
        earlier = kept.get(identity)
        kept[identity] = entry if earlier is None else _newer(earlier, entry)
    return sorted(kept.values(), key=lambda entry: entry.source)


def _identity(entry: Entry) -> object:
    """Type and id; for a resource that has a fullUrl alone, that and every byte of it; else the entry itself."""
    if entry.source.startswith(f"{entry.type}/"):
        return entry.source
    return id(entry) if entry.source == entry.type else (entry.source, bytes(entry.raw))


def _newer(one: Entry, other: Entry) -> Entry:
    newest = max(one, other, key=_rank)
    keys = one.keys | other.keys
    return replace(newest, keys=keys, is_included=one.is_included and other.is_included)


def _rank(entry: Entry) -> _Rank:
    """Version number, then time of change; versions that say neither are told apart by their bytes alone."""
    try:
        meta = _META.decode(entry.meta)
    except UNREADABLE:
        return -1, 0.0, bytes(entry.raw)
    version = text_of(meta.version_id)
    number = int(version) if version.isdecimal() and len(version) < 10 else -1
    try:
        moment = read_when(meta.last_updated, UTC).moment
    except DateUnreadable:
        moment = None
    return number, moment.timestamp() if moment else 0.0, bytes(entry.raw)
