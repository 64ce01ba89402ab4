"""`/knowledge` on the wire: pages, JSON, FHIR, and the rules of the door kept for all else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.knowledge.book import as_json, book_of
from cds_service.knowledge.exchange import exchange_bundle
from cds_service.settings import Settings
from tests.engine.calls import issues
from tests.knowledge_pages.hostile import HOSTILE
from tests.toy_disease import KNOWLEDGE

PATHS = (
    *("", "/matrix", "/thresholds", "/drugs", "/evidence", "/conflicts", "/rulings", "/glossary", "/about"),
    "/rules/W-1",
)


def serving(*packages: Any) -> FlaskClient:
    return create_app(Settings("sandbox", "hiccups", allow_origins=("*",)), packages).test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return serving(HOSTILE)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_html_that_loads_nothing_and_may_be_cached(client: FlaskClient, path: str) -> None:
    response = client.get(f"/knowledge{path}")
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/knowledge", "/knowledge.json", "/knowledge/fhir"])
def test_what_a_browser_has_already_is_not_sent_again(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.get_data() == b""


def test_the_style_sheet_is_the_one_that_the_policy_allows(client: FlaskClient) -> None:
    from base64 import b64encode
    from hashlib import sha256

    response = client.get("/knowledge")
    sheet = response.get_data(as_text=True).split("<style>")[1].split("</style>")[0]
    assert b64encode(sha256(sheet.encode()).digest()).decode() in response.headers["Content-Security-Policy"]


def test_json_is_the_book(client: FlaskClient) -> None:
    response = client.get("/knowledge.json")
    assert response.mimetype == "application/json"
    assert json.loads(response.get_data()) == json.loads(json.dumps(as_json(book_of(HOSTILE)), default=float))


def test_fhir_is_a_bundle_of_valid_resources(client: FlaskClient) -> None:
    response = client.get("/knowledge/fhir")
    assert response.mimetype == "application/fhir+json"
    bundle = json.loads(response.get_data())
    get_fhir_model_class("Bundle").model_validate(bundle)
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == [
        *("CodeSystem", "ValueSet", "ValueSet", "ValueSet", "Questionnaire", "Library", "PlanDefinition")
    ]
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])


def test_a_slash_at_the_end_changes_nothing(client: FlaskClient) -> None:
    assert client.get("/knowledge/").get_data() == client.get("/knowledge").get_data()


@pytest.mark.parametrize(
    "path", ["/knowledge/rules/W-2", "/knowledge/nothing", "/knowledge/rules/..%2f..", "/knowledge.xml"]
)
def test_an_unknown_page_is_refused_like_any_unknown_path(client: FlaskClient, path: str) -> None:
    assert issues(client.get(path), 404)[0]["details"]["coding"][0]["code"] == "CDS-101"


def test_pages_are_only_read(client: FlaskClient) -> None:
    response = client.post("/knowledge")
    assert issues(response, 405)[0]["details"]["coding"][0]["code"] == "CDS-102"
    assert "GET" in response.headers["Allow"]


def test_a_package_without_a_manual_has_no_pages() -> None:
    for path in ("/knowledge", "/knowledge.json", "/knowledge/fhir"):
        assert serving(KNOWLEDGE).get(path).status_code == 404


def test_two_packages_have_a_book_each() -> None:
    services = tuple(replace(service, id=f"other-{service.hook}") for service in HOSTILE.services)
    client = serving(HOSTILE, replace(HOSTILE, id="other", title="Yawning", services=services))
    assert "Yawning" in client.get("/knowledge-other/rules/W-1").get_data(as_text=True)
    assert "Yawning" not in client.get("/knowledge/rules/W-1").get_data(as_text=True)


def test_pages_are_made_once_and_not_before_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    import cds_service.web.manual as served

    made = []
    monkeypatch.setattr(served, "book_of", lambda package: made.append(package.id) or book_of(package))
    client = serving(HOSTILE)
    assert made == []
    for path in ("/knowledge", "/knowledge/thresholds", "/knowledge.json", "/knowledge/nothing"):
        client.get(path)
    assert made == ["hiccups"]


def test_a_book_without_scores_offers_the_rules_alone() -> None:
    bundle = exchange_bundle(replace(book_of(HOSTILE), assessments=()))
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["Library", "PlanDefinition"]
