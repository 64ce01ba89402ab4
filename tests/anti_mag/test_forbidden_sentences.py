"""Sentences that the decision logic forbids (C7, ruling 14), looked for in every card that an example earns and in
every text that a card can be made of."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "hooks").rglob("*.py")) + sorted((ROOT / "hooks").rglob("*.toml"))
STORED = sorted((ROOT / "fhir_examples").glob("*/cards-*.json"))

FORBIDDEN = {
    "effect without certainty": r"rituximab (is|was|has been) (shown to be )?effective|"
    r"rituximab should be (given|used)|"
    r"should be treated with rituximab",
    "flare taken for failure": r"flare (means|shows|is a sign of|indicates) (treatment )?failure",
    "titre taken for severity": r"titre (shows|tells|measures|reflects|indicates) (the )?(disease )?severity",
    "worsening explained away": r"(low|normal) igm (rules out|excludes)|"
    r"(worsening|decline) is not (due to|caused by) rituximab",
    "IVIG recommended": r"(ivig|immunoglobulin) is recommended|recommends? (ivig|immunoglobulin)",
    "a K or P number given to a guideline": r"\b(ean|efns|nccn)\b[^.]{0,80}\b(7000|0\.25|4000)\b|"
    r"\b(7000|0\.25)\b[^.]{0,80}\b(ean|efns|nccn)\b",
}
RECOMMENDS = re.compile(r"rituximab is the (usual )?first choice", re.IGNORECASE)
CERTAINTY = re.compile(r"certainty|off-label and with low certainty", re.IGNORECASE)


def cards():
    return [card for path in STORED for card in json.loads(path.read_text(encoding="utf-8"))]


def told(card) -> str:
    labels = [suggestion["label"] for suggestion in card.get("suggestions", [])]
    return "\n".join([card["summary"], card["detail"], *labels])


@pytest.mark.parametrize("sentence", FORBIDDEN)
def test_no_card_and_no_source_of_a_card_says_what_is_forbidden(sentence):
    pattern = re.compile(FORBIDDEN[sentence], re.IGNORECASE)
    said = [found[0] for card in cards() if (found := pattern.search(told(card)))]
    written = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in SOURCES
        if (found := pattern.search(" ".join(path.read_text(encoding="utf-8").split())))
    ]
    assert said == []
    assert written == []


def test_the_patterns_find_what_they_look_for():
    wrong = {
        "effect without certainty": "Rituximab is effective in this disease.",
        "flare taken for failure": "An IgM flare means treatment failure.",
        "titre taken for severity": "The titre shows disease severity.",
        "worsening explained away": "IgM is low, so the worsening is not due to rituximab.",
        "IVIG recommended": "IVIG is recommended.",
        "a K or P number given to a guideline": "EAN/PNS takes a titre above 7000 BTU.",
    }
    assert all(re.search(FORBIDDEN[name], text, re.IGNORECASE) for name, text in wrong.items())
    assert wrong.keys() == FORBIDDEN.keys()


def test_every_card_that_calls_rituximab_the_first_choice_says_how_uncertain_that_is():
    recommending = [card for card in cards() if RECOMMENDS.search(told(card))]
    assert recommending
    assert all(CERTAINTY.search(card["detail"]) for card in recommending)


def test_no_titre_in_btu_comes_from_a_dilution():
    """A fact that was sent as a dilution keeps its own words and has no unit."""
    facts = [fact for card in cards() for fact in card["extension"]["org.anti-mag-cds.explanation"].get("facts", [])]
    dilutions = [fact for fact in facts if re.match(r"[<>]?\s*1\s*[:/]", str(fact.get("value", "")))]
    assert dilutions
    assert all("unit" not in fact for fact in dilutions)
