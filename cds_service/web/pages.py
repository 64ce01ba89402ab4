"""The rulebook as web pages: one for each rule, one for each table, or all of it as a single page.

Pages need no script and nothing from elsewhere, and whatever comes from data is escaped. Which addresses they have in
the service is decided here too, so that their links hold; serving them is left to `cds_service.web.manual`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cds_service.knowledge.book import CITED_RULINGS, Book, RuleEntry
from cds_service.knowledge.manual import Conflict, Term
from cds_service.knowledge.printed import ANSWERS, MARKS, change, number, plan

SECTIONS = (
    ("", "Rules", "index"),
    ("matrix", "Cards by hook", "matrix"),
    ("thresholds", "Thresholds", "thresholds"),
    ("drugs", "Drugs", "drugs"),
    ("evidence", "Evidence", "evidence"),
    ("conflicts", "Open conflicts", "conflicts"),
    ("rulings", "Rulings", "rulings"),
    ("glossary", "Glossary", "glossary"),
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
    drugs: str
    ruling: str
    word: str
    workbench: str = ""
    """Of the pages on which a rule can be tried; "" where none are served."""
    patients: Mapping[str, str] = field(default_factory=dict)
    """By logic id, the page that shows the rule's example patients, where there is one."""
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

    @property
    def terms(self) -> Mapping[str, list[Term]]:
        """The words of the glossary by their group."""
        found: dict[str, list[Term]] = {}
        for term in self.book.glossary:
            found.setdefault(term.group, []).append(term)
        return found

    def entry(self, logic: str) -> RuleEntry:
        return next(rule for rule in self.book.rules if rule.logic == logic)

    def question(self, conflict: str) -> str:
        return next(item.question for item in self.book.conflicts if item.id == conflict)

    def conflicts_of(self, rule: RuleEntry) -> Sequence[Conflict]:
        return [conflict for conflict in self.book.conflicts if conflict.id in rule.conflicts]


def pages(book: Book, base: str, workbench: str = "", patients: Collection[str] = ()) -> dict[str, str]:
    """Every page of the book as HTML, by its path; `base` is the path of the index, `workbench` that of the pages on
    which a rule can be tried, "" where none are served. `patients` are the example patients that a page can show."""
    shown = {
        rule.logic: f"{base}/rules/{rule.logic}/examples"
        for rule in book.rules
        if any(item.example in patients for item in rule.examples)
    }
    at = replace(_served(book, base), workbench=workbench, patients=shown)
    made = {}
    for path, title, part in SECTIONS:
        here = _below(base, path)
        made[here] = _page(title, part, book, at, here)
    for rule in book.rules:
        made[at.rules[rule.logic]] = _page(f"{rule.logic}: {rule.subject}", "rule", rule, at)
    return made


def page_around(book: Book, base: str, heading: str, content: Markup, sheet: str) -> str:
    """A page of the book whose content is made elsewhere; `sheet` is the style that it needs beyond that of all
    pages."""
    return _page(heading, "", book, _served(book, base), content=content, sheet=sheet)


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
        drugs="#drugs",
        ruling="#ruling",
        word="#word",
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
        drugs=f"{base}/drugs#drugs",
        ruling=f"{base}/rulings#ruling",
        word=f"{base}/glossary#word",
        downloads=(("JSON", f"{base}.json"), ("FHIR", f"{base}/fhir")),
    )


def _below(base: str, path: str) -> str:
    return f"{base}/{path}" if path else base


def _page(
    heading: str,
    part: str,
    about: Book | RuleEntry,
    at: Addresses,
    here: str = "",
    content: str = "",
    sheet: str = "",
) -> str:
    """A page whose content is the macro `part` of `parts.html`, told of `about`; or `content` in its place."""
    template = _environment().get_template("page.html")
    told = {"heading": heading, "part": part, "about": about, "at": at, "book": at.book, "here": here}
    more = Markup(sheet)  # noqa: S704 -- a file of ours
    return template.render(**told, content=content, sheet=more) + "\n"


def _prose(text: str, at: Addresses) -> Markup:
    """Text of the package, in which the number of a ruling and the id of a rule lead to it; a rule's link says what it
    looks for."""
    rulings = {ruling.number for ruling in at.book.rulings}
    titles = {rule.logic: rule.title for rule in at.book.rules}

    def to_rule(logic: re.Match[str]) -> str:
        address, title = escape(at.rules[logic[0]]), escape(titles[logic[0]])
        return f'<a class="logic" href="{address}" title="{title}">{logic[0]}</a>'

    def to_ruling(number: re.Match[str]) -> str:
        return f'<a href="{escape(at.ruling)}-{number[0]}">{number[0]}</a>' if int(number[0]) in rulings else number[0]

    ids = "|".join(sorted(map(re.escape, titles), key=len, reverse=True))
    linked = re.sub(rf"(?<![\w&#-])(?:{ids})(?![\w-])", to_rule, str(escape(text)))
    linked = CITED_RULINGS.sub(lambda cited: re.sub(r"\d+", to_ruling, cited[0]), linked)
    return Markup(linked)  # noqa: S704 -- escaped above; what was added are links of ours


def _code(name: str) -> Markup:
    """A name of the code, which may break between its words."""
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(re.split(r"(?<=[/_.:])(?=[^/_.:])", name)))


def _slug(word: str) -> str:
    """A word as a place on a page."""
    return re.sub(r"\W+", "-", word).strip("-")


@cache
def _environment() -> Environment:
    made = Environment(loader=PackageLoader("cds_service.web"), autoescape=True, undefined=StrictUndefined)
    made.filters |= {"number": number, "change": change, "plan": plan, "meaning": MARKS.__getitem__}
    made.filters |= {"prose": _prose, "code": _code, "slug": _slug}
    made.globals |= {"MARKS": MARKS, "ANSWERS": ANSWERS}
    return made
