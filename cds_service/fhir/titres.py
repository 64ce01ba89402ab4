"""Dilution titres written as text: "1:25600", "<1/10", "Positive 1:6,400".

Words of judgement beside the titre ("positive", "negative"; `data/words.toml`) stay in `received`, for the disease
package to read; any other words make the text no titre. Whether a plain number is a titre is a matter of its unit, so
of `values`.
"""

from __future__ import annotations

import re

from cds_service.fhir.numbers import COMPARATOR, DIGITS, DOT_GROUPS, LONGEST, comparator_of, digits_value
from cds_service.fhir.tables import data_of
from cds_service.values import Titre

_TITRE = re.compile(
    rf"(?P<before>[^\d<>≤≥/]*?)(?P<bound>{COMPARATOR})?\s*1\s*[:/]\s*(?P<inner>{COMPARATOR})?\s*"
    rf"(?P<digits>{DOT_GROUPS}|{DIGITS})(?P<after>[^\d<>≤≥/:]*)"
)
_LIKE_A_TITRE = re.compile(r"\b1\s*:\s*\d", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]+")
_JUDGEMENT = frozenset(data_of("words.toml").row("titres").texts("beside"))


class TitreAmbiguous(ValueError):
    """The text holds something like a titre that cannot be read one way only."""


def titre_in(text: str) -> Titre | None:
    """The titre that `text` is, or None when it is none.

    Raises `TitreAmbiguous` for "1:12.800", for an absurd one, and for a titre among other words or figures.
    """
    if len(text) > LONGEST:
        return None
    found = _TITRE.fullmatch(text.strip())
    if found is None or not _are_judgement(found["before"] + " " + found["after"]):
        if _LIKE_A_TITRE.search(text):
            raise TitreAmbiguous("a titre stands among other words or figures")
        return None
    if found["bound"] and found["inner"]:
        raise TitreAmbiguous("the titre has two comparators")
    reciprocal = digits_value(found["digits"])
    if reciprocal is None or reciprocal <= 0:
        raise TitreAmbiguous("the titre's figure can be read in two ways, or is not positive")
    return Titre(reciprocal, comparator_of(found["bound"] or found["inner"] or ""), text.strip())


def _are_judgement(words: str) -> bool:
    return all(word.lower() in _JUDGEMENT for word in _WORDS.findall(words))
