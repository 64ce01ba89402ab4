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

    YES when either marker is missing, withdrawn, pending, unclear, or a negative too old; UNKNOWN when the results
    could not be read.
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

    YES when the newest readable HBsAg is positive, the newest HBV-DNA is positive, or hepatitis B is an active problem
    without a negative HBsAg beside it.
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

    YES when anti-HBc, or HBsAg before a negative one, was ever positive (or hepatitis B is listed) and the infection is
    not active.
    """
    hepatitis_b = picture.hepatitis_b
    if not gated(picture, "G3") or hepatitis_b.active.holds or not hepatitis_b.exposure.holds:
        return Finding.no()
    facts = (*hepatitis_b.exposure.facts, *hepatitis_b.dna.facts, *hepatitis_b.antiviral.facts)
    return Finding.yes(*facts, *hepatitis_b.passive_core.facts, missing=_uncovered(hepatitis_b))


def _uncovered(hepatitis_b: HepatitisB) -> tuple[str, ...]:
    missing = [] if hepatitis_b.dna.is_settled else ["HBV-DNA"]
    return tuple(missing if hepatitis_b.antiviral.truth is Truth.YES else [*missing, "antiviral"])
