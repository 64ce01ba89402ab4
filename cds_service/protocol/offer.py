"""One service on offer, from the bytes of a call to its cards. Everything that can be built before a call is.

A call is refused by an error of `cds_service.errors`; which rules speak, and what they say, is the knowledge's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

import msgspec

from cds_service.cards import Card
from cds_service.errors import Fault, StartUpError
from cds_service.knowledge.contract import HookCall, Knowledge, Service
from cds_service.protocol.envelope import Envelope
from cds_service.protocol.hooks import HOOKS, Hook
from cds_service.protocol.opening import Opener
from cds_service.protocol.prefetch import CONTEXT_TOKEN, PATIENT, patient_of, record_of
from cds_service.protocol.request import HookRequest, read_request
from cds_service.protocol.response import ranked

_NOT_CLINICIANS = frozenset({"Patient", "RelatedPerson"})
"""Cards are written for clinicians; these users get none."""

_SERVICE_ID = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Offer:
    """A service with the knowledge behind it, its hook, and what opens and checks its requests."""

    service: Service
    knowledge: Knowledge
    hook: Hook
    envelope: Envelope
    opener: Opener

    def cards(self, body: bytes, *, today: date, zone: tzinfo) -> tuple[Card, ...]:
        """The cards to show for a call, ranked and cut. Raises `RequestError` for a call that cannot be answered."""
        call = self.call(body, today=today, zone=zone)
        return ranked(self.knowledge.advise(call).cards, self.knowledge.topics) if call else ()

    def call(self, body: bytes, *, today: date, zone: tzinfo) -> HookCall | None:
        """The call as the knowledge gets it, from what the client sent alone."""
        return self.call_of(self.read(body), today=today, zone=zone)

    def read(self, body: bytes) -> HookRequest:
        """The request; raises `RequestError`."""
        return read_request(body, self.hook, self.envelope, self.opener)

    def call_of(self, request: HookRequest, *, today: date, zone: tzinfo) -> HookCall | None:
        """The call as the knowledge gets it; None where it gets none: no clinician asks, or the patient has died."""
        if not is_of_clinician(request):
            return None
        patient = patient_of(request, self.service)
        if patient.is_deceased:
            return None
        record = record_of(request, self.service, patient, self.knowledge.vocabulary, today=today, zone=zone)
        return HookCall(self.hook.name, record, today)


def is_of_clinician(request: HookRequest) -> bool:
    """Cards are written for clinicians."""
    return request.user_type not in _NOT_CLINICIANS


def offers_of(packages: Sequence[Knowledge]) -> dict[str, Offer]:
    """Every service of `packages` by id; raises `StartUpError` (CDS-005) naming all that cannot be served."""
    pairs = [(package, service) for package in packages for service in package.services]
    ids = [service.id for _, service in pairs]
    faults = [fault for _, service in pairs for fault in _faults(service)]
    faults += [f"{id} is offered twice" for id in sorted(set(ids)) if ids.count(id) > 1]
    if faults:
        advice = "Mend the knowledge package."
        raise StartUpError(*(Fault("CDS-005", "invalid", f"{fault}.", advice) for fault in faults))
    envelopes = {name: Envelope(name) for name in {service.hook for _, service in pairs}}
    return {
        service.id: Offer(service, package, HOOKS[service.hook], envelopes[service.hook], Opener(service.prefetch))
        for package, service in pairs
    }


def _faults(service: Service) -> Iterable[str]:
    if not _SERVICE_ID.fullmatch(service.id):
        yield f"the service id {service.id!r} does not fit into a path"
    if PATIENT not in service.prefetch:
        yield f'{service.id} does not prefetch "{PATIENT}"'
    if service.hook not in HOOKS:
        yield f"{service.id} serves the hook {service.hook}, which this service does not speak"
        return
    for key, template in service.prefetch.items():
        for token in CONTEXT_TOKEN.findall(template):
            if token not in HOOKS[service.hook].tokens:
                yield f"{service.id} uses the token {token} in {key}, which its hook does not allow in templates"


def discovery_body(offers: Iterable[Offer], version: str = "") -> bytes:
    """The JSON of the discovery endpoint; `version` is that of the specification, "" for none."""
    return msgspec.json.encode({"services": [_entry(offer.service, version) for offer in offers]})


def _entry(service: Service, version: str) -> Mapping[str, Any]:
    entry: dict[str, Any] = {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "prefetch": dict(service.prefetch),
        "usageRequirements": service.usage_requirements,
        "version": version,
    }
    return {name: value for name, value in entry.items() if value}
