import json
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import PATIENT, bundle, call, draft, haemoglobin, orders, post

FIELDS = {"time", "service", "hook", "status", "topics", "milliseconds"}
SECRETS = ("pt-1", "dr-1", "d1577c69", "hb-1", "718-7", "1960", "9.5", "boom", "Jane", "tea")


def lines(caplog: pytest.LogCaptureFixture, logger: str) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == logger]


@pytest.mark.parametrize(
    ("body", "status", "topics"),
    [
        (call(), 200, ["water"]),
        (call(prefetch={"patient": PATIENT | {"id": "other"}}), 412, []),
        ("{", 400, []),
    ],
)
def test_a_call_is_one_line_of_listed_fields(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, body: Any, status: int, topics: list[str]
) -> None:
    with caplog.at_level(logging.INFO, "cds_service"):
        post(client, body)
    (line,) = lines(caplog, "cds_service.calls")
    assert set(line) == FIELDS
    assert line["service"] == "hiccups-patient-view"
    assert line["hook"] == "patient-view"
    assert line["status"] == status
    assert line["topics"] == topics
    assert line["milliseconds"] >= 0


def test_what_is_no_call_leaves_no_line(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cds_service"):
        client.get("/cds-services")
        client.post("/cds-services/pt-1")
    assert caplog.records == []


def test_a_failure_is_logged_with_its_stack_and_without_the_patient(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "cds_service"):
        post(client, call("order-sign", orders(draft("boom"))), "order-sign")
    (failure,) = lines(caplog, "cds_service.failures")
    assert failure["failure"] == "ValueError"
    assert any("_about_draft" in step for step in failure["stack"])
    (line,) = lines(caplog, "cds_service.calls")
    assert line["status"] == 500
    assert "Jane" not in caplog.text
    assert "boom" not in caplog.text


@pytest.mark.conformance("FA-06", "SE-21")
def test_no_line_says_anything_of_the_request(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    authorization = {"access_token": "marker-token", "token_type": "Bearer"}
    body = call("order-sign", orders(draft("tea")), fhirAuthorization=authorization)
    with caplog.at_level(logging.DEBUG):
        post(client, body, "order-sign", headers={"Authorization": "Bearer marker-jwt"})
        post(client, call(prefetch={"patient": PATIENT, "laboratory": bundle(haemoglobin())}))
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "marker" not in text
    for secret in SECRETS:
        assert f'"{secret}' not in text
