"""A result that could not be read, in the words of a card: what it is, of which day, and what came."""

from __future__ import annotations

from cds_service.markdown import escaped
from hooks.anti_mag.cards.dates import date_in_words
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.unread import Unread


def unread_in_words(unread: Unread, name: str, which: str = "newest") -> str:
    """As in 'newest IgM (22 Nov 2026) could not be read: "4,500 x"' or 'day of the IgM "4500 mg/dL" is not known';
    `which` is "a" where one of any age counts."""
    why = f" ({escaped(unread.why)})" if unread.why else ""
    received = f'"{escaped(unread.received[:80])}"'
    if not unread.fact.date:
        return f"day of the {name} {received} is not known{why}"
    return f"{which} {name} ({date_in_words(escaped(unread.fact.date))}) could not be read: {received}{why}"


def score_in_words(picture: ClinicalPicture) -> str:
    """The newest score that could not be read, as a sentence; "" where there is none."""
    return next((f"The {unread_in_words(one, one.fact.what)}." for one in picture.disability.unread), "")
