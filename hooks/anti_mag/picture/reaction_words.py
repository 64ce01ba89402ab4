"""Reactions to rituximab in words: what they were to, and whether they were severe, in the languages of our sites.

Decides what a text names, and that a text which denies names nothing. Codes, severities as sent and what follows are
left to `contraindications`.
"""

from __future__ import annotations

import re

from cds_service.codes import words_of
from hooks.anti_mag.knowledge_data import THERAPIES
from hooks.anti_mag.therapies import whole_words

_RITUXIMAB = THERAPIES["rituximab"].called
"""The ingredient and its brands, as words: products outside the US have no code in our tables."""

_CAUSE = whole_words(
    rf"{_RITUXIMAB}|murin(e[ns]?|[ao]s?)?|muriene|mouse proteins?"
    r"|m[aä]use?[\s-]?(protein|eiwei(ß|ss))\w*|muis(proteïn|eiwit)\w*|muizeneiwit\w*"
    r"|prot[eé][ií]n\w+ (de souris|de rat[oó]n|di topo)|białk\w+ mysi\w+"
)
_NO = (
    r"no|not|denies|kein\w*|nicht|aucun\w*|pas d['’e]|sin|ningun\w*|sem|nenhum\w*|nessun\w*|geen|ingen|brak|нет"
    r"|non-?allergic"
)
_ALLERGY = (
    r"\w*(allerg|alerg|allerz|аллерг|intoleran|intolleran|hypersens|hipersens|ipersens|überempfindlich|unverträglich"
    r"|reaction|reaktion|réaction|reacci|reazion|reactie)\w*"
)
_DENIED = re.compile(
    rf"\b({_NO})\b[\s\w]{{0,25}}\b{_ALLERGY}[\s\w'’]{{0,15}}\b({_RITUXIMAB})"
    rf"|\b({_NO})\b(\s(known|bekannte\w*))?\s({_RITUXIMAB})[\s-]{_ALLERGY}"
)
"""Only what denies an allergy: "did not tolerate rituximab" denies none."""
_SEVERE = re.compile(
    r"\b(ana(ph|f)[yi]l[aá]\w*|анафила\w*|stevens[- ]johnson\w*|sjs|lyell\w*"
    r"|toxi\w+ epidermal\w* ne[ck]rol\w+|necr[oó]li[sc]\w+ epid[eé]rmic\w+ t[oó]x\w+|necrolisi tossica epidermica"
    r"|nécrolyse épidermique toxique|(paraneoplastic )?pemphigus|lichenoid\w*|vesiculobullous\w*|mucocutaneous"
    r"|cardiac arrest|herzstillstand|kreislaufstillstand|arrêt cardiaque|par(o|ada) card[ií]ac[oa]|arresto cardiaco"
    r"|hartstilstand|hjärtstopp|hjerte?stans|hjertestop|остановка сердца)\b"
    r"|アナフィラキシー|过敏性休克|過敏性休克"
)
"""Anaphylaxis, the mucocutaneous reactions of the label, and what is fatal."""
_WINDOW = 60
"""Characters before a reaction in which a word can still take it back."""
_NOT_SEEN = re.compile(
    rf"\b({_NO}|without|never|ohne|pas|sans|senza|zonder|utan|uten|uden|bez|без)\s([\w'’/-]+\s){{0,3}}\Z"
)


def names_rituximab(text: str) -> bool:
    """The text names rituximab or a murine protein; whether as what was tolerated is not looked at."""
    return _CAUSE.search(words_of(text)) is not None


def denies_allergy(text: str) -> bool:
    """ "No known allergy to rituximab"."""
    return _DENIED.search(words_of(text)) is not None


def names_severe_reaction(text: str) -> bool:
    """The text tells of a reaction that is severe by its name, and does not say that it was none."""
    words = words_of(text)
    places = (found.start() for found in _SEVERE.finditer(words))
    return any(_NOT_SEEN.search(words[max(place - _WINDOW, 0) : place]) is None for place in places)
