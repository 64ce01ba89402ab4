"""What forbids rituximab outright: pregnancy, progressive multifocal leukoencephalopathy, a severe past reaction.

Active hepatitis B, the fourth, is read by `hepatitis_b`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hooks.anti_mag.picture.statement import Statement


@dataclass(frozen=True, slots=True)
class Contraindications:
    pregnancy: Statement = Statement()
    """Pregnancy coded, or a positive pregnancy test. UNKNOWN where it was not recorded in someone who could be."""
    leukoencephalopathy: Statement = Statement()
    """A history of PML, however old."""
    severe_reaction: Statement = Statement()
    """A severe, life-threatening or mucocutaneous reaction to rituximab or a murine protein."""
    mild_reaction: Statement = Statement()
    """A mild or moderate past infusion reaction to rituximab."""
