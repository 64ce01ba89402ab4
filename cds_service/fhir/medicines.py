"""Which medicine a resource names, and administrations, dispenses and statements as evidence that it was given.

A medicine is named by code, by reference to a Medication that was sent along, or by a display alone, in the members of
R4 or of other versions; the ingredients of a Medication count as codes of the medicine, and their names beside its own.
What is named only by a reference that leads nowhere is unknown, and may be anything: such evidence stays, without a
drug. The day is the one on which it was given or began to be taken; a day after today leaves the evidence out, with a
gap. That something was not given or not taken is its status, also where older versions of FHIR say it in a member of
its own. What a status is worth is left to the disease package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cds_service.codes import Concept
from cds_service.fhir.dosages import dosages_of, events_of, first_dose, first_event
from cds_service.fhir.elements import (
    UNREADABLE,
    Json,
    JsonObject,
    concept_of,
    is_true,
    many,
    member,
    only,
    says_something,
    status_of,
    text,
    union,
)
from cds_service.fhir.entries import Entry
from cds_service.fhir.notes import MedicineUnknown, Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.references import check_subject, contained_in, references
from cds_service.fhir.scope import Scope
from cds_service.fhir.values import amount
from cds_service.record import Dosage, ExposureKind, GapReason, Medicine
from cds_service.values import Quantity, When

_KINDS: dict[str, ExposureKind] = {
    "MedicationAdministration": "administration",
    "MedicationDispense": "dispense",
    "MedicationStatement": "statement",
}
UNTOLD = "its medication is named by a reference that leads nowhere"
UNREAD = "what it names can't be read"
NAMELESS = "it does not say which medicine"
_STARTS = ("effectiveDateTime", "effectiveTimeDateTime", "occurenceDateTime", "occurrenceDateTime")
_PERIODS = ("effectivePeriod", "effectiveTimePeriod", "occurencePeriod", "occurrencePeriod")
"""Of R4, of DSTU2, and of R5, which spells it with one r."""
_TIMINGS = ("effectiveTiming", "occurenceTiming")
_NOT_TAKEN: Mapping[str, str] = {"n": "not-taken", "unk": "unknown"}
"""What STU3 says beside the status."""
_DEEPEST = 3
"""So far a mixture of mixtures is looked into."""


# Which medicine


def medicine_of(sent: JsonObject, origin: Entry, scope: Scope) -> tuple[Concept, str]:
    """The medicine, and where that can't be told why not; an empty concept and "" where none is named."""
    parts = [sent.get("medicationCodeableConcept"), *many(sent.get("medication"))]
    concept = concept_in(parts)
    named = [*many(sent.get("medicationReference")), *_references_in(sent.get("medication"))]
    lost = "" if concept or named or not any(map(says_something, parts)) else UNREAD
    for part in named:
        reference, display = next(references(part), ("", ""))
        medication = _at(reference, sent, origin, scope, "Medication")
        if medication is None:
            found, is_told = Concept(text=display), bool(display)
        else:
            found, is_told = _medication(medication, sent, origin, scope)
            found = found or Concept(text=display)
        concept = union(concept, found)
        if not is_told and (reference or member(part, "identifier") is not None):
            lost = UNTOLD + (f" ({reference[:80]})" if reference else "")
    return concept, "" if concept.codes else lost


def concept_in(parts: Iterable[Json]) -> Concept:
    """What CodeableConcepts say, and the `concept` of R5's CodeableReferences."""
    concept = Concept()
    for part in parts:
        concept = union(concept, union(concept_of(part), concept_of(member(part, "concept"))))
    return concept


def _references_in(medication: Json) -> Iterator[Json]:
    """The Reference that older versions have in `medication`, and R5 in its `reference`."""
    for part in many(medication):
        inner = member(part, "reference")
        if inner is not None:
            yield part if isinstance(inner, str) else inner


def _at(name: str, sent: JsonObject, origin: Entry, scope: Scope, kind: str) -> JsonObject | None:
    """The resource of `kind` that a reference leads to: contained, or an entry that was sent along."""
    if name.startswith("#"):
        return contained_in(sent.get("contained"), name)
    entry = scope.library.find(name, origin) if name else None
    if entry is None and name and not set(name) & set("/:?"):  # A bare id.
        entry = scope.library.find(f"{kind}/{name}", origin)
        if entry is None:
            return contained_in(sent.get("contained"), name)
    if entry is None or entry.type != kind:
        return None
    try:
        return entry.whole
    except UNREADABLE:
        return None


def _medication(
    medication: JsonObject, sent: JsonObject, origin: Entry, scope: Scope, depth: int = 0
) -> tuple[Concept, bool]:
    """What it is, and whether that is told: not where an ingredient is named in a way that leads nowhere."""
    own = concept_of(medication.get("code"))
    parts = list(_ingredients(medication, sent, origin, scope, depth))
    codes = own.codes.union(*(part.codes for part in parts))
    # A mixture's own name says little ("Infusion bag 3"): those of its ingredients are read beside it.
    words = dict.fromkeys(part.text for part in (own, *parts) if part.text)
    concept = Concept(codes, "; ".join(words))
    return concept, bool(concept) and all(parts)


