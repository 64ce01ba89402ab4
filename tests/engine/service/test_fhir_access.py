"""What a client did not prefetch is read from its FHIR server: within bounds, and from nobody else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import PATIENT, bundle, call, draft, haemoglobin, orders
from tests.engine.service.around import Told, client_of, fhir, serving, silent, site_of

PATH = "/cds-services/hiccups-patient-view"
GRANT = {"access_token": "marker-token", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[Told]:
    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/fhir/Patient/"):
            return fhir(PATIENT)
        return fhir(bundle(haemoglobin()) if path.startswith("/fhir/Observation") else bundle())

    with serving(answer) as told:
        yield told


def client(text: str = "") -> FlaskClient:
    return client_of(site_of(text))


def topics(server: str, prefetch: dict[str, Any] | None, grant: dict[str, Any] | None = GRANT, text: str = "") -> Any:
    body = call(prefetch=prefetch or {})
    body |= {"fhirServer": server} | ({"fhirAuthorization": grant} if grant else {})
    answer = client(text).post(PATH, json=body)
    if answer.status_code != 200:
        return answer.status_code
    return [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]


@pytest.mark.conformance("PF-02", "FA-01", "FA-03", "FA-05")
def test_without_prefetch_everything_is_read_with_the_token(server: Told) -> None:
    assert topics(f"{server.base}/fhir", None) == ["water"]
    assert set(server.authorizations) == {"Bearer marker-token"}


@pytest.mark.conformance("PF-02")
def test_only_the_missing_key_is_asked_for(server: Told) -> None:
    whole = call()["prefetch"]
    assert topics(f"{server.base}/fhir/", {key: whole[key] for key in whole if key != "patient"}) == ["water"]
    asked = [path for path in server.asked if path.startswith("/fhir/Patient")]
    assert asked == ["/fhir/Patient/pt-1"]


@pytest.mark.conformance("PF-04", "PF-05", "PF-06")
@pytest.mark.parametrize("value", [None, bundle(), {"resourceType": "OperationOutcome", "issue": []}])
def test_what_the_client_looked_for_is_not_asked_again(server: Told, value: object) -> None:
    prefetch = dict.fromkeys(call()["prefetch"], value) | {"patient": PATIENT}
    topics(f"{server.base}/fhir", prefetch)
    assert not any("718-7" in path for path in server.asked)


@pytest.mark.conformance("PF-11")
@pytest.mark.parametrize("value", ["<html>", [], 5, {"resourceType": "Patient"}])
def test_a_value_of_the_wrong_type_is_asked_for(server: Told, value: object) -> None:
    prefetch = dict.fromkeys(call()["prefetch"], value) | {"patient": PATIENT}
    assert topics(f"{server.base}/fhir", prefetch) == ["water"]


def paged(base: Callable[[], str], next_of: Callable[[str], str]) -> Callable[[str], tuple[int, dict[str, str], bytes]]:
    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/fhir/Patient/"):
            return fhir(PATIENT)
        if "page=2" in path:
            return fhir(bundle(haemoglobin()))
        if path.startswith("/fhir/Observation"):
            return fhir(bundle(link=[{"relation": "next", "url": next_of(base())}]))
        return fhir(bundle())

    return answer


@pytest.mark.conformance("PF-08")
@pytest.mark.parametrize("form", ["{base}/fhir?_getpages=1&page=2", "?_getpages=1&page=2"])
def test_further_pages_are_read(server: Told, form: str) -> None:
    server.answer = paged(lambda: server.base, lambda base: form.format(base=base))
    assert topics(f"{server.base}/fhir", None) == ["water"]


@pytest.mark.conformance("FA-10", "PF-08")
def test_a_page_on_another_host_is_not_asked_for(server: Told) -> None:
    with serving(lambda _: fhir(bundle(haemoglobin()))) as other:
        server.answer = paged(lambda: server.base, lambda _: f"{other.base}/fhir?page=2")
        assert topics(f"{server.base}/fhir", None) == []
        assert other.asked == []


@pytest.mark.parametrize("way_up", ["..", "%2e%2e", "%2E.", "x/%2e%2e/.."])
def test_a_page_beside_the_base_is_not_asked_for(server: Told, way_up: str) -> None:
    server.answer = paged(lambda: server.base, lambda base: f"{base}/fhir/{way_up}/other?page=2")
    assert topics(f"{server.base}/fhir", None) == []
    assert not any("page=2" in path for path in server.asked)


@pytest.mark.parametrize("link", ["http://[::1", "http://127.0.0.1:99999/fhir", "//[", "\ud800"])
def test_a_link_that_is_no_address_ends_the_list_there(server: Told, link: str) -> None:
    server.answer = paged(lambda: server.base, lambda _: link)
    assert topics(f"{server.base}/fhir", None) == []


@pytest.mark.conformance("FA-10")
def test_redirects_are_not_followed(server: Told) -> None:
    with serving(lambda _: fhir(PATIENT)) as other:
        server.answer = lambda path: (302, {"Location": f"{other.base}{path}"}, b"")
        assert topics(f"{server.base}/fhir", None) == 412
        assert other.asked == []


@pytest.mark.conformance("FA-02", "FA-07")
@pytest.mark.parametrize(
    "change", [{"expires_in": 0}, {"expires_in": "-5"}, {"patient": "pt-2"}, {"access_token": "a\nb"}]
)
def test_a_token_that_is_not_good_is_not_used(server: Told, change: dict[str, Any]) -> None:
    assert topics(f"{server.base}/fhir", None, {**GRANT, **change}) == 412
    assert server.asked == []


@pytest.mark.conformance("FA-01", "FA-04")
@pytest.mark.parametrize(
    "grant",
    [
        {},
        {"access_token": ""},
        {"access_token": " \t"},
        {"access_token": None},
        {"access_token": 5},
        {"access_token": {}},
        {"access_token": ["marker-token"]},
        {"accessToken": "marker-token"},
        [],
        "marker-token",
        5,
        False,
    ],
)
def test_an_authorization_without_a_token_leaves_the_server_unasked(server: Told, grant: object) -> None:
    body = call(prefetch={}) | {"fhirServer": f"{server.base}/fhir", "fhirAuthorization": grant}
    assert client().post(PATH, json=body).status_code == 412
    assert server.asked == []


def test_an_authorization_of_null_is_none(server: Told) -> None:
    body = call(prefetch={}) | {"fhirServer": f"{server.base}/fhir", "fhirAuthorization": None}
    assert client().post(PATH, json=body).status_code == 200


@pytest.mark.conformance("FA-09", "PF-03")
@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_server_that_refuses_leaves_the_patient_missing(server: Told, status: int) -> None:
    server.answer = lambda _: fhir({}, status)
    assert topics(f"{server.base}/fhir", None) == 412


def test_a_busy_server_is_asked_once_more(server: Told) -> None:
    answer, seen = server.answer, set()

    def busy(path: str) -> tuple[int, dict[str, str], bytes]:
        if path in seen:
            return answer(path)
        seen.add(path)
        return fhir({}, 503)

    server.answer = busy
    assert topics(f"{server.base}/fhir", None) == ["water"]
    assert len(server.asked) == 2 * len(seen)


@pytest.mark.conformance("FA-09")
def test_a_server_that_hangs_is_left_at_the_deadline() -> None:
    with silent() as base:
        started = time.monotonic()
        assert topics(base, {"patient": PATIENT}) == []
        assert 2.5 < time.monotonic() - started < 4.5


def test_the_deadline_is_the_sites() -> None:
    with silent() as base:
        started = time.monotonic()
        topics(base, {"patient": PATIENT}, text="[limits]\nfhir_seconds = 0.3\n")
        assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("content", ["text/html", ""])
def test_an_answer_of_another_type_is_no_data(server: Told, content: str) -> None:
    server.answer = lambda _: (200, {"Content-Type": content}, json.dumps(PATIENT).encode())
    assert topics(f"{server.base}/fhir", None) == 412


@pytest.mark.conformance("FA-11", "RQ-05", "SE-16")
def test_an_unlisted_server_is_not_asked_in_production(server: Told, tmp_path: Path) -> None:
    from tests.engine.service.around import BASE, ISSUER, Key

    key = Key()
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.jwk]}))
    listed = f'fhir_servers = ["{server.base}/fhir"]'
    for line, status in (("", 412), (listed, 200)):
        text = f'[service]\nbase_url = "{BASE}"\n[[clients]]\nissuer = "{ISSUER}"\njwks_file = "keys.json"\n{line}\n'
        body = call(prefetch={}) | {"fhirServer": f"{server.base}/fhir", "fhirAuthorization": GRANT}
        headers = {"Authorization": f"Bearer {key.token()}"}
        answer = client_of(site_of(text), "production").post(PATH, json=body, headers=headers)
        assert answer.status_code == status
        assert bool(server.asked) == bool(line)


@pytest.mark.conformance("FA-04")
def test_the_sandbox_reads_this_host_without_a_token_and_no_other(server: Told) -> None:
    assert topics(f"{server.base}/fhir", None, None) == ["water"]
    assert topics("http://192.0.2.1/fhir", None) == 412


def test_what_this_patient_does_not_need_is_not_asked_for(server: Told) -> None:
    from dataclasses import replace

    from cds_service.access import Access, Servers
    from cds_service.outbound import Outbound
    from cds_service.protocol.caller import ANYONE
    from cds_service.protocol.request import FhirAccess, HookRequest
    from tests.toy_disease import KNOWLEDGE

    access = Access(Outbound(), Servers(is_sandbox=True), 2.0)
    request = HookRequest("pt-1", "Practitioner", {}, (), fhir=FhirAccess(f"{server.base}/fhir"))
    service = KNOWLEDGE.services[0]
    for sex, asks in (("male", False), ("female", True)):
        conditional = replace(service, needed_if={"laboratory": lambda patient, sex=sex: patient.sex == sex})
        found = access.complete(request, conditional, ANYONE)
        assert ("laboratory" in found.request.prefetch) is asks
        assert "conditions" in found.request.prefetch


def test_the_412_says_that_the_server_was_asked_too(server: Told) -> None:
    server.answer = lambda _: fhir({}, 404)
    answer = client().post(PATH, json=call(prefetch={}) | {"fhirServer": f"{server.base}/fhir"})
    assert "could not be read from the FHIR server" in answer.get_json()["issue"][0]["details"]["text"]


# Medications that are named by reference


def tea(id: str = "m-1", name: str = "tea") -> dict[str, Any]:
    return {"resourceType": "Medication", "id": id, "code": {"text": name}}


def ordered(reference: Any, id: str = "request-123") -> dict[str, Any]:
    order = {key: value for key, value in draft("", id).items() if key != "medicationCodeableConcept"}
    return order | {"medicationReference": reference}


def selecting(server: str, *drafts: dict[str, Any], grant: dict[str, Any] | None = GRANT, **prefetch: Any) -> list[str]:
    """What the cards say of drafts, in a call that lacks no key."""
    sent = dict.fromkeys(["orders", "conditions", "allergies"]) | {"patient": PATIENT, "laboratory": None} | prefetch
    body = call("order-select", orders(*drafts), sent, fhirServer=server)
    answer = client().post(
        "/cds-services/hiccups-order-select", json=body | ({"fhirAuthorization": grant} if grant else {})
    )
    assert answer.status_code == 200
    return [card["summary"] for card in answer.get_json()["cards"]]


@pytest.mark.parametrize(
    "reference",
    [
        "Medication/m-1",
        " Medication/m-1 ",
        "Medication/m-1/_history/7",
        "{base}/fhir/Medication/m-1",
        "{base}/fhir/Medication/m-1/_history/7",
    ],
)
def test_a_drug_named_only_by_reference_is_looked_up(server: Told, reference: str) -> None:
    server.answer = lambda _: fhir(bundle(tea()))
    said = selecting(f"{server.base}/fhir", ordered({"reference": reference.format(base=server.base)}))
    assert said == ["Sip slowly: tea"]
    assert server.asked == ["/fhir/Medication?_id=m-1&_count=1"]
    assert server.authorizations == ["Bearer marker-token"]


def test_all_of_them_are_looked_up_in_one_search(server: Told) -> None:
    server.answer = lambda _: fhir(bundle(tea("m-1"), tea("m-2", "coffee"), tea("m-3", "juice")))
    on_record = bundle(
        ordered({"reference": "Medication/m-3"}, "order-1"), ordered({"reference": "Medication/m-1"}, "order-2")
    )
    named = [ordered({"reference": f"Medication/m-{number}"}, f"request-{number}") for number in (1, 2)]
    assert selecting(f"{server.base}/fhir", *named, orders=on_record) == ["Sip slowly: tea", "Sip slowly: coffee"]
    (asked,) = server.asked
    assert asked == "/fhir/Medication?_id=m-3,m-1,m-2&_count=3"


def test_a_drug_that_was_sent_along_is_not_looked_up(server: Told) -> None:
    beside = bundle(tea())
    contained = ordered({"reference": "#inside"}, "request-2") | {"contained": [tea("inside", "cocoa")]}
    said = selecting(f"{server.base}/fhir", ordered({"reference": "Medication/m-1"}), contained, orders=beside)
    assert said == ["Sip slowly: tea", "Sip slowly: cocoa"]
    assert server.asked == []


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "https://other.example.org/fhir/Medication/m-1"},
        {"reference": "Medication/"},
        {"reference": "Medication/m-1,m-2"},
        {"reference": "Medication/m-1&_include=*"},
        {"reference": "MedicationKnowledge/m-1"},
        {"reference": "urn:uuid:6b1c2c6e-5b0e-4f0a-9d3c-0d6f6a0f0b0a"},
        {"reference": 5},
        {"identifier": {"value": "m-1"}},
        [],
        None,
    ],
)
def test_what_names_no_medication_of_this_server_is_not_looked_up(server: Told, reference: Any) -> None:
    selecting(f"{server.base}/fhir", ordered(reference))
    assert server.asked == []


@pytest.mark.parametrize(("expires", "asks"), [(300, True), (0, False)])
def test_a_medication_is_looked_up_only_where_the_server_may_be_read(server: Told, expires: int, asks: bool) -> None:
    grant = {**GRANT, "expires_in": expires}
    selecting(f"{server.base}/fhir", ordered({"reference": "Medication/m-1"}), grant=grant)
    assert bool(server.asked) is asks


@pytest.mark.parametrize("status", [200, 403, 404, 500])
def test_a_medication_that_cannot_be_had_costs_nothing_else(server: Told, status: int) -> None:
    server.answer = lambda _: fhir({"resourceType": "OperationOutcome"}, status)
    said = selecting(f"{server.base}/fhir", ordered({"reference": "Medication/m-1"}), draft("water", "request-2"))
    assert said == ["Sip slowly: water"]


def test_a_list_of_medications_that_the_client_sent_under_a_name_of_its_own_changes_nothing(server: Told) -> None:
    server.answer = lambda _: fhir(bundle(tea()))
    said = selecting(
        f"{server.base}/fhir", ordered({"reference": "Medication/m-1"}), medications=bundle(tea(name="gin"))
    )
    assert said == ["Sip slowly: tea"]


def test_medications_are_looked_up_within_the_deadline_of_the_call() -> None:
    with silent() as base:
        started = time.monotonic()
        assert selecting(base, ordered({"reference": "Medication/m-1"}), draft("water", "request-2")) == [
            "Sip slowly: water"
        ]
        assert 2.5 < time.monotonic() - started < 4.5
