"""After rituximab: IgM that is not checked, rises, stands too high, or stays up; function that is lost (FL-0 to FL-4).

IgM and neurological worsening are two clocks: no IgM, however low, silences FL-2. What stands on which card is left to
the cards.
"""

from __future__ import annotations

from datetime import timedelta

from cds_service.knowledge.contract import Finding
from cds_service.record import Fact
from hooks.anti_mag.check_ups import CheckUp, due_igm_check, next_igm_check
from hooks.anti_mag.hooks import CHART_OPENED, ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.treatment import Course
from hooks.anti_mag.picture.unreadable import IGM
from hooks.anti_mag.rulebook import book


@book.rule(
    "igm_monitoring.check_is_overdue",
    logic="FL-0",
    cards=("igmMonitoring",),
    hooks=(*CHART_OPENED, "appointment-book", "encounter-discharge"),
    cites=("GHOBRIAL2004", "TREON2004"),
    thresholds=("course.gap", "vigilance.window", "flare.check_overdue", "flare.check_early", "igm.plausible_max"),
    schedule=("flare_check_weeks",),
)
def check_is_overdue(picture: ClinicalPicture) -> Finding:
    """After rituximab, measure IgM in weeks 2, 4, 6, 8, 12 and 16.

    YES when an adult with at least possible disease is in the flare window ({vigilance.window} from the first dose),
    the latest IgM check of the plan is {flare.check_overdue} late, or has come due by the day of a visit being booked,
    no usable IgM is there from {flare.check_early} before it on, and none is ordered. At discharge, as long as a check
    of the plan is still to come.

    NO when an IgM answers the check, one is ordered, no check is that late, or the patient is outside the flare window.

    UNKNOWN when the check seems unanswered and the laboratory results could not be had whole.
    """
    course = vigilant_course(picture)
    if course is None:
        return Finding.no()
    newest, check = picture.igm.newest, open_igm_check(picture)
    facts = (course.doses[0].fact, *([newest.fact] if newest else []))
    if picture.hook == "encounter-discharge" and next_igm_check(course, picture.today) is not None:
        return Finding.yes(*facts)
    if check is None:
        return Finding.no(*facts)
    if IGM in picture.unreadable:
        earliest = check.on - timedelta(days=picture.thresholds.days("flare.check_early"))
        return Finding.unknown(f"a serum IgM since {earliest.isoformat()}", facts=facts)
    return Finding.yes(*facts)


@book.rule(
    "plasma_exchange.igm_rises_after_rituximab",
    logic="FL-1",
    cards=("plasmaExchangeFlare",),
    hooks=CHART_OPENED,
    cites=("GHOBRIAL2004", "TREON2004", "IWWM8TX"),
    thresholds=(
        "course.gap",
        "flare.window",
        "flare.baseline_age",
        "flare.relative",
        "flare.floor",
        "igm.gate.critical",
        "igm.conflict.days",
        "igm.conflict.relative",
        "igm.max_age",
        "igm.plausible_max",
        "progression.points",
        "progression.i_rods",
        "score.baseline_age",
    ),
)
def igm_rises_after_rituximab(picture: ClinicalPicture) -> Finding:
    """An IgM that rises after rituximab, below 4000 mg/dL and without symptoms, is an expected flare: repeat it.

    YES when an adult with at least possible disease is at most {flare.window} after the first dose of rituximab, and
    the newest final IgM since then is {flare.relative} and {flare.floor} or more above the baseline, the newest final
    one of the {flare.baseline_age} before it.

    NO when the rise is smaller, and where another rule has more to say: the IgM is {igm.gate.critical} or more (FL-3),
    function is lost (FL-2), or a symptom of hyperviscosity counts (HV-1).

    UNKNOWN when baseline or later value is not there, the two are of different methods, or two values of one week
    contradict each other.
    """
    response, symptoms = picture.response, picture.hyperviscosity.symptoms
    is_too_high = picture.igm.is_at_limit(picture.thresholds)
    if flare_course(picture) is None or is_too_high or symptoms.holds or response.worsening.holds:
        return Finding.no()
    if response.igm_rise.is_unknown:
        return Finding.unknown(*response.igm_rise.missing)
    if not response.igm_rise.holds:
        return Finding.no(*response.igm_rise.facts)
    return Finding.yes(*response.igm_rise.facts, missing=(*response.worsening.missing, *symptoms.missing))


@book.rule(
    "worsening_after_rituximab.function_is_lost",
    logic="FL-2",
    cards=("worseningAfterRituximab",),
    hooks=(*CHART_OPENED, *ORDERS),
    cites=("SICONOLFI2024", "SVAHN2018", "STORK2013", "KILIDIREAS2006", "ASFA2023"),
    thresholds=(
        "course.gap",
        "vigilance.window",
        "progression.points",
        "worsening.severe",
        "score.baseline_age",
        "igm.max_age",
        "igm.plausible_max",
        "worsening.rankin",
        "progression.i_rods",
        "progression.walk",
        "score.first_in_course",
    ),
)
def function_is_lost(picture: ClinicalPicture) -> Finding:
    """When the neuropathy worsens within {vigilance.window} of rituximab, have neurology see it urgently, whatever the
    IgM.

    YES when an adult with at least possible disease is in the flare window ({vigilance.window} from the first dose),
    and a scale is worse than its baseline: INCAT or ONLS by {progression.points}, modified Rankin by
    {worsening.rankin}, I-RODS by {progression.i_rods}, the 10-metre walk by {progression.walk}, or more; or the
    clinician's newest word since the first dose is "worse" and no later INCAT or ONLS shows the contrary. The baseline
    is the newest value of the {score.baseline_age} before the first dose, else the first of the {score.first_in_course}
    after it.

    NO when something can be compared and nothing of it is worse, or the patient is outside the flare window.

    UNKNOWN when no scale has two values to compare and the clinician has said nothing of the course since the first
    dose.
    """
    course = vigilant_course(picture)
    worsening = picture.response.worsening
    if course is None:
        return Finding.no()
    if worsening.is_unknown:
        return Finding.unknown(*worsening.missing)
    if not worsening.holds:
        return Finding.no(*worsening.facts)
    igm = picture.igm.current
    return Finding.yes(*worsening.facts, course.doses[0].fact, *([igm.fact] if igm else []))


