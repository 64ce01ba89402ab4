"""How the patient answered to the latest rituximab course: scales compared around day 0 (ruling 18)."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.record import Fact
from hooks.anti_mag.picture.disability import ScaleCourse
from hooks.anti_mag.picture.immunoglobulin import IgmValue
from hooks.anti_mag.picture.statement import Statement


@dataclass(frozen=True, slots=True)
class Response:
    scales: tuple[ScaleCourse, ...] = ()
    """Scales that can be compared with a baseline; empty where none can."""
    worsening: Statement = Statement()
    """Neurological worsening after day 0: INCAT or ONLS up by a point, or the clinician's word."""
    is_severe_worsening: bool = False
    """Two points or more, or walking lost."""
    igm_baseline: IgmValue | None = None
    """The newest firm value in the 90 days up to day 0."""
    igm_newest: IgmValue | None = None
    """The newest firm value after day 0 and inside the IgM flare window."""
    igm_rise: Statement = Statement()
    """A rise of at least 25 % and 100 mg/dL over the baseline; UNKNOWN without a baseline or a value after it."""
    facts: tuple[Fact, ...] = ()

    @property
    def has_improved(self) -> bool:
        return any(scale.has_improved for scale in self.scales)
