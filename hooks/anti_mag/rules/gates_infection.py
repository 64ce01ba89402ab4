"""Gates on hepatitis B before rituximab: serology, active infection, past infection (G1, G2, G3).

Each answers for the selected rituximab drafts for which it runs; G2 also before any order (ruling 3). How loud they
speak is left to the card.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding, Truth
from hooks.anti_mag.hooks import CHART_OPENED, ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.gate_scope import gated, stands_alone
from hooks.anti_mag.picture.hepatitis_b import HepatitisB
from hooks.anti_mag.rulebook import book


@book.rule(
    "rituximab_safety.hepatitis_b_serology_is_not_settled",
    logic="G1",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("ASCO2020", "MHRA2013", "ASCO2015"),
    thresholds=("hbv.negative_age", "course.gap"),
    drugs=("immunoglobulin",),
)
def hepatitis_b_serology_is_not_settled(picture: ClinicalPicture) -> Finding:
    """Have HBsAg and anti-HBc (total or IgG) results before rituximab; a test that is only ordered does not count.

    YES when rituximab is ordered at any age and for any stated reason, or without one for a patient of ours, or another
    anti-CD20 antibody for a patient of ours, and HBsAg or anti-HBc (total or IgG) is not settled: no result, one that
    is only ordered, pending, withdrawn, unclear or not to be understood, or a negative one older than
    {hbv.negative_age}.

    NO when each of the two is positive, of whatever age, or negative and recent, or nothing of this is ordered.

    UNKNOWN when a marker is open only because the hepatitis B results could not be had whole, and the other is open for
    no other reason.
    """
    if not gated(picture, "G1"):
        return Finding.no()
    markers = {"HBsAg": picture.hepatitis_b.surface_antigen, "anti-HBc": picture.hepatitis_b.core_antibody}
    unsettled = {name: marker for name, marker in markers.items() if not marker.is_settled}
    facts = tuple(fact for marker in unsettled.values() for fact in marker.facts)
    unread = tuple(name for name, marker in unsettled.items() if marker.state == "unknown")
    if len(unread) < len(unsettled):
        return Finding.yes(*facts, *picture.hepatitis_b.core_igm_only, missing=tuple(unsettled))
    return Finding.unknown(*unread, facts=facts) if unread else Finding.no()


@book.rule(
    "rituximab_safety.hepatitis_b_is_active",
    logic="G2",
    cards=("rituximabSafety",),
    hooks=(*CHART_OPENED, *ORDERS),
    cites=("MHRA2013", "RTXUSPI", "CD20MON2024"),
)
def hepatitis_b_is_active(picture: ClinicalPicture) -> Finding:
    """Do not give rituximab in active hepatitis B: see hepatology before any dose.

    YES when rituximab is ordered at any age and for any stated reason, or without one for a patient of ours, or another
    anti-CD20 antibody for a patient of ours (or, nothing being ordered, rituximab would be the first choice if nothing
    forbade it), and the newest HBsAg or HBV-DNA that can be read is positive, or hepatitis B is an active problem
    without a recent negative HBsAg.

    NO when none of these is so, also where results are missing or unread.

    UNKNOWN never: markers that are not known are G1's to say.
    """
    if not gated(picture, "G2") and not stands_alone(picture):
        return Finding.no()
    active = picture.hepatitis_b.active
    return Finding.yes(*active.facts) if active.holds else Finding.no()


@book.rule(
    "rituximab_safety.past_hepatitis_b_needs_cover",
    logic="G3",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("ASCO2020", "EVENS2011", "AGA2025", "HBVDUR2024"),
    thresholds=("hbv.antiviral_months", "hbv.antiviral_months_longer", "hbv.negative_age", "hbv.passive_months"),
    drugs=("antiviral",),
)
def past_hepatitis_b_needs_cover(picture: ClinicalPicture) -> Finding:
    """After contact with hepatitis B, have an HBV-DNA result and an antiviral before rituximab.

    YES when rituximab is ordered at any age and for any stated reason, or without one for a patient of ours, or another
    anti-CD20 antibody for a patient of ours, and the patient has had contact with hepatitis B (anti-HBc ever positive,
    HBsAg positive before a negative one, or hepatitis B listed, now or as history) without an infection that is active.
    How loud it speaks follows from the HBV-DNA and the antiviral on record.

    NO when no contact is on record, the infection is active (G2), or nothing of this is ordered.

    UNKNOWN never: markers that are not known are G1's to say.
    """
    hepatitis_b = picture.hepatitis_b
    if not gated(picture, "G3") or hepatitis_b.active.holds or not hepatitis_b.exposure.holds:
        return Finding.no()
    facts = (*hepatitis_b.exposure.facts, *hepatitis_b.dna.facts, *hepatitis_b.antiviral.facts)
    return Finding.yes(*facts, *hepatitis_b.passive_core.facts, missing=_uncovered(hepatitis_b))


def _uncovered(hepatitis_b: HepatitisB) -> tuple[str, ...]:
    missing = [] if hepatitis_b.dna.is_settled else ["HBV-DNA"]
    return tuple(missing if hepatitis_b.antiviral.truth is Truth.YES else [*missing, "antiviral"])
