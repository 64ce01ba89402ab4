"""Requests to the toy service, and a strict reader of its answers."""

import json
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PATIENT = {"resourceType": "Patient", "id": "pt-1", "gender": "female", "birthDate": "1960-02-03"}
ABSENT = object()


def haemoglobin(value: str = "9.5", *, id: str = "hb-1", patient: str = "pt-1") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-01-05",
        "valueQuantity": {"value": float(value), "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL"},
    }


def bundle(*resources: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources], **members}


def draft(name: str, id: str = "request-123", **members: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/pt-1"},
        "medicationCodeableConcept": {"text": name},
        **members,
    }


def required(hook: str) -> dict[str, Any]:
    """The ids that the context of a hook must hold."""
    ids = {"userId": "Practitioner/dr-1", "patientId": "pt-1"}
    match hook:
        case "order-dispatch":
            return {"patientId": "pt-1", "performer": "Organization/kitchen"}
        case "medication-refill":
            return {"patientId": "pt-1"}
        case "encounter-start" | "encounter-discharge":
            return ids | {"encounterId": "enc-1"}
        case _:
            return ids


def call(hook: str = "patient-view", context: Any = None, prefetch: Any = None, **members: Any) -> dict[str, Any]:
    """A request with patient and a low haemoglobin; `context` adds to the ids, ABSENT takes a member away."""
    body = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": _without_absent(required(hook) | (context or {})),
        "prefetch": {"patient": PATIENT, "laboratory": bundle(haemoglobin())} if prefetch is None else prefetch,
    }
    return _without_absent(body | members)


def orders(*drafts: dict[str, Any]) -> dict[str, Any]:
    """A context that holds `drafts`, all of them just chosen."""
    return {
        "draftOrders": bundle(*drafts, type="collection"),
        "selections": [f"{d['resourceType']}/{d['id']}" for d in drafts],
    }


def post(client: FlaskClient, body: Any, hook: str = "patient-view", **options: Any) -> TestResponse:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    options.setdefault("content_type", "application/json")
    return client.post(f"/cds-services/hiccups-{hook}", data=data, **options)


def cards(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.get_data(as_text=True)
    found: list[dict[str, Any]] = strict(response)["cards"]
    return found


def topics(response: TestResponse) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards(response)]


def issues(response: TestResponse, status: int) -> list[dict[str, Any]]:
    assert response.status_code == status, response.get_data(as_text=True)
    outcome = strict(response)
    assert outcome["resourceType"] == "OperationOutcome"
    assert response.headers["Cache-Control"] == "no-store"
    for issue in outcome["issue"]:
        assert issue["severity"] == "error"
        assert issue["code"]
        assert issue["details"]["coding"][0]["system"] == "urn:hiccups:error"
        assert issue["details"]["coding"][0]["code"].startswith("CDS-")
        assert issue["details"]["text"].strip()
        assert issue["diagnostics"].strip()
    found: list[dict[str, Any]] = outcome["issue"]
    return found


def numbers(response: TestResponse, status: int) -> list[str]:
    return [issue["details"]["coding"][0]["code"] for issue in issues(response, status)]


def strict(response: TestResponse) -> Any:
    """The body by a parser that refuses NaN, Infinity and duplicate members; without nulls and empty values."""
    assert response.mimetype == "application/json"
    body = json.loads(response.get_data(), parse_constant=_refuse, object_pairs_hook=_unique)
    assert list(_blanks(body)) == []
    return body


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def _blanks(value: Any, path: str = "$") -> Iterator[str]:
    if value is None or (isinstance(value, str) and not value.strip()):
        yield path
    elif isinstance(value, dict | list):
        if not value and path not in ("$.cards", "$.services"):
            yield path
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield from _blanks(member, f"{path}.{name}")


def _without_absent(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ABSENT}
