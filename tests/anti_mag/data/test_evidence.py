"""Sources are cited as far as they were read, and linked only where the address is known to be right."""

import tomllib
from dataclasses import astuple
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cds_service.knowledge.book import book_of
from hooks.anti_mag import KNOWLEDGE
from hooks.anti_mag.knowledge_data import EVIDENCE

ALLOWED = tomllib.loads((Path(__file__).parent / "allowed_links.toml").read_text(encoding="utf-8"))

NEVER_LINKED = {
    "DROR-FLARE": "a machine-written page",
    "BRIEF": "the project brief has no address",
    "TREON2004": "its address was not seen",
    "STORK2013": "its DOI was not seen",
    "BENEDETTI2007": "a search page only",
    "BENEDETTI2008": "a search page only",
    "KILIDIREAS2006": "a search page only",
    "GIRONI2006": "a search page only",
    "BCSH2014": "a search page only",
    "ASHMGUS": "a home page only",
    "ENMC230": "a home page only",
    "AMISMPC": "a reprint only",
}


@pytest.mark.conformance("LI-09")
def test_every_link_is_on_the_list_of_checked_addresses():
    assert {key: source.url for key, source in EVIDENCE.items() if source.url} == ALLOWED


def test_a_source_without_checked_address_is_never_linked():
    assert {key: EVIDENCE[key].url for key in NEVER_LINKED} == dict.fromkeys(NEVER_LINKED, "")


def test_a_source_that_something_rests_on_has_an_address_or_says_why_not():
    book = book_of(KNOWLEDGE)
    carrying = {key for key in EVIDENCE if any(astuple(book.resting_on(key)))}
    assert len(carrying) > len(ALLOWED) / 2
    assert {key for key in carrying if not (EVIDENCE[key].url or "address" in EVIDENCE[key].checked)} == set()


@pytest.mark.conformance("LI-02", "SO-02", "SO-03")
def test_links_are_https_with_a_path_and_no_search():
    for key, url in ALLOWED.items():
        parts = urlsplit(url)
        assert parts.scheme == "https", key
        assert len(parts.path) > 1, key
        assert "term=" not in parts.query, key


def test_every_source_says_what_was_read_of_it():
    for source in EVIDENCE.values():
        assert source.checked, source.key
        assert source.citation, source.key
        assert source.kind, source.key


def test_labels_fit_on_a_card_and_differ():
    labels = [source.label for source in EVIDENCE.values()]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) < 90


def test_no_mark_of_the_evidence_table_is_left_in_a_text():
    for source in EVIDENCE.values():
        assert "(K" not in source.citation + source.label + source.year + source.url, source.key


def test_the_project_brief_is_cited_by_that_name():
    assert EVIDENCE["BRIEF"].label == "the project brief"
