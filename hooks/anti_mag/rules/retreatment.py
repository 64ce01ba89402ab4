"""After a course of rituximab: another one, one too soon, or something else (RT-1, RT-2, RF-1; rulings 3 and 20).

The verdict on the course is `picture.outcome`'s.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.outcome import Outcome, facts_of, has_relapsed, outcome_of
from hooks.anti_mag.picture.planned_course import begins_course, planned_start
from hooks.anti_mag.picture.state import is_planned
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.response import NOT_AFTER_RITUXIMAB

DAYS_UNKNOWN = "when rituximab was given"
NOTHING_TO_COMPARE = "scores from before and after rituximab on the same scale"


@book.rule(
    "rituximab_retreatment.disease_relapses",
    logic="RT-1",
    cards=("rituximabRetreatment",),
    hooks=CHART_OPENED,
    cites=("MSMART2010", "LEGER2013", "DALAKAS2009", "HELIYON2024", "SVAHN2018"),
    thresholds=(
        "course.gap",
        "vigilance.window",
        "retreatment.min_months",
        "score.baseline_age",
        "disability.leg",
        "disability.total",
        "mcid.i_rods",
        "mcid.incat",
        "response.verdict_months",
        "review.window",
        "course.before_neuropathy",
        "score.first_in_course",
    ),
    schedule=("flare_check_weeks",),
    drugs=("rituximab",),
)
def disease_relapses(picture: ClinicalPicture) -> Finding:
    """When the neuropathy worsens again after a response to rituximab, consider another course; its certainty is low.

    YES when an adult with probable or confirmed disease, given rituximab for it and with no course planned, is past the
    flare window ({vigilance.window} from the first dose) and more than {retreatment.min_months} after the last dose,
    improved since the first dose by a meaningful step on a scale or by the clinician's word, and is worse again: INCAT,
    ONLS or I-RODS by such a step from the best (INCAT {mcid.incat}, I-RODS {mcid.i_rods}), or the clinician's newest
    word.

    NO when nothing improved or nothing is worse again, when it is sooner, the course failed (RF-1) or treated something
    else, or the next one is planned; and where amyloidosis or POEMS is confirmed, which is treated first (ruling 30).

    UNKNOWN when by then no scale can be compared with one from before, the disease is not mild and stable, and the
    clinician has not said that it is improved or stable; and when, unless it is mild and stable, no dose has a day.
    """
    if not _asks_what_next(picture):
        return Finding.no()
    if picture.rituximab.latest is None:
        return _on_unknown_day(picture)
    match outcome_of(picture):
        case Outcome.RELAPSED:
            return Finding.yes(*facts_of(picture))
        case Outcome.NOT_COMPARED:
            facts = (*facts_of(picture), *picture.disability.severity_facts)
            return Finding.unknown(NOTHING_TO_COMPARE, facts=tuple(dict.fromkeys(facts)))
        case _:
            return Finding.no()


@book.rule(
    "rituximab_retreatment.new_course_is_too_soon",
    logic="RT-2",
    cards=("rituximabRetreatment",),
    hooks=("order-select", "order-sign"),
    cites=("MSMART2010", "MEMON2018", "HELIYON2024"),
    thresholds=("retreatment.min_months", "course.gap", "mcid.incat", "score.baseline_age"),
)
def new_course_is_too_soon(picture: ClinicalPicture) -> Finding:
    """Begin no new course within {retreatment.min_months} of the last dose, unless a relapse is on record.

    YES when an order of rituximab for an adult's neuropathy, at least possible disease, begins a course (no dose in the
    {course.gap} before it), less than {retreatment.min_months} after the last dose, counted to the first day that it
    names, else today, and no relapse is on record. The flare window is no excuse.

    NO when it is later, a relapse is on record, no rituximab was given, or the order goes on with a course.

    UNKNOWN when it would begin a course and rituximab was given on unknown days only, or no medication list could be
    had whole.
    """
    if not gated(picture, "RT-2") or not begins_course(picture):
        return Finding.no()
    if is_too_soon(picture):
        return Finding.yes(*facts_of(picture))
    history = picture.rituximab
    if history.latest is None and history.undated:
        return Finding.unknown(DAYS_UNKNOWN, facts=history.undated)
    return Finding.no() if history.is_readable or history.has_course else Finding.unknown(DAYS_UNKNOWN)


def is_too_soon(picture: ClinicalPicture) -> bool:
    """The drafts begin a new course before the least time since the last dose has passed, without a relapse."""
    course = picture.rituximab.latest
    if course is None or not begins_course(picture) or has_relapsed(picture, course):
        return False
    return planned_start(picture) < months_after(course.last_dose, int(picture.thresholds["retreatment.min_months"]))


@book.rule(
    "alternative_therapy.rituximab_failed",
    logic="RF-1",
    cards=("alternativeTherapy",),
    hooks=CHART_OPENED,
    cites=("AAN2025", "HOSPITAL2013", "KHWAJA2022", "COMI2002", "DALAKAS1996", "AANEMIVIG", "ASFA2023", "AAN2011PLEX"),
    thresholds=(
        "course.gap",
        "course.before_neuropathy",
        "response.verdict_months",
        "review.window",
        "score.baseline_age",
        "score.first_in_course",
        "disability.leg",
        "disability.total",
        "disability.rankin",
        "mcid.incat",
        "retreatment.min_months",
        "vigilance.window",
    ),
    drugs=("bendamustine", "cyclophosphamide", "chlorambucil", "immunoglobulin_iv", "plasma_exchange"),
)
def rituximab_failed(picture: ClinicalPicture) -> Finding:
    """When nothing improved by month 12 after rituximab and disability remains, review diagnosis and other options.

    YES when an adult with probable or confirmed disease, given rituximab for it and with no course planned, is
    {response.verdict_months} or more after the first dose, and disabled by the scores; a scale was compared with its
    baseline from {review.window} before that time on, and nothing has improved since the first dose, no scale by a
    meaningful step and not by the clinician's word.

    NO when something improved, nothing was compared by then, the disease does not disable, or it is sooner; and where
    amyloidosis or POEMS is confirmed, which is treated first (ruling 30).

    UNKNOWN when rituximab was given and no dose has a day, unless the disease is mild and stable.
    """
    if not _asks_what_next(picture):
        return Finding.no()
    if picture.rituximab.latest is None:
        return _on_unknown_day(picture)
    if outcome_of(picture) is not Outcome.FAILED:
        return Finding.no()
    return Finding.yes(*dict.fromkeys((*facts_of(picture), *picture.disability.severity_facts)))


def _asks_what_next(picture: ClinicalPicture) -> bool:
    """An adult with probable or confirmed disease that was treated with a course, outside the flare window, with no
    course planned and no other disease that is treated first."""
    return (
        picture.is_adult
        and picture.diagnosis.tier >= Tier.PROBABLE
        and picture.rituximab.has_treated_neuropathy
        and picture.state not in NOT_AFTER_RITUXIMAB
        and not is_planned(picture)
        and not picture.red_flags.treated_first
    )


def _on_unknown_day(picture: ClinicalPicture) -> Finding:
    if picture.disability.severity is Severity.MILD_STABLE:
        return Finding.no()
    return Finding.unknown(DAYS_UNKNOWN, facts=(*picture.rituximab.undated, *picture.disability.severity_facts))
