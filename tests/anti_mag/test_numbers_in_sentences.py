"""No number that a site may change is typed into a sentence: it would stay when the site's number comes."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest

from cds_service.knowledge.contract import Truth
from cds_service.knowledge.numbers import amount, filled, names_in
from hooks.anti_mag.knowledge_data import THRESHOLDS
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.flare.patients import OURS, igm, patient, weekly
from tests.architecture.test_wall import ROOT, python_files

CHANGEABLE = {amount(row): row.id for key in THRESHOLDS if (row := THRESHOLDS.row(key)).site_may_change}
OF_A_SOURCE = (
    "25 % of the patients below 1:3200",
    "more than 25 % in 8 of 11",
    "more than 25 % is how progression",
    "in 10 % of those with",
    "29 % beyond 6 months",
    "every 6 months after anti-CD20 treatment",
    "no functional difference at 6 months",
    "for 12 months after it (WHITTAM2019)",
    "Before 12 months it is too early",
    "6 to 12 months, the final one at 24",
    "response to rituximab by 12 months",
    "no response by 12 months",
    "ONLS up by 2 points or more",
    "mg IV, 2 doses",
    "mg intravenously, 2 doses",
    "mg, 2 doses",
)
"""What a source says, what is counted in another unit or by a number that no site may change, and the regimen by its
name: these sentences keep their numbers."""
NUMBER = re.compile(r"(?<![\d.,])(" + "|".join(re.escape(text) for text in CHANGEABLE) + r")(?![\w])")

BARE = re.compile(r"(?<![\w.-])(?<!ruling )\d(?:[\d.,]*\d)?(?![\w-])")
"""A number that is no part of a name and no ruling's."""


def sentences(path: Path) -> list[tuple[int, str]]:
    """The texts of a module with their lines; of docstrings only those of rules, which are printed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [(node.lineno, node.value) for node in texts if id(node) not in docstrings]


def typed(text: str) -> list[str]:
    for said in OF_A_SOURCE:
        text = text.replace(said, "")
    return NUMBER.findall(text)


@pytest.mark.parametrize("path", python_files(ROOT / "hooks" / "anti_mag"), ids=lambda path: path.name)
def test_no_sentence_holds_a_number_that_a_site_may_change(path: Path) -> None:
    assert [(line, typed(text)) for line, text in sentences(path) if typed(text)] == []


@pytest.mark.parametrize("logic", BY_LOGIC)
def test_no_rule_says_such_a_number_in_its_own_words(logic: str) -> None:
    assert typed(" ".join((BY_LOGIC[logic].function.__doc__ or "").split())) == []


@pytest.mark.parametrize("truth", Truth)
@pytest.mark.parametrize("logic", BY_LOGIC)
def test_no_number_at_all_is_typed_into_what_a_rule_says_of_its_answers(logic: str, truth: Truth) -> None:
    assert BARE.findall(BY_LOGIC[logic].when(truth)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("within 35 days", ["35"]),
        ("at 4,000 mg/dL", ["4,000"]),
        ("1:6400", ["1", "6400"]),
        ("within {course.gap}", []),
        ("HbA1c, CD20, G4b, TX-1, the 10-metre walk (ruling 24)", []),
    ],
)
def test_a_typed_number_is_told_from_a_name(text: str, found: list[str]) -> None:
    assert BARE.findall(text) == found


def test_a_sentence_says_the_number_in_force() -> None:
    rule = BY_LOGIC["FL-2"]
    assert "vigilance.window" in names_in(rule.says)
    assert "within 180 days of rituximab" in filled(rule.says, THRESHOLDS)
    assert "within 200 days of rituximab" in filled(rule.says, THRESHOLDS.changed({"vigilance.window": Decimal(200)}))


def test_what_is_missing_is_told_with_the_number_of_the_site() -> None:
    """The fault that was seen: a site set 60 days, and the card went on about 90."""
    for days in (90, 60):
        thresholds = THRESHOLDS.changed({"flare.baseline_age": Decimal(days)})
        made = patient(*OURS, *weekly(30), igm(900, 5), thresholds=thresholds)
        assert f"a final serum IgM from the {days} days before the first dose" in made.response.igm_rise.missing
