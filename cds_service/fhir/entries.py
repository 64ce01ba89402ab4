"""A prefetch value or a Bundle of drafts, taken apart into entries, and what it says about being whole.

Decides the states of a key: sent whole, failed, unreadable, incomplete; and of one resource that was sent twice, which
version counts. Of a resource only its head is looked at, as much as is needed to sort it; the rest is left to the
readers of the resource types.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from operator import attrgetter
from typing import Any

import msgspec

from cds_service.fhir.dates import DateUnreadable, read_when
from cds_service.fhir.elements import UNREADABLE, Json, decoded, many, member, text
from cds_service.record import Gap, GapReason

RAW_ABSENT = msgspec.Raw(b"")


class Head(msgspec.Struct, rename="camel", gc=False):
    """The members that say what a resource is, whose it is and, of a result, what it answers and when it was had. Code
    and subject stay raw: most resources of a chart share them with others, and each is then read once."""

    resource_type: Json = None
    id: Json = None
    code: msgspec.Raw = RAW_ABSENT
    subject: msgspec.Raw = RAW_ABSENT
    effective_date_time: Json = None
    status: Json = None
    modifier_extension: msgspec.Raw = RAW_ABSENT
    component: msgspec.Raw = RAW_ABSENT
    has_member: msgspec.Raw = RAW_ABSENT
    contained: msgspec.Raw = RAW_ABSENT


class Entry(msgspec.Struct, eq=False, gc=False):
    """One resource as it came: sorted, but not yet read."""

    key: str
    keys: frozenset[str]
    """Every key that holds this resource."""
    raw: msgspec.Raw
    head: Head
    type: str
    source: str
    """"Type/id", else the fullUrl, else the type alone."""
    full_url: str
    is_included: bool
    """The search found it by `_include`: it was not itself asked for."""
    decoded: dict[str, Any] | None = None

    @property
    def whole(self) -> dict[str, Any]:
        """The resource, decoded when first asked for and then kept. Raises one of `UNREADABLE`."""
        if self.decoded is None:
            self.decoded = decoded(self.raw)
        return self.decoded

    @property
    def is_surely_decodable(self) -> bool:
        """It can't be nested so deep that decoding it fails, since the call that it came in was opened."""
        sent = bytes(self.raw)
        return len(sent) < 2 * _HARMLESS_DEPTH or sent.count(b"[") + sent.count(b"{") < _HARMLESS_DEPTH


@dataclass(slots=True)
class Contents:
    """What one key holds. Absence may be inferred from it only where it `is_whole`."""

    key: str
    keys: frozenset[str]
    """The key by itself, one value for all the resources that it holds."""
    entries: list[Entry] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    is_whole: bool = True

    @classmethod
    def of(cls, key: str) -> Contents:
        """Nothing yet."""
        return cls(key, frozenset((key,)))

    def lacks(self, reason: GapReason, note: str = "", source: str = "") -> None:
        """Note why something of this key is not known; it is no longer whole."""
        self.is_whole = False
        gap = Gap(reason, self.key, source, note)
        if gap not in self.gaps:
            self.gaps.append(gap)


class _BundleEntry(msgspec.Struct, rename="camel", gc=False):
    full_url: Json = None
    resource: msgspec.Raw = RAW_ABSENT
    search: Json = None


_Other = str | int | float | bool | None


class SentBundle(msgspec.Struct, rename="camel", eq=False):
    """A Bundle taken apart into entries that are still bytes; what came in its place, where `resource_type` says so."""

    resource_type: Json = None
    total: Json = None
    link: Json = None
    entry: _BundleEntry | list[_BundleEntry | list[Any] | _Other] | _Other = None


SENT = SentBundle | list[Any] | _Other
"""Whatever stands where a Bundle belongs."""

Prefetched = msgspec.Raw | SentBundle | None
"""What stands under one key: its bytes, or a Bundle (or an OperationOutcome in its place) that is open; null."""

