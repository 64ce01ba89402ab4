"""Which rules speak at which hook, and which card says what they found.

A rule answers the same at every hook; this module decides where it is heard (ruling 23), runs the rules once and hands
their answers to the card modules, one a topic. Ranking and the cap of three cards are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import HookCall, Thresholds
from hooks.anti_mag import rules
from hooks.anti_mag.cards import (
    alternative_therapy,
    data_unavailable,
    diagnostic_work_up,
    follow_up_assessment,
    hyperviscosity,
    igm_monitoring,
    neurotoxic_drug,
    plasma_exchange_flare,
    rituximab,
    rituximab_retreatment,
    rituximab_safety,
    supportive_care,
    therapy_evidence,
    worsening_after_rituximab,
)
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of
from hooks.anti_mag.rulebook import CODES, THRESHOLDS

Answers = Mapping[str, Answer]
CardModule = Callable[[ClinicalPicture, Answers, Thresholds], Card | None]

ORDER_GATES = ("G1", "G2", "G3", "G4", "G4b", "G4c", "G5", "G8", "G9", "G10", "G11", "G14")
STANDING_CONTRAINDICATIONS = ("G2", "G8", "G9", "G14")
"""At patient-view these stand in the rituximab card's place (ruling 3)."""

SPEAKS: Mapping[str, tuple[str, ...]] = {
    "patient-view": (
        "HV-1",
        *("TX-1", "RT-1", "RF-1"),
        *STANDING_CONTRAINDICATIONS,
        *("FL-0", "FL-1", "FL-2", "FL-3", "WU-5"),
        *("DX-1", "DX-2", "WU-1", "SC-1", "MO-1", "RE-1", "RE-2"),
        "supportiveCare",
    ),
    "order-select": ("HV-1", *ORDER_GATES, "FL-2", "TX-3", "TX-4"),
    "order-sign": ("HV-1", *ORDER_GATES, "FL-2", "TX-3", "C5"),
}
"""Logic ids of the rules heard at each hook."""

CARD_MODULES: tuple[CardModule, ...] = (
    rituximab.card,
    rituximab_retreatment.card,
    rituximab_safety.card,
    plasma_exchange_flare.card,
    worsening_after_rituximab.card,
    hyperviscosity.card,
    igm_monitoring.card,
    follow_up_assessment.card,
    alternative_therapy.card,
    therapy_evidence.card,
    neurotoxic_drug.card,
    diagnostic_work_up.card,
    data_unavailable.card,
    supportive_care.card,
)


def advise(call: HookCall) -> tuple[Card, ...]:
    """All cards for a call, in topic order, unranked and uncapped."""
    picture = picture_of(call, CODES, THRESHOLDS)
    answers = answers_for(picture, THRESHOLDS)
    cards = [card for module in CARD_MODULES if (card := module(picture, answers, THRESHOLDS)) is not None]
    return tuple(card for card in cards if not _gives_way(card, cards))


def _gives_way(card: Card, cards: Sequence[Card]) -> bool:
    """Supportive care is no matter for the moment in which something critical is told (ruling 12)."""
    return card.topic == "supportiveCare" and any(other.indicator is Indicator.CRITICAL for other in cards)


def answers_for(picture: ClinicalPicture, thresholds: Thresholds) -> dict[str, Answer]:
    """What the rules heard at the picture's hook found, by logic id."""
    heard = SPEAKS.get(picture.hook, ())
    if "FL-2" in heard and picture.hook != "patient-view" and not picture.drafts.rituximab:
        heard = tuple(logic for logic in heard if logic != "FL-2")
    return {logic: Answer(rules.BY_LOGIC[logic], rules.BY_LOGIC[logic](picture, thresholds)) for logic in heard}
