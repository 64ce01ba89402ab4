"""Signs of hyperviscosity: coded symptoms and the measured viscosity (ruling 22)."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.record import Fact
from hooks.anti_mag.picture.statement import Statement


@dataclass(frozen=True, slots=True)
class Hyperviscosity:
    symptoms: Statement = Statement()
    """A symptom that counts as hyperviscosity at this IgM and viscosity."""
    is_viscosity_raised: Statement = Statement()
    """Serum viscosity above 4 cP within the time that counts; UNKNOWN when it was not measured."""
    viscosity: Fact | None = None
    """The newest viscosity within the time that counts."""
