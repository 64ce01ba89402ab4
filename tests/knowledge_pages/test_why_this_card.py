"""The last link of every card, "Why this card", leads to the page of the rule behind it, at a known address."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE
from cds_service.parts import Parts
from cds_service.settings import Settings
from cds_service.site import Site
from cds_service.site.service_tables import Address
from fhir_examples.build import every_call
from fhir_examples.example import load
from hooks.anti_mag import KNOWLEDGE
from tests.toy_disease import KNOWLEDGE as TOY

LABEL = "Why this card"
NAMED = "https://cds.hospital.example.org/base"


def client(profile: Literal["sandbox", "production"] = "sandbox", base_url: str = "") -> FlaskClient:
    parts = Parts(site=Site(service=Address(base_url=base_url)))
    return create_app(Settings(profile, NAMESPACE), [TOY, KNOWLEDGE], parts=parts).test_client()


def links(client: FlaskClient, host: str = "cds.example.org:8443") -> list[list[dict[str, Any]]]:
    """The links of each card of an example, as called at `host`."""
    example = load("first_line_rituximab")
    request = example.request(example.calls[0])
    answer = client.post("/cds-services/anti-mag-patient-view", json=request, headers={"Host": host})
    assert answer.status_code == 200
    return [card["links"] for card in answer.get_json()["cards"]]


def test_it_is_the_last_link_of_every_card_of_every_example_and_its_page_is_there() -> None:
    reader = client()  # The pages are the same on every day.
    for example, call in every_call():
        for card in example.cards(call):
            *evidence, last = card["links"]
            assert evidence
            assert last["label"] == LABEL
            assert LABEL not in {link["label"] for link in evidence}
            page = reader.get(urlsplit(last["url"]).path)
            assert page.status_code == 200
            first = card["extension"]["org.anti-mag-cds.explanation"]["findings"][0]
            assert first["rule"] in page.get_data(as_text=True)


def test_the_address_is_the_sites_whatever_the_call_was_sent_to() -> None:
    for there in (client("sandbox", NAMED), client("sandbox", f"{NAMED}/"), client("production", NAMED)):
        for found in links(there, "other.example.org"):
            assert found[-1]["url"].startswith(f"{NAMED}/knowledge/rules/")


def test_in_the_sandbox_it_is_that_of_the_call() -> None:
    for found in links(client()):
        assert (found[-1]["label"], found[-1]["type"]) == (LABEL, "absolute")
        assert found[-1]["url"].startswith("http://cds.example.org:8443/knowledge/rules/")


@pytest.mark.parametrize("host", ["a b", "x/y", "<b>", "user@host", "host:port", "[::1"])
def test_without_an_address_there_is_no_such_link(host: str) -> None:
    for found in links(client(), host):
        assert LABEL not in {link["label"] for link in found}


def test_a_host_header_is_believed_in_the_sandbox_alone() -> None:
    for found in links(client("production")):
        assert LABEL not in {link["label"] for link in found}


def test_a_package_that_publishes_no_rulebook_has_no_such_link() -> None:
    body = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "pt-1"},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "pt-1"},
            "laboratory": {"resourceType": "Bundle", "type": "searchset"},
        },
    }
    answer = client().post("/cds-services/hiccups-patient-view", json=body)
    assert answer.status_code == 200
    assert all(LABEL not in {link["label"] for link in card["links"]} for card in answer.get_json()["cards"])
