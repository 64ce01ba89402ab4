"""Drafts that several cards offer together: plasma exchange and haematology, what is there already left out."""

from __future__ import annotations

from cds_service.cards import Suggestion
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import Answers, whose_number
from hooks.anti_mag.cards.gives_way import may_offer
from hooks.anti_mag.picture import ClinicalPicture


def referral(picture: ClinicalPicture, name: str, rule: str = "", *, is_urgent: bool = False) -> list[Suggestion]:
    """A referral by its name in `referrals`, unless it is drafted or ordered (ruling 39)."""
    if name in picture.drafts.referrals:
        return []
    return [proposals.referral(picture, name, rule=rule, is_urgent=is_urgent)]


def haematology(picture: ClinicalPicture, rule: str = "") -> list[Suggestion]:
    """A referral to haematology, unless one is there. `rule` is named in the draft's note."""
    return referral(picture, "haematology_referral", rule)


def neurology(picture: ClinicalPicture) -> list[Suggestion]:
    """A referral to neurology, unless one is there."""
    return referral(picture, "neurology_referral")


def reviewers(topic: str, picture: ClinicalPicture, answers: Answers) -> list[Suggestion]:
    """Neurology and haematology for a question that both decide, unless a card beside that of `topic` offers them."""
    names = ("neurology_referral", "haematology_referral")
    return [made for name in names if may_offer(topic, name, picture, answers) for made in referral(picture, name)]


def exchange_and_haematology(picture: ClinicalPicture, rule: str = "") -> list[Suggestion]:
    """Plasma exchange, unless it is ordered or drafted, and haematology."""
    exchange = [] if picture.drafts.has_plasma_exchange else [proposals.plasma_exchange(picture, rule=rule)]
    return [*exchange, *haematology(picture, rule)]


EXCHANGE_IN_HAND = "A plasma exchange is ordered or under way already"


def already_in_hand(picture: ClinicalPicture) -> list[str]:
    """One sentence where plasma exchange comes first and is not offered, since it is there."""
    return [f"**{EXCHANGE_IN_HAND}.**"] if picture.drafts.has_plasma_exchange else []


def exchange_in_hand(picture: ClinicalPicture) -> list[str]:
    """One sentence where plasma exchange is ordered or under way, and is not offered again."""
    if not picture.drafts.has_plasma_exchange:
        return []
    row = picture.thresholds.row("exchange.series")
    lately = f"one of the last {row.value} days counts ({whose_number(row)})"
    return [f"**{EXCHANGE_IN_HAND}**; {lately}."]
