"""Which cards are not shown again (decision logic C6.2): a policy that a site switches on, off by default.

A card that says the same on the same facts to the same kind of user is shown once in the days that its urgency allows;
one that a user put aside with a reason is not shown until its facts change. Critical cards are always shown, and so is
everything about an order in hand, which is checked anew each time, and everything where the store does not answer: it
shows rather than hides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from cds_service.cards import Card, Indicator
from cds_service.site.service_tables import Repeats
from cds_service.store import Store, StoreUnavailable

_DAY = 86_400.0
_JSON = msgspec.json.Encoder(decimal_format="string", order="sorted")


@dataclass(frozen=True, slots=True)
class RepeatPolicy:
    """Of a site that wants repeats suppressed. `hash_of` makes the keyed hash by which likeness is told without keeping
    what a card says."""

    settings: Repeats
    store: Store
    hash_of: Callable[[str], str]
    now: Callable[[], float]

    def likeness(self, card: Card, patient: str, role: str) -> str:
        """The same for two cards of the same patient and kind of user that rest on the same findings and facts, however
        either is worded: of what is missing only how much it is."""
        why = card.explanation
        facts = [(fact.reference, str(fact.value), fact.unit, fact.date, fact.status) for fact in why.facts]
        findings = [(note.logic, note.truth) for note in why.findings]
        rests_on = [patient, role, card.topic, card.indicator.code, findings, facts, len(why.missing)]
        return self.hash_of(_JSON.encode(rests_on).decode())

    def to_show(self, cards: Sequence[Card], patient: str, role: str, hook: str) -> tuple[Card, ...]:
        """The cards without those that would be repeats."""
        if hook.startswith("order-"):
            return tuple(cards)
        told = [(card, self.likeness(card, patient, role)) for card in cards]
        try:
            seen = self._seen([(card.indicator, known) for card, known in told if card.indicator < Indicator.CRITICAL])
        except StoreUnavailable:
            return tuple(cards)
        return tuple(card for card, known in told if known not in seen)

    def _seen(self, likenesses: Sequence[tuple[Indicator, str]]) -> frozenset[str]:
        days = {Indicator.INFO: self.settings.info_days, Indicator.WARNING: self.settings.warning_days}
        seen = self.store.put_aside([known for _, known in likenesses]) if likenesses else frozenset()
        for indicator, limit in days.items():
            of_kind = [known for kind, known in likenesses if kind is indicator]
            if of_kind:
                seen |= self.store.likenesses_since(of_kind, self.now() - limit * _DAY)
        return seen
