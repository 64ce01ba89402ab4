"""Patients around a rituximab course, built from a chart up, and what rules and cards make of them."""

from __future__ import annotations

from dataclasses import replace

from cds_service.cards import Card
from cds_service.knowledge.contract import Finding, HookCall, Thresholds
from cds_service.record import Medicine, Order, Problem, Procedure, Result
from cds_service.values import Quantity
from hooks.anti_mag.advice import answers_for
from hooks.anti_mag.cards.gives_way import said_on
from hooks.anti_mag.knowledge_data import CODES, THRESHOLDS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.diagnosis.charts import TODAY, chart, coded, days_ago, number, order, problem, result
from tests.anti_mag.diagnosis.pictures import topic_of

Evidence = Problem | Result | Order | Procedure | Medicine

NEUROPATHY = problem("anti_mag_neuropathy")
MGUS = problem("igm_mgus")
OURS = (NEUROPATHY, MGUS)
WALDENSTROM = problem("waldenstrom")


def dose(days: int, mg: int | None = 700, kind: str = "administration", status: str = "completed") -> Medicine:
    amount = None if mg is None else number(mg, "mg")
    source = f"{kind}/rituximab-{days}"
    return Medicine(source, kind, coded("rituximab"), status, days_ago(days), amount=amount)  # type: ignore[arg-type]


def weekly(day_zero: int, doses: int = 4) -> tuple[Medicine, ...]:
    """`doses` weekly doses of which the first was `day_zero` days ago."""
    return tuple(dose(day_zero - 7 * place) for place in range(doses))


def igm(mg_dl: int | str, days: int, unit: str | None = "mg/dL", **fields: object) -> Result:
    comparator = str(fields.pop("comparator", ""))
    return result("igm_serum", number(mg_dl, unit, comparator), days, **fields)


def score(name: str, value: int | str, days: int) -> Result:
    unit = {"grip": "kPa", "walk_10m": "s"}.get(name, "{score}")
    return result(f"assessment_{name}", Quantity(number(value).value, unit), days)


def word(direction: str, days: int) -> Result:
    return result("assessment_clinical_course", direction, days)


def symptom(name: str, days: int = 5, **fields: object) -> Problem:
    return replace(problem(name), recorded=days_ago(days), **fields)


def ordered(name: str, days_ahead: int | None = None, **fields: object) -> Order:
    made = order(name, **fields)
    if name == "rituximab":
        made = replace(made, source="MedicationRequest/rituximab", resource_type="MedicationRequest")
    return made if days_ahead is None else replace(made, when=days_ago(-days_ahead))


def patient(
    *facts: Evidence,
    hook: str = "patient-view",
    unknown: set[str] | None = None,
    thresholds: Thresholds = THRESHOLDS,
    **person: object,
) -> ClinicalPicture:
    record = chart(*facts, unknown=unknown or set(), **person).record  # type: ignore[arg-type]
    return picture_of(HookCall(hook, record, TODAY), CODES, thresholds)


def finding(logic: str, picture: ClinicalPicture) -> Finding:
    return BY_LOGIC[logic](picture)


def truth(logic: str, picture: ClinicalPicture) -> str:
    return finding(logic, picture).truth.value


def card_of(module, picture: ClinicalPicture) -> Card | None:  # type: ignore[no-untyped-def]
    """The card that a module makes of the rules that are heard at the picture's hook."""
    answers, failures = answers_for(picture)
    assert not failures
    made: Card | None = module.card(picture, said_on(topic_of(module), picture, answers))
    return made


def labels(card: Card) -> list[str]:
    return [suggestion.label for suggestion in card.suggestions]
