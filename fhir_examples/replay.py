"""Plays an example's call against the service in this process, through HTTP, on a day of one's choice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache

from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.main import NAMESPACE
from cds_service.protocol.response import without_uuids
from cds_service.settings import Settings
from fhir_examples.example import Call, Example, Json
from fhir_examples.request import request_of
from hooks.anti_mag import KNOWLEDGE


@cache
def client_on(day: date) -> FlaskClient:
    """A client of the service whose clock stands at noon of `day`."""
    noon = datetime.combine(day, time(12), UTC)
    return create_app(Settings("sandbox", NAMESPACE), [KNOWLEDGE], now=lambda: noon).test_client()


def service_for(hook: str, client: FlaskClient) -> Json:
    """What discovery says of the hook's service."""
    services: list[Json] = client.get("/cds-services").get_json()["services"]
    (found,) = (service for service in services if service["hook"] == hook)
    return found


def built_request(example: Example, call: Call, day: date) -> Json:
    """The call's request, filled from the service's own templates, as of `day`."""
    return request_of(example, call, service_for(call.hook, client_on(day))["prefetch"], day)


def cards_for(request: Json, day: date) -> list[Json]:
    """The cards that the service gives to a request on `day`, without uuids."""
    client = client_on(day)
    response = client.post(f"/cds-services/{service_for(request['hook'], client)['id']}", json=request)
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code}: {response.get_data(as_text=True)}")
    return [without_uuids(card) for card in response.get_json()["cards"]]
