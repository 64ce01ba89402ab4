"""Care after rituximab: infection and other danger, hepatitis B, immunoglobulin and blood count (SA-1, RE-3, RE-4).

All rest on given doses with a date. What the neuropathy and the IgM do is left to the flare and response rules.
"""

from __future__ import annotations

from datetime import date, timedelta

from cds_service.knowledge.contract import Finding, Thresholds, Truth
from cds_service.knowledge.numbers import amount
from cds_service.record import Fact
from hooks.anti_mag.calendar import months_after
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.treatment import Course
from hooks.anti_mag.rulebook import book

NOT_OURS = frozenset({State.OUT_OF_SCOPE, State.GAMMOPATHY_ONLY})
UNDATED = "when rituximab was given"


@book.rule(
    "rituximab_aftercare.danger_after_treatment",
    logic="SA-1",
    cards=("rituximabAftercare",),
    hooks=(*CHART_OPENED, "encounter-discharge"),
    cites=("RTXUSPI", "EVENS2011", "TALLANTYRE2018"),
    thresholds=("aftercare.months", "aftercare.infection_age", "course.gap"),
)
def danger_after_treatment(picture: ClinicalPicture) -> Finding:
    """Within a year after rituximab, stop and evaluate at fever, severe infection, HBV-DNA or leukoencephalopathy.

    YES when an adult with at least possible disease is at most {aftercare.months} after the last dose of the newest
    rituximab course, and one of these is on record: a fever, sepsis, pneumonia, tuberculosis or other severe infection
    that is active or suspected and was begun or recorded in the last {aftercare.infection_age}; leukoencephalopathy
    (PML), however old, a suspicion included; HBV-DNA that is positive after contact with hepatitis B.

    NO when none of these is on record, or the last dose was longer ago, or no rituximab was given.

    UNKNOWN when in that time none of these is found and the problem list could not be had whole; and when rituximab was
    given and no dose of it has a day.
    """
    course = treated_course(picture, "aftercare.months")
    if course is None:
        return _without_course(picture)
    statements = (picture.aftercare.infection, picture.contraindications.leukoencephalopathy)
    facts = [fact for statement in statements if statement.holds for fact in statement.facts]
    if is_reactivated(picture):
        facts += picture.hepatitis_b.dna.facts
    if facts:
        return Finding.yes(*facts, course.doses[-1].fact)
    missing = tuple(dict.fromkeys(item for statement in statements for item in statement.missing))
    return Finding.unknown(*missing, facts=(course.doses[-1].fact,)) if missing else Finding.no()


@book.rule(
    "rituximab_aftercare.hepatitis_b_stays_covered",
    logic="RE-3",
    cards=("rituximabAftercare",),
    hooks=(*CHART_OPENED, "encounter-discharge", "medication-refill"),
    cites=("ASCO2020", "EVENS2011", "AGA2025", "HBVDUR2024"),
    thresholds=(
        "hbv.antiviral_months",
        "hbv.antiviral_months_longer",
        "aftercare.hbv_dna_age",
        "hbv.negative_age",
        "course.gap",
    ),
    drugs=("antiviral",),
)
def hepatitis_b_stays_covered(picture: ClinicalPicture) -> Finding:
    """After contact with hepatitis B, run the antiviral until {hbv.antiviral_months} after the last dose, and check
    HBV-DNA and ALT.

    YES when an adult with at least possible disease is at most {hbv.antiviral_months} after the last dose of the newest
    rituximab course and has active hepatitis B or contact with it on record, whether or not an antiviral runs. From
    then until {hbv.antiviral_months_longer}, which another guideline asks for, when an antiviral was taken and has
    ended.

    NO when that time is over, no rituximab was given, or neither infection nor contact is on record.

    UNKNOWN when in that time neither is on record and the hepatitis B results could not be had whole, and hold no
    anti-HBc that is negative and recent or that could not be understood; and, after contact, when no dose of rituximab
    has a day.
    """
    course = treated_course(picture, "hbv.antiviral_months")
    if course is None and has_ended_between(picture):
        course = picture.rituximab.latest
    if course is None:
        return _without_course(picture) if picture.hepatitis_b.exposure.holds else Finding.no()
    hepatitis_b = picture.hepatitis_b
    if not (hepatitis_b.exposure.holds or hepatitis_b.active.holds):
        is_unread = hepatitis_b.core_antibody.state == "unknown"
        return Finding.unknown("anti-HBc") if is_unread else Finding.no()
    cover = hepatitis_b.antiviral if hepatitis_b.antiviral.holds else picture.aftercare.past_antiviral
    contact = hepatitis_b.exposure.facts or hepatitis_b.active.facts
    facts = dict.fromkeys((*contact, *cover.facts, *hepatitis_b.dna.facts, course.doses[-1].fact))
    return Finding.yes(*facts, missing=hepatitis_b.antiviral.missing)


