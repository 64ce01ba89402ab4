"""References between resources: what they name, whom they belong to, and what they lead to.

Relative, absolute and versioned references to one resource are one name ("Condition/7"); a `urn:uuid:` keeps its own.
Nothing is fetched: a reference leads to what was sent along, in the same Bundle first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds_service.fhir.elements import Json, JsonObject, many, member, text
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import ResourceUnreadable, WrongPatient

_REFERRED = frozenset({"Medication", "Condition", "Patient", "Substance"})
"""Types that a reference is followed to."""


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
    """`names` is what references call the patient."""
    if name_of(reference) not in names:
        raise WrongPatient
