"""What changed on the page: each card against the cards that were there before something was entered or accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Card = Mapping[str, Any]
Mark = Literal["", "new", "changed"]


@dataclass(frozen=True, slots=True)
class Changes:
    """The cards as they were; None where nothing was changed, so that nothing is marked."""

    before: Sequence[Card] | None

    def mark(self, card: Card) -> Mark:
        """What became of a card that is shown: it is new, or one of its kind said something else."""
        if self.before is None or any(_said(one) == _said(card) for one in self.before):
            return ""
        return "changed" if _topic(card) in map(_topic, self.before) else "new"

    def was(self, card: Card) -> str:
        """What the card of that kind had said, where it says something else now; else ""."""
        if self.mark(card) != "changed":
            return ""
        summaries = [one["summary"] for one in self.before or () if _topic(one) == _topic(card)]
        return "" if card["summary"] in summaries else "; ".join(summaries)

    def gone(self, cards: Sequence[Card]) -> list[str]:
        """What cards had said whose kind is no longer there."""
        topics = {_topic(card) for card in cards}
        return [card["summary"] for card in self.before or () if _topic(card) not in topics]


def _topic(card: Card) -> str:
    return str(card["source"]["topic"]["code"])


def _said(card: Card) -> tuple[object, ...]:
    labels = [suggestion["label"] for suggestion in card.get("suggestions", ())]
    return _topic(card), card["indicator"], card["summary"], card.get("detail"), labels
