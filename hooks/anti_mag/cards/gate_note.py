"""One gate's part of the `rituximabSafety` card, and the way facts are named in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.cards import Indicator
from cds_service.markdown import escaped
from cds_service.record import Fact


@dataclass(frozen=True, slots=True)
class GateNote:
    """One gate's part of the card. `text` is Markdown, `tests` are names of `proposals.DRAFTS`."""

    indicator: Indicator
    headline: str
    text: str
    tests: tuple[str, ...] = ()
    needs_exchange: bool = False
    tells: tuple[Fact, ...] = ()
    """Facts that the text tells whole."""


def named(facts: Iterable[Fact], otherwise: str) -> str:
    """What the chart calls the facts, each with its day, escaped; `otherwise` for one without a name."""
    told = (f"{escaped(str(fact.value or otherwise))} ({fact.date or 'no date'})" for fact in facts)
    return "; ".join(dict.fromkeys(told))