@book.rule(
    "rituximab_aftercare.immunoglobulin_is_not_checked",
    logic="RE-4",
    cards=("rituximabAftercare",),
    hooks=(*CHART_OPENED, "encounter-discharge"),
    cites=("CD20MON2024", "TALLANTYRE2018", "ASHED2020", "AAAAI2022"),
    thresholds=(
        "igg.replacement",
        "igg.very_low",
        "aftercare.laboratory_months",
        "flare.window",
        "assessment.window",
        "course.gap",
    ),
)
def immunoglobulin_is_not_checked(picture: ClinicalPicture) -> Finding:
    """From four months to two years after rituximab, measure IgG and a blood count every {aftercare.laboratory_months}.

    YES when an adult with at least possible disease is more than {flare.window} after the first dose of the newest
    rituximab course, in the flare window or in the assessment that follows it up to {assessment.window}, and the newest
    IgG or blood count is older than {aftercare.laboratory_months}, or none was done, and it is not ordered.

    NO when both are recent or ordered, and outside that time: sooner, later, with a next course planned once the flare
    window is over, and after failure or relapse.

    UNKNOWN when in that time one of the two seems overdue and the laboratory results could not be had whole.
    """
    course = picture.rituximab.latest
    if course is None or not picture.is_adult or picture.state not in (State.FLARE_WINDOW, State.ASSESSMENT):
        return Finding.no()
    lacking = overdue_checks(picture)
    if course.day(picture.today) <= picture.thresholds.days("flare.window") or not lacking:
        return Finding.no()
    if not picture.aftercare.is_laboratory_known:
        months = amount(picture.thresholds.row("aftercare.laboratory_months"))
        return Finding.unknown(f"whether IgG and a blood count were done within {months}")
    known: list[Fact] = [
        fact for fact in (picture.aftercare.last_igg, picture.aftercare.last_blood_count) if fact is not None
    ]
    return Finding.yes(*known, course.doses[-1].fact)


@book.rule(
    "rituximab_aftercare.igg_is_low",
    logic="RE-4b",
    cards=("rituximabAftercare",),
    hooks=(*CHART_OPENED, "encounter-discharge"),
    cites=("AAAAI2022", "ASHED2020", "TALLANTYRE2018"),
    thresholds=("igg.replacement", "igg.very_low", "counts.max_age", "igg.infections"),
)
def igg_is_low(picture: ClinicalPicture) -> Finding:
    """After rituximab, take an IgG below {igg.replacement} to immunology or haematology where infections are on record,
    and below {igg.very_low} always.

    YES when an adult with at least possible disease was given rituximab, on whatever day, and the newest final IgG of
    the last {counts.max_age}, or a preliminary one after it, is below {igg.replacement}. The card is a warning where it
    is below {igg.very_low}, or where infections of the last {igg.infections} are on record: a severe one, or several.

    NO when the IgG is not that low, was not measured in that time, or no rituximab was given.

    UNKNOWN when no IgG is that low and one as new as the final one, or without a day, could not be read; and when there
    is none and the laboratory results could not be had whole.
    """
    if not picture.rituximab.has_course or not picture.is_adult or picture.state in NOT_OURS:
        return Finding.no()
    low = picture.counts.replaceable_igg
    if low is not None:
        infections = picture.aftercare.infections
        return Finding.yes(low.fact, *infections.facts, missing=infections.missing)
    unread = tuple(one.fact for one in picture.counts.unread if one.fact.what == "IgG")
    is_open = bool(unread) or "IgG" in picture.counts.unknown
    return Finding.unknown("serum IgG", facts=unread) if is_open else Finding.no()


