"""What the user is ordering: the drafts of this call sorted by what they are, with their indication.

`selected` drafts are what the hook is about (order-select: the selections; order-sign: every draft; order-dispatch: the
orders dispatched, which count as drafts here); the others are context only and keep us from suggesting what is already
there. Names and indications are read by `order_names`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Order, UnreadOrder
from hooks.anti_mag.code_sets import code_set
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.picture.chart import Chart, is_active, is_confirmed, is_live
from hooks.anti_mag.picture.order_names import (
    is_for_neuropathy,
    is_left_out,
    is_monoclonal_igm,
    is_nameless,
    therapy_of,
)
from hooks.anti_mag.picture.tests_on_order import tests_ordered
from hooks.anti_mag.picture.vaccines import liveness
from hooks.anti_mag.referrals import REFERRALS, own_referrals

RITUXIMAB = THERAPIES.of_kind("rituximab")
"""The subcutaneous product first: its name contains the other's."""
IMMUNOTHERAPIES = THERAPIES.of_kind("immunotherapy")
OTHER_ANTI_CD20 = THERAPIES.of_kind("other_anti_cd20")
NEUROTOXIC = THERAPIES.of_kind("neurotoxic")
PLASMA_EXCHANGE = code_set("plasma_exchange")
IN_HAND, DONE = frozenset({"preparation", "in-progress", "on-hold"}), frozenset({"completed", "stopped"})
"""Statuses of a procedure that is in hand, and of one that was done, if only in part."""
TAKEN_BACK = frozenset({"cancelled", "entered-in-error", "stopped", "revoked", "completed"})
"""Statuses of a draft that orders nothing any more."""


def therapy_name(therapy: str) -> str:
    """What a card calls a therapy; a vaccine has no row of its own and is called what it is."""
    return THERAPIES[therapy].name if therapy in THERAPIES else therapy


class Indication(Enum):
    """What an order says it is for."""

    NEUROPATHY = "the neuropathy or its IgM gammopathy"
    OTHER = "another indication"
    NONE = "no indication given"


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """One draft of the session, with the therapy and the indication that were read off it."""

    order: Order
    therapy: str
    """Name of the code set that it matched ("rituximab", "immunoglobulin_iv", "vincristine")."""
    indication: Indication = Indication.NONE
    is_for_gammopathy: bool = False
    """A monoclonal IgM disorder is its indication or on the problem list (keeps G4, G4b, G4c; decision logic C4)."""
    is_ordered_for_gammopathy: bool = False
    """A monoclonal IgM disorder is its own indication."""

    @property
    def is_prescription(self) -> bool:
        """An order of the medicine, with its dose; a service is asked for beside it, or has none."""
        return self.order.resource_type == "MedicationRequest"

    @property
    def drug(self) -> str:
        """The therapy as a card calls it, without dose and form."""
        return therapy_name(self.therapy)

    @property
    def name(self) -> str:
        return self.order.concept.text or therapy_name(self.therapy)


@dataclass(frozen=True, slots=True)
class Drafts:
    """What this call is about, and what is being ordered beside it."""

    rituximab: tuple[DraftOrder, ...] = ()
    """Selected rituximab drafts (any intravenous or subcutaneous product)."""
    all_rituximab: tuple[DraftOrder, ...] = ()
    """Every rituximab draft of the session, selected or not."""
    has_any_rituximab: bool = False
    """A rituximab draft is in the session, selected or not."""
    immunotherapies: tuple[DraftOrder, ...] = ()
    """Selected drafts of an immunotherapy other than rituximab: one of `IMMUNOTHERAPIES`."""
    other_anti_cd20: tuple[DraftOrder, ...] = ()
    """Those of them that are an anti-CD20 antibody: gates run for them too (ruling 31)."""
    neurotoxic: tuple[DraftOrder, ...] = ()
    """Selected neurotoxic drugs (TX-3)."""
    live_vaccines: tuple[DraftOrder, ...] = ()
    """Selected live vaccines, with the therapy "live vaccine" or "perhaps live vaccine" (G7)."""
    has_plasma_exchange: bool = False
    """A plasma exchange is drafted in the session, active on record or under way: it is not offered again (ruling
    39)."""
    exchanges_on_record: tuple[Order, ...] = ()
    """Active orders of plasma exchange, without those that the user is at work on."""
    referrals: frozenset[str] = frozenset()
    """Referrals, by their names in `referrals`, that are drafted in the session or active on record (ruling 39)."""
    unread: tuple[UnreadOrder, ...] = ()
    """Selected orders that are there and could not be read: nothing was checked for them (ruling 26)."""
    tests_ordered: frozenset[str] = frozenset()
    """Tests, by their names in tests.toml, that are drafted or ordered already (C6.3)."""


