"""Needs that physical therapy and pain care answer, and whether they are being met (ruling 12)."""

from __future__ import annotations

from dataclasses import dataclass

from hooks.anti_mag.picture.statement import Statement


@dataclass(frozen=True, slots=True)
class SupportiveCare:
    movement_need: Statement = Statement()
    """Disabling scores, gait disorder or falls."""
    pain_need: Statement = Statement()
    """Neuropathic pain."""
    has_physical_therapy: bool = False
    """Ordered or done within 12 months."""
    has_pain_medicine: bool = False
    """Ordered or given within 12 months."""
