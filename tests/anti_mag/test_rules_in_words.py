"""What a rule says of its own answers, held to what it answers over every example and every proof."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import pytest

from cds_service.commands.explaining import traced
from cds_service.knowledge.contract import Truth
from cds_service.knowledge.numbers import names_in
from cds_service.knowledge.sentences import NEVER
from fhir_examples.example import load, names
from hooks.anti_mag.rules import BY_LOGIC
from tests.anti_mag.test_every_rule import ALSO, ANSWERS, OFFERS
from tests.anti_mag.test_numbers_used import read

LEFT_TO_ANOTHER_RULE = {
    "C5": {"igm.gate.caution"},  # G4b's
    "G10": {"dose.tolerance.critical"},  # how loud it is, not whether it speaks
    "MO-2": {"retreatment.min_months"},  # RT-2's
    "PL-1": {"retreatment.min_months"},  # RT-2's, by MO-2
    "RF-1": {"vigilance.window", "retreatment.min_months"},  # RT-1's: both are over by the verdict
    "RT-1": {"response.verdict_months", "review.window"},  # RF-1's
}
"""Numbers that a rule asks for and does not name, since its words name the rule whose they are."""


@cache
def answered() -> Mapping[str, set[str]]:
    """Every answer that a rule gave, by logic id."""
    found: dict[str, set[str]] = defaultdict(set)
    for example in map(load, names()):
        for call in example.calls:
            trace = traced(OFFERS, example.request(call), call.as_of)
            for verdict in trace.verdicts if trace else ():
                found[verdict.rule.logic].add(verdict.finding.truth.value)
    for case, told in json.loads(ANSWERS.read_text(encoding="utf-8")).items():
        logic, answers = (case, told.values()) if case in BY_LOGIC else (ALSO[case][0], [told])
        found[logic] |= {answer[0] for answer in answers}
    return found


@pytest.mark.parametrize("logic", BY_LOGIC)
def test_a_rule_gives_the_answers_that_it_says_and_no_other(logic: str) -> None:
    said = {truth.value for truth in Truth if not BY_LOGIC[logic].when(truth).startswith(NEVER)}
    assert answered()[logic] == said


@pytest.mark.parametrize("logic", BY_LOGIC)
def test_a_number_that_a_rule_asks_for_stands_in_its_words(logic: str) -> None:
    own, _ = read()
    rule = BY_LOGIC[logic]
    named = set(names_in(" ".join((rule.says, *(rule.when(truth) for truth in Truth)))))
    assert own[logic] - named == LEFT_TO_ANOTHER_RULE.get(logic, set())


@pytest.mark.parametrize("truth", Truth)
@pytest.mark.parametrize("logic", BY_LOGIC)
def test_an_answer_is_told_in_one_to_three_sentences(logic: str, truth: Truth) -> None:
    told = BY_LOGIC[logic].when(truth)
    assert told.endswith(".")
    assert len(re.findall(r"\.(?: [A-Z]|$)", told)) in (1, 2, 3)


@pytest.mark.parametrize("logic", BY_LOGIC)
def test_a_rule_that_another_one_is_named_for_exists(logic: str) -> None:
    told = " ".join(BY_LOGIC[logic].when(truth) for truth in Truth)
    assert set(re.findall(r"\b(?:G|[A-Z]{2})-?\d\d?[a-c]?\b", told)) <= {*BY_LOGIC, "CD20"}
