"""The review of the response to rituximab: due, or worse than before (RE-1, RE-2)."""

from __future__ import annotations

from datetime import timedelta

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.check_ups import latest_review
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.disability import ScaleCourse
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.treatment import Course
from hooks.anti_mag.rulebook import book

NOT_AFTER_RITUXIMAB = frozenset({State.OUT_OF_SCOPE, State.GAMMOPATHY_ONLY, State.PLANNED})
"""Out of scope, or on the way to the next course."""
UNDER_REVIEW = frozenset({State.ASSESSMENT, State.REFRACTORY, State.RETREATMENT})


@book.rule(
    "follow_up_assessment.response_review_is_due",
    logic="RE-1",
    cards=("followUpAssessment",),
    hooks=(*CHART_OPENED, "appointment-book"),
    cites=("LEGER2013", "PNOUT", "BENEDETTI2008", "SVAHN2018", "LATOV2024", "BCSH2014"),
    thresholds=(
        "course.gap",
        "course.before_neuropathy",
        "vigilance.window",
        "review.window",
        "score.baseline_age",
        "score.first_in_course",
    ),
    schedule=("response_review_months", "conduction_study_months"),
)
def response_review_is_due(picture: ClinicalPicture) -> Finding:
    """At 6, 9, 12, 18 and 24 months after rituximab, record the scores and compare them with those before treatment.

    YES when an adult with at least possible disease is past the flare window ({vigilance.window} from the first dose of
    the newest course), if only by the day of a visit being booked, the day of a review has come, and no score is on
    record from {review.window} before that day on.

    NO when a score answers the latest review, none has come due, a next course is planned, or the course treated
    something else: it ended more than {course.before_neuropathy} before the neuropathy was first on record.

    UNKNOWN when no such score is found and the assessments could not be had whole.
    """
    course = reviewed_course(picture)
    review = latest_review(course, picture.due_by) if course else None
    if course is None or review is None:
        return Finding.no()
    earliest = review.on - timedelta(days=picture.thresholds.days("review.window"))
    last = picture.disability.last_score
    if last is not None and last >= earliest:
        return Finding.no(*picture.response.facts)
    if not picture.disability.is_readable:
        return Finding.unknown(f"a disability score since {earliest.isoformat()}", facts=(course.doses[0].fact,))
    return Finding.yes(course.doses[0].fact, *picture.response.facts)


@book.rule(
    "follow_up_assessment.several_measures_are_worse",
    logic="RE-2",
    cards=("followUpAssessment",),
    hooks=CHART_OPENED,
    cites=("GAZZOLA2017", "BENEDETTI2008", "EFNSPNS2010", "PNOUT", "BCSH2014"),
    thresholds=(
        "course.gap",
        "course.before_neuropathy",
        "response.earliest_months",
        "response.worse_measures",
        "review.window",
        "assessment.window",
        "mcid.incat",
        "mcid.onls",
        "mcid.i_rods",
        "mcid.grip",
        "mcid.walk",
        "mcid.mrc_sum",
        "score.baseline_age",
        "vigilance.window",
    ),
)
def several_measures_are_worse(picture: ClinicalPicture) -> Finding:
    """When two measures are worse six months after rituximab, bring the review forward and check the diagnosis.

    YES when an adult with at least possible disease is past the flare window ({vigilance.window} from the first dose of
    the newest course), its response is being assessed (up to {assessment.window}) or it has failed or been followed by
    relapse, and {response.worse_measures} or more are worse than before treatment by a meaningful step,
    {response.earliest_months} after the first dose or later ({review.window} early counts): INCAT {mcid.incat}, ONLS
    {mcid.onls}, I-RODS {mcid.i_rods}, grip {mcid.grip}, walk {mcid.walk}, MRC sum {mcid.mrc_sum}. Arm, leg and total of
    a scale are one measure.

    NO when fewer are worse, it is sooner than that, or the patient is in another state.

    UNKNOWN when no scale has a baseline and a later value to compare.
    """
    course = reviewed_course(picture)
    if course is None or picture.state not in UNDER_REVIEW:
        return Finding.no()
    if not picture.response.scales:
        return Finding.unknown("scores from before and after rituximab on the same scale")
    worse = _worse(picture, course)
    if len({_measure(scale) for scale in worse}) < picture.thresholds["response.worse_measures"]:
        return Finding.no(*picture.response.facts)
    facts = [score.fact for scale in worse for score in (scale.newest, scale.baseline)]
    return Finding.yes(*dict.fromkeys(facts), course.doses[0].fact)


def reviewed_course(picture: ClinicalPicture) -> Course | None:
    """The latest course of an adult of ours, once the flare window is over, if only by the visit being booked, and no
    other course is planned; not one that treated something else (ruling 29)."""
    course = picture.rituximab.latest
    is_ours = picture.is_adult and picture.state not in NOT_AFTER_RITUXIMAB
    if course is None or not is_ours or picture.rituximab.treated_something_else:
        return None
    return course if course.day(picture.due_by) > picture.thresholds.days("vigilance.window") else None


def _worse(picture: ClinicalPicture, course: Course) -> list[ScaleCourse]:
    """Scales whose newest value, of the first review or later, is worse than the baseline by a meaningful step."""
    first_review = months_after(course.day_zero, int(picture.thresholds["response.earliest_months"]))
    if picture.today < first_review:
        return []
    earliest = first_review - timedelta(days=picture.thresholds.days("review.window"))
    return [scale for scale in picture.response.scales if scale.direction == "worse" and scale.newest.on >= earliest]


def _measure(scale: ScaleCourse) -> str:
    """Arm, leg and total of one scale are one measure."""
    return scale.scale.removesuffix("-arm").removesuffix("-leg")
