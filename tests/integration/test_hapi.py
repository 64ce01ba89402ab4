"""A FHIR server that nobody here wrote gives the same cards as the examples, and finds no fault with what we send."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from cds_service.access import Access, Servers
from cds_service.app import create_app
from cds_service.audit.export import audit_event
from cds_service.main import NAMESPACE
from cds_service.outbound import Outbound
from cds_service.parts import Parts, parts_of
from cds_service.settings import Settings
from cds_service.site import Site
from cds_service.site.service_tables import AuditTable, StoreTable
from fhir_examples.build import every_call
from fhir_examples.example import Call, Example, Json, load, names
from fhir_examples.replay import cards_for, client_on, service_for
from fhir_examples.request import query_of
from hooks.anti_mag import KNOWLEDGE
from tests.integration.hapi_server import HapiServer, next_link, plain

LONG = ("igm_mgus_for_25_years", "twenty_years_of_anti_mag")
PLAYED = (
    *LONG,
    "discharged_after_the_first_dose",
    "european_units_and_titres",
    "first_line_rituximab",
    "flare_above_4000_dose_due",
    "new_neuropathy_on_the_problem_list",
    "newer_preliminary_igm",
    "order_dispatched_without_hepatitis_b",
    "order_with_everything_in_place",
    "order_without_hepatitis_b",
    "orders_soon_after_rituximab",
    "pregnancy",
    "prednisone_refill",
    "rituximab_on_the_allergy_list",
    "several_gates_at_once",
    "visit_being_booked",
)
NOT_R4_ON_PURPOSE = {"public_sandbox_drafts"}
"""Its drafts lack what the public sandbox leaves out."""
PAGE = 50
PATIENCE = 60.0
"""Seconds to read in: these tests are of what is read, on a machine that may be busy."""


def played(*wanted: str) -> pytest.MarkDecorator:
    calls = [(example, call) for example in map(load, wanted) for call in example.calls]
    return pytest.mark.parametrize(("example", "call"), calls, ids=[f"{ex.name}-{call.name}" for ex, call in calls])


def queries(call: Call) -> Mapping[str, str]:
    templates = service_for(call.hook, client_on(call.as_of))["prefetch"]
    return {key: query_of(template, call.context) for key, template in templates.items()}


def bare(hapi: HapiServer, example: Example, call: Call) -> Json:
    """The call's request without prefetch."""
    made: Json = hapi.marked(example, {key: item for key, item in example.request(call).items() if key != "prefetch"})
    return made


def read_by_the_service(request: Json, call: Call) -> list[Json]:
    """The cards of a service that may read the request's server."""
    noon = datetime.combine(call.as_of, time(12), UTC)
    access = Access(Outbound(), Servers(is_sandbox=True), PATIENCE)
    app = create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], lambda: noon, Parts(access=access))
    id = service_for(call.hook, client_on(call.as_of))["id"]
    answer = app.test_client().post(f"/cds-services/{id}", json=request)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    cards: list[Json] = plain(without_uuids(answer.get_json()["cards"]))
    return cards


