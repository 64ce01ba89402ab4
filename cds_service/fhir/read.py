"""From the prefetch and the context of one hook call to a `PatientRecord`: the way into this package.

Decides which keys are looked at and from which of them absence may be inferred, and sends every resource to the reader
of its type. An unreadable resource of the type that a key was asked for leaves the key unknown; one of another type, or
another patient's, does not. A key that holds another patient's resources and none of this one's says nothing about this
one. Never raises for anything that an EHR sends; what can't be read is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from cds_service.fhir.elements import (
    MODIFIED,
    UNREADABLE,
    Json,
    JsonObject,
    concept_of,
    decoded,
    many,
    member,
    status_of,
    text,
    unmarked,
)
from cds_service.fhir.entries import (
    FACT_TYPES,
    ORDER_TYPES,
    SUPPORTING,
    Contents,
    Entry,
    Prefetched,
    contents_of,
    newest_versions,
)
from cds_service.fhir.histories import allergy_of, appointment_of, goal_of, immunization_of, problem_of, procedure_of
from cds_service.fhir.medicines import medicine_given
from cds_service.fhir.notes import MedicineUnknown, Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.orders import draft_of, orders_of
from cds_service.fhir.patients import (
    NotAPatient,
    NotThisPatient,
    PatientFailed,
    PatientNotRead,
    PatientUnreadable,
    read_patient,
)
from cds_service.fhir.references import Library, id_of, name_of, references
from cds_service.fhir.results import contained_results, results_of
from cds_service.fhir.scope import Scope
from cds_service.knowledge.contract import Vocabulary
from cds_service.record import (
    Allergy,
    Appointment,
    Gap,
    GapReason,
    Goal,
    Immunization,
    Medicine,
    Order,
    Patient,
    PatientRecord,
    Problem,
    Procedure,
    Result,
    UnreadOrder,
)

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

DRAFTS = "draftOrders"
"""The key that gaps in drafts are noted under."""

NOT_HAD = "it was not sent along, and could not be had"
_BESIDE_DRAFTS = SUPPORTING | {"Condition", "Observation"}
_NO_THERAPY = frozenset(
    {"NutritionOrder", "VisionPrescription", "DeviceRequest", "DeviceUseRequest", "SupplyRequest"}
    | {"CommunicationRequest", "Task", "Appointment"}
    | {"Claim", "CoverageEligibilityRequest", "QuestionnaireResponse", "Consent", "Communication"}
)
"""Orders of things that no medicine and no procedure is among, and papers that come with orders: that they are not read
hides nothing."""
_PARTS = msgspec.json.Decoder(list[msgspec.Raw])
_COUNT = re.compile(r"[?&]_count=(\d+)")


@dataclass(frozen=True, slots=True)
class DraftSource:
    """The drafts of a hook's context. `selections` are "Type/id"; None means that every draft is selected."""

    bundle: msgspec.Raw | None
    selections: frozenset[str] | None


@dataclass(slots=True)
class _Facts:
    """What has been read so far."""

    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    medicines: list[Medicine] = field(default_factory=list)
    unnamed: list[Medicine] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    immunizations: list[Immunization] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    unread: list[UnreadOrder] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Keys that hold something of concern that can't be read."""
    foreign: set[str] = field(default_factory=set)
    """Keys that hold a resource of another patient."""
    own: set[str] = field(default_factory=set)
    """Keys that hold a resource of this patient."""

    @property
    def unknown_keys(self) -> set[str]:
        """Keys from which, for what is in them, no absence may be inferred."""
        return self.broken | (self.foreign - self.own)


