"""The wire: both messages are checked while they are shown, and what is wrong with an answer is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cds_service.workbench.cast import Cast
from cds_service.workbench.wire import LONGEST_DETAIL, LONGEST_SUMMARY, MOST_LINKS, curl, faults_of
from tests.engine.calls import PATIENT, bundle, call, draft, orders, post, required
from tests.engine.workbench.cast import ToyCall, ToyPatient
from tests.engine.workbench.pages import bring, client_of, page

ANSWER = post(client_of(), call()).get_json()


def test_what_the_service_answers_has_no_fault() -> None:
    assert list(faults_of(ANSWER)) == []


def links(count: int) -> list[dict[str, str]]:
    return [{"label": f"{number}", "url": "https://example.org", "type": "absolute"} for number in range(count)]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda card: card.update(summary="x" * LONGEST_SUMMARY), ""),
        (lambda card: card.update(summary="x" * (LONGEST_SUMMARY + 1)), "111 characters of summary, more than 110"),
        (lambda card: card.update(detail="x" * LONGEST_DETAIL), ""),
        (lambda card: card.update(detail="x" * (LONGEST_DETAIL + 1)), "1801 characters of detail, more than 1800"),
        (lambda card: card.update(links=links(MOST_LINKS)), ""),
        (lambda card: card.update(links=links(MOST_LINKS + 1)), "6 links, more than 5"),
        (lambda card: card.update(indicator="warning"), "a warning card without a reason to override it"),
        (lambda card: card.update(indicator="critical"), "a critical card without a reason to override it"),
        (lambda card: card.update(uuid="7"), "'7' is not a 'uuid'"),
        (lambda card: card.update(more=1), "more"),
        (lambda card: card.pop("source"), "'source' is a required property"),
    ],
)
def test_each_promise_is_kept_to_on_either_side_of_its_bound(
    change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    answer = copy.deepcopy(ANSWER)
    change(answer["cards"][0])
    found = list(faults_of(answer))
    assert len(found) == bool(fault)
    assert fault in "".join(found)


def test_the_page_says_what_was_measured() -> None:
    read = page(client_of().get("/workbench/examples/jane/wire"))
    assert "The request fits the schema of patient-view." in read.text
    assert "what this service promises of its cards" in read.text
    assert "card 1: 11 characters of summary, at most 110" in read.text


def test_a_refusal_is_held_against_the_schema_of_refusals() -> None:
    read = page(bring(client_of(), bundle(PATIENT | {"deceasedBoolean": True}), "/wire"))
    assert "fits the schema of CDS Hooks responses." in read.text
    context = required("order-sign") | orders(draft("boom"))
    broken = replace(ToyPatient(), calls=(ToyCall("order-sign", "order-sign", context=context),))
    read = page(client_of(cast=Cast(("jane",), lambda _: broken)).get("/workbench/examples/jane/wire"))
    assert "answers 500 with an OperationOutcome" in read.text
    assert "fits the schema of OperationOutcomes." in read.text
    assert list(faults_of({"resourceType": "OperationOutcome", "issue": []}, "outcome"))


def test_a_client_with_a_token_is_shown_where_it_stands() -> None:
    assert "Authorization" not in curl("http://x", "{}")
    assert '-H "Authorization: Bearer $TOKEN" --data-binary' in curl("http://x", "{}", asks_for_token=True)
