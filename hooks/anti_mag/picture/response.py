"""How the patient answered to the latest rituximab course: scales compared around day 0 (ruling 18), and IgM.

Two clocks (C0.6): neurological worsening and the rise of IgM are decided apart, and neither explains the other away.
Whether that is a flare, a relapse or a failure is left to `outcome` and the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from cds_service.knowledge.contract import Thresholds, Truth
from cds_service.record import Fact
from hooks.anti_mag.picture.disability import (
    POINT_SCALES,
    ClinicianWord,
    Disability,
    Loss,
    ScaleCourse,
    losses,
    scale_courses,
)
from hooks.anti_mag.picture.immunoglobulin import Igm, IgmValue, contradicts
from hooks.anti_mag.picture.statement import Statement
from hooks.anti_mag.picture.treatment import RituximabHistory
from hooks.anti_mag.picture.unread import Unread


@dataclass(frozen=True, slots=True)
class Response:
    """The latest course, looked back upon."""

    scales: tuple[ScaleCourse, ...] = ()
    """Scales that can be compared with a baseline; empty where none can."""
    worsening: Statement = field(default_factory=Statement)
    """Neurological worsening after day 0: a step of INCAT, ONLS, modified Rankin, I-RODS or the 10-metre walk, or the
    clinician's word (ruling 32)."""
    is_severe_worsening: bool = False
    """Two points or more of INCAT or ONLS."""
    igm_baseline: IgmValue | None = None
    """The newest firm value in the 90 days up to day 0."""
    igm_newest: IgmValue | None = None
    """The newest firm value after day 0 and inside the IgM flare window."""
    igm_rise: Statement = field(default_factory=Statement)
    """A rise of at least 25 % and 100 mg/dL over the baseline; UNKNOWN without a baseline or a value after it, and
    while two values contradict each other."""
    igm_late_rise: Statement = field(default_factory=Statement)
    """After the IgM flare window two firm values, far enough apart, stand as far above the baseline as a flare does
    (ruling 19); UNKNOWN without a baseline or a value, and while one such value waits to be confirmed."""
    facts: tuple[Fact, ...] = ()


def response_of(
    igm: Igm, disability: Disability, history: RituximabHistory, today: date, thresholds: Thresholds
) -> Response:
    """The response to the latest course; an empty `Response` where no course has a date.

    Thresholds: `flare.window`, `flare.baseline_age`, `flare.relative`, `flare.floor`, `worsening.severe`,
    `flare.confirm_days`, `vigilance.window`, and those of `losses`, `scale_courses` and `contradicts`.
    """
    course = history.latest
    if course is None:
        return Response()
    scales = scale_courses(disability, course.day_zero, thresholds)
    said = next((word for word in disability.words if word.on > course.day_zero), None)
    compared = losses(disability, course.day_zero, thresholds)
    before, after = _around(igm, course.day_zero, today, thresholds)
    return Response(
        scales=scales,
        worsening=_worsening(compared, said, disability),
        is_severe_worsening=any(_is_severe(loss, thresholds) for loss in compared),
        igm_baseline=before[0] if before else None,
        igm_newest=after[0] if after else None,
        igm_rise=_rise(before, after, thresholds),
        igm_late_rise=_late_rise(before, _late(igm, course.day_zero, today, thresholds), thresholds),
        facts=tuple(fact for scale in scales for fact in (scale.baseline.fact, scale.newest.fact)),
    )


# Worsening


def _is_severe(loss: Loss, thresholds: Thresholds) -> bool:
    return loss.is_lost and loss.scale in POINT_SCALES and loss.points >= thresholds["worsening.severe"]


def _worsening(compared: Sequence[Loss], said: ClinicianWord | None, disability: Disability) -> Statement:
    """`said` is the clinician's newest word after day 0. A "worse" stands until a later INCAT or ONLS shows no loss."""
    facts = [fact for loss in compared if loss.is_lost for fact in (loss.newest.fact, loss.baseline.fact)]
    answered = any(loss.scale in POINT_SCALES and said is not None and loss.newest.on > said.on for loss in compared)
    if said is not None and said.direction == "worse" and not answered:
        facts.append(said.fact)
    if facts:
        return Statement.yes(*dict.fromkeys(facts))
    if compared or said is not None:
        return Statement.no()
    since = "a disability score or the clinical course since the first dose"
    return Statement.unknown("; ".join([since, *(_unread(one) for one in disability.unread[:1])]))


