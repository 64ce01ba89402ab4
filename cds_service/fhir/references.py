"""References between resources: what they name, whom they belong to, and what they lead to.

Relative, absolute and versioned references to one resource are one name ("Condition/7"); a `urn:uuid:` keeps its own.
Nothing is fetched: a reference leads to what was sent along, in the same Bundle first; which Medications that leaves
unresolved is said, and whether a server may be asked for them is left to `cds_service.access`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from cds_service.fhir.elements import UNREADABLE, Json, JsonObject, many, member, text
from cds_service.fhir.entries import Entry, contents_of
from cds_service.fhir.notes import ResourceUnreadable, WrongPatient

_REFERRED = frozenset({"Medication", "Condition", "Patient", "Substance"})
"""Types that a reference is followed to."""

_MEDICATION = re.compile(r"(?P<base>.*/)?Medication/(?P<id>[A-Za-z0-9._-]{1,64})(/_history/[^/?#]+)?/?")
_NAMES_BY_REFERENCE = b'"medicationReference"'
_MAY_HOLD_ONE = b"Medication"


def name_of(reference: str) -> str:
    """The "Type/id" of a relative, absolute or versioned reference; `urn:`, "#id" and a bare id stay as they are."""
    stripped = reference.strip()
    if stripped.startswith(("urn:", "#")):
        return stripped
    path = stripped.split("#", 1)[0].split("?", 1)[0].split("/_history", 1)[0].rstrip("/")
    return "/".join(path.split("/")[-2:])


def id_of(reference: str) -> str:
    """The last segment: the logical id."""
    return name_of(reference).rsplit("/", 1)[-1]


def references(value: Json) -> Iterator[tuple[str, str]]:
    """Reference and display of each Reference in an element that holds one, many, or a bare string; "" for either that
    is not there."""
    for part in many(value):
        if isinstance(part, str):
            yield part.strip(), ""
        else:
            yield text(member(part, "reference")), text(member(part, "display"))


@dataclass(frozen=True, slots=True)
class Library:
    """What was sent in this call, by the names that references use."""

    by_name: dict[str, Entry]
    by_bundle: dict[tuple[str, str], Entry]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Library:
        """File `entries` under every name that a reference can give them; of two with one name the first counts."""
        library = cls({}, {})
        for entry in entries:
            if entry.type not in _REFERRED:
                continue
            for name in {entry.source, name_of(entry.full_url), entry.full_url} - {"", entry.type}:
                library.by_name.setdefault(name, entry)
                for key in entry.keys:
                    library.by_bundle.setdefault((key, name), entry)
        return library

    def find(self, reference: str, origin: Entry) -> Entry | None:
        """The resource that `origin` refers to, or None where it was not sent along."""
        name = name_of(reference)
        return self.by_bundle.get((origin.key, name)) or self.by_name.get(name)


def contained_in(contained: Json, reference: str) -> JsonObject | None:
    """The contained resource that "#id" names."""
    wanted = reference.strip().lstrip("#")
    for part in many(contained):
        if isinstance(part, dict) and text(part.get("id")).lstrip("#") == wanted:
            return part
    return None


def check_subject(subject: Json, origin: Entry, library: Library, names: frozenset[str]) -> None:
    """Return when the resource is the patient's own, or says nothing of whose it is.

    Raises `WrongPatient` when it is another's, `ResourceUnreadable` when its subject can't be told.
    """
    if type(subject) is dict and type(reference := subject.get("reference")) is str and reference in names:
        return  # As nearly all do.
    for part in many(subject):
        if not isinstance(part, str | dict):
            raise ResourceUnreadable("its subject is no reference")
    for reference, _ in references(subject):
        if reference.startswith("urn:"):
            found = library.find(reference, origin)
            if found is not None:
                _check_name(found.source, names)
            elif reference not in names and reference.rsplit(":", 1)[-1] not in names:
                raise ResourceUnreadable("its subject is a urn that leads nowhere")
        elif reference.startswith("#"):
            raise ResourceUnreadable("its subject is contained in it, so that whose it is can't be told")
        elif reference:
            _check_name(reference, names)


def _check_name(reference: str, names: frozenset[str]) -> None:
    """`names` is what references call the patient; "patient/1" is no type of FHIR's, and means the same."""
    name = name_of(reference)
    if name not in names and not (name[:8].lower() == "patient/" and name[8:] in names):
        raise WrongPatient


def unresolved_medications(
    prefetch: Mapping[str, msgspec.Raw | None], drafts: Sequence[msgspec.Raw | None], base: str = ""
) -> tuple[str, ...]:
    """The ids, each once and in order, of Medications that are named and are nowhere among the resources that were
    sent: what is to be looked up before the record is read. What cannot be read names nothing.

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
        found = _MEDICATION.fullmatch(reference)
        if found and (found["base"] is None or (base and found["base"] == f"{base}/")):
            yield found["id"]
