"""What is due in a patient who is not being treated: scores where severity is unknown, a review where it is mild
(SC-1, MO-1). Reviews after rituximab are `response`'s."""

from __future__ import annotations

from datetime import date

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rulebook import book


@book.rule(
    "follow_up.unknown_severity_needs_scores",
    logic="SC-1",
    cards=("followUpAssessment", "diagnosticWorkUp"),
    hooks=(*CHART_OPENED, "appointment-book"),
    cites=("VANHOUTTE2015", "KHWAJA2022"),
    thresholds=("score.reminder",),
)
def unknown_severity_needs_scores(picture: ClinicalPicture) -> Finding:
    """Where severity is not on record, record INCAT or ONLS and I-RODS, with grip strength and the 10-metre walk.

    YES when an adult with probable or confirmed disease before treatment has nothing on record that says how disabling
    it is (modified Rankin, INCAT or ONLS other than a mild arm score, or a worsening), and no score of any scale
    younger than {score.reminder} on the day of the visit being booked, else today.

    NO when the severity is on record, a score is younger, or the patient is in another state.

    UNKNOWN when no younger score is found and the assessments could not be had whole.
    """
    disability = picture.disability
    if not picture.is_adult or picture.state is not State.SEVERITY_UNKNOWN:
        return Finding.no()
    if not _is_due(picture, disability.last_score, picture.thresholds.days("score.reminder")):
        return Finding.no()
    if not disability.is_readable:
        return Finding.unknown("scores: the assessments could not be read", facts=picture.diagnosis.facts)
    return Finding.yes(*picture.diagnosis.facts)


@book.rule(
    "follow_up.mild_disease_needs_a_yearly_review",
    logic="MO-1",
    cards=("followUpAssessment",),
    hooks=(*CHART_OPENED, "appointment-book"),
    cites=("IMWG2010", "NOBILE2000", "KHWAJA2022"),
    thresholds=(
        "monitoring.interval",
        "disability.rankin",
        "disability.leg",
        "disability.total",
        "progression.points",
        "progression.window",
        "igm.plausible_max",
    ),
)
def mild_disease_needs_a_yearly_review(picture: ClinicalPicture) -> Finding:
    """In mild, stable disease, hold immunotherapy back and review neurological status and IgM every year.

    YES when an adult with probable or confirmed disease, before treatment, is mild and stable by the scores on record
    (below modified Rankin {disability.rankin}, INCAT or ONLS leg {disability.leg} and total {disability.total}, and not
    progressing), and on the day of the visit being booked, else today, the newest of score, conduction study and
    clinician's word on the course, or the newest final IgM, is {monitoring.interval} old or more or not there. An IgM
    that is ordered or awaited is not missed.

    NO when both are younger, and in any other state.

    UNKNOWN when one of them is not found and the assessments or the laboratory results could not be had whole.
    """
    if not picture.is_adult or picture.state is not State.MILD_STABLE:
        return Finding.no()
    facts = (*picture.disability.severity_facts, *(value.fact for value in picture.igm.values[:1]))
    is_review_due = review_is_due(picture)
    if (is_review_due and picture.disability.is_readable) or picture.work_up.lacks("igm"):
        return Finding.yes(*facts)
    if is_review_due or picture.work_up.cannot_tell("igm"):
        return Finding.unknown("whether a review and an IgM were done within the year", facts=facts)
    return Finding.no(*facts)


def review_is_due(picture: ClinicalPicture) -> bool:
    """No score, nerve conduction study or clinical course of the last year (ruling 11)."""
    return _is_due(picture, picture.disability.last_assessed, picture.thresholds.days("monitoring.interval"))


def _is_due(picture: ClinicalPicture, last: date | None, days: int) -> bool:
    """Due by the visit being booked, else today (ruling 11)."""
    return last is None or (picture.due_by - last).days >= days
