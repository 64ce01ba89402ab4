"""Which Medications a call names by reference and does not hold: what is to be looked up before the record is read.

Decides from the references alone. Whether a server may be asked, and how, is left to `cds_service.access`. Never raises
for anything that an EHR sends: what cannot be read names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from cds_service.fhir.elements import UNREADABLE, text
from cds_service.fhir.entries import Entry, contents_of
from cds_service.fhir.references import references

_REFERENCE = re.compile(r"(?P<base>.*/)?Medication/(?P<id>[A-Za-z0-9._-]{1,64})(/_history/[^/?#]+)?/?")
_NAMES_BY_REFERENCE = b'"medicationReference"'
_MAY_HOLD_ONE = b"Medication"


def unresolved_medications(
    prefetch: Mapping[str, msgspec.Raw | None], drafts: Sequence[msgspec.Raw | None], base: str = ""
) -> tuple[str, ...]:
    """The ids, each once and in order, of Medications that are nowhere among the resources that were sent.

    An absolute reference counts where it lies below `base`, the FHIR server of the call: an id of another server may
    be another drug on this one.
    """
    sent = [raw for raw in (*prefetch.values(), *drafts) if raw is not None]
    if not any(_NAMES_BY_REFERENCE in bytes(raw) for raw in sent):
        return ()
    entries = [entry for raw in sent if _MAY_HOLD_ONE in bytes(raw) for entry in contents_of("", raw).entries]
    there = {text(entry.head.id) for entry in entries if entry.type == "Medication"}
    named = (id for entry in entries for id in _named(entry, base.rstrip("/")))
    return tuple(id for id in dict.fromkeys(named) if id not in there)


def _named(entry: Entry, base: str) -> Iterator[str]:
    if _NAMES_BY_REFERENCE not in bytes(entry.raw):
        return
    try:
        sent = entry.whole.get("medicationReference")
    except UNREADABLE:
        return
    for reference, _ in references(sent):
        found = _REFERENCE.fullmatch(reference)
        if found and (found["base"] is None or (base and found["base"] == f"{base}/")):
            yield found["id"]
