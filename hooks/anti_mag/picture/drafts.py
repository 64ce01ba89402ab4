"""What the user is ordering: the drafts of this call sorted by what they are, with their indication.

`selected` holds what the hook is about (order-select: the selections; order-sign: every draft); the other drafts are
context only and keep us from suggesting what is already there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cds_service.record import Order


class Indication(Enum):
    NEUROPATHY = "the neuropathy or its IgM gammopathy"
    OTHER = "another indication"
    NONE = "no indication given"


@dataclass(frozen=True, slots=True)
class DraftOrder:
    order: Order
    therapy: str
    """Name of the code set that it matched ("rituximab", "immunoglobulin_iv", "vincristine")."""
    indication: Indication = Indication.NONE
    is_for_gammopathy: bool = False
    """The indication is a monoclonal IgM disorder (keeps G4, G4b, G4c; decision logic C4)."""

    @property
    def name(self) -> str:
        return self.order.concept.text or self.therapy.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Drafts:
    rituximab: tuple[DraftOrder, ...] = ()
    """Selected rituximab drafts (any intravenous or subcutaneous product)."""
    has_any_rituximab: bool = False
    """A rituximab draft is in the session, selected or not."""
    immunotherapies: tuple[DraftOrder, ...] = ()
    """Selected IVIG, plasma exchange, corticosteroid and alkylator drafts."""
    neurotoxic: tuple[DraftOrder, ...] = ()
    """Selected neurotoxic drugs (TX-3)."""
    has_plasma_exchange: bool = False
    """A plasma exchange is drafted in the session or active on record."""
