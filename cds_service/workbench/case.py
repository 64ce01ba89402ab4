"""One call about one patient, as an EHR would make it, and everything that came of it.

The same steps as a call from outside takes (`cds_service.desk`), timed one by one; nothing is remembered or written
down, and what was to be read from a server was read before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from time import perf_counter
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec

from cds_service.errors import CdsError, ServiceFailed
from cds_service.fhir.entries import next_page
from cds_service.knowledge.contract import Advice, HookCall
from cds_service.protocol.offer import Offer, is_of_clinician
from cds_service.protocol.response import issued, ranked, response_body
from cds_service.traces import log_failure
from cds_service.workbench.requests import prefetch_of
from cds_service.workbench.search import Json, entries_of, reference
from cds_service.workbench.users import PLAIN

_WRITE = msgspec.json.Encoder(decimal_format="number")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Case:
    """A chart, the hook at which it is asked about, and the day. `known` and `failing` are prefetch keys, as in
    `requests`. Where a FHIR server was read, `sent` is the prefetch, and not searched for in the chart."""

    offer: Offer
    bundle: Mapping[str, Any]
    context: Mapping[str, Any]
    day: date
    known: Collection[str] | None = None
    failing: Collection[str] = ()
    sent: Mapping[str, Any] | None = None

    @property
    def request(self) -> Json:
        """The body of the request."""
        templates = self.offer.service.prefetch
        prefetch = (
            prefetch_of(self.bundle, self.context, templates, self.known, self.failing)
            if self.sent is None
            else self.sent
        )
        instance = str(uuid5(NAMESPACE_URL, f"{self.offer.service.id}/{self.day.isoformat()}"))
        return {
            "hook": self.offer.hook.name,
            "hookInstance": instance,
            "context": dict(self.context),
            "prefetch": prefetch,
        }

    @property
    def replayed(self) -> Case:
        """The same where the chart alone is at hand, as in a folder: a list that was cut counts there as not had."""
        if self.sent is None:
            return self
        whole = [key for key, value in self.sent.items() if next_page(value.get("link")) is None]
        return replace(self, sent=None, known=frozenset(whole))


def plain_context(patient_id: str, user: str = PLAIN) -> Json:
    """What a call says of who asks about whom, where no order is at hand."""
    return {
        "userId": user,
        "patientId": patient_id,
        "encounterId": "workbench",
        "performer": "Organization/workbench",
    }


@dataclass
class Outcome:
    """A call that was made. `answer` is the response, or None where `error` stands in its place."""

    case: Case
    sent: bytes = b""
    body: bytes = b""
    error: CdsError | None = None
    is_of_clinician: bool = True
    """Cards are written for clinicians."""
    call: HookCall | None = None
    """None where the knowledge was not asked: no clinician asks, or the patient has died."""
    advice: Advice = field(default_factory=Advice)
    stages: list[tuple[str, float]] = field(default_factory=list)
    """What was done, with milliseconds."""

    @property
    def answer(self) -> Json:
        """The response; without cards where there is none."""
        found: Json = json.loads(self.body) if self.body else {"cards": []}
        return found

    @property
    def cards(self) -> list[Json]:
        """The cards as they were sent."""
        found: list[Json] = self.answer["cards"]
        return found

    @property
    def resources(self) -> dict[str, Json]:
        """The resources of the chart, by type and id."""
        return {reference(entry["resource"]): entry["resource"] for entry in entries_of(self.case.bundle)}

    def rules_of(self, card: Json) -> list[str]:
        """The rules that a card rests on, by their logic ids."""
        explanation = card.get("extension", {}).get(self.case.offer.knowledge.extension, {})
        return list(dict.fromkeys(note["logic"] for note in explanation.get("findings", ())))

    def timed(self, stage: str, step: Callable[[], Made]) -> Made:
        """What a step gives; how long it took is noted."""
        began = perf_counter()
        made = step()
        self.stages.append((stage, (perf_counter() - began) * 1000))
        return made


def asked(case: Case, zone: tzinfo, rules_at: str = "") -> Outcome:
    """The call, made. `rules_at` is the address of the pages of the rules, "" where there is none."""
    made = Outcome(case)
    try:
        _ask(made, zone, rules_at)
    except CdsError as error:
        made.error = error
    except Exception as error:  # As at the door: whatever went wrong, there is an answer.
        log_failure(error)
        made.error = ServiceFailed()
    return made


def _ask(made: Outcome, zone: tzinfo, rules_at: str) -> None:
    case, offer = made.case, made.case.offer
    made.sent = made.timed("build the request", lambda: _WRITE.encode(case.request))
    request = made.timed("read the request", lambda: offer.read(made.sent))
    made.is_of_clinician = is_of_clinician(request)
    call = made.timed("read the chart", lambda: offer.call_of(request, today=case.day, zone=zone))
    made.call = call
    if call is not None:
        made.advice = made.timed("ask the rules, write the cards", lambda: offer.knowledge.advise(call))
    cards = issued(ranked(made.advice.cards, offer.knowledge.topics))
    made.body = made.timed(
        "write the response", lambda: response_body(cards, offer.knowledge.extension, rules_at=rules_at)
    )
