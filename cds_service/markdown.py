"""GitHub Flavored Markdown for card details: escaping what came from the chart, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = "\\`*_{}[]()<>#+!|~&"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the reading direction: they could make a dose read backwards."""
_ADDRESS = re.compile(r"(?<=:)(?=[^\W\d]|/)|(?<=/)(?=/)|(?<=@)(?=\w)|(?<=\w)(?=\.[^\W\d]{2})|(?<=\w\.)(?=[^\W\d]{2})")
"""Places within what a reader might take for an address: `http://`, `www.example.org`, `name@example.org`."""
_UNSEEN = "\u200b"
"""A blank without width. Some readers of Markdown look for addresses after the marks are resolved, so that a backslash
would not keep them from it."""


def escaped(text: str) -> str:
    """Text from the chart as plain words: no mark-up, no link, no HTML, no line breaks, no control characters."""
    flat = _ADDRESS.sub(_UNSEEN, " ".join(_CONTROLS.sub(" ", text).split()))
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in flat)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a header row; cells must be escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