def read_record(
    *,
    patient: Patient,
    prefetch: Mapping[str, Prefetched],
    requested: Collection[str],
    drafts: Sequence[DraftSource],
    dispatched: Collection[str] = (),
    entered: Mapping[str, msgspec.Raw] = MappingProxyType({}),
    vocabulary: Vocabulary,
    today: date,
    zone: tzinfo,
) -> PatientRecord:
    """All that the EHR sent for one call, as facts and gaps.

    `prefetch` holds what each key that was sent brought (None for null); keys that are not `requested` are ignored.
    `requested` may be the service's mapping of keys to templates: a key's value is then checked against the type that
    its template asks for. The key "patient" is the caller's, by `read_patient`. `dispatched` are references of orders
    on record, `entered` the raw JSON of what is being booked or put on record, by the member of the context.
    """
    sent = [key for key in sorted(requested) if key != "patient" and key in prefetch]
    held = [contents_of(key, prefetch[key], _page(requested, key)) for key in sent]
    drafted = [(_draft_contents(source.bundle), source.selections) for source in drafts if not _is_empty(source.bundle)]
    added = [contents_of(f"context.{name}", raw) for name, raw in entered.items()]
    in_hand = [*(contents for contents, _ in drafted), *added]
    entries = newest_versions(entry for contents in held for entry in contents.entries)
    library = Library.of([*(entry for contents in in_hand for entry in contents.entries), *entries])
    scope = Scope(
        patient_names=_names_of(patient, drafted, library),
        today=today,
        yesterday=(today - timedelta(days=1)).isoformat(),
        zone=zone,
        result_codes=vocabulary.result_codes,
        result_names=vocabulary.result_names,
        unit_aliases=vocabulary.unit_aliases,
        library=library,
    )
    types, facts = _types(requested), _Facts()
    _read_drafts(drafted, scope, facts)
    _read_entered(added, scope, facts)
    _read_entries(entries, types, frozenset(name_of(reference) for reference in dispatched), scope, facts)
    for contents in held:
        _check_type(contents, types.get(contents.key, ""))
    facts.gaps += [gap for contents in [*held, *in_hand] for gap in contents.gaps]
    facts.gaps += [Gap(GapReason.KEY_ABSENT, key) for key in sorted({*requested} - {"patient"} - prefetch.keys())]
    known = {contents.key for contents in held if contents.is_whole} - facts.unknown_keys
    return _record(patient, facts, frozenset(known | ({"patient"} & {*requested} & prefetch.keys())))


def _record(patient: Patient, facts: _Facts, known_keys: frozenset[str]) -> PatientRecord:
    return PatientRecord(
        patient=patient,
        results=tuple(facts.results),
        problems=tuple(facts.problems),
        medicines=tuple(facts.medicines),
        unnamed=tuple(facts.unnamed),
        procedures=tuple(facts.procedures),
        allergies=tuple(facts.allergies),
        immunizations=tuple(facts.immunizations),
        goals=tuple(facts.goals),
        orders=tuple(facts.orders),
        unread_orders=tuple(facts.unread),
        appointments=tuple(facts.appointments),
        noted=tuple(dict.fromkeys(facts.gaps)),
        known_keys=known_keys,
    )


# The keys


def _page(requested: Collection[str], key: str) -> int | None:
    """How many matches the template of a key asks for; None where that is not known."""
    return _read_template(str(requested[key])).page if isinstance(requested, Mapping) else None


def _types(requested: Collection[str]) -> dict[str, str]:
    if not isinstance(requested, Mapping):
        return {}
    return {key: _read_template(str(template)).type for key, template in requested.items()}


class _Template(NamedTuple):
    type: str
    page: int | None


@lru_cache(maxsize=1024)
def _read_template(template: str) -> _Template:
    """The type that a template asks for, and how many matches; a service has few templates, and they are long."""
    count = _COUNT.search(template)
    return _Template(template.split("?", 1)[0].split("/", 1)[0], int(count[1]) if count else None)


def _check_type(contents: Contents, wanted: str) -> None:
    """A key that holds facts, but none of the type that was asked for, was filled by another query. What results and
    procedures are based on comes along, often without a word that it does."""
    sent = {entry.type for entry in contents.entries if not entry.is_included} - {"ServiceRequest"}
    if wanted and sent and wanted not in sent:
        contents.lacks(GapReason.KEY_UNREADABLE, f"it holds {', '.join(sorted(sent))} where {wanted} was asked for")


# What the user is at work on


def _draft_contents(value: msgspec.Raw | None) -> Contents:
    """The drafts of a context: a Bundle, one resource, or a list of resources in its place."""
    if value is None or bytes(memoryview(value)[:1]) != b"[":
        return contents_of(DRAFTS, value)
    whole = Contents.of(DRAFTS)
    for part in _PARTS.decode(value):
        contents = contents_of(DRAFTS, part)
        whole.entries += contents.entries
        for gap in contents.gaps:
            whole.lacks(gap.reason, gap.note, gap.source)
    return whole


def _is_empty(value: msgspec.Raw | None) -> bool:
    """Nothing is being ordered, in whatever form that is said."""
    return value is None or bytes(value).translate(None, b" \t\r\n") in (b"", b"null", b"[]", b"{}")


