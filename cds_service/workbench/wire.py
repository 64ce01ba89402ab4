"""What went over the wire: the request as sent, the answer, what is wrong with either, and how long each step took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from cds_service.protocol.envelope import schema
from cds_service.workbench.case import Outcome
from cds_service.workbench.search import Json

LONGEST_SUMMARY, LONGEST_DETAIL, MOST_LINKS = 110, 1800, 5
"""What this service promises of its cards, so that each is read in ten seconds."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a card has of what it may have."""

    card: int
    """Its place, from 1."""
    what: str
    has: int
    most: int


@dataclass(frozen=True, slots=True)
class Wire:
    """A call as two messages. `faults` say what of the answer breaks its schema or what we promise of cards."""

    path: str
    envelope: Json
    """The request without its prefetch."""
    prefetch: Mapping[str, Any]
    size: int
    status: int
    answer: Json
    faults: tuple[str, ...]
    measures: tuple[Measure, ...]
    stages: tuple[tuple[str, float], ...]
    curl: str


def wire_of(outcome: Outcome, address: str, answer: Json, status: int, *, asks_for_token: bool = False) -> Wire:
    """The two messages; `address` is that of this service, "" where it is not known."""
    path = f"/cds-services/{outcome.case.offer.service.id}"
    request: Json = msgspec.json.decode(outcome.sent or b"{}")
    prefetch = request.pop("prefetch", {})
    return Wire(
        path=path,
        envelope=request,
        prefetch=prefetch,
        size=len(outcome.sent),
        status=status,
        answer=answer,
        faults=tuple(faults_of(answer, "response" if outcome.error is None else "outcome")),
        measures=tuple(measures_of(answer)),
        stages=tuple(outcome.stages),
        curl=curl(f"{address}{path}", outcome.sent.decode(), asks_for_token=asks_for_token),
    )


def curl(address: str, body: str, *, asks_for_token: bool = False) -> str:
    """The call for a terminal. The body is one line of JSON, so that it cannot be taken for its own end."""
    token = ' -H "Authorization: Bearer $TOKEN"' if asks_for_token else ""
    return f"curl -s '{address}' -H 'Content-Type: application/json'{token} --data-binary @- <<'END'\n{body}\nEND\n"


def faults_of(answer: Json, described: str = "response") -> Iterator[str]:
    """What of an answer breaks its schema, of that name, or what we promise of cards; nothing where all is well."""
    validator = Draft202012Validator(schema(described), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(answer):
        yield f"{error.json_path}: {error.message[:200]}"
    for measure in measures_of(answer):
        if measure.has > measure.most:
            yield f"card {measure.card}: {measure.has} {measure.what}, more than {measure.most}"
    for number, card in enumerate(answer.get("cards", ()), 1):
        if card["indicator"] != "info" and not card.get("overrideReasons"):
            yield f"card {number}: a {card['indicator']} card without a reason to override it"


def measures_of(answer: Json) -> Iterator[Measure]:
    """What each card has of what we promise to keep to."""
    for number, card in enumerate(answer.get("cards", ()), 1):
        yield Measure(number, "characters of summary", len(card.get("summary", "")), LONGEST_SUMMARY)
        yield Measure(number, "characters of detail", len(card.get("detail", "")), LONGEST_DETAIL)
        yield Measure(number, "links", len(card.get("links", ())), MOST_LINKS)
