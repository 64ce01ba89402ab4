import re

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.settings import Settings
from tests.engine.calls import call, post, strict
from tests.toy_disease import HOOKS

MEMBERS = {"hook", "title", "description", "id", "prefetch", "usageRequirements", "extension"}
"""All that discovery says where a site sets nothing more."""


@pytest.mark.conformance("DI-01", "DI-02")
def test_discovery_is_stable_and_holds_a_list_of_services(client: FlaskClient) -> None:
    first, second = client.get("/cds-services"), client.get("/cds-services")
    assert first.status_code == second.status_code == 200
    assert first.get_data() == second.get_data()
    assert isinstance(strict(first)["services"], list)


@pytest.mark.conformance("DI-03")
def test_without_services_discovery_is_an_empty_list() -> None:
    client = create_app(Settings(profile="sandbox", namespace="hiccups"), []).test_client()
    assert strict(client.get("/cds-services")) == {"services": []}


@pytest.mark.conformance("DI-04", "DI-05", "DI-06", "DI-07", "DI-08", "DI-09", "DI-12", "DI-15", "DI-18")
def test_every_entry_has_what_a_client_needs_and_nothing_else(client: FlaskClient) -> None:
    services = strict(client.get("/cds-services"))["services"]
    assert len({service["id"] for service in services}) == len(services)
    for service in services:
        assert set(service) <= MEMBERS
        assert service["hook"] in HOOKS
        assert service["title"]
        assert service["description"]
        assert re.fullmatch(r"[A-Za-z0-9._-]+", service["id"])
        assert all(service["prefetch"].values())


@pytest.mark.conformance("DI-07", "DI-19")
def test_every_service_advertised_answers_its_hook(client: FlaskClient) -> None:
    for service in strict(client.get("/cds-services"))["services"]:
        assert post(client, call(service["hook"]), service["hook"]).status_code == 200
        assert post(client, call(service["hook"], prefetch={}), service["hook"]).status_code == 412


@pytest.mark.conformance("DI-14")
def test_discovery_needs_no_token_and_minds_none(client: FlaskClient) -> None:
    assert client.get("/cds-services", headers={"Authorization": "Bearer x.y.z"}).status_code == 200


@pytest.mark.conformance("DI-17")
def test_discovery_answers_a_trailing_slash_and_head(client: FlaskClient) -> None:
    assert client.get("/cds-services/").status_code == 200
    head = client.head("/cds-services")
    assert head.status_code == 200
    assert head.get_data() == b""


def test_discovery_alone_may_be_cached(client: FlaskClient) -> None:
    assert client.get("/cds-services").headers["Cache-Control"] == "max-age=300"
    assert client.get("/").headers["Cache-Control"] == "no-store"
