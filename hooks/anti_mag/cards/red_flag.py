"""The `redFlag` card: the picture does not fit (WU-2), or it moves too fast (TX-2). One card for both.

What the cards that would recommend rituximab say beside it is worded here too (ruling 30).
"""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards import Card, Indicator
from cds_service.knowledge.contract import Truth
from hooks.anti_mag.cards.card import Answers, make_card
from hooks.anti_mag.cards.suggestions import haematology, neurology
from hooks.anti_mag.picture import ClinicalPicture
from hooks.anti_mag.picture.red_flags import AXONAL

EXCLUDE = (
    "**Exclude AL amyloidosis, POEMS, lymphoma and cryoglobulins before rituximab.** With haematology: free light "
    "chains, heart and kidney, skin and organ size, cryoglobulins; VEGF for POEMS (JADPRO2022); a biopsy, such as the "
    "abdominal fat pad with Congo red, for amyloid (BMJWM)."
)
AXONAL_MEANS = (
    "An axonal study widens the search: in a cohort 86.7 % of the neuropathies with an IgM MGUS were demyelinating, "
    "and "
    "in 10 % of those with an IgM malignancy (KOREA2023). Inexcitable nerves can hide demyelination."
)
EXPEDITE = (
    "**See the patient sooner, and look again for red flags**: rapid loss, pain, autonomic failure, loss of weight, "
    "large organs, heart or kidney disease. Anti-MAG neuropathy is slow as a rule; in a cohort a subacute course went "
    "with a response to rituximab (GAZZOLA2017)."
)

FIRST = (
    "**{disease} is on record beside the neuropathy, and is treated first, with haematology.** Until then "
    "no rituximab is recommended here for the neuropathy."
)
AFTER_IT = " after the red flag is settled"
"""The end of the summary of a card that would recommend rituximab."""


def settled_first(picture: ClinicalPicture) -> list[str]:
    """What such a card says before all."""
    return [f"**Settle the red flag first** ({_names(picture)}): the card beside this one says how."]


def settled_first_alone(picture: ClinicalPicture) -> list[str]:
    """The same where no `redFlag` card can stand beside it, as at an order (ruling 23)."""
    how = "look for amyloid, POEMS, lymphoma and cryoglobulins, with haematology"
    return [f"**Settle the red flag first** ({_names(picture)}): {how}."]


def card(picture: ClinicalPicture, answers: Answers) -> Card | None:
    """A warning; None where neither is on record."""
    behind = [
        answers[logic] for logic in ("WU-2", "TX-2") if logic in answers and answers[logic].finding.truth is Truth.YES
    ]
    if not behind:
        return None
    does_not_fit = behind[0].rule.logic == "WU-2"
    is_fast = behind[-1].rule.logic == "TX-2"
    is_treated_first = does_not_fit and bool(picture.red_flags.treated_first)
    return make_card(
        picture,
        "redFlag",
        Indicator.WARNING,
        _summary(picture, does_not_fit=does_not_fit),
        [
            *(_what_does_not_fit(picture) if does_not_fit else []),
            *([AXONAL_MEANS] if AXONAL in picture.red_flags.names and does_not_fit else []),
            *(_rise(picture) if is_fast else ()),
        ],
        behind,
        told=[score.fact for score in picture.red_flags.onls or ()] if is_fast else (),
        suggestions=[*haematology(picture), *([] if is_treated_first else neurology(picture))],
    )


def _summary(picture: ClinicalPicture, *, does_not_fit: bool) -> str:
    first = _treated_first(picture)
    if does_not_fit and first:
        return f"{first} on record beside the neuropathy: treated first, with haematology"
    if does_not_fit:
        return f"Exclude amyloid, POEMS, lymphoma first: {_leading(picture)} beside the neuropathy"
    return "Subacute worsening, ONLS up by 2 points or more within a year: see sooner, look again for red flags"


def _what_does_not_fit(picture: ClinicalPicture) -> list[str]:
    first = _treated_first(picture)
    return [
        FIRST.format(disease=first) if first else EXCLUDE,
        f"On record beside the neuropathy: {_names(picture)}.",
    ]


def _treated_first(picture: ClinicalPicture) -> str:
    words = " and ".join(picture.red_flags.treated_first)
    return words[:1].upper() + words[1:]


def _leading(picture: ClinicalPicture) -> str:
    """The weightiest flag, and how many there are beside it: a summary has little room. A flag whose name has a comma
    is not to be read as two."""
    first, *others = picture.red_flags.names
    more = "one other red flag" if len(others) == 1 else f"{len(others)} other red flags"
    return f"{_name(first)} and {more}" if others else _name(first)


def _names(picture: ClinicalPicture) -> str:
    return "; ".join(_name(name) for name in picture.red_flags.names)


def _name(flag: str) -> str:
    """ "suspected amyloidosis" for "amyloidosis, suspected"."""
    what, _, how = flag.partition(", ")
    return f"{how} {what}" if how == "suspected" else flag


def _rise(picture: ClinicalPicture) -> Sequence[str]:
    compared = picture.red_flags.onls
    if compared is None:
        return (EXPEDITE,)
    best, newest = compared
    rise = (
        f"The ONLS rose from {best.value.normalize():f} ({best.on.isoformat()}) to {newest.value.normalize():f} "
        f"({newest.on.isoformat()})."
    )
    return (f"{EXPEDITE} {rise}",)
