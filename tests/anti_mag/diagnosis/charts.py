"""Charts by hand: one short call a fact, coded with the first code of a set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from cds_service.codes import Concept
from cds_service.record import Goal, Medicine, Order, Patient, PatientRecord, Problem, Procedure, Result
from cds_service.values import Quantity, ReferenceRange, Text, Titre, Value, When
from hooks.anti_mag.knowledge_data import CODES
from hooks.anti_mag.picture.chart import Chart

TODAY = date(2026, 3, 1)
ALL_KEYS = frozenset(
    {
        *("patient", "conditions", "laboratory", "paraproteinTests", "hepatitisB"),
        *("pregnancyTests", "assessments", "vitalSigns", "otherCauses"),
        *("medicationRequests", "medicationAdministrations", "medicationStatements", "medicationDispenses"),
        *("procedures", "allergies", "serviceRequests", "goals"),
    }
)


def days_ago(days: int) -> When:
    return When.on(TODAY - timedelta(days=days))


def coded(name: str, text: str = "") -> Concept:
    code, display = (*CODES[name].displays, (min(CODES[name].codes), name))[0]
    return Concept(frozenset({code}), text or display)


def problem(name: str = "", text: str = "", **fields: object) -> Problem:
    concept = coded(name, text) if name else Concept(text=text)
    made = Problem(f"Condition/{name or 'text'}", concept, "active", "confirmed")
    return replace(made, **fields)


def result(name: str, value: Value | str | int | None, days: int | None = 30, **fields: object) -> Result:
    """A final result of a code set; a number means a quantity without unit, a text a text."""
    if isinstance(value, int):
        value = number(value)
    elif isinstance(value, str):
        value = Text(value)
    when = None if days is None else days_ago(days)
    made = Result(f"Observation/{name}-{days}", coded(name), "final", when, value)
    return replace(made, **fields)


def number(value: int | str, unit: str | None = None, comparator: str = "") -> Quantity:
    return Quantity(Decimal(value), unit, comparator)


def btu(value: int, comparator: str = "") -> Quantity:
    return number(value, "{BTU}", comparator)


def titre(reciprocal: int, comparator: str = "") -> Titre:
    return Titre(Decimal(reciprocal), comparator, f"{comparator}1:{reciprocal}")


def up_to(high: int, unit: str | None = None) -> ReferenceRange:
    return ReferenceRange(high=Decimal(high), unit=unit)


def order(name: str = "", text: str = "", status: str = "active", days: int = 5, **fields: object) -> Order:
    concept = coded(name, text) if name else Concept(text=text)
    made = Order(f"ServiceRequest/{name or 'text'}", "ServiceRequest", concept, status, "order", when=days_ago(days))
    return replace(made, **fields)


def procedure(name: str = "", text: str = "", days: int = 100, status: str = "completed") -> Procedure:
    concept = coded(name, text) if name else Concept(text=text)
    return Procedure(f"Procedure/{name or 'text'}", concept, status, days_ago(days))


def goal(name: str = "", text: str = "", status: str = "active", days: int = 20) -> Goal:
    concept = coded(name, text) if name else Concept(text=text)
    return Goal(f"Goal/{name or 'text'}", concept, status, days_ago(days))


def medicine(name: str, days: int = 30, status: str = "completed") -> Medicine:
    return Medicine(f"MedicationStatement/{name}", "statement", coded(name), status, days_ago(days))


def chart(
    *facts: Problem | Result | Order | Procedure | Goal | Medicine,
    unknown: frozenset[str] | set[str] = frozenset(),
    sex: str = "male",
    born: date = date(1956, 1, 1),
) -> Chart:
    """A chart of the given facts, in which everything but the keys `unknown` was read whole."""

    def of(kind: type) -> tuple:  # type: ignore[type-arg]
        return tuple(fact for fact in facts if isinstance(fact, kind))

    record = PatientRecord(
        Patient("example", sex, When.on(born)),
        results=of(Result),
        problems=of(Problem),
        medicines=of(Medicine),
        procedures=of(Procedure),
        goals=of(Goal),
        orders=of(Order),
        known_keys=ALL_KEYS - unknown,
    )
    return Chart(record, CODES, TODAY)
