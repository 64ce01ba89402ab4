"""Is this anti-MAG neuropathy, and how sure: the three tiers of evidence.

Decides `Diagnosis` from problems, anti-MAG results, paraprotein and nerve conduction. How disabled the patient is, is
left to `disability`; what is still to be tested, to `work_up`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Literal

from cds_service.record import Fact, Result
from hooks.anti_mag.picture.statement import Statement


class Tier(IntEnum):
    """How sure the diagnosis is: NONE < POSSIBLE < PROBABLE < CONFIRMED."""

    NONE = 0
    POSSIBLE = 1
    PROBABLE = 2
    CONFIRMED = 3


AntiMagVerdict = Literal["positive", "weak", "negative", "unclear", "untested"]


@dataclass(frozen=True, slots=True)
class AntiMag:
    """The anti-MAG antibody: the verdict of the result that decides, and its band in words.

    "positive" is above the laboratory's own range or so interpreted and, for a BTU value, at or above the site's
    threshold; "weak" is a BTU value below it; "unclear" a result that needs the laboratory's interpretation.
    """

    verdict: AntiMagVerdict = "untested"
    band: str = ""
    btu: Decimal | None = None
    result: Result | None = None


NervePattern = Literal["", "demyelinating", "axonal", "mixed", "inexcitable", "normal", "unreported"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    tier: Tier = Tier.NONE
    is_coded: bool = False
    """A clinician has coded the diagnosis itself, active and not provisional."""
    is_refuted: bool = False
    neuropathy: Statement = Statement()
    """An active neuropathy problem that is not ascribed to another cause."""
    anti_mag: AntiMag = AntiMag()
    paraprotein: Statement = Statement()
    """An IgM paraprotein by any of ruling 2's ways."""
    immunofixation: Statement = Statement()
    """Monoclonal IgM by immunofixation: YES, NO (done, no IgM), UNKNOWN (never done)."""
    nerve_pattern: NervePattern = ""
    """"" means no nerve conduction study is on record; "unreported" one without a coded conclusion."""
    has_gammopathy: bool = False
    """An IgM gammopathy is on record, with or without neuropathy (ruling 4)."""
    facts: tuple[Fact, ...] = ()
    """What the tier rests on, for the cards."""
