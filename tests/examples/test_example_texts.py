"""What every card of every example says, as text: the most important first, in Markdown that any client shows."""

from __future__ import annotations

import re

import pytest

from fhir_examples.build import every_call
from fhir_examples.example import Json

CARDS: list[Json] = [card for example, call in every_call() for card in example.cards(call)]


@pytest.mark.conformance("MD-05")
def test_the_first_paragraph_says_what_to_do_in_whole_sentences() -> None:
    for card in CARDS:
        first = card["detail"].split("\n\n")[0]
        assert not first.startswith(("|", "-", "#", "Rule:"))
        assert re.search(r"[.:?]\**( \[\d\])*\.?$", first.splitlines()[0]), first


@pytest.mark.conformance("MD-01", "MD-02")
def test_details_use_paragraphs_lists_and_tables_and_no_html() -> None:
    for card in CARDS:
        assert not re.search(r"(?<!\\)<[a-zA-Z/!]", card["detail"]), card["detail"]
        for table in re.findall(r"(?:^\|.*\n?)+", card["detail"], re.MULTILINE):
            cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(cells) == 1, table


@pytest.mark.conformance("MD-04")
def test_an_address_within_details_is_also_a_link() -> None:
    for card in CARDS:
        links = {link["url"] for link in card["links"]}
        assert set(re.findall(r"https?://[^\s)>\]]+", card["detail"])) <= links


@pytest.mark.conformance("MD-06")
def test_summaries_labels_and_descriptions_are_plain_text() -> None:
    for card in CARDS:
        suggestions = card.get("suggestions", [])
        said = [card["summary"], *(item["label"] for item in (*card["links"], *suggestions))]
        said += [action["description"] for item in suggestions for action in item["actions"]]
        assert [text for text in said if re.search(r"[*_`#\[\]<>|\\]", text)] == []
