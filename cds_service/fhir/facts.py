"""Every resource of a call to the reader of its type, and what becomes of one that can't be read.

An unreadable resource of the type that a key was asked for leaves the key unknown; one of another type, or another
patient's, does not. A key that holds another patient's resources and none of this one's says nothing about this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.fhir.elements import UNREADABLE
from cds_service.fhir.entries import FACT_TYPES, ORDER_TYPES, SUPPORTING, Contents, Entry
from cds_service.fhir.histories import allergy_of, immunization_of, problem_of, procedure_of
from cds_service.fhir.medicines import medicine_given
from cds_service.fhir.notes import Notes, ResourceUnreadable, WrongPatient
from cds_service.fhir.observations import concerns, results_of
from cds_service.fhir.orders import draft_of, orders_of
from cds_service.fhir.references import id_of, name_of
from cds_service.fhir.scope import Scope
from cds_service.fhir.versions import newest_versions
from cds_service.record import (
    Allergy,
    Appointment,
    Gap,
    GapReason,
    Immunization,
    Medicine,
    Order,
    Problem,
    Procedure,
    Result,
)

DRAFTS = "draftOrders"
"""The key that gaps in drafts are noted under."""

_BESIDE_DRAFTS = SUPPORTING | {"Condition", "Observation"}


@dataclass(slots=True)
class Facts:
    """What has been read so far."""

    results: list[Result] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    medicines: list[Medicine] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    immunizations: list[Immunization] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
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


def read_drafts(drafted: Iterable[tuple[Contents, frozenset[str] | None]], scope: Scope, facts: Facts) -> None:
    """The user's drafts, each with the selections of its source (None: all are selected), into `facts`."""
    sources = list(drafted)
    chosen = {entry.source for contents, selections in sources for entry in _chosen(contents, selections)}
    for entry in newest_versions(entry for contents, _ in sources for entry in contents.entries):
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
        facts.gaps += notes.gaps


def _chosen(contents: Contents, selections: frozenset[str] | None) -> list[Entry]:
    if selections is None:
        return contents.entries
    names = {name_of(selection) for selection in selections}
    return [entry for entry in contents.entries if entry.source in names or id_of(entry.source) in names]


def read_entries(entries: Iterable[Entry], types: Mapping[str, str], scope: Scope, facts: Facts) -> None:
    """What is on record, into `facts`. `types` has the type asked for of each key, where it is known."""
    drafts = {order.source for order in facts.orders}
    entered = {problem.source for problem in facts.problems} | {allergy.source for allergy in facts.allergies}
    for entry in entries:
        if entry.source in entered and entry.source != entry.type:
            facts.own |= entry.keys
            continue
        if entry.type not in FACT_TYPES:
            if not entry.is_included and entry.type not in SUPPORTING:
                _spoilt(entry, f"{entry.type} is not read", types, facts)
            continue
        if entry.type == "Observation" and not concerns(entry, scope.result_codes):
            continue
        notes = Notes(entry.key, entry.source)
        try:
            _read(entry, drafts, scope, notes, facts)
            facts.own |= entry.keys
        except WrongPatient:
            facts.foreign |= entry.keys
            notes.add(GapReason.WRONG_PATIENT)
        except (*UNREADABLE, ResourceUnreadable) as error:
            _spoilt(entry, str(error), types, facts)
        facts.gaps += notes.gaps


def _spoilt(entry: Entry, note: str, types: Mapping[str, str], facts: Facts) -> None:
    """A gap for every key that holds the resource; none of them is known, where it is of the type asked for."""
    for key in sorted(entry.keys):
        facts.gaps.append(Gap(GapReason.RESOURCE_UNREADABLE, key, entry.source, note))
        if entry.type == types.get(key, entry.type) or entry.type not in FACT_TYPES:
            facts.broken.add(key)


def _read(entry: Entry, drafts: set[str], scope: Scope, notes: Notes, facts: Facts) -> None:
    match entry.type:
        case "Observation":
            facts.results += results_of(entry, scope, notes)
        case "Condition":
            problem = problem_of(entry, scope, notes)
            facts.problems += [problem] if problem is not None else []
        case "Procedure":
            procedure = procedure_of(entry, scope, notes)
            facts.procedures += [procedure] if procedure is not None else []
        case "Immunization":
            immunization = immunization_of(entry, scope, notes)
            facts.immunizations += [immunization] if immunization is not None else []
        case "AllergyIntolerance":
            facts.allergies.append(allergy_of(entry, scope, notes))
        case "MedicationRequest" | "ServiceRequest":
            order, medicine = orders_of(entry, scope, notes)
            # An order that the user is changing is the draft; that it was asked for before stays true.
            facts.orders += [order] if order is not None and order.source not in drafts else []
            facts.medicines += [medicine] if medicine is not None else []
        case _:
            medicine = medicine_given(entry, scope, notes)
            facts.medicines += [medicine] if medicine is not None else []
