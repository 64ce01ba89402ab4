"""What is to be watched after rituximab: infection, antiviral cover that ended, IgG and blood count.

Decides what the chart says of each. Hepatitis B itself is read by `hepatitis_b`; which of it calls for something, and
until when, is left to the rules. Liver enzymes have no code set of ours and are text on a card only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cds_service.codes import ResultSet
from cds_service.knowledge.contract import Thresholds
from cds_service.record import Fact, Medicine, Problem
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.code_sets import code_set, code_sets, result_sets
from hooks.anti_mag.picture.chart import DISPROVED, LIVE_REQUESTS, Chart, is_active
from hooks.anti_mag.picture.hepatitis_b import ANTIVIRAL_NAMES, ANTIVIRALS
from hooks.anti_mag.picture.statement import Statement

FEVER = code_set("fever")
IGG, BLOOD_COUNT = result_sets("igg_serum", "cbc")
SEVERE_INFECTIONS = code_sets("sepsis", "pneumonia", "tuberculosis_active", "severe_infection_other")
MINOR_INFECTION = code_set("infection_minor")
NEVER_TAKEN = frozenset({"entered-in-error", "cancelled", "declined", "not-done", "not-taken", "intended", "draft"})


@dataclass(frozen=True, slots=True)
class Aftercare:
    """Facts of the time after treatment."""

    infection: Statement = field(default_factory=Statement)
    """A fever or a severe infection is active, and begun or recorded within the days that count."""
    infections: Statement = field(default_factory=Statement)
    """A severe infection, or minor ones on different days, within the months that count for the IgG (ruling 36)."""
    past_antiviral: Statement = field(default_factory=Statement)
    """An antiviral against hepatitis B was there and is over."""
    last_igg: Fact | None = None
    last_blood_count: Fact | None = None
    igg_on: date | None = None
    blood_count_on: date | None = None
    is_laboratory_known: bool = True
    """The laboratory results could be read whole, so that one that is not there was not done."""


def aftercare_of(chart: Chart, thresholds: Thresholds) -> Aftercare:
    """What the chart says of the time after treatment. Thresholds: `aftercare.infection_age`, `igg.infections`."""
    igg_on, igg = _newest(chart, IGG, "Serum IgG")
    count_on, count = _newest(chart, BLOOD_COUNT, "Blood count")
    return Aftercare(
        infection=_infection(chart, thresholds),
        infections=_infections(chart, thresholds),
        past_antiviral=_past_antiviral(chart),
        last_igg=igg,
        last_blood_count=count,
        igg_on=igg_on,
        blood_count_on=count_on,
        is_laboratory_known=chart.record.knows("laboratory"),
    )


def _newest(chart: Chart, of: ResultSet, what: str) -> tuple[date | None, Fact | None]:
    newest = next(iter(chart.results(of)), None)
    return (newest.when.end, newest.fact(what)) if newest and newest.when else (None, None)


def _infection(chart: Chart, thresholds: Thresholds) -> Statement:
    """A suspicion counts: it is looked into all the same."""
    reach = thresholds.days("aftercare.infection_age")
    found = [
        problem
        for problem in chart.record.problems
        if is_active(problem)
        and problem.verification_status not in DISPROVED
        and chart.holds(problem.concept, FEVER, *SEVERE_INFECTIONS)
        and _is_recent(chart, problem, reach)
    ]
    if found:
        return Statement.yes(*(problem.fact("Fever or infection") for problem in found))
    return Statement() if chart.record.knows("conditions") else Statement.unknown("infections: the problem list")


def _infections(chart: Chart, thresholds: Thresholds) -> Statement:
    """Over or not: that they were there counts. Minor ones of one day are one infection."""
    earliest = months_after(chart.today, -int(thresholds["igg.infections"]))
    dated = [
        (problem, when.end)
        for problem in chart.past_or_present_problems(*SEVERE_INFECTIONS, MINOR_INFECTION)
        if (when := problem.onset or problem.recorded) is not None and when.end >= earliest
    ]
    severe = [problem for problem, _ in dated if chart.holds(problem.concept, *SEVERE_INFECTIONS)]
    is_recurrent = len({day for _, day in dated}) > 1
    if severe or is_recurrent:
        return Statement.yes(*(problem.fact("Infection") for problem, _ in dated))
    return Statement() if chart.record.knows("conditions") else Statement.unknown("infections: the problem list")


def _is_recent(chart: Chart, problem: Problem, reach: int) -> bool:
    days = [when for when in (problem.onset, problem.recorded) if when is not None and when.start <= chart.today]
    return any(chart.days_ago(when.end) <= reach for when in days)


def _past_antiviral(chart: Chart) -> Statement:
    over = [
        medicine for medicine in chart.medicines(*ANTIVIRALS, named=ANTIVIRAL_NAMES) if _is_over(medicine, chart.today)
    ]
    return Statement.yes(*(medicine.fact("antiviral, ended") for medicine in over[:1])) if over else Statement()


def _is_over(medicine: Medicine, today: date) -> bool:
    """Stopped, completed, or with an end that is past."""
    if medicine.status in NEVER_TAKEN:
        return False
    has_ended = medicine.until is not None and medicine.until.end < today
    return has_ended or medicine.status not in LIVE_REQUESTS
