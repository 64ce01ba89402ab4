"""A yes, no or unknown about the chart, with the facts it rests on and what would settle it."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.knowledge.contract import Truth
from cds_service.record import Fact


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the picture says of the patient. Facts support a YES (or a recorded NO); `missing` an UNKNOWN."""

    truth: Truth = Truth.NO
    facts: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """True only for YES."""
        return self.truth is Truth.YES

    @property
    def is_unknown(self) -> bool:
        return self.truth is Truth.UNKNOWN

    @classmethod
    def yes(cls, *facts: Fact) -> Statement:
        return cls(Truth.YES, facts)

    @classmethod
    def no(cls, *facts: Fact) -> Statement:
        return cls(Truth.NO, facts)

    @classmethod
    def unknown(cls, *missing: str) -> Statement:
        return cls(Truth.UNKNOWN, (), missing)
