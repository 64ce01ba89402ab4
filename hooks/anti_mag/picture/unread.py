"""A result that is there and can't be used: as what was received, so that nothing older clears in silence (ruling 24).

Which results these are is decided by the part of the picture that asks the question, with `Chart.unread_results`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.record import Fact, Result


@dataclass(frozen=True, slots=True)
class Unread:
    """What came, with its day, and why it can't be used as a whole ("" where its value alone is the reason)."""

    fact: Fact
    why: str = ""

    @property
    def received(self) -> str:
        """The value as it came."""
        unit = f" {self.fact.unit}" if self.fact.unit else ""
        return f"{self.fact.value}{unit}"


def unread_as(result: Result, what: str) -> Unread:
    """The result under the name of the question that it leaves open."""
    return Unread(result.fact(what), result.caveat)
