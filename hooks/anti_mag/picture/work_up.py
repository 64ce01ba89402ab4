"""Which tests of the work-up and of the baseline are still to be had.

A test already ordered and active, or drafted, is not missing (C6.3). Which missing test earns a card is left to the rules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MissingTest:
    """One test to be had. `test` is a draft that `hooks.anti_mag.orders` can build; `why` says never done or too old."""

    test: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class WorkUp:
    diagnostic: tuple[MissingTest, ...] = ()
    """Pieces of the diagnosis: anti-MAG, nerve conduction, immunofixation, IgM, blood count."""
    baseline: tuple[MissingTest, ...] = ()
    """Before rituximab: hepatitis B markers, IgG, pregnancy test, scores, titre within 12 months."""
