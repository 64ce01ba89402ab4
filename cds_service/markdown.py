"""GitHub Flavored Markdown for card details: escaping what came from the chart, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = "\\`*_{}[]()<>#+!|~&"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the reading direction: they could make a dose read backwards."""
_ADDRESS = re.compile(r"(?<=:)(?=[^\W\d]|/)|(?<=/)(?=/)|(?<=@)(?=\w)|(?<=\w)(?=\.[^\W\d]{2})|(?<=\w\.)(?=[^\W\d]{2})")
"""Places within what a reader might take for an address: `http://`, `www.example.org`, `name@example.org`."""
_OF_ADDRESSES = frozenset(":/@.")
"""No address is without one of these."""
_UNSEEN = "\u200b"
"""A blank without width. Some readers of Markdown look for addresses after the marks are resolved, so that a backslash
would not keep them from it."""


_IN_PROSE = "\\`*_[]<>|&~"
"""The characters that are escaped in a package's own words, where more would only hurt the eye."""
_OF_A_CHART, _OF_OURS = (
    str.maketrans({character: f"\\{character}" for character in special}) for special in (_SPECIAL, _IN_PROSE)
)


def escaped(text: str) -> str:
    """A text of the chart as plain words: no mark-up, no HTML, no line breaks, no control characters, and nothing that
    may become a link."""
    flat = _flat(text)
    return (flat if _OF_ADDRESSES.isdisjoint(flat) else _ADDRESS.sub(_UNSEEN, flat)).translate(_OF_A_CHART)


def escaped_prose(text: str) -> str:
    """A package's own words as plain words."""
    return _flat(text).translate(_OF_OURS)


def _flat(text: str) -> str:
    return " ".join((text if text.isprintable() else _CONTROLS.sub(" ", text)).split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a header row; cells must be escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


LONGEST_WORD = 30
"""Characters that a narrow column has room for."""
_LONG_WORD = re.compile(rf"[^\s{_UNSEEN}]{{{LONGEST_WORD + 1},}}")
_UNIT = re.compile(r"\\.|\*\*|.")
"""What may not be parted: an escaped character, the marks of bold text."""


def breakable(text: str) -> str:
    """The text with places to break within words that are too long for a narrow column, unseen otherwise."""
    return _LONG_WORD.sub(lambda found: _with_breaks(found[0]), text)


def _with_breaks(word: str) -> str:
    made, length = [], 0
    for unit in _UNIT.findall(word):
        if length + len(unit) > LONGEST_WORD:
            made.append(_UNSEEN)
            length = 0
        made.append(unit)
        length += len(unit)
    return "".join(made)
