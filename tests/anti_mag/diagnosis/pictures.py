"""Pictures by hand, and what the rules and cards make of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cds_service.cards import Card
from cds_service.knowledge.contract import Finding
from cds_service.record import Fact
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.cards.gives_way import said_on
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.anti_mag import AntiMag
from hooks.anti_mag.picture.diagnosis import Diagnosis, Tier
from hooks.anti_mag.picture.disability import Disability, Severity
from hooks.anti_mag.picture.immunoglobulin import Igm, IgmValue
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.work_up import MissingTest, WorkUp
from hooks.anti_mag.rules import BY_LOGIC
from hooks.anti_mag.topics import TOPICS
from tests.anti_mag.diagnosis.charts import TODAY, days_ago

NEUROPATHY = Fact("Condition/neuropathy", "Neuropathy")
MGUS = Fact("Condition/mgus", "Monoclonal gammopathy")
TITRE = Fact("Observation/anti-mag", "Anti-MAG antibody", Decimal(20000), "{BTU}")
INCAT = Fact("Observation/incat", "INCAT disability score", Decimal(3))


def missing(*tests: str) -> tuple[MissingTest, ...]:
    return tuple(MissingTest(test, f"label of {test}", "none on record") for test in tests)


def igm(mg_dl: int, days: int = 10, **fields: bool) -> Igm:
    on = days_ago(days).end
    value = IgmValue(
        Decimal(mg_dl), on, Fact("Observation/igm", "IgM", Decimal(mg_dl), "mg/dL", on.isoformat()), **fields
    )
    return Igm(values=(value,), current=value, clearing=value if value.is_firm else None)


PROBABLE = Diagnosis(
    tier=Tier.PROBABLE,
    neuropathy=Statement.yes(NEUROPATHY),
    anti_mag=AntiMag("positive", "strongly supportive", Decimal(20000), facts=(TITRE,)),
    paraprotein=Statement.yes(MGUS),
    has_gammopathy=True,
    facts=(NEUROPATHY, TITRE, MGUS),
)
CONFIRMED = replace(PROBABLE, tier=Tier.CONFIRMED, is_coded=True)
SUSPICION = replace(PROBABLE, tier=Tier.POSSIBLE, anti_mag=AntiMag(), facts=(NEUROPATHY, MGUS))

TREATABLE = ClinicalPicture(
    today=TODAY,
    state=State.TREATABLE,
    diagnosis=PROBABLE,
    disability=Disability(Severity.DISABLING, (INCAT,), last_score=days_ago(10).end, last_assessed=days_ago(10).end),
    igm=igm(800),
)
UNSCORED = replace(TREATABLE, state=State.SEVERITY_UNKNOWN, disability=Disability())
MILD = replace(
    TREATABLE,
    state=State.MILD_STABLE,
    disability=replace(TREATABLE.disability, severity=Severity.MILD_STABLE),
)
SUSPECTED = ClinicalPicture(
    today=TODAY,
    state=State.WORK_UP,
    diagnosis=SUSPICION,
    work_up=WorkUp(diagnostic=missing("anti_mag", "nerve_conduction")),
)


def finding(logic: str, picture: ClinicalPicture) -> Finding:
    return BY_LOGIC[logic](picture)


def topic_of(module) -> str:
    """The topic that a card module writes for."""
    name = module.__name__.rpartition(".")[2]
    return next(code for code, topic in TOPICS.items() if name in topic.modules)


def card_of(module, picture: ClinicalPicture, *logics: str) -> Card | None:
    answers = {logic: Answer(BY_LOGIC[logic], finding(logic, picture)) for logic in logics}
    return module.card(picture, said_on(topic_of(module), picture, answers))


def creates(card: Card) -> list[str]:
    """Resource types that the suggestions of a card create."""
    return [action.resource["resourceType"] for item in card.suggestions for action in item.actions if action.resource]