def asks_for_replacement(picture: ClinicalPicture) -> bool:
    """The IgG is so low that replacement is considered: very low, or low with infections on record."""
    is_low = picture.counts.replaceable_igg is not None
    return picture.counts.is_igg_very_low or (is_low and picture.aftercare.infections.holds)


def overdue_checks(picture: ClinicalPicture) -> tuple[str, ...]:
    """The tests igg and blood_count, where the newest is older than the months that count and none is ordered."""
    earliest = months_after(picture.today, -int(picture.thresholds["aftercare.laboratory_months"]))
    newest = {"igg": picture.aftercare.igg_on, "blood_count": picture.aftercare.blood_count_on}
    return tuple(
        test
        for test, day in newest.items()
        if (day is None or day < earliest) and test not in picture.drafts.tests_ordered
    )


def treated_course(picture: ClinicalPicture, months: str) -> Course | None:
    """The latest course of an adult of ours, until that many months after its last dose."""
    course = picture.rituximab.latest
    if course is None or not picture.is_adult or picture.state in NOT_OURS:
        return None
    return course if picture.today <= covered_until(course, picture.thresholds, months) else None


def covered_until(course: Course, thresholds: Thresholds, months: str) -> date:
    """The day that lies so many months after the last dose."""
    return months_after(course.last_dose, int(thresholds[months]))


def has_ended_between(picture: ClinicalPicture) -> bool:
    """The cover ended after what this site asks for and before what the longer guideline does (ruling 35)."""
    if treated_course(picture, "hbv.antiviral_months") is not None:
        return False
    is_within = treated_course(picture, "hbv.antiviral_months_longer") is not None
    is_ended = picture.hepatitis_b.antiviral.truth is Truth.NO and picture.aftercare.past_antiviral.holds
    return is_within and is_ended


def is_reactivated(picture: ClinicalPicture) -> bool:
    """HBV-DNA is positive in a patient who has had contact with the virus."""
    return picture.hepatitis_b.exposure.holds and picture.hepatitis_b.dna.state == "positive"


def is_cover_broken(picture: ClinicalPicture) -> bool:
    """No antiviral is running, and it was there before, or HBV-DNA is not watched instead."""
    if picture.hepatitis_b.antiviral.truth is not Truth.NO or has_ended_between(picture):
        return False
    return picture.aftercare.past_antiviral.holds or not is_dna_recent(picture)


def is_dna_recent(picture: ClinicalPicture) -> bool:
    """The newest HBV-DNA that says something is young enough."""
    dna, reach = picture.hepatitis_b.dna, timedelta(days=picture.thresholds.days("aftercare.hbv_dna_age"))
    earliest = (picture.today - reach).isoformat()
    return dna.is_settled and any(fact.date is not None and fact.date >= earliest for fact in dna.facts)


def _without_course(picture: ClinicalPicture) -> Finding:
    """Rituximab was given on an unknown day: whether it is long ago cannot be told."""
    history = picture.rituximab
    is_open = picture.is_adult and picture.state not in NOT_OURS and history.latest is None and bool(history.undated)
    return Finding.unknown(UNDATED, facts=history.undated) if is_open else Finding.no()
