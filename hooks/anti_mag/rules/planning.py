"""Before a course of rituximab, while it is being ordered: the baseline, the IgM near a gate, the reason to treat
(PL-1, PL-2, MO-2).

Hepatitis B, IgM and pregnancy are the gates' own matter and stand on the same card. A later dose of a course asks for
none of this.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from cds_service.record import Fact
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.disability import Severity
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.outcome import Outcome, outcome_of
from hooks.anti_mag.picture.planned_course import begins_course
from hooks.anti_mag.picture.work_up import MissingTest, missing_test
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.retreatment import is_too_soon

BASELINE = ("anti_mag", "igg", "blood_count", "scores")
"""Tests of the baseline that no gate asks for."""
BODY = missing_test("body", "none on record: without them no dose in mg/m² can be checked")


@book.rule(
    "rituximab_safety.baseline_is_incomplete",
    logic="PL-1",
    cards=("rituximabSafety",),
    hooks=("order-select",),
    cites=("CD20MON2024", "TREON2004", "GHOBRIAL2004", "ASHED2020"),
    thresholds=(
        "anti_mag.baseline_age",
        "score.baseline_age",
        "monitoring.interval",
        "course.gap",
        "anti_mag.blot.supportive",
        "retreatment.min_months",
    ),
)
def baseline_is_incomplete(picture: ClinicalPicture) -> Finding:
    """Before rituximab, have blood count, IgG, scores and anti-MAG titre on record, and a plan for the IgM flare.

    YES when an order of rituximab for an adult's neuropathy, at least possible disease, begins a course (no dose in the
    {course.gap} before it), and one of these is missing, neither recent enough nor ordered or awaited: anti-MAG titre
    of the last {anti_mag.baseline_age}, IgG and blood count of the last {monitoring.interval}, a score of the last
    {score.baseline_age} (unless MO-2 asks for it), or height and weight where no order gives a dose.

    NO when none is missing, the order goes on with a course, or there is no order.

    UNKNOWN when none is known to be missing, but one is not found and the list that would hold it could not be had
    whole.
    """
    if not gated(picture, "PL-1") or not begins_course(picture):
        return Finding.no()
    gaps = baseline_gaps(picture)
    if gaps:
        return Finding.yes(*_orders(picture), missing=tuple(gap.label for gap in gaps))
    unknown = [f"whether on record: {test.label}" for test in picture.work_up.unknown if test.test in BASELINE]
    return Finding.unknown(*unknown) if unknown else Finding.no()


def baseline_gaps(picture: ClinicalPicture) -> list[MissingTest]:
    """What is missing that no gate and no other sentence of the card asks for, each once."""
    wanted = {test.test: test for test in (*picture.work_up.baseline, *picture.work_up.diagnostic)}
    gaps = [wanted[test] for test in BASELINE if test in wanted]
    if _lacks_reason(picture):
        gaps = [gap for gap in gaps if gap.test != "scores"]
    return [*gaps, BODY] if _lacks_body(picture) else gaps


def _lacks_body(picture: ClinicalPicture) -> bool:
    """No height or weight, and no draft with a dose: one with a dose is the dose gate's, which asks for them itself."""
    is_measured = picture.body.height_cm is not None and picture.body.weight_kg is not None
    has_dose = any(dosage.amount is not None for draft in gated(picture, "G10") for dosage in draft.order.dosages)
    return not is_measured and not has_dose


@book.rule(
    "rituximab_safety.igm_is_between_the_gates",
    logic="PL-2",
    cards=("rituximabSafety",),
    hooks=("order-select",),
    cites=("GUSTINE2017", "IWWM8TX"),
    thresholds=(
        "igm.gate.caution",
        "igm.gate.critical",
        "igm.max_age",
        "course.gap",
        "igm.conflict.days",
        "igm.plausible_max",
    ),
)
def igm_is_between_the_gates(picture: ClinicalPicture) -> Finding:
    """At an IgM of 3000 to 3999 mg/dL, or fallen from there within {igm.max_age}, agree a threshold with haematology.

    YES when an order of rituximab for an adult's neuropathy, at least possible disease, begins a course (no dose in the
    {course.gap} before it), and the IgM that counts is {igm.gate.caution} or more and below {igm.gate.critical}; also
    when it is lower and one of the last {igm.max_age} was {igm.gate.caution} or more.

    NO when no IgM of that time reaches {igm.gate.caution}, when the one that counts is {igm.gate.critical} or more
    (G4), or the order goes on with a course.

    UNKNOWN when no usable IgM of the last {igm.max_age} is there.
    """
    if not gated(picture, "PL-2") or not begins_course(picture):
        return Finding.no()
    current, caution = picture.igm.current, picture.thresholds["igm.gate.caution"]
    if current is None:
        return Finding.unknown("serum IgM")
    if caution <= current.mg_dl < picture.thresholds["igm.gate.critical"]:
        return Finding.yes(current.fact)
    recent = picture.thresholds.days("igm.max_age")
    high = [value for value in picture.igm.values if (picture.today - value.on).days <= recent]
    peak = max(high, key=lambda value: value.mg_dl, default=current)
    has_fallen = current.mg_dl < caution <= peak.mg_dl
    return Finding.yes(current.fact, peak.fact) if has_fallen else Finding.no(current.fact)


@book.rule(
    "rituximab_safety.no_reason_to_treat_is_recorded",
    logic="MO-2",
    cards=("rituximabSafety",),
    hooks=("order-select",),
    cites=("NOBILE2000", "KHWAJA2022"),
    thresholds=(
        "disability.rankin",
        "disability.leg",
        "disability.total",
        "progression.points",
        "progression.window",
        "course.gap",
        "retreatment.min_months",
    ),
)
def no_reason_to_treat_is_recorded(picture: ClinicalPicture) -> Finding:
    """Where no disability and no progression is on record, record the scores or the reason for rituximab.

    YES when an order of rituximab for an adult's neuropathy, at least possible disease, begins a course (no dose in the
    {course.gap} before it), and the disease is probable or confirmed and mild and stable by its scores (as in MO-1), or
    no score says how disabling it is. A relapse is reason enough, and a course too soon is RT-2's.

    NO when the disease is disabling or progressive, relapsed or less than probable, or the order goes on with a course.

    UNKNOWN when no score says it and the assessments could not be had whole.
    """
    if not _lacks_reason(picture):
        return Finding.no()
    facts = (*_orders(picture), *picture.disability.severity_facts)
    if picture.disability.severity is Severity.UNKNOWN and not picture.disability.is_readable:
        return Finding.unknown("scores: the assessments could not be read", facts=facts)
    return Finding.yes(*facts)


def _lacks_reason(picture: ClinicalPicture) -> bool:
    """A course is begun in probable or confirmed disease that is mild and stable, or of unknown severity; a relapse is
    reason enough, and a course too soon is RT-2's."""
    is_ours = bool(gated(picture, "MO-2")) and picture.diagnosis.tier >= Tier.PROBABLE
    if not is_ours or not begins_course(picture) or is_too_soon(picture):
        return False
    is_unexplained = picture.disability.severity in (Severity.MILD_STABLE, Severity.UNKNOWN)
    return is_unexplained and outcome_of(picture) is not Outcome.RELAPSED


def _orders(picture: ClinicalPicture) -> tuple[Fact, ...]:
    return tuple(draft.order.fact("rituximab ordered") for draft in picture.drafts.rituximab)
