"""What gives way to what: the one table of it, and who applies it.

A card is handed only the answers that it is to say, and asks here before it offers a draft that another card may offer;
it decides neither by itself. An answer gives way only to one that is really said: where a site has switched off every
card of a rule, nothing gives way to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag.cards.card import Answer, Answers, is_yes, truth_of
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.contraindications import hard_contraindications
from hooks.anti_mag.picture.overlap import other_overlap


def _exchange_stands_on_the_rituximab_card(picture: ClinicalPicture) -> bool:
    return picture.igm.is_at_limit(picture.thresholds)


def _exchange_stands_on_the_retreatment_card(picture: ClinicalPicture) -> bool:
    return picture.igm.is_at_limit(picture.thresholds) and not hard_contraindications(picture)


def _nothing_else_overlaps(picture: ClinicalPicture) -> bool:
    return not other_overlap(picture).facts


def _no_rituximab_card(answers: Mapping[str, Answer]) -> bool:
    return not stands_beside_rituximab(answers)


def _no_flare_card_leads(answers: Mapping[str, Answer]) -> bool:
    return not is_yes(answers, "FL-3")


def stands_beside_rituximab(answers: Mapping[str, Answer]) -> bool:
    """A `rituximab` card is shown: TX-1 does not say NO, and HV-1 is not there to lead."""
    return truth_of(answers, "TX-1") is not Truth.NO and not is_yes(answers, "HV-1")


@dataclass(frozen=True, slots=True)
class GivesWay:
    """On the card of `topic`, `what` (logic ids, or names of drafts) is not said where one of `to` is YES."""

    topic: str
    what: tuple[str, ...]
    to: tuple[str, ...]
    why: str
    when: Callable[[ClinicalPicture], bool] | None = None
    """Only in such a patient; None is every one."""
    beside: Callable[[Mapping[str, Answer]], bool] | None = None
    """Only beside such answers; None is all."""
    to_unknown: bool = False
    """The others are said when UNKNOWN too."""
    is_absorbed: bool = False
    """The finding stands behind the card all the same."""


ANSWERS: tuple[GivesWay, ...] = (
    GivesWay("rituximab", ("TX-1",), ("HV-1",), "exchange today, rituximab held: nothing to add before that"),
    GivesWay(
        "rituximabRetreatment", ("RT-1",), ("HV-1",), "exchange today, rituximab held: nothing to add before that"
    ),
    GivesWay("rituximabRetreatment", ("RT-1",), ("RT-2",), "the order being signed is the matter now"),
    GivesWay(
        "rituximabSafety", ("G4",), ("HV-1",), "exchange today, rituximab held: said by the emergency (ruling 33)"
    ),
    GivesWay("rituximabSafety", ("PL-2",), ("G4c",), "an IgM near the limit is the gate's", is_absorbed=True),
    GivesWay(
        "rituximabSafety",
        ("G11",),
        ("RT-2",),
        "the overlap with the earlier course stands on the card about the new one",
        when=_nothing_else_overlaps,
    ),
    GivesWay("plasmaExchangeFlare", ("FL-1", "FL-3", "FL-4"), ("HV-1",), "what to do is the same, and is said there"),
    GivesWay("plasmaExchangeFlare", ("FL-1", "FL-4"), ("FL-3",), "one card of the topic, the most urgent"),
    GivesWay("plasmaExchangeFlare", ("FL-1",), ("FL-4",), "one card of the topic, the most urgent"),
    GivesWay("hyperviscosity", ("WU-5",), ("HV-1", "G5"), "one card of the topic, the most urgent"),
    GivesWay("hyperviscosity", ("WU-5",), ("FL-3", "G4"), "plasma exchange is said first there already (ruling 19)"),
    GivesWay(
        "hyperviscosity",
        ("WU-5",),
        ("TX-1",),
        "the rituximab card says plasma exchange first already (rulings 5 and 19)",
        when=_exchange_stands_on_the_rituximab_card,
        to_unknown=True,
    ),
    GivesWay(
        "hyperviscosity",
        ("WU-5",),
        ("RT-1",),
        "the retreatment card says plasma exchange first already (ruling 19)",
        when=_exchange_stands_on_the_retreatment_card,
    ),
    GivesWay("igmMonitoring", ("FL-0",), ("FL-1", "FL-2"), "they ask for the same IgM"),
    GivesWay(
        "followUpAssessment",
        ("SC-1",),
        ("TX-1",),
        "what is missing stands on one card beside the rituximab card (logic TX-1)",
        beside=stands_beside_rituximab,
        to_unknown=True,
    ),
    GivesWay(
        "diagnosticWorkUp",
        ("SC-1",),
        ("SC-1",),
        "away from a rituximab card the scores stand on the card of the follow-up",
        beside=_no_rituximab_card,
    ),
    GivesWay("therapyEvidence", ("TX-4",), ("DX-3",), "anti-MAG is tested first; the therapy is a question after it"),
)
"""Answers that another answer silences on a card."""

RED_FLAG_OFFERS = "the red flag is settled first, and its card offers them"

DRAFTS: tuple[GivesWay, ...] = (
    GivesWay(
        "rituximabSafety",
        ("viscosity", "plasma_exchange", "haematology_referral"),
        ("HV-1", "G5"),
        "the hyperviscosity card beside it offers them itself",
    ),
    GivesWay(
        "worseningAfterRituximab",
        ("plasma_exchange",),
        ("FL-3", "HV-1", "G4", "G5"),
        "the card that puts plasma exchange first offers it",
    ),
    GivesWay("worseningAfterRituximab", ("viscosity",), ("HV-1",), "the hyperviscosity card offers it"),
    GivesWay(
        "worseningAfterRituximab",
        ("viscosity",),
        ("WU-5",),
        "the hyperviscosity card offers it, unless the flare card leads",
        beside=_no_flare_card_leads,
    ),
    GivesWay("rituximabSafety", ("neurology_referral",), ("FL-2",), "the card of the worsening offers it"),
    GivesWay("plasmaExchangeFlare", ("haematology_referral",), ("WU-5",), "the hyperviscosity card offers it"),
    GivesWay("alternativeTherapy", ("neurology_referral", "haematology_referral"), ("WU-2", "TX-2"), RED_FLAG_OFFERS),
    GivesWay("alternativeTherapy", ("haematology_referral",), ("HV-1", "WU-5"), "the hyperviscosity card offers it"),
    GivesWay("followUpAssessment", ("neurology_referral", "haematology_referral"), ("WU-2", "TX-2"), RED_FLAG_OFFERS),
    GivesWay(
        "followUpAssessment",
        ("neurology_referral", "haematology_referral"),
        ("RF-1",),
        "the card of the failed treatment offers them",
    ),
    GivesWay("followUpAssessment", ("haematology_referral",), ("HV-1", "WU-5"), "the hyperviscosity card offers it"),
    GivesWay(
        "followUpAssessment",
        ("haematology_referral",),
        ("RT-1",),
        "the retreatment card offers it with the plasma exchange",
        when=_exchange_stands_on_the_retreatment_card,
    ),
    GivesWay(
        "neurotoxicDrug", ("neurology_referral",), ("FL-2", "G14"), "the card about the rituximab order offers it"
    ),
    GivesWay(
        "neurotoxicDrug",
        ("haematology_referral",),
        ("HV-1", "G5", "G4", "G4c", "G12", "PL-2"),
        "the card about the rituximab order, or the hyperviscosity card, offers it",
    ),
    GivesWay(
        "diagnosticWorkUp",
        ("scores",),
        ("SC-1",),
        "away from a rituximab card the scores stand on the card of the follow-up",
        beside=_no_rituximab_card,
    ),
    GivesWay("diagnosticWorkUp", ("igm",), ("MO-1",), "the yearly review's card asks for the IgM that is due"),
)
"""Drafts and missing tests, by their names in tests.toml or the catalogue of orders, that another card offers."""

SILENT_IN_PALLIATIVE_CARE = frozenset({"TX-1", "TX-2", "TX-3", "TX-4", "RT-1", "RT-2", "RF-1"})
"""Rules that are not heard where palliative care is on record; the emergency and the gates are (ruling 34)."""

_ANSWERS_OF = {row.topic: [other for other in ANSWERS if other.topic == row.topic] for row in ANSWERS}
BESIDE_NO_OTHER_CARD = frozenset({"WU-6"})
"""Rules that make no card of their own where there is another of any kind; on a card that is there they may stand."""

AFTER_WHAT_IS_CRITICAL = ("supportiveCare",)
"""Cards that are no matter for the moment in which something critical is told (ruling 12)."""


def said_on(topic: str, picture: ClinicalPicture, answers: Mapping[str, Answer]) -> Answers:
    """The answers as the card of a topic may say them: those of other topics whole, its own without what gave way."""
    gone = [row for row in _ANSWERS_OF.get(topic, ()) if _applies(row, picture, answers)]
    if not gone:
        return Answers(answers, answers)
    silenced = {logic for row in gone for logic in row.what}
    absorbed = {logic for row in gone if row.is_absorbed for logic in row.what if is_yes(answers, logic)}
    left = {logic: answer for logic, answer in answers.items() if logic not in silenced}
    return Answers(left, answers, tuple(answers[logic] for logic in answers if logic in absorbed))


def may_offer(topic: str, draft: str, picture: ClinicalPicture, answers: Answers) -> bool:
    """Whether the card of a topic offers a draft, or names a missing test: False where another card does."""
    return not any(row.topic == topic and draft in row.what and _applies(row, picture, answers.heard) for row in DRAFTS)


def hyperviscosity_leads(answers: Mapping[str, Answer]) -> bool:
    """HV-1 is said: plasma exchange today, and rituximab waits."""
    return is_yes(answers, "HV-1")


def red_flag_leads(answers: Answers) -> bool:
    """WU-2 is said beside this card: nothing is recommended before that is settled (ruling 30)."""
    return is_yes(answers.heard, "WU-2")


def heard_of(answers: Mapping[str, Answer], topics_off: Collection[str]) -> dict[str, Answer]:
    """The answers without those of rules all of whose cards the site has switched off."""
    if not topics_off:
        return dict(answers)
    return {
        logic: answer
        for logic, answer in answers.items()
        if any(topic not in topics_off for topic in answer.rule.cards)
    }


def is_shown(card: Card, cards: Sequence[Card]) -> bool:
    """False for a card that is no matter beside something critical, or beside anything at all."""
    behind = {note.logic for note in card.explanation.findings}
    if behind and behind <= BESIDE_NO_OTHER_CARD:
        return len(cards) == 1
    is_late = card.topic in AFTER_WHAT_IS_CRITICAL
    return not (is_late and any(other.indicator is Indicator.CRITICAL for other in cards))


def _applies(row: GivesWay, picture: ClinicalPicture, answers: Mapping[str, Answer]) -> bool:
    is_said = any(_is_said(answers[logic], row) for logic in row.to if logic in answers)
    return is_said and (row.when is None or row.when(picture)) and (row.beside is None or row.beside(answers))


def _is_said(answer: Answer, row: GivesWay) -> bool:
    truth = answer.finding.truth
    return truth is Truth.YES or (row.to_unknown and truth is Truth.UNKNOWN)
