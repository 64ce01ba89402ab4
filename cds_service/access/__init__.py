"""Reads from a client's FHIR server what its prefetch lacks (CDS Hooks 2.0, "FHIR Resource Access").

`Access.complete` gives the prefetch of a call with what could be had in the time allowed: keys first, then the
Medications that what is there names by reference. Which server may be asked is `access.servers`', what one query brings
`access.search`'s. What is still missing is a gap of the record, or a 412, as if nobody had asked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import msgspec

from cds_service.access.search import Found, Query, Search, by_id
from cds_service.access.servers import Servers, expanded
from cds_service.fhir.read import PatientNotRead, read_patient
from cds_service.fhir.references import unresolved_medications
from cds_service.knowledge.contract import Service
from cds_service.outbound import Outbound
from cds_service.per_process import PerProcess
from cds_service.protocol.caller import Caller
from cds_service.protocol.prefetch import PATIENT
from cds_service.protocol.request import HookRequest
from cds_service.record import Patient
from cds_service.waiting import going_to_wait

__all__ = ["Access", "Completed", "Servers"]

_THREADS = 16
"""Queries that one process has under way at a time."""
_GRACE = 0.2
"""Seconds beyond the deadline for a thread to say that it is over."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The call with what was read, and how each query ended, by prefetch key."""

    request: HookRequest
    outcomes: Mapping[str, str] = field(default_factory=dict)


class Access:
    """Reading for one process; `seconds` is the time for all queries of a call together."""

    def __init__(self, outbound: Outbound, servers: Servers, seconds: float) -> None:
        self._outbound = outbound
        self._servers = servers
        self._seconds = seconds
        self._pool = PerProcess(lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="fhir"))

    def may_read(self, request: HookRequest, caller: Caller) -> bool:
        """Whether there is a server of this call that may be asked."""
        return bool(self._servers.readable(request, caller))

    def complete(self, request: HookRequest, service: Service, caller: Caller) -> Completed:
        """Ask for the keys of the service that were not sent or cannot be read, and for further pages.

        What only some patients need is asked for when it is known that this one does.
        """
        base = self._servers.readable(request, caller)
        if not base:
            return Completed(request)
        request = replace(request, prefetch=request.raw_prefetch)
        search = Search(self._outbound, base, request.fhir.token, time.monotonic() + self._seconds)
        always = {key: template for key, template in service.prefetch.items() if key not in service.needed_if}
        completed = self._asked(search, request, always)
        needed = {key: service.prefetch[key] for key in _needed(completed.request, service)}
        more = self._asked(search, completed.request, needed)
        last = self._with_medications(search, more.request, service)
        return Completed(last.request, {**completed.outcomes, **more.outcomes, **last.outcomes})

    def _asked(self, search: Search, request: HookRequest, templates: Mapping[str, str]) -> Completed:
        found = self._found(search, _queries(request, templates))
        got = _values(found)
        prefetch = {**request.prefetch, **got}
        not_read = request.not_read | (found.keys() - got.keys())
        return Completed(replace(request, prefetch=prefetch, not_read=not_read), _outcomes(found))

    def _with_medications(self, search: Search, request: HookRequest, service: Service) -> Completed:
        """The Medications that are named and were not sent; without them their drugs stay unknown, and no more."""
        read = {key: raw for key, raw in request.raw_prefetch.items() if key in service.prefetch}
        lacking = unresolved_medications(read, [source.bundle for source in request.drafts], search.base)
        found = self._found(search, by_id("Medication", lacking, search.base, key="medications"))
        return Completed(replace(request, medications=_values(found)), _outcomes(found))

    def _found(self, search: Search, queries: Mapping[str, Query]) -> dict[str, Found]:
        """What each query brought, all of them asked at the same time."""
        if not queries:
            return {}
        pool = self._pool.get()
        asked: dict[str, Future[Found]] = {key: pool.submit(search.run, query) for key, query in queries.items()}
        going_to_wait()
        wait(asked.values(), timeout=max(search.until - time.monotonic(), 0) + _GRACE)
        found = {key: future.result() if future.done() else Found("slow") for key, future in asked.items()}
        for future in asked.values():
            future.cancel()
        return found


def _values(found: Mapping[str, Found]) -> dict[str, msgspec.Raw]:
    return {key: item.value for key, item in found.items() if item.value is not None}


def _outcomes(found: Mapping[str, Found]) -> dict[str, str]:
    return {key: item.outcome for key, item in found.items()}


def _needed(request: HookRequest, service: Service) -> list[str]:
    """The conditional keys that this patient needs; all of them where the patient is not known."""
    sent = request.prefetch.get(PATIENT)
    try:
        patient = read_patient(sent, request.patient_id) if sent is not None else Patient(request.patient_id)
    except PatientNotRead:
        patient = Patient(request.patient_id)
    return [key for key, is_needed in service.needed_if.items() if key in service.prefetch and is_needed(patient)]


class _Shape(msgspec.Struct):
    resource_type: str = msgspec.field(name="resourceType", default="")


_SHAPE = msgspec.json.Decoder(_Shape)


def _queries(request: HookRequest, templates: Mapping[str, str]) -> dict[str, Query]:
    """What is to be asked, by key: a whole query, or the pages after the one that was sent."""
    made = {}
    sent = request.raw_prefetch
    for key, template in templates.items():
        query = expanded(template, request)
        if query is None:
            continue
        is_search = "?" in query
        wanted = "Bundle" if is_search else query.partition("/")[0]
        if key not in sent:
            made[key] = Query(query, wanted)
        elif (raw := sent[key]) is not None:
            shape = _shape(raw)
            if shape == "OperationOutcome" and is_search:
                continue  # The client has tried; asked again it would fail again.
            if shape not in (wanted, "Bundle"):
                made[key] = Query(query, wanted)
            elif is_search and b'"next"' in bytes(raw):
                made[key] = Query(query, wanted, first=raw)
    return made


def _shape(raw: msgspec.Raw) -> str:
    """The resource type of a value, "" where it is no resource."""
    try:
        return _SHAPE.decode(raw).resource_type
    except (msgspec.DecodeError, RecursionError):
        return ""
