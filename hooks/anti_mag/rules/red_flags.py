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
    """With a red flag beside the neuropathy and the IgM, exclude amyloid, POEMS, lymphoma and cryoglobulins."""
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
    """
    is_before_treatment = picture.state in BEFORE_TREATMENT or picture.state is State.PLANNED
    has_had_rituximab = picture.rituximab.has_treated_neuropathy
    if not picture.is_adult or not is_before_treatment or has_had_rituximab or picture.diagnosis.is_refuted:
        return Finding.no()
    subacute = picture.red_flags.subacute
    if subacute.is_unknown:
        return Finding.unknown(*subacute.missing)
    return Finding.yes(*subacute.facts) if subacute.holds else Finding.no(*subacute.facts)
