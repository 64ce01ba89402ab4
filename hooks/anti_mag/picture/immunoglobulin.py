"""Serum IgM: which value counts, how old it is, and how far it rose after rituximab.

Converts to mg/dL, keeps total IgM apart from the M-protein, and lets a preliminary or unit-inferred value raise a gate
but never clear one. What a level means for an order is left to the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.record import Fact


@dataclass(frozen=True, slots=True)
class IgmValue:
    mg_dl: Decimal
    on: date
    fact: Fact
    is_preliminary: bool = False
    is_inferred: bool = False
    """The unit was read off the result's own reference range."""

    @property
    def is_firm(self) -> bool:
        """Good enough to clear a gate, to be a baseline and to enter a percentage."""
        return not (self.is_preliminary or self.is_inferred)


@dataclass(frozen=True, slots=True)
class Igm:
    values: tuple[IgmValue, ...] = ()
    """All usable values, newest first."""
    current: IgmValue | None = None
    """The value that safety gates use: the newest within the time that counts, or a higher one that conflicts with it
    or is still preliminary."""
    clearing: IgmValue | None = None
    """The newest firm value; None where nothing can clear a gate."""
    unclear: tuple[Fact, ...] = ()
    """Values without a unit, either reading of which could be 4000 mg/dL or more."""
    is_known_absent: bool = False
    """No IgM is on record, and the EHR said so."""