def without_uuids(value: Any) -> Any:
    """Cards and suggestions without what is new in each answer."""
    if isinstance(value, list):
        return [without_uuids(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key == "resource" else without_uuids(item) for key, item in value.items() if key != "uuid"}
    return value


@played(*PLAYED)
def test_prefetch_searched_on_a_real_server_gives_the_stored_cards(
    hapi: HapiServer, example: Example, call: Call
) -> None:
    hapi.load(example)
    found = {key: hapi.whole(query) for key, query in queries(call).items()}
    prefetch = {key: value for key, value in found.items() if value is not None}
    request = {**bare(hapi, example, call), "prefetch": prefetch}
    assert plain(cards_for(request, call.as_of)) == example.cards(call)


@played(*PLAYED)
def test_without_prefetch_the_service_reads_the_server_and_gives_the_stored_cards(
    hapi: HapiServer, example: Example, call: Call
) -> None:
    hapi.load(example)
    request = {**bare(hapi, example, call), "fhirServer": hapi.base}
    assert read_by_the_service(request, call) == example.cards(call)


@played(*LONG)
def test_lists_sent_with_their_first_page_alone_are_read_to_their_end(
    hapi: HapiServer, example: Example, call: Call
) -> None:
    hapi.load(example)
    prefetch = {key: hapi.get(query) for key, query in queries(call).items()}
    assert any(next_link(page) for page in prefetch.values() if page), "a chart of more than one page"
    request = {**bare(hapi, example, call), "prefetch": prefetch, "fhirServer": f"{hapi.base}/"}
    assert read_by_the_service(request, call) == example.cards(call)


def test_the_server_pages_as_real_ones_do(hapi: HapiServer) -> None:
    hapi.load(load(LONG[1]))
    page = hapi.get(f"Observation?patient={load(LONG[1]).patient['id']}&_count=200")
    assert page is not None
    assert len(page["entry"]) == PAGE
    assert (next_link(page) or "").startswith(f"{hapi.base}?_getpages=")


def test_a_patient_that_the_server_does_not_have_is_asked_for_in_vain(hapi: HapiServer) -> None:
    example = load("first_line_rituximab")
    (call,) = example.calls
    hapi.load(example)
    context = {**call.context, "patientId": "pt-nobody"}
    request = {**bare(hapi, example, call), "fhirServer": hapi.base, "context": context}
    access = Access(Outbound(), Servers(is_sandbox=True), PATIENCE)
    app = create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], parts=Parts(access=access))
    id = service_for(call.hook, client_on(call.as_of))["id"]
    answer = app.test_client().post(f"/cds-services/{id}", json=request)
    assert answer.status_code == 412
    assert hapi.faults(answer.get_json()) == []


def test_the_validator_finds_what_is_wrong(hapi: HapiServer) -> None:
    fine = {"resourceType": "Observation", "status": "final", "code": {"text": "IgM"}}
    assert hapi.faults(fine) == []
    assert hapi.faults({**fine, "status": "nearly"})
    assert hapi.faults({**fine, "colour": "red"})
    assert hapi.faults({**fine, "code": None})
    assert hapi.faults({**fine, "valueQuantity": {"value": 1, "system": "http://unitsofmeasure.org", "code": "mg/dLL"}})


@pytest.mark.parametrize("name", names())
def test_the_validator_finds_no_error_in_a_chart(hapi: HapiServer, name: str) -> None:
    assert hapi.faults(load(name).bundle) == []


def test_the_validator_finds_no_error_in_drafts_and_suggestions(hapi: HapiServer) -> None:
    faults = {}
    for example, call in every_call():
        drafts = [] if example.name in NOT_R4_ON_PURPOSE else [*_within(dict(call.context))]
        sent = [*drafts, *_within(example.cards(call))]
        if found := hapi.faults(_collection(sent, f"{example.name}/{call.name}")):
            faults[f"{example.name}/{call.name}"] = found
    assert faults == {}


def test_the_validator_finds_no_error_in_the_published_knowledge(hapi: HapiServer) -> None:
    published = client_on(load(LONG[1]).calls[0].as_of).get("/knowledge/fhir").get_json()
    assert hapi.faults(published) == []


def test_the_validator_finds_no_error_in_the_audit_as_events(hapi: HapiServer, tmp_path: Path) -> None:
    site = Site(
        store=StoreTable(url=f"sqlite:///{tmp_path}/store.db"), audit=AuditTable(path=f"{tmp_path}/audit.jsonl")
    )
    client = create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], parts=parts_of(site, "sandbox")).test_client()
    for name in ("first_line_rituximab", "order_without_hepatitis_b"):
        example = load(name)
        for call in example.calls:
            id = service_for(call.hook, client)["id"]
            assert client.post(f"/cds-services/{id}", json=example.request(call)).status_code == 200
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    events = [audit_event(record) for record in records if "hook" in record]
    assert len(events) >= 2
    assert [fault for event in events for fault in hapi.faults(event)] == []


def _within(value: Any) -> Iterator[Json]:
    """Every resource in a piece of JSON, those of a Bundle each by itself."""
    if isinstance(value, list):
        for item in value:
            yield from _within(item)
    elif isinstance(value, dict):
        if value.get("resourceType", "Bundle") != "Bundle":
            yield value
        else:
            for item in value.values():
                yield from _within(item)


def _collection(sent: list[Json], name: str) -> Json:
    """Under addresses of their own, since an order and its corrected form have the same id."""
    entries = [
        {"fullUrl": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{name}/{place}')}", "resource": item}
        for place, item in enumerate(sent)
    ]
    return {"resourceType": "Bundle", "type": "collection", **({"entry": entries} if entries else {})}
