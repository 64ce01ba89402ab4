"""Needs that physical therapy and pain care answer, and whether they are being met (ruling 12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cds_service.codes import Concept, SetName
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Medicine, Order, Procedure
from cds_service.values import When
from hooks.anti_mag.code_sets import code_sets
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture.chart import LIVE_REQUESTS, Chart
from hooks.anti_mag.picture.disability import Disability, Severity
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.referrals import REFERRALS, own_referrals

PAIN_MEDICINES = THERAPIES.of_kind("pain_medicine")
MOVEMENT_PROBLEMS = code_sets("falls_unsteadiness", "ataxia")
PAIN, TREMOR = code_sets("neuropathic_pain", "tremor")
NOT_TAKEN = frozenset({"entered-in-error", "not-done", "not-taken", "cancelled", "draft"})


@dataclass(frozen=True, slots=True)
class SupportiveCare:
    """What the patient needs beside immunotherapy, and what is being done about it."""

    movement_need: Statement = field(default_factory=Statement)
    """Disabling scores, gait disorder or falls."""
    pain_need: Statement = field(default_factory=Statement)
    """Neuropathic pain."""
    has_physical_therapy: bool = False
    """Ordered or done within 12 months."""
    has_occupational_therapy: bool = False
    """Ordered or done within 12 months."""
    tremor: Statement = field(default_factory=Statement)
    """Tremor on the problem list: no need of its own, told where the card speaks anyway."""
    has_pain_medicine: bool = False
    """Ordered or given within 12 months."""
    knows_physical_therapy: bool = True
    """Orders and procedures could be read, so that none found means none."""
    knows_pain_medicine: bool = True
    """Prescriptions could be read, so that none found means none."""


def supportive_care_of(chart: Chart, disability: Disability, thresholds: Thresholds) -> SupportiveCare:
    """Threshold: `supportive.within` (days)."""
    within = timedelta(days=thresholds.days("supportive.within"))
    candidates: list[Order | Procedure] = [*chart.record.orders, *chart.record.procedures]

    def has_lately(name: str) -> bool:
        therapy = [item for item in candidates if _is_therapy(chart, item.concept, name)]
        return any(_is_live(item) or _is_recent(chart, item, within) for item in therapy)

    medicines = [medicine for medicine in chart.medicines(*PAIN_MEDICINES) if medicine.status not in NOT_TAKEN]
    return SupportiveCare(
        movement_need=_movement_need(chart, disability),
        pain_need=_on_problem_list(chart, PAIN, "Neuropathic pain"),
        has_physical_therapy=has_lately("physical_therapy_referral"),
        has_occupational_therapy=has_lately("occupational_therapy_referral"),
        tremor=_on_problem_list(chart, TREMOR, "Tremor"),
        has_pain_medicine=bool(chart.live_orders(*PAIN_MEDICINES))
        or any(_is_recent(chart, medicine, within) for medicine in medicines),
        knows_physical_therapy=chart.record.knows("serviceRequests", "procedures"),
        knows_pain_medicine=chart.record.knows("medicationRequests"),
    )


def _movement_need(chart: Chart, disability: Disability) -> Statement:
    facts = [problem.fact("Gait or falls") for problem in chart.problems(*MOVEMENT_PROBLEMS)]
    if disability.severity is Severity.DISABLING:
        facts = [*disability.severity_facts, *facts]
    if facts:
        return Statement.yes(*facts)
    return Statement.no() if chart.record.knows("conditions") else Statement.unknown("gait disorder or falls")


def _on_problem_list(chart: Chart, problems: SetName, what: str) -> Statement:
    facts = [problem.fact(what) for problem in chart.problems(problems)]
    if facts:
        return Statement.yes(*facts)
    return Statement.no() if chart.record.knows("conditions") else Statement.unknown(what.lower())


def _is_therapy(chart: Chart, concept: Concept, name: str) -> bool:
    row = REFERRALS[name]
    is_coded = chart.holds(concept, *row.sets, own_referrals(name))
    return is_coded or row.called.search(concept.words) is not None


def _is_live(item: Order | Procedure) -> bool:
    return isinstance(item, Order) and (item.is_draft or item.status in LIVE_REQUESTS)


def _is_recent(chart: Chart, item: Order | Procedure | Medicine, within: timedelta) -> bool:
    """Ordered, done or still going on within the time; a refused or revoked one is not."""
    if item.status in {"revoked", "entered-in-error", "not-done", "cancelled"}:
        return False
    if isinstance(item, Medicine) and item.status == "active":
        return True
    until: When | None = (item.until if isinstance(item, Medicine) else None) or item.when
    return until is not None and until.end >= chart.today - within
