"""The picture does not fit, or moves too fast: red flags on record (WU-2), a subacute course (TX-2)."""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import CHART_OPENED
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.diagnosis import BEFORE_TREATMENT

NOT_OURS = frozenset({State.OUT_OF_SCOPE, State.GAMMOPATHY_ONLY})


@book.rule(
    "red_flag.picture_does_not_fit",
    logic="WU-2",
    cards=("redFlag",),
    hooks=(*CHART_OPENED, "problem-list-item-create"),
    cites=("JADPRO2022", "BMJWM", "KOREA2023"),
)
def picture_does_not_fit(picture: ClinicalPicture) -> Finding:
    """With a red flag beside the neuropathy and the IgM, exclude amyloid, POEMS, lymphoma and cryoglobulins.

    YES when an adult has a neuropathy on the problem list and an IgM paraprotein, or disease that is probable or
    confirmed, and a red flag is on record: amyloidosis, POEMS, cryoglobulinaemia, nephrotic syndrome or orthostatic
    hypotension as an active problem, suspected ones included, a raised VEGF, or an axonal conduction study.

    NO when no red flag is on record, when neither is the case, and where anti-MAG neuropathy was refuted.

    UNKNOWN when no red flag is found and the problem list could not be had whole.
    """
    diagnosis, flags = picture.diagnosis, picture.red_flags
    if not picture.is_adult or picture.state in NOT_OURS or diagnosis.is_refuted:
        return Finding.no()
    has_both = diagnosis.neuropathy.holds and diagnosis.paraprotein.holds
    if not has_both and diagnosis.tier < Tier.PROBABLE:
        return Finding.no()
    if flags.coded.is_unknown:
        return Finding.unknown(*flags.coded.missing)
    return Finding.yes(*flags.coded.facts) if flags.coded.holds else Finding.no()


@book.rule(
    "red_flag.course_is_subacute",
    logic="TX-2",
    cards=("redFlag",),
    hooks=CHART_OPENED,
    cites=("GAZZOLA2017", "JADPRO2022"),
    thresholds=("subacute.points", "progression.window", "course.before_neuropathy"),
)
def course_is_subacute(picture: ClinicalPicture) -> Finding:
    """When the ONLS rises by two points within a year before treatment, expedite the review and look for red flags.

    After rituximab the flare and response rules watch the scores.

    YES when an adult with at least possible disease, before treatment or with a course planned, and never given
    rituximab for it, has an ONLS total of the last {progression.window} that is {subacute.points} or more above the
    best one of the {progression.window} before it.

    NO when the rise is smaller, after rituximab, and without disease.

    UNKNOWN when there are no two ONLS totals to compare.
    """
    is_before_treatment = picture.state in BEFORE_TREATMENT or picture.state is State.PLANNED
    has_had_rituximab = picture.rituximab.has_treated_neuropathy
    if not picture.is_adult or not is_before_treatment or has_had_rituximab or picture.diagnosis.is_refuted:
        return Finding.no()
    subacute = picture.red_flags.subacute
    if subacute.is_unknown:
        return Finding.unknown(*subacute.missing)
    return Finding.yes(*subacute.facts) if subacute.holds else Finding.no(*subacute.facts)