_VALUE: msgspec.json.Decoder[SentBundle | list[Any] | _Other] = msgspec.json.Decoder(SENT)
_HEAD = msgspec.json.Decoder(Head | list[Any] | _Other)
ORDER_TYPES = frozenset({"MedicationRequest", "ServiceRequest"})
EXPOSURE_TYPES = frozenset({"MedicationAdministration", "MedicationDispense", "MedicationStatement"})
FACT_TYPES = (
    ORDER_TYPES
    | EXPOSURE_TYPES
    | {"Observation", "Condition", "Procedure", "AllergyIntolerance", "Immunization", "Goal"}
)
"""Types that are facts of the record."""

SUPPORTING = frozenset(
    {"Medication", "Patient", "Practitioner", "PractitionerRole", "Organization", "Encounter", "Location", "Group"}
    | {"Provenance", "Specimen", "Device", "RelatedPerson", "CareTeam", "Coverage", "Substance", "EpisodeOfCare"}
    | {"DiagnosticReport", "Binary", "DocumentReference", "Account", "Composition", "Media", "ImagingStudy"}
)
"""Types that come along with what was asked for, and are no facts of the record themselves."""

_HARMLESS_DEPTH = 700
MOST_ENTRIES = 50_000
"""Of one Bundle. No body has room for as many real resources; empty ones would take a minute to sort."""

_HARMLESS = frozenset({"warning", "information", "success"})


def contents_of(key: str, value: Prefetched, page: int | None = None) -> Contents:
    """The entries of a Bundle, or the one resource that was sent in place of one. Never raises.

    `page` is how many matches were asked for: just as many, with no word of how many there are, may be the first of
    more.
    """
    contents = Contents.of(key)
    try:
        if isinstance(value, SentBundle):
            _look_into(value, contents, page)
        elif value is not None and bytes(value) not in (b"", b"null"):
            _look_into_bytes(value, contents, page)
    except UNREADABLE as error:
        contents.lacks(GapReason.KEY_UNREADABLE, str(error))
    return contents


def _look_into(sent: SentBundle, contents: Contents, page: int | None) -> bool:
    """False where it is no Bundle, and no word of why there is none."""
    match text(sent.resource_type):
        case "Bundle":
            _take_apart(sent, contents, page)
        case "OperationOutcome":
            contents.lacks(GapReason.KEY_FAILED)
        case _:
            return False
    return True


def _look_into_bytes(value: msgspec.Raw, contents: Contents, page: int | None) -> None:
    sent = _VALUE.decode(value)
    if isinstance(sent, SentBundle) and _look_into(sent, contents, page):
        return
    _sort(_BundleEntry(resource=value), contents, GapReason.KEY_UNREADABLE)
    kind = text(sent.resource_type) if isinstance(sent, SentBundle) else ""
    if kind and kind not in FACT_TYPES:
        contents.lacks(GapReason.KEY_UNREADABLE, f"it is a {kind}")


def _take_apart(bundle: SentBundle, contents: Contents, page: int | None) -> None:
    entries = many(bundle.entry)
    if len(entries) > MOST_ENTRIES:
        contents.lacks(GapReason.KEY_INCOMPLETE, f"only {MOST_ENTRIES} of its entries are read")
        entries = entries[:MOST_ENTRIES]
    matches = sum([_sort(sent, contents, GapReason.RESOURCE_UNREADABLE) for sent in entries])
    if next_page(bundle.link) is not None:
        contents.lacks(GapReason.KEY_INCOMPLETE, "the Bundle has a next page")
    elif _total(bundle.total) > matches:
        contents.lacks(GapReason.KEY_INCOMPLETE, "the Bundle says that there are more matches than it holds")
    elif bundle.total is None and matches == page:
        contents.lacks(GapReason.KEY_INCOMPLETE, "the Bundle is just full and does not say that it holds all matches")


