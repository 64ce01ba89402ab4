"""Charts for the gates, built by hand: an adult with coded anti-MAG neuropathy, safe to treat unless told otherwise."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from cds_service.cards import Card
from cds_service.codes import Code, Concept
from cds_service.knowledge.contract import Finding, HookCall
from cds_service.record import (
    Allergy,
    Dosage,
    Immunization,
    Medicine,
    Order,
    Patient,
    PatientRecord,
    Problem,
    Reaction,
    Result,
)
from cds_service.values import Quantity, Text, Value, When
from hooks.anti_mag import advice, rules
from hooks.anti_mag.knowledge_data import CODES, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of

TODAY = date(2026, 3, 2)
KEYS = frozenset(
    {
        "patient",
        "conditions",
        "laboratory",
        "paraproteinTests",
        "hepatitisB",
        "pregnancyTests",
        "assessments",
        "vitalSigns",
        "medicationRequests",
        "medicationAdministrations",
        "medicationStatements",
        "medicationDispenses",
        "procedures",
        "allergies",
        "immunizations",
        "serviceRequests",
        "goals",
    }
)


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def on(days_ago: int | None) -> When | None:
    return None if days_ago is None else When.on(day(days_ago))


def code(code_set: str) -> Code:
    displays = CODES[code_set].displays
    return displays[0][0] if displays else min(CODES[code_set].codes)


def concept(code_set: str, text: str = "") -> Concept:
    return Concept(frozenset({code(code_set)}), text or code_set.replace("_", " "))


def words(text: str) -> Concept:
    return Concept(frozenset(), text)


def quantity(value: str, unit: str | None, comparator: str = "") -> Quantity:
    return Quantity(Decimal(value), unit, comparator, f"{comparator}{value} {unit or ''}".strip())  # type: ignore[arg-type]


def result(
    code_set: str,
    value: Value | str | None = None,
    ago: int | None = 10,
    *,
    status: str = "final",
    flags: Iterable[str] = (),
    source: str = "",
) -> Result:
    told = Text(value) if isinstance(value, str) else value
    name = source or f"Observation/{code_set}-{ago}-{status}"
    return Result(name, concept(code_set), status, on(ago), told, None, frozenset(flags))


def igm(mg_dl: str, ago: int = 10, *, status: str = "final") -> Result:
    return result("igm_serum", quantity(mg_dl, "mg/dL"), ago, status=status)


def problem(
    code_set: str, *, ago: int | None = 100, clinical: str = "active", verification: str = "confirmed"
) -> Problem:
    return Problem(f"Condition/{code_set}", concept(code_set), clinical, verification, on(ago))


def allergy(
    substance: Concept | None = None,
    *,
    severity: str = "",
    criticality: str = "",
    shown: str = "",
    verification: str = "confirmed",
    clinical: str = "active",
) -> Allergy:
    reaction = Reaction((words(shown),) if shown else (), severity)
    return Allergy(
        "AllergyIntolerance/a",
        (substance or concept("rituximab"),),
        clinical,
        verification,
        criticality,
        (reaction,) if severity or shown else (),
    )


def given(
    code_set: str, ago: int | None, *, kind: str = "administration", status: str = "completed", n: int = 0
) -> Medicine:
    source = f"Medication/{code_set}-{ago}-{n}"
    return Medicine(source, kind, concept(code_set), status, on(ago))  # type: ignore[arg-type]


def vaccinated(
    vaccine: str | Concept = "live_vaccine_cvx", ago: int | None = 10, *, status: str = "completed"
) -> Immunization:
    what = concept(vaccine) if isinstance(vaccine, str) else vaccine
    return Immunization("Immunization/v", what, status, on(ago))


def draft(
    drug: str | Concept = "rituximab",
    amount: Quantity | None = None,
    *,
    reason: Concept | None = None,
    days: int | None = None,
    name: str = "draft-1",
    kind: str = "MedicationRequest",
    selected: bool = True,
    status: str = "draft",
) -> Order:
    """A draft order; `days` from today on which the dose is to be given."""
    what = concept(drug) if isinstance(drug, str) else drug
    return Order(
        f"{kind}/{name}",
        kind,
        what,
        status,
        "order",
        is_draft=True,
        is_selected=selected,
        when=None if days is None else When.on(TODAY + timedelta(days=days)),
        reasons=(reason,) if reason else (),
        dosages=(Dosage(amount=amount),) if amount else (),
    )


def on_record(drug: str, *, days: int | None = 0, name: str = "r1", kind: str = "MedicationRequest") -> Order:
    return replace(draft(drug, name=name, days=days, kind=kind), is_draft=False, is_selected=False, status="active")


SAFE = (
    igm("1200"),
    result("hbsag", "Negative", 30),
    result("anti_hbc_total", "Non-reactive", 30),
    result("body_height", quantity("175", "cm"), 20),
    result("body_weight", quantity("76", "kg"), 20),
)
NEUROPATHY = problem("anti_mag_neuropathy")
FULL_DOSE = quantity("720", "mg")
"""375 mg/m² for 175 cm and 76 kg (1.92 m²)."""


def without(*code_sets: str) -> tuple[Result, ...]:
    return tuple(item for item in SAFE if not any(CODES[name].holds(item.concept) for name in code_sets))


def record(
    *orders: Order,
    results: Iterable[Result] = SAFE,
    problems: Iterable[Problem] = (NEUROPATHY,),
    age: int | None = 60,
    sex: str = "female",
    unread: Iterable[str] = (),
    **rest: object,
) -> PatientRecord:
    born = None if age is None else When.on(TODAY.replace(year=TODAY.year - age) - timedelta(days=40))
    return PatientRecord(
        Patient("p1", sex, born),
        results=tuple(results),
        problems=tuple(problems),
        orders=tuple(orders),
        known_keys=KEYS - frozenset(unread),
        **rest,  # type: ignore[arg-type]
    )


def picture(chart: PatientRecord, hook: str = "order-sign") -> ClinicalPicture:
    return picture_of(HookCall(hook, chart, TODAY), CODES, THRESHOLDS)


def finding(logic: str, chart: PatientRecord, hook: str = "order-sign") -> Finding:
    return rules.BY_LOGIC[logic](picture(chart, hook))


def truth(logic: str, chart: PatientRecord, hook: str = "order-sign") -> str:
    return finding(logic, chart, hook).truth.value


def cards(chart: PatientRecord, hook: str = "order-sign") -> dict[str, Card]:
    return {card.topic: card for card in advice.advise(HookCall(hook, chart, TODAY)).cards}


def safety_card(chart: PatientRecord, hook: str = "order-sign") -> Card | None:
    return cards(chart, hook).get("rituximabSafety")


def behind(card: Card | None) -> set[str]:
    return set() if card is None else {note.logic for note in card.explanation.findings}
