"""Signs of hyperviscosity: coded symptoms and the measured viscosity (ruling 22).

Decides whether a symptom counts at this IgM and this viscosity. Whether the IgM is monoclonal, and what to do, is left
to the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from cds_service.codes import SetName
from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.record import Fact, Problem, Result
from cds_service.values import Between, Comparator, Quantity, When
from hooks.anti_mag.code_sets import code_sets, result_set
from hooks.anti_mag.picture.chart import FULL_STATUSES, PRELIMINARY_STATUSES, Chart
from hooks.anti_mag.picture.immunoglobulin import Igm
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.unread import Unread, unread_of

TELLING_SYMPTOMS = code_sets(
    "hyperviscosity",
    "hyperviscosity_epistaxis",
    "hyperviscosity_mucosal_bleeding",
    "hyperviscosity_retinal_haemorrhage",
    "hyperviscosity_retinal_vein_occlusion",
    "hyperviscosity_stroke",
    "hyperviscosity_tia",
    "hyperviscosity_confusion",
)
"""Count unless a recent IgM speaks against them: hyperviscosity itself, bleeding, the retina, the brain."""

COMMON_SYMPTOMS = code_sets("hyperviscosity_headache", "hyperviscosity_visual_disturbance", "hyperviscosity_vertigo")
"""Too common to count without a high IgM or a raised viscosity."""

SERUM_VISCOSITY = result_set("viscosity_serum")
RELATIVE_UNITS = frozenset({"1", "{ratio}"})
"""The viscosity is told relative to water."""


@dataclass(frozen=True, slots=True)
class Hyperviscosity:
    """Symptoms that count, and the viscosity."""

    symptoms: Statement = field(default_factory=Statement)
    """A symptom that counts as hyperviscosity at this IgM and viscosity."""
    not_counted: tuple[Fact, ...] = ()
    """Where none counts: symptoms of the same days that this IgM and this viscosity speak against."""
    is_viscosity_raised: Statement = field(default_factory=Statement)
    """Serum viscosity above 4 cP within the time that counts; UNKNOWN when it was not measured."""
    viscosity: Fact | None = None
    """The viscosity that decides, within the time that counts."""
    unread: tuple[Unread, ...] = ()
    """Viscosities that can't be used, as new as the one that decides or without a day."""


def hyperviscosity_of(chart: Chart, igm: Igm, thresholds: Thresholds) -> Hyperviscosity:
    """Thresholds: `viscosity.raised`, `viscosity.max_age`, `viscosity.water`, `igm.gate.caution`, `igm.fresh`,
    `hyperviscosity.symptom_age`."""
    measured = _measured(chart, thresholds)
    decisive = next((result for result, raised in measured if raised), None) or next(
        (result for result, _ in measured if result.status in FULL_STATUSES), None
    )
    raised = _raised(measured)
    unread = () if raised.holds else _unread(chart, measured, thresholds)
    symptoms = _symptoms(chart, igm, raised, unread, thresholds)
    return Hyperviscosity(
        symptoms=symptoms,
        not_counted=() if symptoms.holds or symptoms.facts else _not_counted(chart, thresholds),
        is_viscosity_raised=Statement.unknown("serum viscosity") if unread else raised,
        viscosity=decisive.fact("Serum viscosity") if decisive else None,
        unread=unread,
    )


# Viscosity


def _measured(chart: Chart, thresholds: Thresholds) -> list[tuple[Result, bool]]:
    """The newest viscosity that counts, and the newest of full status beside it, each with "is raised".

    A preliminary value raises and does not clear, so that a final one before it still speaks.
    """
    found: list[tuple[Result, bool]] = []
    for result in chart.results(SERUM_VISCOSITY, statuses=FULL_STATUSES | PRELIMINARY_STATUSES):
        if result.when is None or chart.days_ago(result.when.end) > thresholds.days("viscosity.max_age"):
            continue
        is_raised = _is_raised(result, thresholds)
        if is_raised is None or (found and result.status in PRELIMINARY_STATUSES):
            continue
        found.append((result, is_raised))
        if result.status in FULL_STATUSES:
            break
    return found