def _sort(sent: object, contents: Contents, reason: GapReason) -> bool:
    """Put one resource where it belongs. True when the search would count it as a match."""
    if not isinstance(sent, _BundleEntry):
        contents.lacks(reason, "an entry is no object")
        return True
    mode = sent.search.get("mode") if type(sent.search) is dict else None
    try:
        head = _HEAD.decode(sent.resource) if sent.resource else None
    except UNREADABLE as error:
        contents.lacks(reason, str(error))
        return bool(mode != "include")
    kind = text(head.resource_type) if isinstance(head, Head) else ""
    if not kind or kind == "Bundle" or not isinstance(head, Head):
        contents.lacks(reason, _fault(head))
        return bool(mode != "include")
    if kind == "OperationOutcome":
        if not _is_harmless(sent.resource):
            contents.lacks(GapReason.KEY_INCOMPLETE, "the search reported an error beside its matches")
        return bool(mode == "match")  # A server that calls it a match has counted it as one.
    full_url = sent.full_url.strip() if type(sent.full_url) is str else ""
    id = text(head.id)
    source = f"{kind}/{id}" if id else full_url or kind
    is_included = mode == "include" or (mode is None and kind in SUPPORTING)
    contents.entries.append(
        Entry(contents.key, contents.keys, sent.resource, head, kind, source, full_url, is_included)
    )
    return not is_included


def _fault(head: object) -> str:
    if head is None:
        return "an entry holds no resource"
    if not isinstance(head, Head):
        return "it is no object"
    return "an entry is itself a Bundle" if text(head.resource_type) == "Bundle" else "it has no resourceType"


def _is_harmless(outcome: msgspec.Raw) -> bool:
    try:
        issues = many(member(decoded(outcome), "issue"))
    except UNREADABLE:
        return False
    return bool(issues) and all(text(member(issue, "severity")).lower() in _HARMLESS for issue in issues)


def next_page(links: Json) -> str | None:
    """Where a Bundle's list goes on, by its `link` as sent: "" where it goes on and does not say where, None at its
    end."""
    return next((text(member(link, "url")) for link in many(links) if member(link, "relation") == "next"), None)


def _total(total: Json) -> int:
    digits = text(total)
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


# One resource sent twice: the same type and id under two keys, or twice in a Bundle. A resource without an id has no
# versions.


def newest_versions(entries: Iterable[Entry]) -> list[Entry]:
    """Every resource once, under all keys that hold it; in one order, since a search promises none and the same chart
    must read the same."""
    kept: dict[object, Entry] = {}
    for entry in entries:
        identity = _identity(entry)
        earlier = kept.setdefault(identity, entry)
        if earlier is not entry:
            kept[identity] = _newer(earlier, entry)
    return sorted(kept.values(), key=attrgetter("source"))


def _identity(entry: Entry) -> object:
    """Type and id; for a resource that has a fullUrl alone, that and every byte of it; else the entry itself."""
    if entry.head.id is not None and entry.source != entry.full_url and entry.source != entry.type:
        return entry.source
    return id(entry) if entry.source == entry.type else (entry.source, bytes(entry.raw))


def _newer(one: Entry, other: Entry) -> Entry:
    newest = max(one, other, key=_rank)
    newest.keys = one.keys | other.keys
    newest.is_included = one.is_included and other.is_included
    return newest


def _rank(entry: Entry) -> tuple[int, float, bytes]:
    """Version number, then time of change; versions that say neither are told apart by their bytes alone."""
    try:
        meta = entry.whole.get("meta")
    except UNREADABLE:
        return -1, 0.0, bytes(entry.raw)
    version = text(member(meta, "versionId"))
    number = int(version) if version.isdecimal() and len(version) < 10 else -1
    try:
        moment = read_when(member(meta, "lastUpdated"), UTC).moment
    except DateUnreadable:
        moment = None
    return number, moment.timestamp() if moment else 0.0, bytes(entry.raw)
