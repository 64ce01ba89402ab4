"""A patient on a FHIR server: which server is read, what is said of each key, and what the rules are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.access import Access, Servers
from cds_service.app import create_app
from cds_service.outbound import Outbound
from cds_service.parts import Parts
from cds_service.site import Client
from tests.engine.calls import PATIENT, bundle, haemoglobin
from tests.engine.conftest import NOW, SETTINGS
from tests.engine.service.around import Told, fhir, serving, silent
from tests.engine.workbench.pages import VIEWS, Page, bring, cards, page
from tests.knowledge_pages.hostile import EVIL, HOSTILE
from tests.toy_disease import KNOWLEDGE

ODD_BUNDLE = '{"resourceType":"Bundle","entry":7}'
KEYS = {"patient", "orders", "conditions", "allergies", "laboratory"}
LABORATORY = "laboratory : read 1 resource"


@pytest.fixture
def server() -> Iterator[Told]:
    """A server that has the patient, a low haemoglobin, and nothing else."""

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/Patient"):
            return fhir(PATIENT)
        return fhir(bundle(haemoglobin()) if path.startswith("/Observation") else bundle())

    with serving(answer) as told:
        yield told


def client_reading(*, seconds: float = 3.0, profile: Any = "sandbox", knowledge: Any = KNOWLEDGE) -> FlaskClient:
    listed = Client("https://ehr.test", fhir_servers=("https://fhir.hospital.test/r4",))
    access = Access(Outbound(), Servers(profile == "sandbox", (listed,)), seconds)
    settings = replace(SETTINGS, profile=profile)
    return create_app(settings, [knowledge], now=lambda: NOW, parts=Parts(access=access)).test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_reading()


def read_from(client: FlaskClient, base: str, patient: str = "pt-1", **values: str) -> Page:
    return page(client.post("/workbench/server", data={"server": base, "patient": patient, **values}))


def carried(read: Page) -> dict[str, Any]:
    """What the form of a page carries to the next."""
    texts = [attributes["name"] for attributes in read.all("textarea") if attributes.get("name", "").startswith("pre")]
    bodies = [text for text in read.texts if text.startswith('{"resourceType"')]
    states = [attributes["value"] for attributes in read.all("input", name="read")]
    return {**dict(zip(texts, bodies, strict=False)), "read": states}


# Reading


def test_a_patient_is_read_key_by_key_with_the_services_templates(client: FlaskClient, server: Told) -> None:
    read = read_from(client, server.base)
    assert cards(read) == ["info"]
    assert "A chart of 2 resources, read from a FHIR server" in read.text
    assert "Nothing of it is stored" in read.text
    assert LABORATORY in read.text
    assert "conditions : none" in read.text
    assert sorted(path.partition("?")[0] for path in server.asked) == [
        *("/AllergyIntolerance", "/Condition", "/MedicationRequest", "/Observation", "/Patient/pt-1")
    ]
    assert set(server.authorizations) == {None}


@pytest.mark.parametrize("view", VIEWS)
def test_what_was_read_goes_on_to_every_view_and_is_not_asked_for_again(
    client: FlaskClient, server: Told, view: str
) -> None:
    first = carried(read_from(client, server.base))
    asked = len(server.asked)
    read = page(client.post(f"/workbench/chart{view}", data=first))
    assert LABORATORY in read.text
    assert carried(read) == first
    assert len(server.asked) == asked
    if view == "":
        assert cards(read) == ["info"]


def test_another_hook_is_asked_about_what_was_read(client: FlaskClient, server: Told) -> None:
    assert "at encounter-start on 2026-01-10" in read_from(client, server.base, call="encounter-start").text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "laboratory : could not be read: it does not allow that without a login (403)"),
        (404, "laboratory : could not be read: there is none (404)"),
        (418, "laboratory : could not be read: it answered 418"),
    ],
)
def test_a_key_that_could_not_be_read_says_why_and_is_unknown(
    client: FlaskClient, server: Told, status: int, words: str
) -> None:
    answer = server.answer
    server.answer = lambda path: fhir({}, status) if path.startswith("/Observation") else answer(path)
    read = read_from(client, server.base)
    assert words in read.text
    assert cards(read) == []
    assert "the prefetch key was not sent" in read.text
    again = page(client.post("/workbench/chart", data=carried(read)))
    assert words in again.text
    assert "the prefetch key was not sent" in again.text


@pytest.mark.parametrize(
    "beside",
    [
        {"link": [{"relation": "next", "url": "http://elsewhere.test/?page=2"}]},
        {"total": 7},
        {"entry": [{"resource": haemoglobin()}, {"resource": {"resourceType": "OperationOutcome", "issue": []}}]},
    ],
    ids=["a next page elsewhere", "more matches than entries", "an error beside the matches"],
)
def test_a_list_that_is_not_whole_says_so_and_stays_so_whatever_is_added(server: Told, beside: dict[str, Any]) -> None:
    answer = server.answer
    cut = bundle(haemoglobin()) | beside
    server.answer = lambda path: fhir(cut) if path.startswith("/Observation") else answer(path)
    hostile = client_reading(knowledge=HOSTILE)
    read = read_from(hostile, server.base)
    assert "read 1 resource, and not the whole list could be had" in read.text
    assert "the list has a next page" in read.text
    added = {"new_fact": "haemoglobin", "new_value": "15", "new_on": "2026-01-09"}
    for _ in range(7):
        read = page(hostile.post("/workbench/chart", data=carried(read) | added))
        added["fact"] = f"haemoglobin|{15 + len(added)}|2026-01-08"
    assert "the list has a next page" in read.text


def test_a_fact_that_is_entered_joins_what_was_read_and_what_was_not(server: Told) -> None:
    hostile, answer = client_reading(knowledge=HOSTILE), server.answer
    fact = {"new_fact": "haemoglobin", "new_value": "8", "new_on": "2026-01-09"}
    server.answer = lambda path: fhir(bundle()) if path.startswith("/Observation") else answer(path)
    empty = read_from(hostile, server.base)
    assert cards(empty) == []
    assert cards(page(hostile.post("/workbench/chart", data=carried(empty) | fact))) == ["info"]
    server.answer = lambda path: fhir({}, 500) if path.startswith("/Observation") else answer(path)
    failed = page(hostile.post("/workbench/chart", data=carried(read_from(hostile, server.base)) | fact))
    assert cards(failed) == ["info"]
    assert "the list has a next page" in failed.text


def test_a_drug_that_is_named_by_reference_is_looked_up(server: Told) -> None:
    answer = server.answer
    request = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order"}
    request |= {"subject": {"reference": "Patient/pt-1"}, "medicationReference": {"reference": "Medication/7"}}
    tea = {"resourceType": "Medication", "id": "7", "code": {"text": "tea"}}

    def with_tea(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/MedicationRequest"):
            return fhir(bundle(request))
        return fhir(bundle(tea)) if path.startswith("/Medication?") else answer(path)

    server.answer = with_tea
    read = read_from(client_reading(), server.base)
    assert "medications : read 1 resource" in read.text
    assert "could not be read" not in read.text
    wire = page(client_reading().post("/workbench/chart/wire", data=carried(read)))
    assert '"text": "tea"' in wire.text


def test_a_template_that_asks_for_more_than_the_patient_is_not_read(server: Told) -> None:
    more = {"others": "MedicationRequest?_id={{context.dispatchedOrders}}"}
    services = [
        replace(one, prefetch={**one.prefetch, **more}) if one.hook == "order-dispatch" else one
        for one in KNOWLEDGE.services
    ]
    client = client_reading(knowledge=replace(KNOWLEDGE, services=tuple(services)))
    read = read_from(client, server.base, call="order-dispatch")
    assert cards(read) == ["info"]
    assert not any("_id=" in path for path in server.asked)


# One key


def test_one_key_is_read_for_a_browser_that_shows_progress(client: FlaskClient, server: Told) -> None:
    listed = page(client.get("/workbench"))
    keys = {attributes["data-key"] for attributes in listed.all("li") if "data-key" in attributes}
    assert keys == KEYS
    values = {"server": server.base, "patient": "pt-1"}
    form: dict[str, Any] = {"read": []}
    for key in sorted(keys):
        server.asked.clear()
        response = client.post(f"/workbench/server/{key}", data=values)
        assert response.status_code == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert len(server.asked) == 1
        came = carried(Page(response.get_data(as_text=True)))
        form["read"] += came.pop("read")
        form |= came
    read = page(client.post("/workbench/chart", data=form | values))
    assert cards(read) == ["info"]
    assert LABORATORY in read.text


def test_a_key_that_no_template_has_is_no_path(client: FlaskClient, server: Told) -> None:
    response = client.post("/workbench/server/everything", data={"server": server.base, "patient": "pt-1"})
    assert response.status_code == 404
    assert server.asked == []


# What is not read


@pytest.mark.parametrize(
    "base",
    [
        *("", "http://example.org/fhir", "https://fhir.hospital.test.evil.test/r4", "ftp://127.0.0.1/", "//127.0.0.1"),
        *("http://127.0.0.1@example.org", "http://169.254.169.254/latest", "file:///etc/passwd", "http://[", EVIL),
    ],
)
def test_an_address_that_is_not_read_is_refused_with_what_to_do(client: FlaskClient, base: str) -> None:
    response = client.post("/workbench/server", data={"server": base, "patient": "pt-1"})
    read = page(response)
    (fault,) = read.all("p", role="alert")
    assert fault
    assert "This server is not read." in read.text
    assert "fhir_servers of a client" in read.text
    assert read.all("input", id="server-address", value=base)
    assert "<script>alert" not in response.get_data(as_text=True)
    one = client.post("/workbench/server/laboratory", data={"server": base, "patient": "pt-1"})
    assert one.get_data(as_text=True).strip() == ""


@pytest.mark.parametrize("patient", ["", "..", ".", "a b", "a/b", "x?y", "x" * 129, EVIL])
def test_what_is_no_id_of_a_patient_is_said_and_nothing_is_read(
    client: FlaskClient, server: Told, patient: str
) -> None:
    assert "This is no id of a patient" in read_from(client, server.base, patient).text
    assert server.asked == []


@pytest.mark.parametrize("patient", ["pt-1", "Patient/pt-1", " pt-1 "])
def test_an_id_is_taken_as_people_write_it(client: FlaskClient, server: Told, patient: str) -> None:
    assert cards(read_from(client, server.base, patient)) == ["info"]


@pytest.mark.parametrize(
    "answer",
    [fhir({}, 404), fhir(bundle()), (200, {"Content-Type": "text/html"}, b"<html>"), (302, {"Location": "/"}, b"")],
)
def test_without_the_patient_nothing_is_asked_and_the_keys_are_listed(
    client: FlaskClient, server: Told, answer: tuple[int, dict[str, str], bytes]
) -> None:
    given = server.answer
    server.answer = lambda path: answer if path.startswith("/Patient") else given(path)
    read = read_from(client, server.base)
    assert "The patient could not be read" in read.text
    assert "patient : could not be read:" in read.text
    assert LABORATORY in read.text
    assert cards(read) == []


def test_a_server_that_says_nothing_costs_no_more_than_the_time_allowed() -> None:
    with silent() as base:
        read = read_from(client_reading(seconds=0.3), base)
    assert "patient : could not be read: it did not answer in time" in read.text


def test_another_site_cannot_make_a_browser_read_a_server(client: FlaskClient, server: Told) -> None:
    values = {"server": server.base, "patient": "pt-1"}
    foreign = ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"})
    for headers in (*foreign, {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}):
        read = page(client.post("/workbench/server", data=values, headers=headers))
        assert "asked for from another site" in read.text
        assert client.post("/workbench/server/patient", data=values, headers=headers).status_code == 200
    assert server.asked == []
    for own in ({"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {}):
        assert cards(page(client.post("/workbench/server", data=values, headers=own))) == ["info"]


def test_where_no_server_is_read_none_is_offered() -> None:
    for other in (client_reading(profile="production"), create_app(SETTINGS, [KNOWLEDGE]).test_client()):
        assert other.post("/workbench/server", data={}).status_code == 404
    assert not page(create_app(SETTINGS, [KNOWLEDGE]).test_client().get("/workbench")).all("input", name="server")


def test_a_shared_address_of_a_chart_leads_to_the_patients(client: FlaskClient) -> None:
    for path in ("/workbench/chart", "/workbench/server"):
        assert page(client.get(path, follow_redirects=True)).all("form", role="search")


# Hostile servers, and forms that nobody would send


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_that_a_server_says_becomes_markup(server: Told, view: str) -> None:
    hostile = client_reading(knowledge=HOSTILE)
    evil = haemoglobin(id=EVIL) | {"effectiveDateTime": EVIL, "valueQuantity": {"value": 9, "unit": EVIL}}
    request = {"resourceType": "MedicationRequest", "id": EVIL, "subject": {"reference": "Patient/pt-1"}}
    request |= {"status": EVIL, "medicationReference": {"reference": EVIL, "display": EVIL}}

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/Patient"):
            return fhir(PATIENT | {"name": [{"text": f"</textarea>{EVIL}"}]})
        kinds = {"/Observation": bundle(evil), "/MedicationRequest": bundle(request), "/Condition": {"x": EVIL}}
        return fhir(next((value for kind, value in kinds.items() if path.startswith(kind)), bundle()))

    server.answer = answer
    first = read_from(hostile, server.base)
    response = hostile.post(f"/workbench/chart{view}", data=carried(first) | {"server": EVIL})
    page(response)
    for html in (first.html, response.get_data(as_text=True)):
        assert "<script>alert" not in html
    for key in KEYS:
        one = hostile.post(f"/workbench/server/{key}", data={"server": server.base, "patient": "pt-1"})
        assert "<script>alert" not in one.get_data(as_text=True)


@pytest.mark.parametrize(
    "form",
    [
        {"prefetch.patient": "no JSON"},
        {"prefetch.patient": "[]", "read": ["patient|ok"]},
        {"prefetch.patient": '{"resourceType":"Patient","id":"p"}', "read": ["patient", "|", EVIL, "x|y|z"]},
        {"prefetch.patient": '{"resourceType":"Patient","id":"p"}', f"prefetch.{EVIL}": '{"resourceType":"Bundle"}'},
        {"prefetch.patient": '{"resourceType":"Patient","id":"p"}', "prefetch.laboratory": '{"resourceType":"Flag"}'},
        {"prefetch.patient": '{"resourceType":"Patient","id":"p"}', "prefetch.orders": ODD_BUNDLE},
        {"prefetch.patient": '{"resourceType":"Patient","id":"p"}', "prefetch.orders": "[" * 5000},
        {"prefetch.laboratory": '{"resourceType":"Bundle","entry":[null,1,{"resource":{}}]}'},
        {"prefetch.patient": '{"resourceType":"Patient","id":"p","x":' + "[" * 200 + "]" * 200 + "}"},
    ],
    ids=range(9),
)
@pytest.mark.parametrize("view", VIEWS)
def test_whatever_a_form_carries_there_is_a_page(client: FlaskClient, form: dict[str, Any], view: str) -> None:
    response = client.post(f"/workbench/chart{view}", data=form)
    page(response)
    assert "<script>alert" not in response.get_data(as_text=True)


def test_a_chart_that_was_pasted_is_no_chart_of_a_server(client: FlaskClient) -> None:
    assert "that you brought" in page(bring(client, bundle(PATIENT))).text
