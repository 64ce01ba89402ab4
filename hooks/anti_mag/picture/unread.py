"""A result that is there and can't be used: as what was received, so that nothing older clears in silence (ruling 24).

Which results these are is decided by the part of the picture that asks the question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cds_service.codes import ResultSet
from cds_service.knowledge.numbers import unit_in_words
from cds_service.record import Fact, Result
from hooks.anti_mag.picture.chart import Chart, objection_to


@dataclass(frozen=True, slots=True)
class Unread:
    """What came, with its day, and why it can't be used ("" where that is plain from the value)."""

    fact: Fact
    why: str = ""
    sent: str = ""
    """The value as it came, where that is known."""

    @property
    def received(self) -> str:
        """The value as it came, else as the fact has it."""
        if self.sent:
            return self.sent
        unit = f" {unit_in_words(self.fact.unit)}" if self.fact.unit else ""
        return f"{self.fact.value}{unit}"


def unread_of(
    chart: Chart,
    *sets: ResultSet,
    what: str,
    is_read: Callable[[Result], bool],
    since: date | None = None,
    why: Callable[[Result], str] = lambda _: "",
) -> tuple[Unread, ...]:
    """What `Chart.unread_results` finds, under the name of the question that it leaves open; `why` tells what is wrong
    with a value that seems plain."""
    found = chart.unread_results(*sets, is_read=is_read, since=since)
    return tuple(unread_as(result, what, why(result)) for result in found)


def unread_as(result: Result, what: str, why: str = "") -> Unread:
    """The result under the name of the question that it leaves open; `why` is what is wrong with its value."""
    return Unread(result.fact(what), objection_to(result) or why, result.received)
