"""A prefetch value or a Bundle of drafts, taken apart into entries, and what it says about being whole.

Decides the states of a key: sent whole, failed, unreadable, incomplete. What is in an entry is left to the readers of
the resource types; only as much of it is looked at as is needed to sort it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from cds_service.fhir.concepts import text_of
from cds_service.fhir.elements import RAW_ABSENT, UNREADABLE, Token, is_absent, parts
from cds_service.record import Gap, GapReason


@dataclass(slots=True)
class Entry:
    """One resource as it came: sorted, but not yet read."""

    key: str
    type: str
    source: str
    """"Type/id", else the fullUrl, else the type alone."""
    full_url: str
    raw: msgspec.Raw
    is_included: bool
    """The search found it by `_include`: it was not itself asked for."""
    meta: msgspec.Raw
    code: msgspec.Raw
    component: msgspec.Raw
    keys: frozenset[str]
    """Every key that holds this resource."""


@dataclass(slots=True)
class Contents:
    """What one key holds. Absence may be inferred from it only where it `is_whole`."""

    key: str
    entries: list[Entry] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    is_whole: bool = True

    def lacks(self, reason: GapReason, note: str = "", source: str = "") -> None:
        """Note why something of this key is not known; it is no longer whole."""
        self.is_whole = False
        gap = Gap(reason, self.key, source, note)
        if gap not in self.gaps:
            self.gaps.append(gap)


class _Value(msgspec.Struct, rename="camel"):
    resource_type: Token = None
    total: Any = None
    link: Any = None
    entry: msgspec.Raw = RAW_ABSENT


class _BundleEntry(msgspec.Struct, rename="camel"):
    full_url: Any = None
    resource: msgspec.Raw = RAW_ABSENT
    search: Any = None


class _Head(msgspec.Struct, rename="camel"):
    resource_type: Token = None
    id: Token = None
    meta: msgspec.Raw = RAW_ABSENT
    code: msgspec.Raw = RAW_ABSENT
    component: msgspec.Raw = RAW_ABSENT
    issue: Any = None


_VALUE = msgspec.json.Decoder(_Value, strict=False)
_BUNDLE_ENTRY = msgspec.json.Decoder(_BundleEntry, strict=False)
_BUNDLE_ENTRIES = msgspec.json.Decoder(list[_BundleEntry], strict=False)
_HEAD = msgspec.json.Decoder(_Head, strict=False)
ORDER_TYPES = frozenset({"MedicationRequest", "ServiceRequest"})
FACT_TYPES = ORDER_TYPES | {
    "Observation",
    "Condition",
    "Procedure",
    "AllergyIntolerance",
    "Immunization",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationStatement",
}
"""Types that are facts of the record."""

SUPPORTING = frozenset(
    {"Medication", "Patient", "Practitioner", "PractitionerRole", "Organization", "Encounter", "Location", "Group"}
    | {"Provenance", "Specimen", "Device", "RelatedPerson", "CareTeam", "Coverage", "Substance", "EpisodeOfCare"}
)
"""Types that come along with what was asked for, and are no facts of the record themselves."""

MOST_ENTRIES = 50_000
"""Of one Bundle. No body has room for as many real resources; empty ones would take a minute to sort."""

_HARMLESS = frozenset({"warning", "information", "success"})


def contents_of(key: str, value: msgspec.Raw | None, page: int | None = None) -> Contents:
    """The entries of a Bundle, or the one resource that was sent in place of one. Never raises.

    `page` is how many matches were asked for: just as many, with no word of how many there are, may be the first of
    more.
    """
    contents = Contents(key)
    if value is None or is_absent(value):
        return contents
    try:
        _look_into(value, contents, page)
    except UNREADABLE as error:
        contents.lacks(GapReason.KEY_UNREADABLE, str(error))
    return contents


def _look_into(value: msgspec.Raw, contents: Contents, page: int | None) -> None:
    head = _VALUE.decode(value)
    match head.resource_type:
        case "Bundle":
            _take_apart(head, contents, page)
        case "OperationOutcome":
            contents.lacks(GapReason.KEY_FAILED)
        case _:
            _sort(_BundleEntry(resource=value), contents, GapReason.KEY_UNREADABLE)
            if text_of(head.resource_type) not in FACT_TYPES | {""}:
                contents.lacks(GapReason.KEY_UNREADABLE, f"it is a {text_of(head.resource_type)}")


def _take_apart(bundle: _Value, contents: Contents, page: int | None) -> None:
    entries = _bundle_entries(bundle.entry, contents)
    if len(entries) > MOST_ENTRIES:
        contents.lacks(GapReason.KEY_INCOMPLETE, f"only {MOST_ENTRIES} of its entries are read")
    matches = [_sort(sent, contents, GapReason.RESOURCE_UNREADABLE) for sent in entries[:MOST_ENTRIES]]
    if _has_next(bundle.link):
        contents.lacks(GapReason.KEY_INCOMPLETE, "the Bundle has a next page")
    elif _total(bundle.total) > sum(matches):
        contents.lacks(GapReason.KEY_INCOMPLETE, "the Bundle says that there are more matches than it holds")
    elif bundle.total is None and sum(matches) == page:
        contents.lacks(GapReason.KEY_INCOMPLETE, "the Bundle is just full and does not say that it holds all matches")


def _bundle_entries(raw: msgspec.Raw, contents: Contents) -> list[_BundleEntry]:
    if is_absent(raw):
        return []
    try:
        return _BUNDLE_ENTRIES.decode(raw)
    except UNREADABLE:
        # Something in it is spoilt: take the long way, so that the rest is read.
        return [_bundle_entry(part, contents) for part in parts(raw)[: MOST_ENTRIES + 1]]


def _bundle_entry(raw: msgspec.Raw, contents: Contents) -> _BundleEntry:
    try:
        return _BUNDLE_ENTRY.decode(raw)
    except UNREADABLE as error:
        contents.lacks(GapReason.RESOURCE_UNREADABLE, f"entry: {error}")
        return _BundleEntry()


def _sort(sent: _BundleEntry, contents: Contents, reason: GapReason) -> bool:
    """Put one resource where it belongs. True when the search would count it as a match."""
    mode = sent.search.get("mode") if isinstance(sent.search, dict) else None
    try:
        head = _head(sent.resource)
    except UNREADABLE as error:
        contents.lacks(reason, str(error))
        return mode != "include"
    if head.resource_type == "OperationOutcome":
        if not _is_harmless(head.issue):
            contents.lacks(GapReason.KEY_INCOMPLETE, "the search reported an error beside its matches")
        return False
    kind, logical_id = text_of(head.resource_type), text_of(head.id)
    full_url = sent.full_url.strip() if isinstance(sent.full_url, str) else ""
    source = f"{kind}/{logical_id}" if logical_id else full_url or kind
    is_included = mode == "include" or (mode is None and kind in SUPPORTING)
    parsed = (head.meta, head.code, head.component, frozenset({contents.key}))
    contents.entries.append(Entry(contents.key, kind, source, full_url, sent.resource, is_included, *parsed))
    return not is_included


def _head(resource: msgspec.Raw) -> _Head:
    if is_absent(resource):
        raise msgspec.ValidationError("an entry holds no resource")
    head = _HEAD.decode(resource)
    if not head.resource_type:
        raise msgspec.ValidationError("it has no resourceType")
    if head.resource_type == "Bundle":
        raise msgspec.ValidationError("an entry is itself a Bundle")
    return head


def _is_harmless(issues: object) -> bool:
    sent = issues if isinstance(issues, list) else [issues]
    return bool(sent) and all(isinstance(issue, dict) and str(issue.get("severity")) in _HARMLESS for issue in sent)


def _has_next(links: object) -> bool:
    sent = links if isinstance(links, list) else [links]
    return any(isinstance(link, dict) and link.get("relation") == "next" for link in sent)


def _total(total: object) -> int:
    return int(total) if isinstance(total, int | str) and str(total).isdecimal() and len(str(total)) < 10 else 0
