"""Safety data that could not be read when rituximab is signed (C5): said once, in place of the gates they settle."""

from __future__ import annotations

from cds_service.knowledge.contract import Finding, Truth
from cds_service.record import Fact
from hooks.anti_mag.hooks import ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.gate_scope import gated
from hooks.anti_mag.picture.state import State
from hooks.anti_mag.picture.unreadable import ALLERGIES, HEPATITIS_B, IGM, PREGNANCY, PROBLEMS
from hooks.anti_mag.rulebook import book
from hooks.anti_mag.rules.gates_igm import igm_is_not_known


@book.rule(
    "data.safety_data_are_unavailable",
    logic="C5",
    cards=("dataUnavailable",),
    hooks=("order-sign",),
    cites=("ASCO2020", "RTXUSPI", "IWWM8TX"),
    thresholds=(
        "igm.gate.caution",
        "pregnancy.age_max",
        "pregnancy.age_min",
    ),
)
def safety_data_are_unavailable(picture: ClinicalPicture) -> Finding:
    """Say which safety data could not be read when rituximab is signed: what is not there is not the same as negative.

    YES when rituximab or another anti-CD20 antibody is being signed, and a check that runs for it would rest on a list
    that could not be had whole: hepatitis B results that settle HBsAg and anti-HBc, a serum IgM, pregnancy and its test
    where pregnancy is possible, allergies, or the problem list for leukoencephalopathy (PML).

    NO when nothing of this is being signed, or each check that runs has its answer from what came.

    UNKNOWN never: whether a list came whole is always known.
    """
    if picture.hook != "order-sign":
        return Finding.no()
    unread = unread_safety_data(picture)
    return Finding.yes(missing=unread) if unread else Finding.no()


@book.rule(
    "data.order_could_not_be_read",
    logic="C5b",
    cards=("dataUnavailable",),
    hooks=(*ORDERS, "medication-refill"),
    cites=("RTXUSPI",),
)
def order_could_not_be_read(picture: ClinicalPicture) -> Finding:
    """Say that an order could not be read: nothing was checked for it, and silence would look like approval.

    YES when an order that is being chosen, signed, carried out or refilled is there and its drug or form cannot be
    told, in a patient with at least possible disease, or who was given rituximab.

    NO when every such order could be read, was taken back or names no medicine, and in all other patients, of whom such
    an order is none of this service's business (ruling 26).

    UNKNOWN never: whether an order could be read is always known.
    """
    is_ours = picture.state not in (State.OUT_OF_SCOPE, State.GAMMOPATHY_ONLY) or picture.rituximab.has_course
    unread = picture.drafts.unread
    if not (is_ours and unread):
        return Finding.no()
    return Finding.yes(
        *(Fact(order.source, "Order that could not be read", order.named or order.why) for order in unread),
        missing=("what is being ordered",),
    )


def unread_safety_data(picture: ClinicalPicture) -> tuple[str, ...]:
    """In words, the data without which a gate that runs here has no answer."""
    hepatitis_b, found = picture.hepatitis_b, picture.contraindications
    is_serology_unread = "unknown" in (hepatitis_b.surface_antigen.state, hepatitis_b.core_antibody.state)
    needed = (
        (HEPATITIS_B, "G1", is_serology_unread),
        (IGM, "G4b", igm_is_not_known(picture).truth is Truth.UNKNOWN),
        (PREGNANCY, "G8", found.pregnancy.is_unknown),
        (PREGNANCY, "G8b", found.pregnancy_test_due.is_unknown),
        (ALLERGIES, "G9", found.severe_reaction.is_unknown),
        (PROBLEMS, "G14", found.leukoencephalopathy.is_unknown),
    )
    return tuple(dict.fromkeys(what for what, gate, is_unread in needed if is_unread and gated(picture, gate)))