def _read_drafts(drafted: Sequence[tuple[Contents, frozenset[str] | None]], scope: Scope, facts: _Facts) -> None:
    """The user's drafts, each with the selections of its source (None: all are selected), into `facts`."""
    chosen = {entry.source for contents, selections in drafted for entry in _chosen(contents, selections)}
    for entry in newest_versions(entry for contents, _ in drafted for entry in contents.entries):
        if entry.type in _BESIDE_DRAFTS:
            continue
        notes = Notes(DRAFTS, entry.source)
        try:
            if entry.type not in ORDER_TYPES:
                raise ResourceUnreadable(f"{entry.type} is not read as an order")
            order = draft_of(entry, entry.source in chosen, scope, notes)
            facts.orders += [order] if order is not None else []
        except WrongPatient:
            notes.add(GapReason.WRONG_PATIENT)
        except (*UNREADABLE, ResourceUnreadable) as error:
            notes.add(GapReason.RESOURCE_UNREADABLE, str(error))
            if entry.type not in _NO_THERAPY:
                facts.unread.append(_unread(entry, entry.source in chosen, str(error)))
        facts.gaps += notes.gaps
    for contents, selections in drafted:
        # What can't be sorted can't be matched with a selection either: a selection that nothing else answers means it.
        is_selected = selections is None or bool({name_of(one) for one in selections} - _names(contents))
        facts.unread += [UnreadOrder(DRAFTS, is_selected, gap.note or gap.reason.value) for gap in contents.gaps]


def _names(contents: Contents) -> set[str]:
    return {name for entry in contents.entries for name in (entry.source, id_of(entry.source))}


def _unread(entry: Entry, is_selected: bool, why: str) -> UnreadOrder:
    try:
        sent = entry.whole
    except UNREADABLE:
        return UnreadOrder(entry.source, is_selected, why, entry.type)
    return UnreadOrder(entry.source, is_selected, why, _shown(sent) or entry.type, status_of(sent.get("status")) or "")


def _shown(sent: JsonObject) -> str:
    """What an order that can't be read says of itself: the names in it."""
    concepts = [concept_of(sent.get(name)).text for name in ("medicationCodeableConcept", "code", "medication")]
    displays = [text(member(part, "display")) for part in many(sent.get("medicationReference"))]
    return "; ".join(dict.fromkeys(name for name in (*concepts, *displays) if name))[:120]


def _names_of(
    patient: Patient, drafted: Sequence[tuple[Contents, frozenset[str] | None]], library: Library
) -> frozenset[str]:
    """What references call the patient: the id, and the urn by which the user's own drafts name their subject where it
    leads nowhere else, since drafts belong to the patient in context."""
    id = id_of(patient.id)
    subjects = {
        (reference, entry)
        for contents, _ in drafted
        for entry in contents.entries
        for reference, _ in references(_subject(entry))
        if reference.startswith("urn:")
    }
    urns = {reference for reference, entry in subjects if library.find(reference, entry) is None}
    return frozenset({id, f"Patient/{id}"} | urns)


def _subject(entry: Entry) -> Json:
    try:
        return decoded(entry.head.subject) if entry.head.subject else None
    except UNREADABLE:
        return None


def _chosen(contents: Contents, selections: frozenset[str] | None) -> list[Entry]:
    if selections is None:
        return contents.entries
    names = {name_of(selection) for selection in selections}
    return [entry for entry in contents.entries if _is_named(entry.source, names)]


def _read_entered(entered: Iterable[Contents], scope: Scope, facts: _Facts) -> None:
    """What is being entered, marked as new: a problem, an allergy, the appointments of a visit. A version of it that is
    on record already gives way, as it does to a draft."""
    for entry in newest_versions(entry for contents in entered for entry in contents.entries):
        if entry.type in SUPPORTING:
            continue
        notes = Notes(entry.key, entry.source)
        try:
            _enter(entry, scope, notes, facts)
        except WrongPatient:
            notes.add(GapReason.WRONG_PATIENT)
        except (*UNREADABLE, ResourceUnreadable) as error:
            notes.add(GapReason.RESOURCE_UNREADABLE, str(error))
        facts.gaps += notes.gaps


def _enter(entry: Entry, scope: Scope, notes: Notes, facts: _Facts) -> None:
    match entry.type:
        case "Condition":
            problem = problem_of(entry, scope, notes)
            facts.problems += [replace(problem, is_new=True)] if problem is not None else []
        case "AllergyIntolerance":
            facts.allergies.append(replace(allergy_of(entry, scope, notes), is_new=True))
        case "Appointment":
            facts.appointments.append(appointment_of(entry, scope, notes))
        case _:
            raise ResourceUnreadable(f"{entry.type} is not read as an entry")


# What is on record


