"""Gates on the order itself: dose, schedule, form, and other anti-CD20 treatment beside it (G10, G10b, G11, G17)."""

from __future__ import annotations

from dataclasses import replace

from cds_service.fhir.units import convert
from cds_service.knowledge.contract import Finding
from cds_service.record import Fact
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.dose import DoseCheck, check_dose
from hooks.anti_mag.picture.drafts import DraftOrder
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.overlap import overlap_of
from hooks.anti_mag.picture.schedule import ScheduleCheck, check_schedule
from hooks.anti_mag.rulebook import book


@book.rule(
    "rituximab_safety.dose_is_off",
    logic="G10",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("LEGER2013", "DALAKAS2009"),
    thresholds=(
        "dose.mg_m2",
        "dose.fixed",
        "dose.tolerance.warning",
        "dose.tolerance.critical",
        "body.height_age",
        "body.weight_age",
        "body.surface_min",
        "body.surface_max",
    ),
)
def dose_is_off(picture: ClinicalPicture) -> Finding:
    """Check a rituximab dose that fits neither {dose.mg_m2} nor {dose.fixed}.

    YES when intravenous rituximab is ordered for an adult's neuropathy, and one of its doses is more than
    {dose.tolerance.warning} off: in mg off both {dose.fixed} and {dose.mg_m2} of body surface, in mg/m² off
    {dose.mg_m2}.

    NO when each dose fits one of the two; the subcutaneous product is G17's.

    UNKNOWN when none is off and one cannot be checked: the order that is signed or carried out gives no dose, what it
    gives cannot be read as mg or mg/m², or a dose that is not about {dose.fixed} lacks a plausible height or weight.
    """
    checks = checked_doses(picture)
    facts = _facts(picture, checks)
    if any(check.verdict in ("off", "far off") for check in checks):
        return Finding.yes(*facts)
    missing = tuple(dict.fromkeys(what for check in checks for what in check.missing))
    return Finding.unknown(*missing, facts=facts) if missing else Finding.no()


def checked_doses(picture: ClinicalPicture) -> list[DoseCheck]:
    """Dose checks of the intravenous prescriptions for which G10 runs; the subcutaneous product is left out (ruling
    16)."""
    intravenous = [draft for draft in gated(picture, "G10") if draft.therapy == "rituximab" and draft.is_prescription]
    checks = [check_dose(picture, draft) for draft in intravenous]
    may_still_come = picture.hook == "order-select"
    return [check for check in checks if not (may_still_come and check.verdict == "not given")]


def _facts(picture: ClinicalPicture, checks: list[DoseCheck]) -> tuple[Fact, ...]:
    if not checks:
        return ()
    measured = [fact for fact in (picture.body.height_cm, picture.body.weight_kg) if fact is not None]
    doses = [
        replace(check.draft.order.fact("dose ordered"), value=check.amount.value, unit=check.amount.unit)
        for check in checks
        if check.amount is not None
    ]
    return (*doses, *measured)


@book.rule(
    "rituximab_safety.schedule_is_off",
    logic="G10b",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("LEGER2013", "DALAKAS2009"),
    thresholds=(
        "course.weekly_doses",
        "schedule.weekly_interval",
        "schedule.fixed_doses",
        "schedule.fixed_interval",
        "course.gap",
        "dose.mg_m2",
        "dose.fixed",
        "dose.tolerance.warning",
    ),
)
def schedule_is_off(picture: ClinicalPicture) -> Finding:
    """Check a rituximab schedule with more doses, or doses closer together, than its regimen has.

    YES when intravenous rituximab is ordered for an adult's neuropathy, and its doses, with those of the running course
    (its last dose at most {course.gap} ago) and the days that other drafts name before them, are more than
    {course.weekly_doses} of the weekly or {schedule.fixed_doses} of the fixed regimen, or lie less than
    {schedule.weekly_interval} or {schedule.fixed_interval} apart, counted from the last dose given too. A dose within
    {dose.tolerance.warning} of {dose.fixed} and not nearer to {dose.mg_m2} is the fixed regimen, any other the weekly.

    NO when number and distance fit, as far as the structured order says them; the subcutaneous product is G17's.

    UNKNOWN when none is off and an order gives no dose in mg or mg/m², or neither the number of doses nor their days.
    """
    checks = checked_schedules(picture)
    off = [check for check in checks if check.too_many or check.too_close]
    if off:
        latest = picture.rituximab.latest
        given = [latest.doses[-1].fact] if latest else []
        return Finding.yes(*(check.draft.order.fact("schedule ordered") for check in off), *given)
    missing = tuple(dict.fromkeys(what for check in checks for what in check.missing))
    return Finding.unknown(*missing) if missing else Finding.no()


