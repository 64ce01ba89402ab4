"""What the knowledge is run with: code sets, thresholds, order catalogue, and what a site wants of the cards.

Built once at start-up, by `hooks.anti_mag.site` from a site's file; the defaults are those of a service without one.
What may stand in such a file is decided there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cds_service.cards import Card, Coding
from cds_service.codes import CodeSets
from cds_service.knowledge.contract import HookCall, Thresholds
from hooks.anti_mag.knowledge_data import CODES, THRESHOLDS
from hooks.anti_mag.layout import Layout


@dataclass(frozen=True, slots=True)
class Configuration:
    """`continuations` are the prefetch keys that a key's list goes on in."""

    codes: CodeSets = field(default_factory=lambda: CODES)
    thresholds: Thresholds = field(default_factory=lambda: THRESHOLDS)
    catalogue: Mapping[str, Coding] = field(default_factory=dict)
    continuations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    topics_off: frozenset[str] = frozenset()
    layout: Layout = field(default_factory=Layout)
    override_reasons: tuple[Coding, ...] = ()
    """In place of ours; empty keeps ours."""

    def joined(self, call: HookCall) -> HookCall:
        """The call, where a key whose list goes on in others counts as known only when all of them are."""
        known = call.record.known_keys
        whole = frozenset(key for key in known if known.issuperset(self.continuations.get(key, ())))
        return call if whole == known else replace(call, record=replace(call.record, known_keys=whole))

    def wanted(self, card: Card) -> Card | None:
        """The card with the site's override reasons; None for a topic that is off."""
        if card.topic in self.topics_off:
            return None
        if not (card.override_reasons and self.override_reasons):
            return card
        return replace(card, override_reasons=self.override_reasons)


DEFAULT = Configuration()
