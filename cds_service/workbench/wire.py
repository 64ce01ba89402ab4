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
    stages: tuple[tuple[str, float], ...]
    curl: str


def wire_of(outcome: Outcome, address: str, answer: Json, status: int) -> Wire:
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
        faults=tuple(faults_of(answer)) if outcome.error is None else (),
        stages=tuple(outcome.stages),
        curl=curl(f"{address}{path}", outcome.sent.decode()),
    )


def curl(address: str, body: str) -> str:
    """The call for a terminal. The body is one line of JSON, so that it cannot be taken for its own end."""
    return f"curl -s '{address}' -H 'Content-Type: application/json' --data-binary @- <<'END'\n{body}\nEND\n"


def faults_of(answer: Json) -> Iterator[str]:
    """What of an answer breaks its schema or what we promise of cards; nothing where all is well."""
    for error in Draft202012Validator(schema("response")).iter_errors(answer):
        yield f"{error.json_path}: {error.message[:200]}"
    for number, card in enumerate(answer.get("cards", ()), 1):
        for what, most in (("summary", LONGEST_SUMMARY), ("detail", LONGEST_DETAIL)):
            if len(card.get(what, "")) > most:
                yield f"card {number}: {what} has {len(card[what])} characters, more than {most}"
        if len(card.get("links", ())) > MOST_LINKS:
            yield f"card {number}: more than {MOST_LINKS} links"
