"""A card is read in ten seconds: how long each card of every example may be, how it is laid out, and what never stands
on it."""

from __future__ import annotations

import re
from statistics import median

import pytest

from fhir_examples.build import every_call
from fhir_examples.example import Json
from hooks.anti_mag.knowledge_data import EVIDENCE, THRESHOLDS
from hooks.anti_mag.rules import BY_LOGIC

EXTENSION = "org.anti-mag-cds.explanation"
CARDS = [
    pytest.param(card, id=f"{example.name}-{call.name}-{card['source']['topic']['code']}")
    for example, call in every_call()
    for card in example.cards(call)
]
DETAILS: list[str] = [param.values[0]["detail"] for param in CARDS]  # type: ignore[index, misc]

every_card = pytest.mark.parametrize("card", CARDS)

DATE = r"\d{1,2}\u00a0(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\u00a0\d{4}"
BREAKS = re.compile("[ \n\t\u200b]+")
"""Where a line may end; a blank that does not break is none."""


def pieces(detail: str) -> tuple[str, list[str], list[str]]:
    """The first paragraph, the paragraphs and bullets of the why, and the lines of the data."""
    first, *rest = detail.split("\n\n")
    data = rest.pop() if rest and rest[-1].startswith("- ") else ""
    rest = [block for block in rest if block != "Decided on:"]
    why = [line for block in rest if not block.startswith(("Concerns the order", "Not known")) for line in split(block)]
    return first, why, data.splitlines()


def split(block: str) -> list[str]:
    return block.splitlines() if block.startswith("- ") else [block]


def test_half_of_the_cards_have_at_most_600_characters_and_nine_in_ten_1200() -> None:
    lengths = sorted(map(len, DETAILS))
    assert median(lengths) <= 600
    assert lengths[int(len(lengths) * 0.9)] <= 1200


@every_card
def test_no_card_is_longer_than_1800_characters(card: Json) -> None:
    assert len(card["detail"]) <= 1800


@every_card
def test_a_summary_has_at_most_110_characters_and_ends_by_itself(card: Json) -> None:
    assert len(card["summary"]) <= 110
    assert not card["summary"].endswith("…")


@every_card
def test_the_action_comes_first_and_in_bold_then_at_most_five_whys_then_at_most_six_data(card: Json) -> None:
    first, why, data = pieces(card["detail"])
    assert first.startswith("**")
    assert len(why) <= 5, why
    assert all(line.startswith("- ") for line in data), data
    more = [line for line in data if re.fullmatch(r"- and \d+ more", line)]
    assert more == data[len(data) - len(more) :]
    assert len(data) - len(more) <= 6


@every_card
def test_every_link_is_numbered_as_the_text_is_and_there_are_five_at_most(card: Json) -> None:
    labels = [link["label"] for link in card["links"]]
    assert len(labels) <= 5
    assert labels[-1] == "Why this card"
    assert [label.partition(". ")[0] for label in labels[:-1]] == [str(place + 1) for place in range(len(labels) - 1)]
    cited = re.findall(r"\[(\d+)\]", card["detail"])
    assert set(cited) == {label.partition(". ")[0] for label in labels[:-1]}
    assert list(dict.fromkeys(cited)) == sorted(set(cited)), "numbers rise in the order of reading"


@every_card
def test_no_key_of_evidence_no_id_of_a_rule_a_record_or_a_number_stands_on_a_card(card: Json) -> None:
    said = " ".join([card["summary"], card["detail"], *(item["label"] for item in card.get("suggestions", []))])
    words = set(re.findall(r"[A-Za-z0-9_.-]+", said))
    assert words & (EVIDENCE.keys() - {"BRIEF"}) == set()
    assert words & ({logic for logic in BY_LOGIC if "-" in logic} | {rule.id for rule in BY_LOGIC.values()}) == set()
    assert words & set(THRESHOLDS) == set()
    references = {fact["reference"] for fact in card["extension"][EXTENSION].get("facts", ())}
    assert [reference for reference in references if reference in said] == []


@every_card
def test_no_word_is_too_long_for_a_narrow_column(card: Json) -> None:
    said = [card["summary"], card["detail"], *(item["label"] for item in card.get("suggestions", []))]
    assert [word for text in said for word in BREAKS.split(text) if len(word.replace("\\", "")) > 30] == []


@every_card
def test_dates_are_in_words_that_do_not_part(card: Json) -> None:
    suggestions = card.get("suggestions", [])
    said = [card["summary"], card["detail"], *(item["label"] for item in suggestions)]
    said += [action["description"] for item in suggestions for action in item["actions"]]
    for text in said:
        assert not re.search(r"\d{4}-\d{2}(-\d{2})?", text)
        assert re.findall(DATE.replace(r"\u00a0", r"\s"), text) == re.findall(DATE, text)


@every_card
def test_no_table_stands_on_a_card(card: Json) -> None:
    assert not re.search(r"^\|", card["detail"], re.MULTILINE)


@every_card
def test_the_recommended_suggestion_says_so_in_its_label(card: Json) -> None:
    for suggestion in card.get("suggestions", []):
        assert suggestion["label"].endswith(" (recommended)") == suggestion.get("isRecommended", False)


@every_card
def test_a_status_that_is_not_final_is_told(card: Json) -> None:
    facts = card["extension"][EXTENSION].get("facts", [])
    if any(fact.get("status") == "preliminary" for fact in facts):
        assert "preliminary" in card["detail"]


@every_card
def test_what_a_program_reads_is_whole(card: Json) -> None:
    told = card["extension"][EXTENSION]
    numbers = {number["id"]: number for number in told.get("thresholds", [])}
    wanted = {key for finding in told["findings"] for key in BY_LOGIC[finding["logic"]].thresholds}
    assert numbers.keys() == wanted
    origins = {"D": "default", "K": "default", "V": "source", "P": "source"}
    for key, number in numbers.items():
        assert number["origin"] == origins[THRESHOLDS.row(key).mark]
        assert str(number["value"]) == str(THRESHOLDS[key]) or float(number["value"]) == float(THRESHOLDS[key])
    assert set(told["evidence"]) <= set(EVIDENCE)
    assert {key for finding in told["findings"] for key in BY_LOGIC[finding["logic"]].cites} <= set(told["evidence"])
