"""What the user is ordering: the drafts of this call sorted by what they are, with their indication.

`selected` drafts are what the hook is about (order-select: the selections; order-sign: every draft; order-dispatch: the
orders dispatched, which count as drafts here); the others are context only and keep us from suggesting what is already
there. Names and indications are read by `order_names`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from cds_service.knowledge.contract import Thresholds
from cds_service.record import Order
from hooks.anti_mag.picture.anti_mag import ANTI_MAG_SETS
from hooks.anti_mag.picture.chart import Chart, is_active, is_confirmed
from hooks.anti_mag.picture.contraindications import OTHER_ANTI_CD20
from hooks.anti_mag.picture.order_names import STEROIDS, is_for_neuropathy, is_monoclonal_igm, therapy_of
from hooks.anti_mag.picture.vaccines import liveness

RITUXIMAB = ("rituximab_hyaluronidase_sc", "rituximab")
"""The subcutaneous product first: its name contains the other's."""
ALKYLATORS = ("cyclophosphamide", "chlorambucil", "melphalan")
CHEMOTHERAPIES = ("bendamustine", "fludarabine")
BTK_INHIBITORS = ("ibrutinib", "acalabrutinib", "zanubrutinib", "pirtobrutinib")
IMMUNOTHERAPIES = (
    "immunoglobulin_iv",
    "plasma_exchange",
    *STEROIDS,
    *ALKYLATORS,
    *CHEMOTHERAPIES,
    *BTK_INHIBITORS,
    *OTHER_ANTI_CD20,
)
NEUROTOXIC = (
    "vincristine",
    "bortezomib",
    "thalidomide",
    "cisplatin",
    "carboplatin",
    "oxaliplatin",
    "paclitaxel",
    "docetaxel",
    "cabazitaxel",
    "brentuximab_vedotin",
)
TAKEN_BACK = frozenset({"cancelled", "entered-in-error", "stopped", "revoked", "completed"})
"""Statuses of a draft that orders nothing any more."""
TEST_SETS = {
    "igm": ("igm_serum", "immunoglobulin_panel"),
    "viscosity": ("viscosity_serum",),
    "hbsag": ("hbsag", "hbv_screening_order", "hbv_serology_procedure"),
    "anti_hbc": ("anti_hbc_total", "anti_hbc_igg", "hbv_screening_order", "hbv_serology_procedure"),
    "anti_hbs": ("anti_hbs", "hbv_screening_order", "hbv_serology_procedure"),
    "hbv_dna": ("hbv_dna",),
    "anti_mag": ANTI_MAG_SETS,
    "igg": ("igg_serum", "immunoglobulin_panel"),
    "blood_count": ("cbc", "neutrophils_absolute", "platelets"),
    "pregnancy_test": ("pregnancy_test",),
}
"""Tests that cards propose beside an order or after treatment, with the code sets that an order of them matches."""
_HBV_PANEL = r"hepatitis b (serology|panel|screen\w*)"
TEST_NAMES = {
    "igm": re.compile(
        r"\b(serum|quantitative) igm\b|\bigm,? (serum|quantitative)\b|\bimmunoglobulin m\b|\bimmunoglobulins,? quant"
    ),
    "viscosity": re.compile(r"viscosity"),
    "hbsag": re.compile(rf"\bhbs ?ag\b|hepatitis b (virus )?surface (antigen|ag)\b|{_HBV_PANEL}"),
    "anti_hbc": re.compile(rf"^(?!.*\bigm\b).*(anti-?hbc\b|hepatitis b (virus )?core (antibody|ab)\b|{_HBV_PANEL})"),
    "anti_hbs": re.compile(rf"anti-?hbs\b|hepatitis b (virus )?surface (antibody|ab)\b|{_HBV_PANEL}"),
    "hbv_dna": re.compile(r"\bhbv[\s-]*dna\b|hepatitis b (virus )?dna\b"),
    "anti_mag": re.compile(r"\banti-?\s?mag\b|\bmag (antibod|ab\b)|\bmyelin[ -]associated glycoprotein\b"),
    "igg": re.compile(
        r"\b(serum|quantitative) igg\b|\bigg,? (serum|quantitative)\b|\bimmunoglobulin g\b|\bimmunoglobulins,? quant"
    ),
    "blood_count": re.compile(r"\bcbc\b|\b(complete|full) blood count\b|\bblood count\b"),
    "pregnancy_test": re.compile(r"\bpregnancy test\b|\b(beta[ -]?)?hcg\b"),
}
"""The same tests as words, in lower case: in-house laboratory orders seldom carry a code that we know."""
_HAEMATOLOGY_REFERRAL = re.compile(
    r"\b(referral|refer|consult\w*)\b.{0,60}\bha?ematology|\bha?ematology\b.{0,60}\b(referral|consult\w*)\b"
)


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

    @property
    def name(self) -> str:
        return self.order.concept.text or self.therapy.replace("_", " ")


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
    neurotoxic: tuple[DraftOrder, ...] = ()
    """Selected neurotoxic drugs (TX-3)."""
    live_vaccines: tuple[DraftOrder, ...] = ()
    """Selected live vaccines, with the therapy "live vaccine" or "perhaps live vaccine" (G7)."""
    has_plasma_exchange: bool = False
    """A plasma exchange is drafted in the session or active on record."""
    has_haematology_referral: bool = False
    """A referral to haematology is drafted in the session or active on record."""
    tests_ordered: frozenset[str] = frozenset()
    """Tests, by the names of `hooks.anti_mag.proposals`, that are drafted or ordered already (C6.3)."""


