"""Which rules speak at which hook, and which card says what they found.

A rule answers the same at every hook; this module decides where it is heard (ruling 23), runs the rules once and hands
their answers to the card modules, one a topic. Ranking and the cap of three cards are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Advice, Failure, HookCall
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
    red_flag,
    rituximab,
    rituximab_aftercare,
    rituximab_reaction,
    rituximab_retreatment,
    rituximab_safety,
    supportive_care,
    therapy_evidence,
    worsening_after_rituximab,
)
from hooks.anti_mag.cards.card import Answer
from hooks.anti_mag.configuration import DEFAULT, Configuration
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of
from hooks.anti_mag.picture.gate_scope import ORDER_HOOKS

Answers = Mapping[str, Answer]
CardModule = Callable[[ClinicalPicture, Answers], Card | None]

ORDER_GATES = (
    *("G1", "G2", "G3", "G4", "G4b", "G4c", "G5", "G6", "G7", "G8", "G8b", "G9"),
    *("G10", "G10b", "G11", "G12", "G13", "G14", "G15", "G16", "G17"),
)
STANDING_CONTRAINDICATIONS = ("G2", "G8", "G9", "G14")
"""At patient-view these stand in the rituximab card's place (ruling 3)."""

CHART_OPENED = (
    "HV-1",
    *("TX-1", "RT-1", "RF-1"),
    *STANDING_CONTRAINDICATIONS,
    *("SA-1", "RE-3", "RE-4"),
    *("FL-0", "FL-1", "FL-2", "FL-3", "FL-4", "WU-5"),
    *("DX-1", "DX-2", "WU-1", "WU-3", "WU-4", "SC-1", "MO-1", "RE-1", "RE-2"),
    *("WU-2", "TX-2"),
    "supportiveCare",
)
"""At patient-view, and as an encounter begins."""

SPEAKS: Mapping[str, tuple[str, ...]] = {
    "patient-view": CHART_OPENED,
    "order-select": (
        *("HV-1", *ORDER_GATES, "FL-2", "TX-3", "TX-4", "DX-3"),
        *("PL-1", "PL-2", "MO-2", "RT-2"),
    ),
    "order-sign": ("HV-1", *ORDER_GATES, "FL-2", "RT-2", "TX-3", "C5"),
    "order-dispatch": ("HV-1", *ORDER_GATES, "FL-2"),
    "appointment-book": ("HV-1", "FL-0", "WU-1", "SC-1", "MO-1", "RE-1"),
    "encounter-start": CHART_OPENED,
    "encounter-discharge": ("HV-1", "FL-0", "RE-3", "RE-4", "SA-1"),
    "medication-refill": ("HV-1", "RE-3", "TX-3", "TX-4"),
    "problem-list-item-create": ("HV-1", "DX-1", "DX-2", "WU-1", "WU-2"),
    "allergyintolerance-create": ("HV-1", "AL-1"),
}
"""Logic ids of the rules heard at each hook (ruling 23)."""

SPEAKS_FOR_A_GATE: Mapping[str, str] = {"RT-2": "rituximabRetreatment"}
"""Rules whose card says what a gate found too, with its topic: where a site has that off, the gate speaks itself."""

CARD_MODULES: tuple[CardModule, ...] = (
    rituximab.card,
    rituximab_retreatment.card,
    rituximab_safety.card,
    rituximab_reaction.card,
    rituximab_aftercare.card,
    plasma_exchange_flare.card,
    worsening_after_rituximab.card,
    hyperviscosity.card,
    igm_monitoring.card,
    follow_up_assessment.card,
    alternative_therapy.card,
    therapy_evidence.card,
    neurotoxic_drug.card,
    diagnostic_work_up.card,
    red_flag.card,
    data_unavailable.card,
    supportive_care.card,
)


def advise(call: HookCall, configuration: Configuration = DEFAULT) -> Advice:
    """All cards for a call that the site wants, in topic order, and what the rules answered."""
    picture = picture_for(call, configuration)
    found, failures = answers_for(picture)
    heard = {
        logic: answer for logic, answer in found.items() if SPEAKS_FOR_A_GATE.get(logic) not in configuration.topics_off
    }
    cards = _cards(picture, heard, failures)
    if failures and picture.hook == "order-sign":
        cards = [card for card in cards if card.topic != "dataUnavailable"]
        cards.append(data_unavailable.card_of_failures(picture, heard, [item.part for item in failures]))
    wanted = (configuration.wanted(card) for card in cards if not _gives_way(card, cards))
    findings = tuple(answer.rule.note(answer.finding) for answer in found.values())
    return Advice(tuple(card for card in wanted if card is not None), findings, tuple(failures))


def picture_for(call: HookCall, configuration: Configuration) -> ClinicalPicture:
    """The picture of a call as the site has it read."""
    return picture_of(
        configuration.joined(call), configuration.codes, configuration.thresholds, configuration.catalogue
    )


def answers_for(picture: ClinicalPicture) -> tuple[dict[str, Answer], list[Failure]]:
    """What the rules heard found, and those that raised; raises itself where every one of them did."""
    found: dict[str, Answer] = {}
    failures: list[Failure] = []
    heard = heard_by(picture)
    for logic in heard:
        try:
            found[logic] = Answer(rules.BY_LOGIC[logic], rules.BY_LOGIC[logic](picture))
        except Exception as error:  # Whatever a rule does wrong, the others speak.
            failures.append(Failure(logic, error))
    if failures and not found:
        raise failures[0].error
    return found, failures


def _cards(picture: ClinicalPicture, heard: Answers, failures: list[Failure]) -> list[Card]:
    """The cards that could be made; those that could not are added to `failures`."""
    cards = []
    for module in CARD_MODULES:
        try:
            card = module(picture, heard)
        except Exception as error:  # Whatever one card does wrong, the others stand.
            failures.append(Failure(module.__module__.rpartition(".")[2], error))
        else:
            cards += [card] if card is not None else []
    return cards


def _gives_way(card: Card, cards: Sequence[Card]) -> bool:
    """Supportive care is no matter for the moment in which something critical is told (ruling 12)."""
    return card.topic == "supportiveCare" and any(other.indicator is Indicator.CRITICAL for other in cards)


def heard_by(picture: ClinicalPicture) -> tuple[str, ...]:
    """The rules of the picture's hook, without those that this call is not about: at the order hooks FL-2 waits for a
    rituximab order, and a new problem starts a work-up only when it is one of our field."""
    heard = SPEAKS.get(picture.hook, ())
    if picture.hook in ORDER_HOOKS and not picture.drafts.rituximab:
        return tuple(logic for logic in heard if logic != "FL-2")
    if picture.hook == "problem-list-item-create" and not picture.new_entries.problems:
        return tuple(logic for logic in heard if logic == "HV-1")
    return heard
