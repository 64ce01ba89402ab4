"""CORS: what a browser needs on every path, errors included."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.settings import Settings
from tests.engine.calls import call, draft, orders, post
from tests.toy_disease import KNOWLEDGE

ORIGIN = {"Origin": "https://sandbox.cds-hooks.org"}
SERVICE = "/cds-services/hiccups-patient-view"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/cds-services", "GET"),
        ("/cds-services/", "GET"),
        (SERVICE, "POST"),
        ("/cds-services//hiccups-patient-view", "POST"),
        (f"{SERVICE}/feedback", "POST"),
        ("/elsewhere", "POST"),
    ],
)
@pytest.mark.conformance("CO-01", "CO-02", "CO-03")
def test_a_preflight_passes_on_every_route_without_a_token(client: FlaskClient, path: str, method: str) -> None:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"}
    response = client.options(path, headers=ORIGIN | asked)
    assert response.status_code == 204
    assert response.get_data() == b""
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert method in response.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"Authorization", "Content-Type", "Accept", "Origin"} <= allowed
    assert int(response.headers["Access-Control-Max-Age"]) > 5


def _probes(client: FlaskClient) -> dict[int, TestResponse]:
    options: dict[str, Any] = {"headers": ORIGIN}
    return {
        200: post(client, call(), **options),
        400: post(client, "{", **options),
        404: client.post(f"{SERVICE}-none", **options),
        405: client.get(SERVICE, **options),
        412: post(client, call(prefetch={}), **options),
        413: post(client, b"x" * 1_000_001, **options),
        415: post(client, call(), content_type="text/plain", **options),
        500: post(client, call("order-sign", orders(draft("boom"))), "order-sign", **options),
    }


@pytest.mark.conformance("CO-04", "CO-05", "RS-07", "ST-03", "ST-05")
def test_every_answer_can_be_read_by_a_browser_and_is_stored_by_none(client: FlaskClient) -> None:
    for status, response in _probes(client).items():
        assert response.status_code == status
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Access-Control-Expose-Headers" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/cds-services/", "/cds-services//", "//cds-services", "/cds-services"])
@pytest.mark.conformance("CO-06", "DI-17")
def test_slashes_too_many_are_answered_without_a_redirect(client: FlaskClient, path: str) -> None:
    assert client.open(path, base_url="http://localhost").status_code == 200


@pytest.mark.parametrize("path", ["/cds-services//hiccups-patient-view", f"{SERVICE}/", f"/{SERVICE}//"])
@pytest.mark.conformance("CO-06")
def test_a_service_is_reached_by_joined_addresses(client: FlaskClient, path: str) -> None:
    response = client.post("/", json=call(), environ_overrides={"PATH_INFO": path})
    assert response.status_code == 200


def test_without_an_allowed_origin_no_browser_is_let_in() -> None:
    closed = create_app(Settings(profile="sandbox", namespace="hiccups"), [KNOWLEDGE]).test_client()
    for response in (closed.get("/cds-services", headers=ORIGIN), closed.options(SERVICE, headers=ORIGIN)):
        assert not any(name.startswith("Access-Control") for name in response.headers.keys())  # noqa: SIM118