def drafts_of(chart: Chart, thresholds: Thresholds) -> Drafts:  # noqa: ARG001 - builders share one signature
    """The drafts of this call that are still meant. Those that say "do not perform" are left out by the reader."""
    meant = [order for order in chart.record.in_hand if order.status not in TAKEN_BACK]
    drafted = [draft for order in meant if (draft := _draft(chart, order)) is not None]
    selected = [draft for draft in drafted if draft.order.is_selected]
    all_rituximab = tuple(draft for draft in drafted if draft.therapy in RITUXIMAB)
    return Drafts(
        rituximab=tuple(draft for draft in selected if draft.therapy in RITUXIMAB),
        all_rituximab=all_rituximab,
        has_any_rituximab=bool(all_rituximab),
        immunotherapies=tuple(draft for draft in selected if draft.therapy in IMMUNOTHERAPIES),
        neurotoxic=tuple(draft for draft in selected if draft.therapy in NEUROTOXIC),
        live_vaccines=tuple(
            DraftOrder(order, f"{found} vaccine")
            for order in meant
            if order.is_selected and (found := liveness(chart, order.concept))
        ),
        has_plasma_exchange=any(draft.therapy == "plasma_exchange" for draft in drafted)
        or bool(chart.live_orders("plasma_exchange")),
        has_haematology_referral=bool(chart.live_orders(named=_HAEMATOLOGY_REFERRAL, kind="ServiceRequest")),
        tests_ordered=frozenset(
            test
            for test, sets in TEST_SETS.items()
            if chart.live_orders(*sets, order_set(test), named=TEST_NAMES[test], kind="ServiceRequest")
        ),
    )


def order_set(test: str) -> str:
    """The code set of a site's own orders of a test; it exists where the site's catalogue has one."""
    return f"order_{test}"


def _draft(chart: Chart, order: Order) -> DraftOrder | None:
    therapy = therapy_of(order, chart.codes, (*RITUXIMAB, *IMMUNOTHERAPIES, *NEUROTOXIC))
    if therapy is None:
        return None
    reasons = [reason for reason in order.reasons if reason]
    indication = Indication.OTHER if reasons else Indication.NONE
    if any(is_for_neuropathy(reason, chart.codes) for reason in reasons):
        indication = Indication.NEUROPATHY
    is_for_gammopathy = any(is_monoclonal_igm(reason, chart.codes) for reason in reasons) or any(
        is_monoclonal_igm(problem.concept, chart.codes)
        for problem in chart.record.problems
        if is_active(problem) and is_confirmed(problem)
    )
    return DraftOrder(order, therapy, indication, is_for_gammopathy)
