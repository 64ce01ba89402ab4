"""Calls of the hooks beyond the chart and the order: what is being booked, entered, refilled, dispatched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cds_service.cards import Card
from cds_service.knowledge.contract import HookCall
from cds_service.record import Allergy, Appointment, Fact, Order, PatientRecord, Problem
from cds_service.values import When
from hooks.anti_mag.advice import advise
from hooks.anti_mag.knowledge_data import CODES, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of
from tests.anti_mag.diagnosis.charts import TODAY, chart
from tests.anti_mag.flare.patients import Evidence

EVERYWHERE = (
    *("patient-view", "order-select", "order-sign", "order-dispatch", "appointment-book", "encounter-start"),
    *("encounter-discharge", "medication-refill", "problem-list-item-create", "allergyintolerance-create"),
)


def visit(days_ahead: int, status: str = "proposed") -> Appointment:
    return Appointment("Appointment/visit", status, When.on(TODAY + timedelta(days=days_ahead)))


def entered(problem: Problem) -> Problem:
    return replace(problem, source=f"{problem.source}-new", is_new=True)


def dispatched(order: Order) -> Order:
    return replace(order, is_draft=False, is_selected=True, status="active")


def record_of(
    *facts: Evidence | Appointment | Allergy, unknown: frozenset[str] = frozenset(), **person: object
) -> PatientRecord:
    plain = [fact for fact in facts if not isinstance(fact, Appointment | Allergy)]
    made = chart(*plain, unknown=unknown, **person).record  # type: ignore[arg-type]
    return replace(
        made,
        appointments=tuple(fact for fact in facts if isinstance(fact, Appointment)),
        allergies=tuple(fact for fact in facts if isinstance(fact, Allergy)),
    )


def picture(hook: str, *facts: Evidence | Appointment | Allergy, **person: object) -> ClinicalPicture:
    return picture_of(HookCall(hook, record_of(*facts, **person), TODAY), CODES, THRESHOLDS)  # type: ignore[arg-type]


def cards(hook: str, *facts: Evidence | Appointment | Allergy, **person: object) -> dict[str, Card]:
    """The cards of a call by topic."""
    record = record_of(*facts, **person)  # type: ignore[arg-type]
    return {card.topic: card for card in advise(HookCall(hook, record, TODAY)).cards}


def logic(card: Card) -> set[str]:
    return {note.logic for note in card.explanation.findings}


def references(facts: tuple[Fact, ...]) -> set[str]:
    return {fact.reference for fact in facts}
