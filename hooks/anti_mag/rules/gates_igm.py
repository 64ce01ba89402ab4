"""Gates on serum IgM before rituximab: too high, not known, close to the limit (G4, G4b, G4c).

A preliminary or unit-inferred value raises a gate and never clears one: `igm.current` raises, `igm.clearing` clears.
"""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.unreadable import IGM
from hooks.anti_mag.rulebook import book


@book.rule(
    "rituximab_safety.igm_is_too_high",
    logic="G4",
    cards=("hyperviscosity", "rituximabSafety"),
    hooks=ORDERS,
    cites=("IWWM8TX", "TREON2004"),
    thresholds=("igm.gate.critical", "igm.max_age", "igm.conflict.days", "igm.conflict.relative", "igm.plausible_max"),
)
def igm_is_too_high(picture: ClinicalPicture) -> Finding:
    """At an IgM of 4000 mg/dL or more, exchange plasma before rituximab or start without it.

    YES when rituximab is ordered for an adult's neuropathy, for a monoclonal IgM disorder or beside one, or another
    anti-CD20 antibody for an adult of ours and not for something else, and the serum IgM that counts is
    {igm.gate.critical} or more. It is the highest of the newest value of the last {igm.max_age}, those of the
    {igm.conflict.days} before it but not from before a plasma exchange, and the newest that is final. One that is
    preliminary, or whose unit is inferred from its range, counts too.

    NO when that IgM is lower, when there is none, or nothing of this is ordered.

    UNKNOWN never: an IgM that is missing or unread is G4b's to say.
    """
    current = picture.igm.current
    if not gated(picture, "G4") or current is None or not picture.igm.is_at_limit(picture.thresholds):
        return Finding.no()
    clearing = picture.igm.clearing
    return Finding.yes(current.fact, *([clearing.fact] if clearing and clearing != current else []))


@book.rule(
    "rituximab_safety.igm_is_not_known",
    logic="G4b",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("IWWM8TX",),
    thresholds=(
        "igm.max_age",
        "igm.gate.caution",
        "igm.gate.critical",
        "igm.plausible_max",
    ),
)
def igm_is_not_known(picture: ClinicalPicture) -> Finding:
    """Know the serum IgM before rituximab: a final value with its unit, not older than {igm.max_age}.

    YES when rituximab is ordered for an adult's neuropathy, for a monoclonal IgM disorder or beside one, or another
    anti-CD20 antibody for an adult of ours and not for something else, and no final serum IgM with its own unit and day
    is on record of the last {igm.max_age}; also when one as new as that, or without a day, has no unit or could not be
    read (ruling 24).

    NO when such an IgM is there and nothing as new is unread; also when one that is not final is {igm.gate.caution} or
    more, which G4 or G4c says.

    UNKNOWN when no IgM of any of these kinds is there and the laboratory results could not be had whole.
    """
    igm = picture.igm
    asked = (*igm.unclear, *(unread.fact for unread in igm.unread))
    has_raised = igm.current is not None and igm.current.mg_dl >= picture.thresholds["igm.gate.caution"]
    if not gated(picture, "G4b") or (not asked and (has_raised or igm.clearing is not None)):
        return Finding.no()
    if not asked and IGM in picture.unreadable:
        return Finding.unknown("serum IgM")
    newest = [igm.current.fact] if igm.current else [value.fact for value in igm.values[:1]]
    return Finding.yes(*asked, *newest, missing=("a final serum IgM with its unit",))


@book.rule(
    "rituximab_safety.igm_is_near_the_limit",
    logic="G4c",
    cards=("rituximabSafety",),
    hooks=ORDERS,
    cites=("GUSTINE2017", "IWWM8TX"),
    thresholds=("igm.gate.caution", "igm.gate.critical", "igm.max_age", "igm.conflict.days", "igm.plausible_max"),
)
def igm_is_near_the_limit(picture: ClinicalPicture) -> Finding:
    """At an IgM of 3000 to 3999 mg/dL, measure viscosity and plan for the flare before rituximab.

    YES when rituximab is ordered for an adult's neuropathy, for a monoclonal IgM disorder or beside one, or another
    anti-CD20 antibody for an adult of ours and not for something else, and the serum IgM that counts is
    {igm.gate.caution} or more and below {igm.gate.critical}. It is the highest of the newest value of the last
    {igm.max_age}, those of the {igm.conflict.days} before it, and the newest that is final.

    NO when that IgM is lower or higher, when there is none, or nothing of this is ordered.

    UNKNOWN never: an IgM that is missing or unread is G4b's to say.
    """
    current = picture.igm.current
    if not gated(picture, "G4c") or current is None:
        return Finding.no()
    is_near = picture.thresholds["igm.gate.caution"] <= current.mg_dl < picture.thresholds["igm.gate.critical"]
    return Finding.yes(current.fact) if is_near else Finding.no()
