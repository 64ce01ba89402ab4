"""A card's Markdown as HTML, the way a careful client shows it: no raw HTML, no pictures, links to the web alone."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _reader() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    made.validateLink = _is_web  # type: ignore[method-assign]
    return made


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def as_html(markdown: str) -> Markup:
    """The text as HTML."""
    return Markup(_reader().render(markdown))  # noqa: S704 - made without raw HTML
