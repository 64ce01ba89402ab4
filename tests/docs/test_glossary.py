"""The glossary has the words and abbreviations that cards, pages and code use, each once."""

import re
from collections.abc import Iterator

from docs.rulebook import BOOK, GLOSSARY, glossary_page
from tests.docs.repository import text

WORDS = """
titre; BTU; IgM flare; plasma exchange; course; day 0; flare window; response; relapse; baseline; INCAT; ONLS; I-RODS;
NIS-LL; modified Rankin; MRC sum score; low-barrier antiviral; card; indicator; suggestion; prefetch; record; fact; gap;
picture; rule; gate; finding; YES; NO; UNKNOWN; state; S0; S10; threshold; evidence; default (D); V; P; K; D;
ruling; topic
"""
ABBREVIATION = re.compile(r"(?<![\w/])[A-Za-z]*[A-Z]\w*[A-Z]\w*")
"""A word with two capitals or more: IgM, HBsAg, POEMS."""
NO_WORDS = frozenset({"III", "L265P", "PatientRecord", "ClinicalPicture", "plasmaExchangeFlare"})
"""A number, part of what the glossary says of MYD88, and names of the code that it gives."""


def words_explained() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text("GLOSSARY.md"), re.MULTILINE)
    return [row.strip() for row in rows if row.strip() not in ("word", "---")]


def prose() -> Iterator[str]:
    """What the pages say in sentences; citations have their authors' words."""
    for rule in BOOK.rules:
        answers = (when for _, when in rule.answers)
        yield from (rule.title, rule.sentence, rule.reasoning, *answers, *(topic.title for topic in rule.topics))
    yield from (row.why for row in (*BOOK.thresholds, *BOOK.schedule))
    yield from (text for item in BOOK.conflicts for text in (item.question, *item.views, item.reading))
    yield from (ruling.text for ruling in BOOK.rulings)
    yield from (term.meaning for term in BOOK.glossary)
    yield from (state.title for state in BOOK.states)
    yield from (kind.title for kind in BOOK.drugs)


def test_the_words_of_the_field_and_of_the_service_are_explained():
    wanted = {word.strip() for word in WORDS.replace("\n", " ").split(";")}
    assert wanted - set(words_explained()) == set()


def test_no_word_is_explained_twice():
    assert sorted(words_explained()) == sorted(set(words_explained()))


def test_every_abbreviation_of_the_pages_is_explained():
    explained = {word for row in words_explained() for word in ABBREVIATION.findall(row)} | NO_WORDS
    rules = {word for rule in BOOK.rules for word in ABBREVIATION.findall(rule.logic)}
    used = {word for sentence in prose() for word in ABBREVIATION.findall(sentence)}
    assert {"IgM", "HBsAg", "ONLS"} <= used
    assert used - explained - rules == set()


def test_the_glossary_is_fresh():
    assert GLOSSARY.read_text(encoding="utf-8") == glossary_page(), "make docs"
