"""A call is completed with what its prefetch lacks: each key asked for once, all together within one deadline."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cds_service.access import Access, Completed, Servers
from cds_service.access.search import MOST_SEARCHES
from cds_service.outbound import Outbound
from cds_service.protocol.caller import ANYONE
from cds_service.protocol.request import FhirAccess, HookRequest
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.service.around import Told, fhir, serving, silent
from tests.toy_disease import KNOWLEDGE

TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "laboratory": "Observation?patient={{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
}
SERVICE = replace(KNOWLEDGE.services[0], prefetch=TEMPLATES)


@pytest.fixture
def server() -> Iterator[Told]:
    with serving(lambda path: fhir(PATIENT if path.startswith("/Patient") else bundle(haemoglobin()))) as told:
        yield told


def completed(base: str, prefetch: Mapping[str, Any], seconds: float = 5.0, service: Any = SERVICE) -> Completed:
    raw = {key: None if value is None else msgspec.Raw(json.dumps(value).encode()) for key, value in prefetch.items()}
    request = HookRequest("pt-1", "Practitioner", raw, (), fhir=FhirAccess(base, "t"))
    return Access(Outbound(), Servers(is_sandbox=True), seconds).complete(request, service, ANYONE)


def test_every_key_that_was_not_sent_is_asked_for_once(server: Told) -> None:
    found = completed(server.base, {})
    assert dict(found.outcomes) == dict.fromkeys(TEMPLATES, "ok")
    assert set(found.request.prefetch) == set(TEMPLATES)
    assert sorted(server.asked) == ["/Condition?patient=pt-1", "/Observation?patient=pt-1", "/Patient/pt-1"]


def test_without_a_server_the_call_is_as_it_came() -> None:
    found = completed("", {"patient": PATIENT})
    assert (set(found.request.prefetch), dict(found.outcomes)) == ({"patient"}, {})


@pytest.mark.parametrize("value", [None, bundle(), {"resourceType": "Bundle"}, {"resourceType": "OperationOutcome"}])
def test_what_the_client_looked_for_is_left_as_it_is(server: Told, value: object) -> None:
    found = completed(server.base, {"patient": PATIENT, "conditions": None, "laboratory": value})
    assert server.asked == []
    sent = found.request.prefetch["laboratory"]
    assert (None if sent is None else json.loads(bytes(sent))) == value


@pytest.mark.parametrize("value", ["<html>", [], 5, True, {}, {"resourceType": "Patient"}])
def test_a_value_that_is_no_list_is_asked_for_and_replaced(server: Told, value: object) -> None:
    found = completed(server.base, {"patient": PATIENT, "conditions": None, "laboratory": value})
    assert server.asked == ["/Observation?patient=pt-1"]
    assert b"hb-1" in bytes(found.request.prefetch["laboratory"] or b"")


def test_a_patient_in_error_is_asked_for_again(server: Told) -> None:
    completed(server.base, {"patient": {"resourceType": "OperationOutcome"}, "conditions": None, "laboratory": None})
    assert server.asked == ["/Patient/pt-1"]


def test_the_further_pages_of_a_list_that_was_sent_are_read(server: Told) -> None:
    sent = bundle(haemoglobin(id="hb-0"), link=[{"relation": "next", "url": f"{server.base}/?page=2"}])
    found = completed(server.base, {"patient": PATIENT, "conditions": None, "laboratory": sent})
    assert server.asked == ["/?page=2"]
    assert [e["resource"]["id"] for e in json.loads(bytes(found.request.prefetch["laboratory"] or b""))["entry"]] == [
        "hb-0",
        "hb-1",
    ]


def test_what_cannot_be_had_stays_missing_and_its_reason_is_told(server: Told) -> None:
    server.answer = lambda path: fhir(bundle(), 403 if path.startswith("/Observation") else 200)
    found = completed(server.base, {"patient": PATIENT})
    assert dict(found.outcomes) == {"laboratory": "403", "conditions": "ok"}
    assert set(found.request.prefetch) == {"patient", "conditions"}


def test_keys_are_asked_for_at_the_same_time(server: Told) -> None:
    answer, all_there = server.answer, threading.Barrier(3, timeout=1.5)

    def together(path: str) -> tuple[int, dict[str, str], bytes]:
        all_there.wait()
        return answer(path)

    server.answer = together
    assert dict(completed(server.base, {}).outcomes) == dict.fromkeys(TEMPLATES, "ok")


def test_one_deadline_holds_for_all_keys_of_a_server_that_hangs() -> None:
    service = replace(SERVICE, prefetch={f"k{n}": f"Observation?code={n}" for n in range(40)})
    with silent() as base:
        started = time.monotonic()
        found = completed(base, {}, 0.4, service)
        assert 0.3 < time.monotonic() - started < 1.5
    assert dict(found.outcomes) == dict.fromkeys(service.prefetch, "slow")
    assert found.request.prefetch == {}


def test_one_slow_key_does_not_cost_the_others(server: Told) -> None:
    answer = server.answer

    def slowly(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/Observation"):
            time.sleep(1.2)
        return answer(path)

    server.answer = slowly
    found = completed(server.base, {}, 0.5)
    assert dict(found.outcomes) == {"patient": "ok", "laboratory": "slow", "conditions": "ok"}


def test_what_only_some_patients_need_waits_for_the_patient_who_was_read(server: Told) -> None:
    for sex, is_asked in (("female", True), ("male", False)):
        server.asked.clear()
        service = replace(SERVICE, needed_if={"laboratory": lambda patient, sex=sex: patient.sex == sex})
        found = completed(server.base, {}, service=service)
        assert ("laboratory" in found.outcomes) is is_asked
        assert ("/Observation?patient=pt-1" in server.asked) is is_asked
        assert {"patient", "conditions"} <= set(found.outcomes)


def naming(count: int) -> dict[str, Any]:
    """A list of orders that name as many Medications, each by an id of 64 characters."""
    ids = [f"{number:064}" for number in range(count)]
    return bundle(
        *({"resourceType": "MedicationRequest", "medicationReference": {"reference": f"Medication/{id}"}} for id in ids)
    )


@pytest.mark.parametrize("count", [1, 26, 27, 100])
def test_medications_are_looked_up_in_as_few_searches_as_1800_characters_allow(server: Told, count: int) -> None:
    server.answer = lambda _: fhir(bundle())
    found = completed(server.base, {"patient": PATIENT, "conditions": naming(count), "laboratory": None})
    queries = [path.removeprefix("/Medication?_id=").partition("&_count=") for path in server.asked]
    asked = [id for ids, _, _ in queries for id in ids.split(",")]
    assert sorted(asked) == [f"{number:064}" for number in range(count)]
    assert all(int(number) == len(ids.split(",")) for ids, _, number in queries)
    assert all(len(server.base + path) <= 1800 for path in server.asked)
    assert len(server.asked) == -(-count // 26)
    assert set(found.outcomes.values()) == {"ok"}
    assert set(found.request.medications) == {
        "medications",
        *(f"medications{n}" for n in range(2, len(server.asked) + 1)),
    }


def test_no_more_searches_are_made_than_any_chart_needs(server: Told) -> None:
    completed(server.base, {"patient": PATIENT, "conditions": naming(3000), "laboratory": None})
    assert len(server.asked) == MOST_SEARCHES


def test_a_medication_that_a_list_read_just_now_names_is_looked_up_too(server: Told) -> None:
    server.answer = lambda path: fhir(naming(1) if path.startswith("/Condition") else bundle())
    completed(server.base, {"patient": PATIENT, "laboratory": None})
    assert server.asked == ["/Condition?patient=pt-1", f"/Medication?_id={0:064}&_count=1"]
