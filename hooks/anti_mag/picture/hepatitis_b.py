"""Hepatitis B before rituximab: each marker's state, antiviral cover, and whether the infection is active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cds_service.record import Fact
from hooks.anti_mag.picture.statement import Statement

MarkerState = Literal["positive", "negative", "expired", "pending", "withdrawn", "indeterminate", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class Marker:
    """One hepatitis B marker. A positive never expires; "expired" is a negative that is too old; "missing" means the
    EHR says there is none; "unknown" that it could not be read."""

    state: MarkerState = "missing"
    facts: tuple[Fact, ...] = ()

    @property
    def is_settled(self) -> bool:
        return self.state in ("positive", "negative")


@dataclass(frozen=True, slots=True)
class HepatitisB:
    surface_antigen: Marker = Marker()
    core_antibody: Marker = Marker()
    """Total or IgG; an IgM-only result does not count."""
    surface_antibody: Marker = Marker()
    dna: Marker = Marker()
    antiviral: Statement = Statement()
    """An antiviral with activity against hepatitis B is active or drafted."""
    problem: Statement = Statement()
    """An active hepatitis B problem is on the list."""