def drafts_of(chart: Chart, thresholds: Thresholds) -> Drafts:
    """The drafts of this call that are still meant. Those that say "do not perform" are left out by the reader.

    Threshold: `exchange.series` (d).
    """
    meant = [order for order in chart.record.in_hand if order.status not in TAKEN_BACK]
    drafted = [draft for order in meant if (draft := _draft(chart, order)) is not None]
    selected = [draft for draft in drafted if draft.order.is_selected]
    all_rituximab = tuple(draft for draft in drafted if draft.therapy in RITUXIMAB)
    exchanges = tuple(order for order in chart.record.orders if is_live(order) and _is_exchange(chart, order))
    return Drafts(
        rituximab=tuple(draft for draft in selected if draft.therapy in RITUXIMAB),
        all_rituximab=all_rituximab,
        has_any_rituximab=bool(all_rituximab),
        immunotherapies=tuple(draft for draft in selected if draft.therapy in IMMUNOTHERAPIES),
        other_anti_cd20=tuple(draft for draft in selected if draft.therapy in OTHER_ANTI_CD20),
        neurotoxic=tuple(draft for draft in selected if draft.therapy in NEUROTOXIC),
        live_vaccines=tuple(
            DraftOrder(order, f"{found} vaccine")
            for order in meant
            if order.is_selected and (found := liveness(chart, order.concept))
        ),
        has_plasma_exchange=any(draft.therapy == PLASMA_EXCHANGE for draft in drafted)
        or bool(exchanges)
        or _is_exchange_under_way(chart, thresholds),
        exchanges_on_record=exchanges,
        referrals=frozenset(
            name
            for name, row in REFERRALS.items()
            if chart.live_orders(*row.sets, own_referrals(name), named=row.called, kind="ServiceRequest")
        ),
        unread=(
            *(order for order in chart.record.unread_orders if order.is_selected and order.status not in TAKEN_BACK),
            *(_by_code_alone(order) for order in meant if order.is_selected and _is_nameless(chart, order)),
        ),
        tests_ordered=tests_ordered(chart),
    )


def _is_nameless(chart: Chart, order: Order) -> bool:
    is_chosen = order.resource_type == "MedicationRequest" and not is_left_out(order.concept)
    return is_chosen and is_nameless(order.concept, chart.codes)


def _by_code_alone(order: Order) -> UnreadOrder:
    codes = ", ".join(sorted({code for _, code in order.concept.codes}))
    why = "it is named by a code alone, of a system that is not read here"
    return UnreadOrder(order.source, order.is_selected, why, codes[:120], order.status)


def _draft(chart: Chart, order: Order) -> DraftOrder | None:
    therapy = therapy_of(order, chart.codes, (*RITUXIMAB, *IMMUNOTHERAPIES, *NEUROTOXIC))
    if therapy is None:
        return None
    reasons = [reason for reason in order.reasons if reason]
    indication = Indication.OTHER if reasons else Indication.NONE
    if any(is_for_neuropathy(reason, chart.codes) for reason in reasons):
        indication = Indication.NEUROPATHY
    is_ordered_for_gammopathy = any(is_monoclonal_igm(reason, chart.codes) for reason in reasons)
    is_for_gammopathy = is_ordered_for_gammopathy or any(
        is_monoclonal_igm(problem.concept, chart.codes)
        for problem in chart.record.problems
        if is_active(problem) and is_confirmed(problem)
    )
    return DraftOrder(order, therapy, indication, is_for_gammopathy, is_ordered_for_gammopathy)


def _is_exchange(chart: Chart, order: Order) -> bool:
    """By code, and by name: in-house orders seldom carry a code that we know."""
    return therapy_of(order, chart.codes, (PLASMA_EXCHANGE,)) is not None


def _is_exchange_under_way(chart: Chart, thresholds: Thresholds) -> bool:
    """A plasma exchange is in hand, or was done so lately that it is one of a series."""
    reach = thresholds.days("exchange.series")
    return any(
        procedure.status in IN_HAND
        or (procedure.status in DONE and procedure.when is not None and chart.days_ago(procedure.when.end) <= reach)
        for procedure in chart.record.procedures
        if _is_exchange(chart, Order(procedure.source, "ServiceRequest", procedure.concept))
    )