def _unread(chart: Chart, measured: Sequence[tuple[Result, bool]], thresholds: Thresholds) -> tuple[Unread, ...]:
    """What no final value answers. One without a day leaves nothing open where its value is read and not raised."""
    final = [result.when.end for result, _ in measured if result.status in FULL_STATUSES and result.when]
    since = max(final, default=chart.today - timedelta(days=thresholds.days("viscosity.max_age")))

    def is_read(result: Result) -> bool:
        is_raised = _is_raised(result, thresholds)
        return is_raised is not None and (result.when is not None or not is_raised)

    return unread_of(chart, SERUM_VISCOSITY, what="Serum viscosity", is_read=is_read, since=since)


def _raised(measured: Sequence[tuple[Result, bool]]) -> Statement:
    raised = [result.fact("Serum viscosity") for result, is_raised in measured if is_raised]
    if raised:
        return Statement.yes(*raised)
    normal = [result.fact("Serum viscosity") for result, _ in measured if result.status in FULL_STATUSES]
    return Statement.no(*normal) if normal else Statement.unknown("serum viscosity")


def _is_raised(result: Result, thresholds: Thresholds) -> bool | None:
    """None where number, unit or bound do not tell; a viscosity without any unit is not read. Of a range the upper end
    counts."""
    match result.value:
        case Quantity() as quantity:
            pass
        case Between(high=high, unit=unit):
            quantity = Quantity(high, unit)
        case _:
            return None
    centipoise = _in_centipoise(quantity, thresholds)
    if centipoise is None or centipoise <= 0:
        return None
    limit = thresholds["viscosity.raised"]
    by_bound: dict[Comparator, bool | None] = {
        "": centipoise > limit,
        ">": True if centipoise >= limit else None,
        ">=": True if centipoise > limit else None,
        "<": False if centipoise <= limit else None,
        "<=": False if centipoise <= limit else None,
    }
    return by_bound[quantity.comparator]


def _in_centipoise(quantity: Quantity, thresholds: Thresholds) -> Decimal | None:
    if quantity.unit in RELATIVE_UNITS:
        return quantity.value * thresholds["viscosity.water"]
    return convert(quantity, "cP")


# Symptoms


def _symptoms(
    chart: Chart, igm: Igm, raised: Statement, unread: tuple[Unread, ...], thresholds: Thresholds
) -> Statement:
    counting = _counting_sets(chart, igm, is_raised=raised.holds, thresholds=thresholds)
    found = _recent(chart, counting, thresholds)
    if found:
        return Statement.yes(*(problem.fact("Symptom of hyperviscosity") for problem in found))
    open_symptoms = _recent(chart, TELLING_SYMPTOMS + COMMON_SYMPTOMS, thresholds) if unread else []
    if open_symptoms:
        facts = tuple(problem.fact("Symptom, perhaps of hyperviscosity") for problem in open_symptoms)
        return Statement(Truth.UNKNOWN, facts, ("serum viscosity",))
    return Statement.no() if chart.record.knows("conditions") else Statement.unknown("symptoms of hyperviscosity")


def _not_counted(chart: Chart, thresholds: Thresholds) -> tuple[Fact, ...]:
    recent = _recent(chart, TELLING_SYMPTOMS + COMMON_SYMPTOMS, thresholds)
    return tuple(problem.fact("Symptom that hyperviscosity can cause") for problem in recent)


def _recent(chart: Chart, sets: tuple[SetName, ...], thresholds: Thresholds) -> list[Problem]:
    return [problem for problem in chart.problems(*sets) if _is_recent(chart, problem, thresholds)]


def _counting_sets(chart: Chart, igm: Igm, *, is_raised: bool, thresholds: Thresholds) -> tuple[SetName, ...]:
    caution, fresh = thresholds["igm.gate.caution"], thresholds.days("igm.fresh")
    recent = [value for value in (igm.current, igm.clearing) if value and chart.days_ago(value.on) <= fresh]
    if is_raised or any(value.mg_dl >= caution for value in recent):
        return TELLING_SYMPTOMS + COMMON_SYMPTOMS
    has_clearing = any(value.can_clear for value in recent) and not igm.unread
    return () if has_clearing else TELLING_SYMPTOMS


def _is_recent(chart: Chart, problem: Problem, thresholds: Thresholds) -> bool:
    """Begun or recorded within the days that count; a problem with neither date does not say when."""
    reach = thresholds.days("hyperviscosity.symptom_age")
    return any(_is_within(chart, when, reach) for when in (problem.onset, problem.recorded))


def _is_within(chart: Chart, when: When | None, reach: int) -> bool:
    return when is not None and when.start <= chart.today and chart.days_ago(when.end) <= reach
