"""Every example, through HTTP, gives the cards that the decision logic demands, and exactly the stored ones."""

from __future__ import annotations

import pytest

from fhir_examples.build import README, every_call, requests_and_readme
from fhir_examples.example import Call, Example, Json
from fhir_examples.replay import built_request, cards_for
from fhir_examples.shift import shifted

EXTENSION = "org.anti-mag-cds.explanation"
FOUR_CENTURIES = 146_097
"""Days after which the calendar repeats itself exactly, so that counting in months moves by the same whole days."""

CALLS = list(every_call())
SPECIFIED = {"topic", "indicator", "rules", "rests_on"}


def every_stored_call() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("example", "call"), CALLS, ids=[f"{ex.name}-{call.name}" for ex, call in CALLS])


def outline(cards: list[Json]) -> list[tuple[str, str]]:
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in cards]


@every_stored_call()
def test_the_cards_are_those_that_the_decision_logic_demands(example: Example, call: Call) -> None:
    cards = cards_for(example.request(call), call.as_of)
    expected = example.expected(call)
    assert outline(cards) == [(item["topic"], item["indicator"]) for item in expected]
    for card, item in zip(cards, expected, strict=True):
        behind = {(note["logic"], note["truth"]) for note in card["extension"][EXTENSION]["findings"]}
        assert behind >= {(rule["logic"], rule["truth"]) for rule in item["rules"]}


@every_stored_call()
@pytest.mark.conformance("RS-06")
def test_the_whole_cards_are_the_stored_ones(example: Example, call: Call) -> None:
    assert cards_for(example.request(call), call.as_of) == example.cards(call)


@every_stored_call()
def test_moving_the_patient_in_time_moves_the_cards_with_him(example: Example, call: Call) -> None:
    later = call.as_of.replace(year=call.as_of.year + 400)
    moved = cards_for(shifted(example.request(call), FOUR_CENTURIES), later)
    assert moved == shifted(cards_for(example.request(call), call.as_of), FOUR_CENTURIES)


@every_stored_call()
def test_a_result_is_read_from_whichever_key_it_comes_in(example: Example, call: Call) -> None:
    request = example.request(call)
    laboratory, paraprotein = (request["prefetch"].get(key) or {} for key in ("laboratory", "paraproteinTests"))
    if "entry" in laboratory and "entry" in paraprotein:
        entries = [*laboratory["entry"], *paraprotein["entry"]]
        sent = {**request["prefetch"], "laboratory": {**laboratory, "entry": entries, "total": len(entries)}}
        del sent["paraproteinTests"]
        assert cards_for({**request, "prefetch": sent}, call.as_of) == example.cards(call)


@every_stored_call()
def test_the_expectation_names_topic_indicator_rules_and_what_they_rest_on(example: Example, call: Call) -> None:
    for item in example.expected(call):
        assert set(item) == SPECIFIED
        assert item["rules"]
        assert item["rests_on"].strip()


@every_stored_call()
def test_the_stored_request_is_what_the_ehr_would_send(example: Example, call: Call) -> None:
    assert example.request(call) == built_request(example, call, call.as_of)


def test_the_readme_lists_every_patient_and_call() -> None:
    assert README.read_text(encoding="utf-8") == requests_and_readme()[README]
