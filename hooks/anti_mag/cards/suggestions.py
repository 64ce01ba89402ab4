"""Drafts that several cards offer together: plasma exchange and haematology, what is there already left out."""

from __future__ import annotations

from cds_service.cards import Suggestion
from hooks.anti_mag import proposals
from hooks.anti_mag.cards.card import whose_number
from hooks.anti_mag.picture import ClinicalPicture


def haematology(picture: ClinicalPicture, rule: str = "") -> list[Suggestion]:
    """A referral to haematology, unless the user has drafted one. `rule` is named in the draft's note."""
    return [] if picture.drafts.has_haematology_referral else [proposals.haematology_referral(picture, rule=rule)]


def neurology(picture: ClinicalPicture) -> list[Suggestion]:
    """A referral to neurology, unless one is drafted or ordered."""
    return [] if picture.drafts.has_neurology_referral else [proposals.neurology_referral(picture)]


def exchange_and_haematology(picture: ClinicalPicture, rule: str = "") -> list[Suggestion]:
    """Plasma exchange, unless it is ordered or drafted, and haematology."""
    exchange = [] if picture.drafts.has_plasma_exchange else [proposals.plasma_exchange(picture, rule=rule)]
    return [*exchange, *haematology(picture, rule)]


def exchange_in_hand(picture: ClinicalPicture) -> list[str]:
    """One sentence where plasma exchange is ordered or under way, and is not offered again."""
    if not picture.drafts.has_plasma_exchange:
        return []
    row = picture.thresholds.row("exchange.series")
    lately = f"one of the last {row.value} days counts ({whose_number(row)})"
    return [f"**A plasma exchange is ordered or under way already**; {lately}."]
