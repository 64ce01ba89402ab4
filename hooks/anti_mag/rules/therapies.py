"""Therapies other than rituximab, at order entry: neurotoxic drugs, immunotherapies with little evidence here, and
treatment of a CIDP that may be an anti-MAG neuropathy (TX-3, TX-4 with ruling 9, DX-3)."""

from __future__ import annotations

from cds_service.knowledge.contract import Finding
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.diagnosis import Tier
from hooks.anti_mag.picture.drafts import DraftOrder, Indication
from hooks.anti_mag.picture.indication import exchange_comes_first
from hooks.anti_mag.picture.order_names import STEROIDS
from hooks.anti_mag.picture.short_course import is_short_course
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.rituximab import INDICATION

OUTSIDE = (State.OUT_OF_SCOPE, State.GAMMOPATHY_ONLY)
"""States without a neuropathy of ours (everything else is S1 to S10)."""


@book.rule(
    "neurotoxic_drug.drug_can_worsen_the_neuropathy",
    logic="TX-3",
    cards=("neurotoxicDrug",),
    hooks=("order-select", "order-sign", "medication-refill"),
    cites=("CIPN2020", "CIPN2014"),
    drugs=("neurotoxic",),
)
def drug_can_worsen_the_neuropathy(picture: ClinicalPicture) -> Finding:
    """Weigh a neurotoxic drug against the neuropathy before ordering it, whatever it is for.

    YES when a drug of the neurotoxic list is ordered, for whatever reason, for an adult with at least possible disease.

    NO when the drug is none of them, and in patients without the disease, whatever neuropathy they have.

    UNKNOWN never: an order that cannot be read is C5b's to say.
    """
    diagnosis = picture.diagnosis
    has_neuropathy = diagnosis.neuropathy.holds or diagnosis.tier >= Tier.POSSIBLE
    drugs = picture.drafts.neurotoxic
    if not picture.is_adult or not drugs or picture.state in OUTSIDE or not has_neuropathy:
        return Finding.no()
    ordered = tuple(draft.order.fact("neurotoxic drug ordered") for draft in drugs)
    return Finding.yes(*ordered, *diagnosis.neuropathy.facts)


@book.rule(
    "therapy_evidence.therapy_has_weak_evidence_here",
    logic="TX-4",
    cards=("therapyEvidence",),
    hooks=("order-select", "medication-refill"),
    cites=("MSMART2010", "IWWM8TX", "LEGER2013", "DALAKAS2009"),
    thresholds=(*INDICATION, "steroid.short_course"),
    drugs=("immunotherapy",),
)
def therapy_has_weak_evidence_here(picture: ClinicalPicture) -> Finding:
    """Know the evidence before ordering an immunotherapy other than rituximab for the neuropathy.

    YES when an immunotherapy other than rituximab is ordered for an adult with probable or confirmed disease, and its
    reason is the neuropathy or none is given.

    NO when the order is for something else; for a steroid of at most {steroid.short_course}, or beside rituximab that
    is ordered; and for plasma exchange in the flare window, with signs of hyperviscosity, or at an IgM of
    {igm.gate.critical} or more.

    UNKNOWN never: what is not on record does not make the disease probable.
    """
    drafts = chronic_therapies(picture)
    if not drafts:
        return Finding.no()
    return Finding.yes(*(draft.order.fact("therapy ordered") for draft in drafts), *picture.diagnosis.facts)


def chronic_therapies(picture: ClinicalPicture) -> tuple[DraftOrder, ...]:
    """Selected immunotherapies meant for the chronic neuropathy, in an adult with confirmed or probable disease."""
    has_disease = picture.diagnosis.tier >= Tier.PROBABLE and not picture.diagnosis.is_refuted
    if not picture.is_adult or not has_disease or picture.state in OUTSIDE:
        return ()
    return tuple(draft for draft in picture.drafts.immunotherapies if _is_for_chronic(picture, draft))


@book.rule(
    "therapy_evidence.cidp_with_igm_needs_anti_mag_first",
    logic="DX-3",
    cards=("therapyEvidence",),
    hooks=("order-select",),
    cites=("BCSH2014", "AANEMIVIG", "ASCO2020"),
    thresholds=("steroid.short_course",),
    drugs=("immunoglobulin_iv", "steroid"),
)
def cidp_with_igm_needs_anti_mag_first(picture: ClinicalPicture) -> Finding:
    """In a CIDP with an IgM paraprotein, test anti-MAG before immunoglobulin or a long-term steroid.

    YES when immunoglobulin or a steroid, for the neuropathy or without a reason, is ordered for an adult with CIDP on
    the problem list and an IgM paraprotein, and anti-MAG was never tested and is neither ordered nor awaited.

    NO when anti-MAG has a result, whatever it says, or is ordered or awaited, when the disease is probable or
    confirmed, and for a steroid of at most {steroid.short_course} or beside rituximab that is ordered.

    UNKNOWN when no anti-MAG result is found and the laboratory results could not be had whole.
    """
    diagnosis, drafts = picture.diagnosis, drafts_for_cidp(picture)
    is_open = diagnosis.tier < Tier.PROBABLE and not diagnosis.is_refuted and diagnosis.anti_mag.verdict == "untested"
    if not drafts or not is_open or not diagnosis.cidp.holds or not diagnosis.paraprotein.holds:
        return Finding.no()
    facts = (*(draft.order.fact("therapy ordered") for draft in drafts), *diagnosis.facts)
    if picture.work_up.lacks("anti_mag"):
        return Finding.yes(*facts)
    unread = picture.work_up.cannot_tell("anti_mag")
    return Finding.unknown("whether anti-MAG was tested", facts=facts) if unread else Finding.no(*facts)


def drafts_for_cidp(picture: ClinicalPicture) -> tuple[DraftOrder, ...]:
    """Selected immunoglobulin and steroid drafts for the neuropathy, or without an indication, in an adult of ours."""
    if not picture.is_adult or picture.state in OUTSIDE:
        return ()
    return tuple(
        draft
        for draft in picture.drafts.immunotherapies
        if draft.therapy in ("immunoglobulin_iv", *STEROIDS) and _is_for_chronic(picture, draft)
    )


def _is_for_chronic(picture: ClinicalPicture, draft: DraftOrder) -> bool:
    """Not for another indication, not premedication for rituximab, no short course of a steroid, and no plasma exchange
    that we advise ourselves (in the flare window, with hyperviscosity, with an IgM at the limit)."""
    if draft.indication is Indication.OTHER:
        return False
    if draft.therapy == "plasma_exchange":
        is_in_window = picture.state is State.FLARE_WINDOW
        return not (is_in_window or exchange_comes_first(picture))
    if draft.therapy in STEROIDS and is_short_course(draft.order, picture.thresholds["steroid.short_course"]):
        return False
    has_rituximab = picture.drafts.has_any_rituximab or bool(picture.rituximab.orders)
    return not (draft.therapy in STEROIDS and has_rituximab)
