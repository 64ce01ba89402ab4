"""The context of every hook: what must be there, what may be left out, and what of it reaches the knowledge."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import ABSENT, bundle, call, cards, draft, issues, post, required, topics
from tests.toy_disease import HOOKS

VISIT = {"resourceType": "Appointment", "id": "v-1", "status": "proposed", "start": "2026-02-01"}
HICCUPS = {
    "resourceType": "Condition",
    "id": "c-1",
    "subject": {"reference": "Patient/pt-1"},
    "code": {"text": "hiccups"},
}
MILK = {
    "resourceType": "AllergyIntolerance",
    "id": "a-1",
    "patient": {"reference": "Patient/pt-1"},
    "code": {"text": "milk"},
}
TEA = draft("tea", "r-1", status="active")
DEPRECATED = {"medication-prescribe", "order-review"}

REQUIRED = [
    *(("patient-view", name) for name in ("userId", "patientId")),
    *(("order-select", name) for name in ("userId", "patientId")),
    *(("order-sign", name) for name in ("userId", "patientId")),
    *(("order-dispatch", name) for name in ("patientId", "performer")),
    *(("appointment-book", name) for name in ("userId", "patientId")),
    *(("encounter-start", name) for name in ("userId", "patientId", "encounterId")),
    *(("encounter-discharge", name) for name in ("userId", "patientId", "encounterId")),
    ("medication-refill", "patientId"),
    *(("problem-list-item-create", name) for name in ("userId", "patientId")),
    *(("allergyintolerance-create", name) for name in ("userId", "patientId")),
]
"""The required ids of the hook library; lists and objects of the hook's own may be missing."""

OWN: dict[str, dict[str, Any]] = {
    "order-select": {"draftOrders": bundle(TEA), "selections": ["MedicationRequest/r-1"]},
    "order-sign": {"draftOrders": bundle(TEA)},
    "order-dispatch": {"dispatchedOrders": ["MedicationRequest/r-1"]},
    "appointment-book": {"appointments": bundle(VISIT)},
    "medication-refill": {"medications": bundle(TEA)},
    "problem-list-item-create": {"conditions": bundle(HICCUPS)},
    "allergyintolerance-create": {"allergyIntolerance": MILK},
}
"""The lists and objects of each hook."""

FULL = {hook: required(hook) | OWN.get(hook, {}) | {"encounterId": "e-1"} for hook in HOOKS}
OPTIONAL = [(hook, name) for hook in HOOKS for name in FULL[hook] if (hook, name) not in REQUIRED]


def asked(hook: str, context: dict[str, Any]) -> dict[str, Any]:
    """A call with just this context, in a chart that holds the order tea."""
    body = call(hook)
    body["prefetch"]["orders"] = bundle(TEA)
    return body | {"context": {name: value for name, value in context.items() if value is not ABSENT}}


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.conformance("RQ-07", "HV-01")
def test_only_the_required_ids_are_enough(client: FlaskClient, hook: str) -> None:
    assert topics(post(client, asked(hook, required(hook)), hook)) == ["water"]


@pytest.mark.parametrize(("hook", "member"), REQUIRED)
@pytest.mark.parametrize("value", [ABSENT, None, "", 5, ["x"]])
@pytest.mark.conformance("RQ-07")
def test_each_required_id_removed_is_a_400(client: FlaskClient, hook: str, member: str, value: Any) -> None:
    (issue,) = issues(post(client, asked(hook, FULL[hook] | {member: value}), hook), 400)
    assert issue["expression"] == [f"context.{member}"]
    assert member in issue["details"]["text"]


@pytest.mark.parametrize(("hook", "member"), OPTIONAL)
@pytest.mark.parametrize("value", [ABSENT, None, "text", 5, [], [5, None, {}], {}, {"resourceType": "Goal"}])
@pytest.mark.conformance("RQ-07")
def test_whatever_else_is_absent_or_mistyped_is_a_200_as_if_it_were_not_there(
    client: FlaskClient, hook: str, member: str, value: Any
) -> None:
    expected = ["water"] if member in OWN.get(hook, {}) else topics(post(client, asked(hook, FULL[hook]), hook))
    assert topics(post(client, asked(hook, FULL[hook] | {member: value}), hook)) == expected


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("user", ["Patient/pt-1", "RelatedPerson/r"])
@pytest.mark.conformance("ST-06")
def test_at_no_hook_does_a_patient_get_cards(client: FlaskClient, hook: str, user: str) -> None:
    assert cards(post(client, asked(hook, FULL[hook] | {"userId": user}), hook)) == []


@pytest.mark.parametrize("hook", HOOKS)
def test_a_service_answers_no_other_hook(client: FlaskClient, hook: str) -> None:
    for other in (*HOOKS, *DEPRECATED):
        response = post(client, asked(hook, FULL[hook]) | {"hook": other}, hook)
        is_served = other == hook or (other in DEPRECATED and hook in ("order-select", "order-sign"))
        if not is_served:
            assert issues(response, 400)[0]["expression"] == ["hook"]


@pytest.mark.parametrize(
    ("hook", "summary"),
    [
        ("order-select", "Sip slowly: tea"),
        ("order-sign", "Sip slowly: tea"),
        ("order-dispatch", "Sip slowly: tea"),
        ("medication-refill", "Sip slowly: tea"),
        ("appointment-book", "Noted: 2026-02-01"),
        ("problem-list-item-create", "Noted: hiccups"),
        ("allergyintolerance-create", "Noted: milk"),
    ],
)
def test_what_the_user_is_at_work_on_reaches_the_knowledge(client: FlaskClient, hook: str, summary: str) -> None:
    shown = cards(post(client, asked(hook, FULL[hook]), hook))
    assert summary in [card["summary"] for card in shown]
    assert len(shown) == 2


@pytest.mark.parametrize(
    "named",
    [
        {"dispatchedOrders": ["MedicationRequest/r-1", "ServiceRequest/none", 5]},
        {"dispatched-orders": ["MedicationRequest/r-1"]},
        {"order": "MedicationRequest/r-1", "task": {"resourceType": "Task"}},
        {"dispatchedOrders": ["https://ehr.test/r4/MedicationRequest/r-1"], "fulfillmentTasks": [{}]},
    ],
)
@pytest.mark.conformance("HV-03")
def test_order_dispatch_is_understood_in_the_names_of_every_version(client: FlaskClient, named: dict[str, Any]) -> None:
    context = required("order-dispatch") | named
    assert topics(post(client, asked("order-dispatch", context), "order-dispatch")) == ["sip", "water"]


def test_a_refill_needs_no_user_and_no_encounter(client: FlaskClient) -> None:
    context = {"patientId": "pt-1", "medications": bundle(TEA)}
    assert topics(post(client, asked("medication-refill", context), "medication-refill")) == ["sip", "water"]
