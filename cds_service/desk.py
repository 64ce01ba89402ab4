"""What happens to one call between door and answer: complete it, ask the knowledge, remember, and write it down.

HTTP and trust are `web.services`'. Nothing that is remembered or written down may cost a clinician the cards: where the
store or the audit file does not answer, the call is answered all the same, and the loss is logged and counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cds_service import metrics
from cds_service.audit import AuditUnavailable
from cds_service.cards import Card
from cds_service.knowledge.contract import Advice, HookCall
from cds_service.parts import Parts, lost
from cds_service.protocol.caller import Caller
from cds_service.protocol.offer import Offer, is_of_clinician
from cds_service.protocol.request import HookRequest
from cds_service.protocol.response import IssuedCard, issued, ranked, response_body
from cds_service.settings import Settings
from cds_service.store import Shown
from cds_service.traces import log_failure


@dataclass(frozen=True, slots=True)
class Answered:
    """The body of an answer, and what the log may say of it."""

    body: bytes
    topics: list[str]
    reads: dict[str, str]
    """How each query to the FHIR server ended, by prefetch key."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One for a process. `now` is the current time with a zone; the day is taken in the site's."""

    settings: Settings
    parts: Parts
    now: Callable[[], datetime]

    def answer(self, offer: Offer, body: bytes, caller: Caller, rules_at: str = "") -> Answered:
        """Answer a call. `rules_at` is the address of the pages of the rules, "" where there is none. Raises
        `RequestError` where it cannot be answered."""
        started = time.perf_counter()
        request, reads = self._completed(offer, offer.read(body), caller)
        today = self.now().astimezone(self.settings.zone).date()
        call = offer.call_of(request, today=today, zone=self.settings.zone)
        advice = offer.knowledge.advise(call) if call else Advice()
        self._count(offer, call, advice)
        cards = ranked(self._to_show(advice, request, caller, offer.hook.name), offer.knowledge.topics)
        shown = issued(cards)
        self._remember(offer, shown, request, caller)
        self._write_down(offer, advice, shown, request, caller, started)
        answer = response_body(shown, offer.knowledge.extension, caller.client, offer.hook.name, rules_at)
        return Answered(answer, [card.topic for card in cards], reads)

    def _completed(self, offer: Offer, request: HookRequest, caller: Caller) -> tuple[HookRequest, dict[str, str]]:
        if self.parts.access is None or not is_of_clinician(request):
            return request, {}
        completed = self.parts.access.complete(request, offer.service, caller)
        for outcome in completed.outcomes.values():
            metrics.FHIR_QUERIES.labels(outcome).inc()
        return completed.request, dict(completed.outcomes)

    def _count(self, offer: Offer, call: HookCall | None, advice: Advice) -> None:
        for gap in call.record.noted if call else ():
            metrics.GAPS.labels(gap.reason.name.lower()).inc()
        for failure in advice.failures:
            metrics.FAILURES.labels(failure.part).inc()
            log_failure(failure.error, part=failure.part, service=offer.service.id)

    def _to_show(self, advice: Advice, request: HookRequest, caller: Caller, hook: str) -> Sequence[Card]:
        policy = self.parts.repeats
        if policy is None:
            return advice.cards
        shown = policy.to_show(advice.cards, _patient(request, caller), request.user_type, hook)
        for topic in {card.topic for card in advice.cards} - {card.topic for card in shown}:
            metrics.REPEATS.labels(topic).inc()
        return shown

    def _remember(self, offer: Offer, shown: Sequence[IssuedCard], request: HookRequest, caller: Caller) -> None:
        if self.parts.store is not None and shown:
            self.parts.store.remember_shown(self._row(offer, card, request, caller) for card in shown)

    def _row(self, offer: Offer, shown: IssuedCard, request: HookRequest, caller: Caller) -> Shown:
        card, patient, parts = shown.card, _patient(request, caller), self.parts
        return Shown(
            uuid=shown.uuid,
            shown=self.now().timestamp(),
            service=offer.service.id,
            hook=offer.hook.name,
            topic=card.topic,
            indicator=card.indicator.code,
            rules=" ".join(dict.fromkeys(note.logic for note in card.explanation.findings)),
            version=offer.knowledge.version,
            issuer=caller.issuer,
            suggestions=" ".join(shown.suggestions),
            patient=parts.hash_of(patient) if parts.hash_of and parts.site.store.patient_hashes else "",
            likeness=parts.repeats.likeness(card, patient, request.user_type) if parts.repeats else "",
        )

    def _write_down(
        self,
        offer: Offer,
        advice: Advice,
        shown: Sequence[IssuedCard],
        request: HookRequest,
        caller: Caller,
        started: float,
    ) -> None:
        audit = self.parts.audit
        if audit is None:
            return
        entry = {
            "time": self.now().astimezone(UTC).isoformat(timespec="milliseconds"),
            "issuer": caller.issuer,
            "tenant": caller.tenant,
            "user": _reference(request),
            "patient": audit.hash_of(_patient(request, caller)),
            "service": offer.service.id,
            "hook": offer.hook.name,
            "version": offer.knowledge.version,
            "rules": {note.logic: note.truth for note in advice.findings},
            "failed": [failure.part for failure in advice.failures],
            "cards": [
                {"uuid": card.uuid, "topic": card.card.topic, "indicator": card.card.indicator.code} for card in shown
            ],
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        }
        try:
            audit.record(entry)
        except AuditUnavailable as error:
            lost("audit", error)


def _patient(request: HookRequest, caller: Caller) -> str:
    """Names the patient for a keyed hash: ids of two EHRs may be the same."""
    return f"{caller.issuer or request.fhir.server}|{request.patient_id}"


def _reference(request: HookRequest) -> str:
    """The user as type and id, without the address of a server; of one who may be the patient, the type alone."""
    if not is_of_clinician(request):
        return request.user_type
    return "/".join(request.user.split("/")[-2:])[:256]
