"""What a card says to a reader, for tests to look into: all blanks alike, and without unseen places to break."""

from cds_service.cards import Card


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u200b", "")


def said(card: Card) -> str:
    """Summary and detail."""
    return plain(f"{card.summary}\n\n{card.detail}")
