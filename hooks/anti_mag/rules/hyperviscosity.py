"""Hyperviscosity that shows, and IgM so high that it threatens (HV-1, WU-5)."""

from __future__ import annotations

from cds_service.knowledge.contract import Finding, Truth
from hooks.anti_mag.hooks import CHART_OPENED, EVERYWHERE
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rulebook import book


@book.rule(
    "hyperviscosity.symptoms_are_there",
    logic="HV-1",
    cards=("hyperviscosity",),
    hooks=EVERYWHERE,
    cites=("IWWM8TX", "GERTZ2018", "MEDSCAPEHV", "GUSTINE2017"),
    thresholds=(
        "igm.gate.caution",
        "igm.fresh",
        "hyperviscosity.symptom_age",
        "viscosity.raised",
        "viscosity.max_age",
        "viscosity.water",
        "igm.max_age",
        "igm.plausible_max",
    ),
)
def symptoms_are_there(picture: ClinicalPicture) -> Finding:
    """With symptoms of hyperviscosity and a monoclonal IgM, exchange plasma the same day and hold rituximab.

    YES when an adult with at least possible disease or an IgM gammopathy has a monoclonal IgM on record (an IgM
    paraprotein, or disease that is probable) and an active symptom, begun or recorded in the last
    {hyperviscosity.symptom_age}. Hyperviscosity itself, bleeding from nose or mucosa, the retina, stroke, TIA and
    confusion count unless an IgM of the last {igm.fresh}, final and below {igm.gate.caution}, speaks against them and
    none as new is unread; headache, vision and vertigo count only with {igm.gate.caution} or more in that time, or a
    viscosity above {viscosity.raised} of the last {viscosity.max_age}.

    NO when no symptom counts or no monoclonal IgM is on record, by lists that were had whole.

    UNKNOWN when no symptom counts and the problem list could not be had whole, or a viscosity that decides could not be
    read; and when a symptom counts and the lists that would hold a monoclonal IgM could not be had whole, or all there
    is of one is an IgM above its range that may be polyclonal, and no viscosity is raised.
    """
    symptoms = picture.hyperviscosity.symptoms
    if not picture.is_adult or picture.state is State.OUT_OF_SCOPE or symptoms.truth is Truth.NO:
        return Finding.no()
    is_monoclonal = has_monoclonal_igm(picture)
    if is_monoclonal is Truth.NO:
        return Finding.no()
    if symptoms.is_unknown or is_monoclonal is Truth.UNKNOWN:
        clone = ("whether the raised IgM is monoclonal",) if picture.diagnosis.may_be_polyclonal else ()
        return Finding.unknown(*symptoms.missing, *picture.diagnosis.paraprotein.missing, *clone, facts=symptoms.facts)
    igm, viscosity = picture.igm.current, picture.hyperviscosity.viscosity
    return Finding.yes(*symptoms.facts, *([igm.fact] if igm else []), *([viscosity] if viscosity else []))


@book.rule(
    "hyperviscosity.igm_threatens",
    logic="WU-5",
    cards=("hyperviscosity",),
    hooks=CHART_OPENED,
    cites=("GUSTINE2017", "IWWM8TX", "MEDMERITS", "MEDSCAPEHV"),
    thresholds=(
        "igm.gate.critical",
        "igm.gate.caution",
        "igm.max_age",
        "viscosity.max_age",
        "igm.conflict.days",
        "igm.plausible_max",
    ),
)
def igm_threatens(picture: ClinicalPicture) -> Finding:
    """At an IgM of 4000 mg/dL or more, or 3000 without a viscosity: viscosity, fundoscopy, haematology.

    YES when an adult with at least possible disease or an IgM gammopathy has a serum IgM that counts of
    {igm.gate.critical} or more; or of {igm.gate.caution} or more while no viscosity of the last {viscosity.max_age} is
    on record and none is ordered. It is the highest of the newest value of the last {igm.max_age}, those of the
    {igm.conflict.days} before it, and the newest that is final.

    NO when that IgM is lower.

    UNKNOWN when no IgM counts, and when it is lower but a value without a unit may be {igm.gate.critical} or more.
    """
    igm = picture.igm
    if not picture.is_adult or picture.state is State.OUT_OF_SCOPE:
        return Finding.no()
    current, viscosity = igm.current, picture.hyperviscosity.viscosity
    facts = (*([current.fact] if current else []), *([viscosity] if viscosity else []))
    is_open = viscosity is None and "viscosity" not in picture.drafts.tests_ordered
    limit = picture.thresholds["igm.gate.caution"] if is_open else picture.thresholds["igm.gate.critical"]
    if current is not None and current.mg_dl >= limit:
        return Finding.yes(*facts, missing=picture.hyperviscosity.is_viscosity_raised.missing)
    if igm.unclear:
        return Finding.unknown("the unit of a serum IgM without one", facts=(*igm.unclear, *facts))
    return Finding.unknown("serum IgM") if current is None else Finding.no(*facts)


def has_monoclonal_igm(picture: ClinicalPicture) -> Truth:
    """A monoclonal IgM is on record, or the disease is probable, which takes one.

    UNKNOWN for a moderately raised IgM that nobody called monoclonal, unless the viscosity is raised too.
    """
    diagnosis = picture.diagnosis
    is_raised_alone = diagnosis.may_be_polyclonal and diagnosis.tier < Tier.PROBABLE
    if is_raised_alone and not picture.hyperviscosity.is_viscosity_raised.holds:
        return Truth.UNKNOWN
    on_record = Truth.of(diagnosis.has_gammopathy or diagnosis.tier >= Tier.PROBABLE)
    return on_record | diagnosis.paraprotein.truth
