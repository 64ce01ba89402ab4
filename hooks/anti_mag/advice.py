"""From a call to its cards: runs the rules heard at the hook once, and hands their answers to the card modules.

Where a rule is heard is said in its declaration, what gives way to what in `cards.gives_way`. Ranking and the cap of
three cards are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from cds_service.cards import Card
from cds_service.knowledge.contract import Advice, Failure, HookCall
from hooks.anti_mag import rules
from hooks.anti_mag.cards import data_unavailable
from hooks.anti_mag.cards.card import Answer, Answers
from hooks.anti_mag.cards.gives_way import SILENT_IN_PALLIATIVE_CARE, heard_of, is_shown, said_on
from hooks.anti_mag.configuration import DEFAULT, Configuration
from hooks.anti_mag.hooks import EVERYWHERE, ORDERS
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.build import picture_of
from hooks.anti_mag.topics import TOPICS

CardModule = Callable[[ClinicalPicture, Answers], Card | None]


def _module(name: str) -> CardModule:
    return cast(CardModule, import_module(f"hooks.anti_mag.cards.{name}").card)


CARD_MODULES: tuple[tuple[str, str, CardModule], ...] = tuple(
    (topic.code, name, _module(name)) for topic in TOPICS.values() for name in topic.modules
)
"""Topic, name and function of every card module, in ranking order."""


_HEARD_AT: Mapping[str, tuple[str, ...]] = {
    hook: tuple(rule.logic for rule in rules.BY_LOGIC.values() if hook in rule.hooks) for hook in EVERYWHERE
}


def advise(call: HookCall, configuration: Configuration = DEFAULT) -> Advice:
    """All cards for a call that the site wants, in topic order, and what the rules answered."""
    picture = picture_for(call, configuration)
    found, failures = answers_for(picture)
    heard = heard_of(found, configuration.topics_off)
    cards = _cards(picture, heard, failures)
    if failures and picture.hook == "order-sign":
        cards = [card for card in cards if card.topic != "dataUnavailable"]
        cards.append(data_unavailable.card_of_failures(picture, heard, [item.part for item in failures]))
    wanted = [card for item in cards if (card := configuration.wanted(item)) is not None]
    findings = tuple(answer.rule.note(answer.finding) for answer in found.values())
    return Advice(tuple(card for card in wanted if is_shown(card, wanted)), findings, tuple(failures))


def picture_for(call: HookCall, configuration: Configuration) -> ClinicalPicture:
    """The picture of a call as the site has it read."""
    joined, site = configuration.joined(call), configuration
    return picture_of(joined, site.codes, site.thresholds, site.catalogue, site.layout)


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


def _cards(picture: ClinicalPicture, heard: Mapping[str, Answer], failures: list[Failure]) -> list[Card]:
    """The cards that could be made; those that could not are added to `failures`."""
    cards = []
    for topic, name, module in CARD_MODULES:
        try:
            card = module(picture, said_on(topic, picture, heard))
        except Exception as error:  # Whatever one card does wrong, the others stand.
            failures.append(Failure(name, error))
        else:
            cards += [card] if card is not None else []
    return cards


def heard_by(picture: ClinicalPicture) -> tuple[str, ...]:
    """The rules of the picture's hook, without those that this call is not about: at the order hooks FL-2 waits for a
    rituximab order, and a new problem starts a work-up only when it is one of our field; amyloidosis or POEMS syndrome
    is a red flag and starts none. In palliative care no treatment of the neuropathy is spoken of."""
    silent = SILENT_IN_PALLIATIVE_CARE if picture.palliative_care.holds else frozenset()
    heard = tuple(logic for logic in _HEARD_AT[picture.hook] if logic not in silent)
    if picture.hook in ORDERS and not picture.drafts.rituximab:
        return tuple(logic for logic in heard if logic != "FL-2")
    if picture.hook == "problem-list-item-create" and not picture.new_entries.problems:
        about = {"HV-1", "WU-2"} if picture.new_entries.red_flags else {"HV-1"}
        return tuple(logic for logic in heard if logic in about)
    return heard
