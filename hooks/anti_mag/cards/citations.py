"""Evidence on a card: modules cite it by key, "(LEGER2013, SVAHN2018)"; a reader sees numbers that the links repeat.

A source without an address, on a host that the site does not allow, or beyond the links that a card has room for gets
no number: it stands in the card's explanation and on the page of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cds_service.cards import Link
from cds_service.knowledge.contract import Evidence
from hooks.anti_mag.knowledge_data import EVIDENCE
from hooks.anti_mag.layout import Layout

MOST = 4
"""Links to evidence; the fifth is that to the page of the rule."""
_CITED = re.compile(r"\s?\((?P<keys>[A-Z][A-Z0-9-]{3,}(?:, [A-Z][A-Z0-9-]{3,})*)\)")


@dataclass(frozen=True, slots=True)
class Cited:
    """A text with numbers in place of keys, the keys in the order of their numbers, and all that were cited."""

    text: str
    numbered: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def links(self) -> tuple[Link, ...]:
        """A link for each number, whose label begins with it."""
        sources = [EVIDENCE[key] for key in self.numbered]
        return tuple(Link(f"{place}. {item.label}", item.url) for place, item in enumerate(sources, 1))


def numbered(paragraphs: Sequence[str], otherwise: Iterable[Evidence], layout: Layout) -> Cited:
    """The paragraphs as one text. Where none cites what can be linked, the first does, to one of `otherwise`: at least
    one of those must be linkable."""
    keys = tuple(dict.fromkeys(key for text in paragraphs for key in _keys_in(text)))
    linkable = [key for key in keys if EVIDENCE[key].url and layout.may_link(EVIDENCE[key].url)][:MOST]
    if not linkable:
        linkable = [next(item.key for item in otherwise)]
        paragraphs = [_citing(paragraphs[0], linkable[0]), *paragraphs[1:]]
    places = {key: place for place, key in enumerate(linkable, 1)}
    text = _CITED.sub(lambda found: _numbers(found, places), "\n\n".join(paragraphs))
    return Cited(text, tuple(linkable), keys)


def _citing(paragraph: str, key: str) -> str:
    """The paragraph with the citation behind its bold words, or at its end."""
    before, mark, rest = paragraph.removeprefix("**").partition("**")
    return f"**{before}** ({key}){rest}" if mark and paragraph.startswith("**") else f"{paragraph} ({key})"


def _keys_in(text: str) -> list[str]:
    return [key for found in _CITED.finditer(text) for key in _split(found)]


def _split(found: re.Match[str]) -> list[str]:
    """The keys of a citation; none of what only looks like one."""
    keys = found["keys"].split(", ")
    return keys if all(key in EVIDENCE for key in keys) else []


def _numbers(found: re.Match[str], places: dict[str, int]) -> str:
    keys = _split(found)
    if not keys:
        return found[0]
    return "".join(f" [{place}]" for place in sorted(places[key] for key in keys if key in places))
