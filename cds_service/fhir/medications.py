"""Which medicine a resource names: by code, by reference to a Medication that was sent along, or by a display alone.

A Medication's ingredients count as codes of the medicine. What is named only by a reference that leads nowhere is
unknown, and may be anything.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cds_service.codes import Concept
from cds_service.fhir.concepts import concept_of, text_of, union
from cds_service.fhir.elements import RAW_ABSENT, UNREADABLE, Concepts, References, items
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import Notes, ResourceUnreadable
from cds_service.fhir.references import Library, contained_in, references


class Medicated(msgspec.Struct, rename="camel"):
    """The members by which a resource names its medicine."""

    medication_codeable_concept: Concepts = None
    medication_reference: References = None
    contained: msgspec.Raw = RAW_ABSENT


class _Ingredient(msgspec.Struct, rename="camel"):
    item_codeable_concept: Concepts = None
    is_active: Any = None


class _Medication(msgspec.Struct):
    code: Concepts = None
    ingredient: msgspec.Raw = RAW_ABSENT


_MEDICATION = msgspec.json.Decoder(_Medication, strict=False)
_INGREDIENT = msgspec.json.Decoder(_Ingredient, strict=False)


def medicine_of(sent: Medicated, origin: Entry, library: Library, notes: Notes) -> Concept:
    """The medicine; an empty concept where none is named. Raises `ResourceUnreadable` for one that can't be told."""
    concept = concept_of(sent.medication_codeable_concept)
    lost = False
    for reference in references(sent.medication_reference):
        raw = medication_at(text_of(reference.reference), sent.contained, origin, library)
        found = Concept() if raw is None else _medication(raw, notes)
        concept = union(concept, found or Concept(text=text_of(reference.display)))
        lost = lost or bool(text_of(reference.reference))
    if lost and not concept:
        raise ResourceUnreadable("its medication was not sent along")
    return concept


def medication_at(name: str, contained: msgspec.Raw, origin: Entry, library: Library) -> msgspec.Raw | None:
    """The Medication that a reference leads to: contained, or an entry that was sent along."""
    if name.startswith("#"):
        return contained_in(contained, name)
    entry = library.find(name, origin)
    return entry.raw if entry is not None and entry.type == "Medication" else None


def _medication(raw: msgspec.Raw, notes: Notes) -> Concept:
    try:
        sent = _MEDICATION.decode(raw)
    except UNREADABLE as error:
        raise ResourceUnreadable(f"its medication could not be read: {error}") from error
    concept = concept_of(sent.code)
    for ingredient in items(sent.ingredient, _INGREDIENT, notes, "ingredient"):
        if ingredient.is_active is not False:
            concept = union(concept, concept_of(ingredient.item_codeable_concept))
    return concept