@book.rule(
    "plasma_exchange.igm_is_too_high_after_rituximab",
    logic="FL-3",
    cards=("plasmaExchangeFlare",),
    hooks=CHART_OPENED,
    cites=("IWWM8TX", "TREON2004", "GHOBRIAL2004"),
    thresholds=(
        "course.gap",
        "flare.window",
        "igm.gate.critical",
        "igm.max_age",
        "exchange.series",
        "dose.due_within",
        "course.weekly_doses",
        "course.weekly_open",
        "course.fixed_open",
        "course.fixed_tolerance",
        "flare.baseline_age",
        "igm.conflict.days",
        "igm.plausible_max",
    ),
)
def igm_is_too_high_after_rituximab(picture: ClinicalPicture) -> Finding:
    """At an IgM of 4000 mg/dL or more within 120 days of rituximab, hold the next dose and discuss plasma exchange.

    YES when an adult with at least possible disease is at most {flare.window} after the first dose of rituximab, and
    the serum IgM that counts is {igm.gate.critical} or more: the highest of the newest value of the last {igm.max_age},
    those of the {igm.conflict.days} before it, and the newest that is final.

    NO when that IgM is lower, or the first dose is longer ago.

    UNKNOWN when in that time no usable IgM is there.
    """
    course = flare_course(picture)
    if course is None:
        return Finding.no()
    current = picture.igm.current
    if current is None:
        return Finding.unknown("serum IgM")
    if not picture.igm.is_at_limit(picture.thresholds):
        return Finding.no(current.fact)
    return Finding.yes(*_igm_facts(picture), course.doses[0].fact, course.doses[-1].fact)


@book.rule(
    "plasma_exchange.igm_stays_high_after_the_window",
    logic="FL-4",
    cards=("plasmaExchangeFlare",),
    hooks=CHART_OPENED,
    cites=("GHOBRIAL2004", "IWWMRESP", "TREON2004"),
    thresholds=(
        "course.gap",
        "flare.window",
        "vigilance.window",
        "flare.baseline_age",
        "flare.relative",
        "flare.floor",
        "flare.confirm_days",
        "igm.plausible_max",
    ),
)
def igm_stays_high_after_the_window(picture: ClinicalPicture) -> Finding:
    """When an IgM rise outlasts day 120 after rituximab and is confirmed, ask haematology about progression.

    YES when an adult with at least possible disease is in the flare window (to {vigilance.window}), more than
    {flare.window} after the first dose of rituximab, and two final IgM from after that day, {flare.confirm_days} or
    more apart, are both {flare.relative} and {flare.floor} or more above the baseline, the newest final one of the
    {flare.baseline_age} before the first dose.

    NO when the newest of them, or the one that would confirm it, is not that high, and outside that time.

    UNKNOWN when baseline or later value is not there or they are of different methods, and while a first value that
    high waits for a second.
    """
    course = vigilant_course(picture)
    if course is None or course.day(picture.today) <= picture.thresholds.days("flare.window"):
        return Finding.no()
    late = picture.response.igm_late_rise
    if late.is_unknown:
        return Finding.unknown(*late.missing, facts=late.facts)
    return Finding.yes(*late.facts, course.doses[0].fact) if late.holds else Finding.no(*late.facts)


def open_igm_check(picture: ClinicalPicture) -> CheckUp | None:
    """The IgM check of the flare window that is due, has no usable value since and is not ordered; None where none is.

    Whether a value could have been missed is not asked: that is told by `picture.unreadable`.
    """
    course = vigilant_course(picture)
    check = due_igm_check(picture, course) if course else None
    if check is None or "igm" in picture.drafts.tests_ordered:
        return None
    earliest, newest = check.on - timedelta(days=picture.thresholds.days("flare.check_early")), picture.igm.newest
    return None if newest is not None and newest.on >= earliest else check


def vigilant_course(picture: ClinicalPicture) -> Course | None:
    """The latest course of an adult who is in the flare window (S7: day 0 to 180)."""
    in_window = picture.is_adult and picture.state is State.FLARE_WINDOW
    return picture.rituximab.latest if in_window else None


def flare_course(picture: ClinicalPicture) -> Course | None:
    """The same, while the IgM rules run (day 0 to 120)."""
    course = vigilant_course(picture)
    is_over = course is not None and course.day(picture.today) > picture.thresholds.days("flare.window")
    return None if is_over else course


def is_dose_due(picture: ClinicalPicture) -> bool:
    """A dose of rituximab is due within `dose.due_within` days, by an order or an unfinished course (ruling 6)."""
    due = picture.rituximab.next_dose_due
    return due is not None and (due - picture.today).days <= picture.thresholds.days("dose.due_within")


def _igm_facts(picture: ClinicalPicture) -> list[Fact]:
    """The value that counts, the newest beside it where that is another, and the baseline."""
    values = (picture.igm.current, picture.igm.newest, picture.response.igm_baseline)
    return list(dict.fromkeys(value.fact for value in values if value is not None))
