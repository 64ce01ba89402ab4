"""What a patient's FHIR data say: generic facts, no disease, no HTTP.

`cds_service.fhir` fills a `PatientRecord`; a disease package under `hooks` reads it. A fact keeps where it came from
(`source`, such as "Observation/glucose-3"), its date as an interval, its status as received. What a fact *means* (is
this status good enough, is this code ours) is left to the disease package; what could not be read is a `Gap`, never
silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, TypeVar

from cds_service.codes import Code, Concept
from cds_service.values import Quantity, ReferenceRange, Value, When, shown


@dataclass(frozen=True, slots=True)
class Fact:
    """One datum behind a finding, as the card's explanation prints it."""

    reference: str
    what: str
    value: Decimal | str | None = None
    unit: str | None = None
    date: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """An Observation (or one component of it): a laboratory value, a vital sign, a score."""

    source: str
    concept: Concept
    status: str = "final"
    when: When | None = None
    value: Value | None = None
    reference_range: ReferenceRange | None = None
    interpretation: frozenset[str] = frozenset()
    """Codes of v3-ObservationInterpretation, upper case ("H", "POS", "N")."""
    method: str = ""
    laboratory: str = ""
    identifiers: frozenset[Code] = frozenset()
    """(system, value) of its business identifiers: a correction that came as another resource shares one."""
    caveat: str = ""
    """Why the result as a whole can't be used, whatever its value, in words; "" where it can."""

    @property
    def codes(self) -> frozenset[Code]:
        return self.concept.codes

    @property
    def received(self) -> str:
        """The value as it came, for showing; "" where none was sent."""
        value, unit = shown(self.value)
        return "" if value is None else f"{value} {unit or ''}".strip()

    def gaps(self) -> Sequence[Gap]:
        """What could not be read of it."""
        return ()

    def fact(self, what: str) -> Fact:
        """A value that can't be read is shown as it came."""
        value, unit = shown(self.value)
        return Fact(
            self.source, what, self.received or None if value is None else value, unit, _day(self.when), self.status
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A Condition. `clinical_status` and `verification_status` are "" where absent."""

    source: str
    concept: Concept
    clinical_status: str = ""
    verification_status: str = ""
    onset: When | None = None
    recorded: When | None = None
    is_new: bool = False
    """The hook is about this entry: the user has just put it on the problem list."""

    def fact(self, what: str) -> Fact:
        status = self.verification_status or self.clinical_status or None
        return Fact(self.source, what, self.concept.text or None, None, _day(self.onset or self.recorded), status)


ExposureKind = Literal["administration", "dispense", "statement", "request", "procedure"]


@dataclass(frozen=True, slots=True)
class Medicine:
    """Evidence that a medicine was given, handed out, reported or asked for (active or past; never a draft)."""

    source: str
    kind: ExposureKind
    concept: Concept
    status: str
    when: When | None = None
    until: When | None = None
    amount: Quantity | None = None
    reasons: tuple[Concept, ...] = ()

    def fact(self, what: str) -> Fact:
        value, unit = shown(self.amount or self.concept)
        return Fact(self.source, what, value, unit, _day(self.when), self.status)


@dataclass(frozen=True, slots=True)
class Procedure:
    """A Procedure."""

    source: str
    concept: Concept
    status: str
    when: When | None = None

    def fact(self, what: str) -> Fact:
        return Fact(self.source, what, self.concept.text or None, None, _day(self.when), self.status)


@dataclass(frozen=True, slots=True)
class Immunization:
    """An Immunization. `status` is "not-done" where the vaccine was not given, also where older versions of FHIR say so
    in a member of its own."""

    source: str
    concept: Concept
    status: str
    when: When | None = None

    def fact(self, what: str) -> Fact:
        return Fact(self.source, what, self.concept.text or None, None, _day(self.when), self.status or None)


@dataclass(frozen=True, slots=True)
class Goal:
    """A Goal: what is aimed at. `status` is its life cycle, also where older versions of FHIR call it otherwise."""

    source: str
    concept: Concept
    status: str = ""
    when: When | None = None
    """The day on which it began, else that of its status."""

    def fact(self, what: str) -> Fact:
        return Fact(self.source, what, self.concept.text or None, None, _day(self.when), self.status or None)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction of an allergy: what it looked like and how severe ("mild", "moderate", "severe" or "")."""

    manifestations: tuple[Concept, ...] = ()
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Allergy:
    """An AllergyIntolerance. `substances` holds its own code and those named by its reactions."""

    source: str
    substances: tuple[Concept, ...]
    clinical_status: str = ""
    verification_status: str = ""
    criticality: str = ""
    reactions: tuple[Reaction, ...] = ()
    recorded: When | None = None
    is_new: bool = False
    """The hook is about this entry: the user is putting it on record."""

    def fact(self, what: str) -> Fact:
        value = self.substances[0].text if self.substances else ""
        status = self.verification_status or self.clinical_status or None
        return Fact(self.source, what, value or None, None, _day(self.recorded), status)


@dataclass(frozen=True, slots=True)
class Dosage:
    """One dosage line of an order: amount of a single dose, and the repeat it is given by."""

    amount: Quantity | None = None
    count: int | None = None
    frequency: int | None = None
    period: Decimal | None = None
    period_unit: str = ""
    events: tuple[When, ...] = ()
    lasts: Decimal | None = None
    """Days from the first to the last on which it is given, both counted, where the bounds of the repeat say so."""
    text: str = ""
    received: str = ""
    """What was sent in place of the amount, where that can't be read."""


@dataclass(frozen=True, slots=True)
class Order:
    """A MedicationRequest or ServiceRequest (or another request type): a draft of the user's, or one on record."""

    source: str
    resource_type: str
    concept: Concept
    status: str = ""
    intent: str = ""
    is_draft: bool = False
    is_selected: bool = False
    """The hook is about this order: a draft that the user has just chosen (without a choice every draft is), or at
    order-dispatch an order on record that is being dispatched."""
    when: When | None = None
    """occurrence, else the first dosage event or period start, else authoredOn."""
    reasons: tuple[Concept, ...] = ()
    """reasonCode, and the concepts of Conditions that reasonReference points to, resolved."""
    dosages: tuple[Dosage, ...] = ()
    refills: int | None = 0
    """How often the prescription may be dispensed again; None where that could not be read."""
    resource: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """The draft as received, for an `update` that must return it unchanged; {} for an order on record."""

    def fact(self, what: str) -> Fact:
        return Fact(self.source, what, self.concept.text or None, None, _day(self.when), self.status or None)


@dataclass(frozen=True, slots=True)
class UnreadOrder:
    """A draft, or an order being dispatched, that is there and can't be read: nothing was checked for it."""

    source: str
    is_selected: bool
    why: str
    named: str = ""
    """What it says of itself, for showing."""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """An Appointment that is being booked. `when` is its start, else the start of the period asked for."""

    source: str
    status: str = ""
    when: When | None = None


class GapReason(Enum):
    """Why something that may exist is not known."""

    KEY_ABSENT = "the prefetch key was not sent"
    KEY_FAILED = "the EHR reported an error for this prefetch key"
    KEY_UNREADABLE = "the prefetch key holds something other than what was asked for"
    KEY_INCOMPLETE = "the list has a next page that was not sent"
    RESOURCE_UNREADABLE = "the resource could not be read"
    WRONG_PATIENT = "the resource belongs to another patient"
    UNIT_UNKNOWN = "the unit is not in the unit table"
    DATE_UNREADABLE = "the date could not be read"
    IN_FUTURE = "the date is in the future"
    VALUE_UNREADABLE = "the value could not be read"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not known, and why. `key` is the prefetch key, `source` the resource, where there is one."""

    reason: GapReason
    key: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient in context. `born` is None where unknown (also where prefetch `patient` was null)."""

    id: str
    sex: str = ""
    """Administrative gender as sent: "female", "male", "other", "unknown" or ""."""
    born: When | None = None
    is_deceased: bool = False

    def age_on(self, day: date) -> int | None:
        """Age in whole years; None unless every day of the birth interval gives the same answer to "18 or older"
        (a birth year alone counts from its last day, so that nobody is taken for older than known)."""
        if self.born is None or self.born.start > day:
            return None
        born = min(self.born.end, day)
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """Everything that was read for one hook call.

    `known_keys` are the prefetch keys from which absence may be inferred: sent whole, null, or empty. A key that is
    not in it was absent, failed, unreadable or cut, and what it would have held is unknown.
    """

    patient: Patient
    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    unnamed: tuple[Medicine, ...] = ()
    """Evidence of medicines that are named in a way that can't be told: any of them may be any drug."""
    procedures: tuple[Procedure, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    immunizations: tuple[Immunization, ...] = ()
    goals: tuple[Goal, ...] = ()
    orders: tuple[Order, ...] = ()
    unread_orders: tuple[UnreadOrder, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    """Those being booked in this call; those on record are not read."""
    noted: tuple[Gap, ...] = ()
    """What was not known when the resources were sorted; see `gaps`."""
    known_keys: frozenset[str] = frozenset()

    def knows(self, *keys: str) -> bool:
        """True when absence may be inferred from every one of `keys`."""
        return self.known_keys.issuperset(keys)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Everything that is not known, and why. Reads every result, which otherwise waits until it is asked."""
        of_results = (gap for result in self.results for gap in result.gaps())
        return tuple(dict.fromkeys([*self.noted, *of_results]))

    @property
    def drafts(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if order.is_draft)

    @property
    def in_hand(self) -> tuple[Order, ...]:
        """Orders that the user is at work on: the drafts, and the orders on record that are being dispatched."""
        return tuple(order for order in self.orders if order.is_draft or order.is_selected)


Dated = TypeVar("Dated", Result, Medicine, Procedure, Immunization, Order)


def newest_first(facts: Iterable[Dated]) -> list[Dated]:
    """Dated facts, newest first; facts without a date are left out.

    Whole days decide first, then the moment within the day, then the source, so that the order in which a client
    lists its resources never matters.
    """
    return sorted((fact for fact in facts if fact.when is not None), key=_recency, reverse=True)


def _recency(fact: Result | Medicine | Procedure | Immunization | Order) -> tuple[date, float, str]:
    assert fact.when is not None
    moment = fact.when.moment.timestamp() if fact.when.moment else 0.0
    return fact.when.end, moment, fact.source


def _day(when: When | None) -> str | None:
    if when is None:
        return None
    return when.start.isoformat() if when.start == when.end else when.received or when.start.isoformat()