def _ingredients(
    medication: JsonObject, sent: JsonObject, origin: Entry, scope: Scope, depth: int
) -> Iterator[Concept]:
    """Of R4's `ingredient`, and of `product` and `package` of older versions."""
    listed = [medication.get("ingredient")]
    if "product" in medication or "package" in medication:
        listed += [member(medication.get("product"), "ingredient"), member(medication.get("package"), "content")]
    for ingredient in [one for part in listed for one in many(part)]:
        if not isinstance(ingredient, dict) or ingredient.get("isActive") is False:
            continue
        item = ingredient.get("item")
        own = concept_in([ingredient.get("itemCodeableConcept"), *many(item)])
        named = [*many(ingredient.get("itemReference")), *_references_in(item)]
        if own or not named:
            yield own
        for reference, display in references(named):
            inner = medication if contained_in(medication.get("contained"), reference) else sent
            substance = _at(reference, inner, origin, scope, "Substance")
            substance = substance or _at(reference, inner, origin, scope, "Medication")
            is_deeper = substance is not None and depth < _DEEPEST
            found = _medication(substance, sent, origin, scope, depth + 1)[0] if substance and is_deeper else Concept()
            yield found or Concept(text=display)


# That it was given


def medicine_given(entry: Entry, scope: Scope, notes: Notes) -> Medicine | None:
    """The evidence in one resource; None, with a gap, when it lies in the future.

    Raises `MedicineUnknown` where its medicine can't be told or none is named, `WrongPatient`.
    """
    sent = entry.whole
    for name in ("subject", "patient"):
        check_subject(sent.get(name), entry, scope.library, scope.patient_names)
    concept, lost = medicine_of(sent, entry, scope)
    if not concept and not lost:
        lost = NAMELESS
    when, until = _time(sent, scope, notes)
    if scope.is_future(when):
        notes.add(GapReason.IN_FUTURE)
        return None
    reasons = reasons_of(sent, entry, scope, notes)
    kind = _KINDS[entry.type]
    given = Medicine(notes.source, kind, concept, _status(sent), when, until, _amount(sent, scope, notes), reasons)
    if lost:
        raise MedicineUnknown(lost, given)
    return given


def _status(sent: JsonObject) -> str:
    if is_true(sent.get("wasNotGiven")) or is_true(sent.get("notGiven")):
        return "not-done"
    if is_true(sent.get("wasNotTaken")):
        return "not-taken"
    status = status_of(sent.get("status"))
    if status is None or status == "recorded":
        return _adherence(sent) or status or "unknown"
    return status if status == "entered-in-error" else _NOT_TAKEN.get(text(sent.get("taken")), status)


def _adherence(sent: JsonObject) -> str:
    """Whether it is taken, as R5 says it beside the status of a record; "" where it does not."""
    told = status_of(member(sent.get("adherence"), "code")) or ""
    if told.startswith("not-taking"):
        return "not-taken"
    return "active" if told.startswith("taking") else ""


def _time(sent: JsonObject, scope: Scope, notes: Notes) -> tuple[When | None, When | None]:
    day = _first_of(sent, _STARTS, scope, notes)
    start, end = next(
        (scope.period(sent[name], notes, name) for name in _PERIODS if sent.get(name) is not None), (None, None)
    )
    timed = next((_first_event(sent[name], scope, notes) for name in _TIMINGS if name in sent), None)
    return day or start or end or timed or _first_of(sent, ("whenHandedOver", "whenPrepared"), scope, notes), end


def _first_event(timing: Json, scope: Scope, notes: Notes) -> When | None:
    return first_event((Dosage(events=events_of(timing, scope, notes)[0]),))


def _first_of(sent: JsonObject, names: tuple[str, ...], scope: Scope, notes: Notes) -> When | None:
    days = (scope.when(sent[name], notes, name) for name in names if name in sent)
    return next((day for day in days if day is not None), None)


def _amount(sent: JsonObject, scope: Scope, notes: Notes) -> Quantity | None:
    dosage = sent.get("dosage") or sent.get("dosageInstruction")
    dose = first_dose(dosages_of(dosage, scope, notes)[0])
    quantity = None if dose is not None else only(sent.get("quantity"), notes, "quantity")
    return dose or amount(quantity, scope.unit_aliases, notes, "quantity")


# Why


def reasons_of(sent: JsonObject, origin: Entry, scope: Scope, notes: Notes) -> tuple[Concept, ...]:
    """Why: the concepts of `reasonCode`, then those of the Conditions that `reasonReference` leads to; in other
    versions `reasonCodeableConcept`, and `reason` for both."""
    coded = [concept_of(one) for one in many(sent.get("reasonCode") or sent.get("reasonCodeableConcept"))]
    led = many(sent.get("reasonReference"))
    if "reason" in sent:
        coded += [concept_in([part]) for part in many(sent["reason"])]
        led += _references_in(sent["reason"])
    referred = [
        concept
        for reference, display in references(led)
        for concept in _referred(reference, display, sent, origin, scope, notes)
    ]
    return tuple(concept for concept in [*coded, *referred] if concept)


def _referred(
    reference: str, display: str, sent: JsonObject, origin: Entry, scope: Scope, notes: Notes
) -> Iterator[Concept]:
    try:
        concept = _condition_at(reference, sent, origin, scope)
    except (*UNREADABLE, ResourceUnreadable) as error:
        notes.add(GapReason.VALUE_UNREADABLE, f"reasonReference: {error}")
        return
    except WrongPatient:
        notes.add(GapReason.WRONG_PATIENT, "reasonReference leads to another patient's record")
        return
    if concept or display:
        yield concept or Concept(text=display)
    elif reference:
        notes.add(GapReason.VALUE_UNREADABLE, "reasonReference: what it leads to was not sent along")


def _condition_at(name: str, sent: JsonObject, origin: Entry, scope: Scope) -> Concept:
    if name.startswith("#"):
        return concept_of(member(contained_in(sent.get("contained"), name), "code"))
    entry = scope.library.find(name, origin) if name else None
    if entry is None or entry.type != "Condition":
        return Concept()
    check_subject(entry.whole.get("subject"), entry, scope.library, scope.patient_names)
    return concept_of(entry.whole.get("code"))
