"""The OpenAPI document is valid, names every service, and its schemas fit what is really sent and answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator

from cds_service.protocol.envelope import schema
from fhir_examples.build import every_call
from fhir_examples.example import Call, Example
from fhir_examples.replay import client_on, service_for
from tests.engine.calls import call, numbers, post

CALLS = [(example, found) for example, found in every_call() if not example.is_long]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    from cds_service.app import create_app
    from tests.engine.conftest import SETTINGS
    from tests.toy_disease import KNOWLEDGE

    answer: dict[str, Any] = create_app(SETTINGS, [KNOWLEDGE]).test_client().get("/openapi.json").get_json()
    return answer


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_service_and_its_feedback_are_in_it(document: dict[str, Any], client: FlaskClient) -> None:
    ids = {service["id"] for service in client.get("/cds-services").get_json()["services"]}
    paths = {f"/cds-services/{id}{end}" for id in ids for end in ("", "/feedback")} | {"/cds-services"}
    assert set(document["paths"]) == paths


def check(value: object, name: str) -> None:
    Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)


def test_errors_and_the_list_of_services_fit_their_schemas(client: FlaskClient) -> None:
    check(client.get("/cds-services").get_json(), "discovery")
    for answer in (post(client, "{"), client.get("/nowhere"), post(client, call(prefetch={}))):
        check(answer.get_json(), "outcome")


@pytest.mark.conformance(
    "AC-01", "CA-01", "CA-02", "CA-03", "CA-04", "CA-06", "OV-05", "RS-01", "SO-01", "SU-01", "SU-02", "SU-06"
)
@pytest.mark.parametrize(("example", "found"), CALLS, ids=[f"{ex.name}-{found.name}" for ex, found in CALLS])
def test_every_answer_to_an_example_fits_the_schema(example: Example, found: Call) -> None:
    client = client_on(found.as_of)
    path = f"/cds-services/{service_for(found.hook, client)['id']}"
    check(client.post(path, json=example.request(found)).get_json(), "response")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"cards": [{}]},
        {"cards": [], "more": 1},
        {"cards": [], "systemActions": [{}]},
    ],
)
def test_an_answer_that_is_not_whole_does_not_fit(wrong: object) -> None:
    with pytest.raises(ValidationError):
        check(wrong, "response")


def test_it_is_json_for_browsers_of_any_origin_and_only_read(client: FlaskClient) -> None:
    origin = {"Origin": "https://client.example.org"}
    answer = client.get("/openapi.json", headers=origin)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    asked = client.options("/openapi.json", headers=origin | {"Access-Control-Request-Method": "GET"})
    assert asked.status_code == 204
    refused = client.post("/openapi.json", json={}, headers=origin)
    assert numbers(refused, 405) == ["CDS-102"]
    assert "GET" in refused.headers["Allow"]
    assert client.get("/openapi.json/").status_code == 200


def test_what_is_sent_in_these_tests_fits_the_schemas_of_requests(document: dict[str, Any]) -> None:
    body = call("order-sign", {"draftOrders": {"resourceType": "Bundle"}})
    whole = {"$ref": "#/components/schemas/order-sign", "components": document["components"]}
    Draft202012Validator(whole).validate(body)
    with pytest.raises(ValidationError):
        Draft202012Validator(whole).validate(body | {"context": {}})


def test_feedback_and_its_answer_fit_their_schemas() -> None:
    check({"feedback": [{"card": "c", "outcome": "accepted", "outcomeTimestamp": "2026-01-05T10:00:00Z"}]}, "feedback")
    check({"stored": 1, "rejected": 0}, "feedback-answer")
