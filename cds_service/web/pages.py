"""The rulebook as web pages: one for each rule, one for each table, or all of it as a single page.

Pages need no script and nothing from elsewhere, and whatever comes from data is escaped. Which addresses they have in
the service is decided here too, so that their links hold; serving them is left to `cds_service.web.manual`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from cds_service.knowledge.book import Book, RuleEntry
from cds_service.knowledge.manual import Conflict
from cds_service.knowledge.printed import MARKS, change, number

SECTIONS = (
    ("", "Rules", "index"),
    ("matrix", "Cards by hook", "matrix"),
    ("thresholds", "Thresholds", "thresholds"),
    ("evidence", "Evidence", "evidence"),
    ("conflicts", "Open conflicts", "conflicts"),
    ("about", "About", "about"),
)
"""Path below the book's own, title, and the part of `parts.html` that fills the page."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the links of a page lead: to other pages of the service, or to places on the single page."""

    book: Book
    index: str
    sections: tuple[tuple[str, str], ...]
    rules: Mapping[str, str]
    """By logic id."""
    evidence: str
    threshold: str
    conflict: str
    workbench: str = ""
    """Of the pages on which a rule can be tried; "" where none are served."""
    downloads: tuple[tuple[str, str], ...] = ()
    level: int = 2
    """Of the headings within a section."""
    within_rule: int = 2
    """Of the headings within a rule."""

    @property
    def parts(self) -> list[tuple[str, str]]:
        return [(part, title) for _, title, part in SECTIONS]

    @property
    def hooks(self) -> list[str]:
        return list(self.book.hooks)

    @property
    def groups(self) -> Mapping[str, list[RuleEntry]]:
        """The rules by the first of their topics."""
        found: dict[str, list[RuleEntry]] = {}
        for rule in self.book.rules:
            for topic in rule.topics[:1]:
                found.setdefault(topic.code, []).append(rule)
        return found

    def conflicts_of(self, rule: RuleEntry) -> Sequence[Conflict]:
        return [conflict for conflict in self.book.conflicts if conflict.id in rule.conflicts]


def pages(book: Book, base: str, workbench: str = "") -> dict[str, str]:
    """Every page of the book as HTML, by its path; `base` is the path of the index, `workbench` that of the pages on
    which a rule can be tried, "" where none are served."""
    at = replace(_served(book, base), workbench=workbench)
    made = {}
    for path, title, part in SECTIONS:
        here = _below(base, path)
        made[here] = _page(title, part, book, at, here)
    for rule in book.rules:
        made[at.rules[rule.logic]] = _page(f"{rule.logic}: {rule.subject}", "rule", rule, at)
    return made


def single_page(book: Book) -> str:
    """The whole book as one HTML page that needs nothing else."""
    at = Addresses(
        book,
        index="#content",
        sections=tuple((title, f"#section-{part}") for _, title, part in SECTIONS),
        rules={rule.logic: f"#rule-{rule.logic}" for rule in book.rules},
        evidence="#evidence",
        threshold="#threshold",
        conflict="#conflict",
        level=3,
        within_rule=4,
    )
    return _page(f"{book.title}: the rulebook", "whole", book, at)


def style() -> str:
    """The style sheet that every page carries within itself."""
    return _environment().get_template("style.css").render()


def _served(book: Book, base: str) -> Addresses:
    return Addresses(
        book,
        index=base,
        sections=tuple((title, _below(base, path)) for path, title, _ in SECTIONS),
        rules={rule.logic: f"{base}/rules/{rule.logic}" for rule in book.rules},
        evidence=f"{base}/evidence#evidence",
        threshold=f"{base}/thresholds#threshold",
        conflict=f"{base}/conflicts#conflict",
        downloads=(("JSON", f"{base}.json"), ("FHIR", f"{base}/fhir")),
    )


def _below(base: str, path: str) -> str:
    return f"{base}/{path}" if path else base


def _page(heading: str, part: str, about: Book | RuleEntry, at: Addresses, here: str = "") -> str:
    """A page whose content is the macro `part` of `parts.html`, told of `about`."""
    template = _environment().get_template("page.html")
    return template.render(heading=heading, part=part, about=about, at=at, book=at.book, here=here) + "\n"


@cache
def _environment() -> Environment:
    made = Environment(loader=PackageLoader("cds_service.web"), autoescape=True, undefined=StrictUndefined)
    made.filters |= {"number": number, "change": change, "meaning": MARKS.__getitem__}
    return made