def _read_entries(
    entries: Iterable[Entry], types: Mapping[str, str], dispatched: Collection[str], scope: Scope, facts: _Facts
) -> None:
    """`types` has the type asked for of each key, where it is known."""
    drafts = {order.source for order in facts.orders}
    entered = {problem.source for problem in facts.problems} | {allergy.source for allergy in facts.allergies}
    for entry in entries:
        if entry.type == "Observation":
            _read_results(entry, types, scope, facts)
            continue
        if entry.source in entered and entry.source != entry.type:
            facts.own |= entry.keys
            continue
        if entry.type not in FACT_TYPES:
            if entry.head.contained:
                facts.results += contained_results(entry, scope)
            if not entry.is_included and entry.type not in SUPPORTING:
                _spoilt(entry, f"{entry.type} is not read", types, facts)
            continue
        notes = Notes(entry.key, entry.source)
        try:
            if entry.head.modifier_extension and not unmarked(entry.whole):
                raise ResourceUnreadable(MODIFIED)
            _read(entry, drafts, dispatched, scope, notes, facts)
            facts.own.update(entry.keys)
        except WrongPatient:
            facts.foreign |= entry.keys
            notes.add(GapReason.WRONG_PATIENT)
        except (*UNREADABLE, ResourceUnreadable) as error:
            _spoilt(entry, str(error), types, facts)
            if isinstance(error, MedicineUnknown) and error.medicine is not None:
                facts.unnamed.append(error.medicine)
            if entry.type in ORDER_TYPES and _is_named(entry.source, dispatched):
                facts.unread.append(_unread(entry, True, str(error)))
        facts.gaps += notes.gaps
    had = {order.source for order in facts.orders} | {order.source for order in facts.unread}
    had |= {id_of(source) for source in had}
    facts.unread += [UnreadOrder(name, True, NOT_HAD) for name in sorted(dispatched) if _is_missing(name, had)]


def _is_named(source: str, names: Collection[str]) -> bool:
    return source in names or id_of(source) in names


def _is_missing(name: str, had: Collection[str]) -> bool:
    """True for an order of a kind that is read, which is being dispatched and nowhere in what was sent."""
    return bool(name) and name not in had and name.rpartition("/")[0] in {*ORDER_TYPES, ""}


def _spoilt(entry: Entry, note: str, types: Mapping[str, str], facts: _Facts) -> None:
    """A gap for every key that holds the resource; none of them is known, where it is of the type asked for."""
    for key in sorted(entry.keys):
        facts.gaps.append(Gap(GapReason.RESOURCE_UNREADABLE, key, entry.source, note))
        if entry.type == types.get(key, entry.type) or entry.type not in FACT_TYPES:
            facts.broken.add(key)


def _read_results(entry: Entry, types: Mapping[str, str], scope: Scope, facts: _Facts) -> None:
    try:
        found = results_of(entry, scope)
    except WrongPatient:
        facts.foreign |= entry.keys
        facts.gaps.append(Gap(GapReason.WRONG_PATIENT, entry.key, entry.source))
        return
    except (*UNREADABLE, ResourceUnreadable) as error:
        _spoilt(entry, str(error), types, facts)
        return
    facts.own.update(entry.keys)
    facts.results += found.results
    if found.untold:
        _spoilt(entry, found.untold, types, facts)
    if found.is_future:
        facts.gaps.append(Gap(GapReason.IN_FUTURE, entry.key, entry.source))


def _read(
    entry: Entry, drafts: set[str], dispatched: Collection[str], scope: Scope, notes: Notes, facts: _Facts
) -> None:
    match entry.type:
        case "Condition":
            problem = problem_of(entry, scope, notes)
            facts.problems += [problem] if problem is not None else []
        case "Procedure":
            procedure = procedure_of(entry, scope, notes)
            facts.procedures += [procedure] if procedure is not None else []
        case "Immunization":
            immunization = immunization_of(entry, scope, notes)
            facts.immunizations += [immunization] if immunization is not None else []
        case "Goal":
            goal = goal_of(entry, scope, notes)
            facts.goals += [goal] if goal is not None else []
        case "AllergyIntolerance":
            facts.allergies.append(allergy_of(entry, scope, notes))
        case "MedicationRequest" | "ServiceRequest":
            order, medicine = orders_of(entry, scope, notes)
            facts.medicines += [medicine] if medicine is not None else []
            # An order that the user is changing is the draft; that it was asked for before stays true.
            if order is not None and order.source not in drafts:
                facts.orders.append(replace(order, is_selected=_is_named(order.source, dispatched)))
        case _:
            medicine = medicine_given(entry, scope, notes)
            facts.medicines += [medicine] if medicine is not None else []
