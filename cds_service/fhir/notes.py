"""What went wrong while one resource was read, collected as gaps with that resource's key and source."""

from __future__ import annotations

from dataclasses import dataclass, field

from cds_service.record import Gap, GapReason, Medicine


class ResourceUnreadable(Exception):
    """The resource as a whole can't be used; the message says why, in words fit for a gap's note."""


class MedicineUnknown(ResourceUnreadable):
    """The resource names its medicine in a way that can't be told; `medicine` is all else that it says, None where it
    is no evidence of any treatment."""

    def __init__(self, message: str, medicine: Medicine | None = None) -> None:
        super().__init__(message)
        self.medicine = medicine


class WrongPatient(Exception):
    """The resource belongs to another patient."""


@dataclass(slots=True)
class Notes:
    """The gaps found in one resource."""

    key: str
    source: str
    gaps: list[Gap] = field(default_factory=list)

    def add(self, reason: GapReason, note: str = "") -> None:
        """Keep a gap, once."""
        gap = Gap(reason, self.key, self.source, note)
        if gap not in self.gaps:
            self.gaps.append(gap)
