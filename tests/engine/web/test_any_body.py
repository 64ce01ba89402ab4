"""Whatever is sent, the answer is JSON and never a failure of ours."""

import json
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.calls import PATIENT, call, draft, haemoglobin, post, strict

ANSWERS = {200, 400, 412}
FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("resourceType", "id", "status", "code", "coding", "text", "subject", "reference", "entry", "resource", "value")
resource_like = st.recursive(
    anything
    | st.sampled_from(["Bundle", "Observation", "Patient", "pt-1", "Patient/pt-1", "718-7", "http://loinc.org"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, member in inner for found in paths_of(member, (*path, name)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


def answered(client: FlaskClient, body: Any, hook: str = "patient-view") -> None:
    response = post(client, body, hook)
    assert response.status_code in ANSWERS
    strict(response)


@FAST
@given(body=st.binary(max_size=200) | st.text(max_size=100))
def test_any_bytes(client: FlaskClient, body: bytes | str) -> None:
    answered(client, body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)


@FAST
@given(body=st.dictionaries(st.sampled_from(["hook", "hookInstance", "context", "prefetch"]), anything))
def test_any_envelope(client: FlaskClient, body: Any) -> None:
    answered(client, body)


@FAST
@given(data=st.data(), hook=st.sampled_from(["order-select", "order-sign"]))
def test_any_value_in_place_of_any_part_of_a_request(client: FlaskClient, data: st.DataObject, hook: str) -> None:
    order = draft("tea", dosageInstruction=[{"text": "x"}])
    context = {
        "selections": ["MedicationRequest/request-123"],
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": order}]},
    }
    laboratory = {"resourceType": "Bundle", "entry": [{"resource": haemoglobin()}]}
    body = call(hook, context, {"patient": PATIENT, "laboratory": laboratory})
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths_of(body)))
        body = replaced(body, path, data.draw(anything | resource_like))
    answered(client, json.dumps(body), hook)