def _unread(score: Unread) -> str:
    day = f"of {score.fact.date}" if score.fact.date else "without a date"
    return f'the {score.fact.what} {day} could not be read: "{score.received[:80]}"'


# IgM


def _around(igm: Igm, day_zero: date, today: date, thresholds: Thresholds) -> tuple[list[IgmValue], list[IgmValue]]:
    """Firm values that may be the baseline, and firm values of the flare window; each newest first."""
    earliest = day_zero - timedelta(days=thresholds.days("flare.baseline_age"))
    latest = min(today, day_zero + timedelta(days=thresholds.days("flare.window")))
    firm = [value for value in igm.values if value.is_firm]
    before = [value for value in firm if earliest <= value.on <= day_zero]
    return before, [value for value in firm if day_zero < value.on <= latest]


def _rise(before: Sequence[IgmValue], after: Sequence[IgmValue], thresholds: Thresholds) -> Statement:
    missing = [
        *([] if before else [_baseline_wanted(thresholds)]),
        *([] if after else ["a final serum IgM since the first dose"]),
    ]
    if missing:
        return Statement.unknown(*missing)
    baseline, newest = before[0], after[0]
    # before and after day 0 a difference is what rituximab does, so that values contradict each other on one side only
    if any(contradicts(side[0], other, thresholds) for side in (before, after) for other in side[1:]):
        return Statement.unknown("a repeat serum IgM, because two values of one week contradict each other")
    if not newest.is_comparable(baseline):
        return Statement.unknown("a serum IgM by the method of the baseline")
    is_flare = _is_flare(newest, baseline, thresholds)
    return Statement.yes(newest.fact, baseline.fact) if is_flare else Statement.no(newest.fact, baseline.fact)


def _baseline_wanted(thresholds: Thresholds) -> str:
    return f"a final serum IgM from the {thresholds.days('flare.baseline_age')} days before the first dose"


def _is_flare(value: IgmValue, baseline: IgmValue, thresholds: Thresholds) -> bool:
    rise = value.mg_dl - baseline.mg_dl
    return rise * 100 >= baseline.mg_dl * thresholds["flare.relative"] and rise >= thresholds["flare.floor"]


def _late(igm: Igm, day_zero: date, today: date, thresholds: Thresholds) -> list[IgmValue]:
    """Firm values after the IgM flare window and inside the window of vigilance, newest first."""
    first = day_zero + timedelta(days=thresholds.days("flare.window"))
    last = min(today, day_zero + timedelta(days=thresholds.days("vigilance.window")))
    return [value for value in igm.values if value.is_firm and first < value.on <= last]


def _late_rise(before: Sequence[IgmValue], late: Sequence[IgmValue], thresholds: Thresholds) -> Statement:
    if not before or not late:
        return Statement.unknown(
            *([] if before else [_baseline_wanted(thresholds)]),
            *([] if late else ["a final serum IgM from after the flare window"]),
        )
    baseline, newest = before[0], late[0]
    if not newest.is_comparable(baseline):
        return Statement.unknown("a serum IgM by the method of the baseline")
    if not _is_flare(newest, baseline, thresholds):
        return Statement.no(newest.fact, baseline.fact)
    reach = timedelta(days=thresholds.days("flare.confirm_days"))
    for value in late[1:]:
        if newest.on - value.on >= reach and value.is_comparable(baseline):
            is_confirmed = _is_flare(value, baseline, thresholds)
            facts = (newest.fact, value.fact, baseline.fact)
            return Statement.yes(*facts) if is_confirmed else Statement.no(*facts)
    return Statement(Truth.UNKNOWN, (newest.fact, baseline.fact), ("a second serum IgM two weeks after the first",))