def checked_schedules(picture: ClinicalPicture) -> list[ScheduleCheck]:
    """Schedule checks of the intravenous drafts for which G10b runs (ruling 16)."""
    drafts = [draft for draft in gated(picture, "G10b") if draft.therapy == "rituximab" and draft.is_prescription]
    return [check_schedule(picture, draft) for draft in drafts]


@book.rule(
    "rituximab_safety.subcutaneous_form_is_out_of_place",
    logic="G17",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("RTXUSPI", "RTXBIOSIM"),
    drugs=("rituximab_hyaluronidase_sc",),
)
def subcutaneous_form_is_out_of_place(picture: ClinicalPicture) -> Finding:
    """Check subcutaneous rituximab that is dosed by body surface, or that would be the first rituximab ever.

    YES when subcutaneous rituximab is ordered for an adult's neuropathy, and its dose is per body surface, or no
    rituximab was given before.

    NO when it is a fixed dose after earlier rituximab, on whatever day, or another form is ordered.

    UNKNOWN when it is a fixed dose, no earlier rituximab is found, and no medication list at all could be had whole.
    """
    drafts = subcutaneous(picture)
    facts = tuple(draft.order.fact("subcutaneous rituximab") for draft in drafts)
    by_surface = any(is_by_surface(draft) for draft in drafts)
    is_first = bool(drafts) and not picture.rituximab.has_course
    if by_surface or (is_first and picture.rituximab.is_readable):
        return Finding.yes(*facts)
    return Finding.unknown("earlier rituximab", facts=facts) if is_first else Finding.no()


def subcutaneous(picture: ClinicalPicture) -> list[DraftOrder]:
    """Drafts of the subcutaneous product for which G17 runs."""
    return [draft for draft in gated(picture, "G17") if draft.therapy == "rituximab_hyaluronidase_sc"]


def is_by_surface(draft: DraftOrder) -> bool:
    """The order gives a dose per body surface."""
    amounts = [dosage.amount for dosage in draft.order.dosages if dosage.amount is not None]
    return any(convert(amount, "mg/m2") is not None for amount in amounts)


@book.rule(
    "rituximab_safety.anti_cd20_overlaps",
    logic="G11",
    cards=("rituximabRetreatment", "rituximabSafety"),
    hooks=ORDERS,
    cites=("RTXUSPI",),
    thresholds=("anti_cd20.overlap_months", "course.gap"),
    drugs=("rituximab", "other_anti_cd20"),
)
def anti_cd20_overlaps(picture: ClinicalPicture) -> Finding:
    """Do not order rituximab on top of another anti-CD20 course or of another rituximab order.

    YES when rituximab is ordered for an adult's neuropathy, or another anti-CD20 antibody for an adult of ours, and one
    of these is on record: an anti-CD20 antibody given in the last {anti_cd20.overlap_months} outside the course that
    goes on (its last dose at most {course.gap} ago), another active request for one, or two orders of the drug for the
    same day. The plan that the order follows and the prescription that it replaces are no overlap.

    NO when nothing of this is found in medication lists that were had whole.

    UNKNOWN when nothing of this is found and one of the medication lists could not be had whole.
    """
    drafts = gated(picture, "G11")
    if not drafts:
        return Finding.no()
    overlap = overlap_of(picture, drafts)
    if overlap.facts:
        return Finding.yes(*overlap.facts)
    other = picture.contraindications.other_anti_cd20
    is_readable = picture.rituximab.is_readable and not other.is_unknown
    return Finding.no() if is_readable else Finding.unknown("earlier anti-CD20 treatment")
