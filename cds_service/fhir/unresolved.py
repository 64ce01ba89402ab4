"""Which Medications a call names by reference and does not hold: what is to be looked up before the record is read.

Decides from the references alone. Whether a server may be asked, and how, is left to `cds_service.access`. Never raises
for anything that an EHR sends: what cannot be read names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

_REFERENCE = re.compile(r"(?P<base>.*/)?Medication/(?P<id>[A-Za-z0-9._-]{1,64})(/_history/[^/?#]+)?/?")
_NAMES_BY_REFERENCE = b'"medicationReference"'
_ANY = msgspec.json.Decoder()


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
    resources = [resource for raw in sent for resource in _resources(_decoded(raw))]
    there = [resource.get("id") for resource in resources if resource.get("resourceType") == "Medication"]
    named = (id for resource in resources for id in _named(resource, base.rstrip("/")))
    return tuple(id for id in dict.fromkeys(named) if id not in there)


def _decoded(raw: msgspec.Raw) -> object:
    try:
        return _ANY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _resources(value: object) -> Iterator[Mapping[str, Any]]:
    """The entries of a Bundle, or the one resource that was sent in its place."""
    if not isinstance(value, dict):
        return
    if value.get("resourceType") != "Bundle" and "entry" not in value:
        yield value
        return
    for entry in _many(value.get("entry")):
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]


def _named(resource: Mapping[str, Any], base: str) -> Iterator[str]:
    for reference in _many(resource.get("medicationReference")):
        named = reference.get("reference") if isinstance(reference, dict) else reference
        found = _REFERENCE.fullmatch(named.strip()) if isinstance(named, str) else None
        if found and (found["base"] is None or (base and found["base"] == f"{base}/")):
            yield found["id"]


def _many(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
