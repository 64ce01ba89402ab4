"""Bodies in the shape that known clients send, invalid FHIR and all (ids and texts invented)."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import PATIENT, bundle, call, cards, draft, haemoglobin, numbers, post, strict, topics

SANDBOX_SELECT: dict[str, Any] = {
    "hookInstance": "6f0b1c1e-52a1-4a0e-9a39-0c9d3c9b7a10",
    "hook": "order-select",
    "fhirServer": "http://fhir.test/r4",
    "context": {
        "patientId": "pt-1",
        "userId": "Practitioner/doc-1",
        "selections": ["MedicationRequest/request-123"],
        "draftOrders": {
            "resourceType": "Bundle",
            "entry": [
                {
                    "resource": {
                        "resourceType": "MedicationRequest",
                        "id": "request-123",
                        "status": "draft",
                        "subject": {"reference": "Patient/pt-1"},
                        "authoredOn": "2026-01-05",
                    }
                }
            ],
        },
    },
}

EPIC_SIGN: dict[str, Any] = {
    "hookInstance": "7d9a2b64-1c55-11ef-9f0a-0050568b7be6",
    "hook": "order-sign",
    "fhirServer": "https://ehr.test/api/FHIR/R4",
    "fhirAuthorization": {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "Patient.Read (R4) Observation.Search (Labs) (R4)",
        "subject": "client-1",
    },
    "context": {
        "patientId": "eAb.1-x3",
        "encounterId": "eEn3",
        "userId": "PractitionerRole/ePr3",
        "draftOrders": {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "resource": {
                        "resourceType": "MedicationRequest",
                        "id": "eMr3",
                        "status": "draft",
                        "intent": "order",
                        "medicationReference": {"reference": "Medication/eMed3"},
                        "subject": {"reference": "https://ehr.test/api/FHIR/R4/Patient/eAb.1-x3"},
                    }
                },
                {"resource": {"resourceType": "Medication", "id": "eMed3", "code": {"text": "green tea"}}},
            ],
        },
    },
    "prefetch": {
        "-user": {"resourceType": "PractitionerRole", "id": "ePr3"},
        "laboratory": {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": 0,
            "entry": [
                {
                    "resource": {
                        "resourceType": "OperationOutcome",
                        "issue": [{"severity": "warning", "code": "processing", "details": {"text": "no results"}}],
                    },
                    "search": {"mode": "outcome"},
                }
            ],
        },
    },
    "extension": {
        "com.epic.cdshooks.request.bpa-trigger-action": "23",
        "com.epic.cdshooks.request.fhir-version": "R4",
    },
}


@pytest.mark.conformance("RQ-05", "RQ-06", "PF-03")
def test_the_public_sandbox_without_a_patient_is_told_what_is_missing(client: FlaskClient) -> None:
    assert numbers(post(client, SANDBOX_SELECT, "order-select"), 412) == ["CDS-301"]


@pytest.mark.conformance("PF-14")
def test_the_public_sandbox_gets_an_answer_before_a_drug_is_chosen(client: FlaskClient) -> None:
    body = SANDBOX_SELECT | {"prefetch": {"patient": PATIENT, "laboratory": bundle(haemoglobin())}}
    assert "water" in topics(post(client, body, "order-select"))


def test_the_public_sandbox_may_send_objects_for_lists_in_its_draft(client: FlaskClient) -> None:
    odd = draft("tea", category={"coding": []}, reasonCode={"text": "thirst"})
    orders = {"resourceType": "Bundle", "entry": [{"resource": odd}]}
    context = {"draftOrders": orders, "selections": ["MedicationRequest/request-123"]}
    assert topics(post(client, call("order-select", context), "order-select")) == ["sip", "water"]


def test_the_public_sandbox_may_leave_its_drafts_out_altogether(client: FlaskClient) -> None:
    for hook in ("order-select", "order-sign"):
        assert topics(post(client, call(hook), hook)) == ["water"]


@pytest.mark.conformance("FA-08", "PF-07", "RQ-09")
def test_epics_draft_names_its_medication_within_the_bundle(client: FlaskClient) -> None:
    patient = PATIENT | {"id": "eAb.1-x3"}
    body = EPIC_SIGN | {"prefetch": EPIC_SIGN["prefetch"] | {"patient": patient}}
    (sip,) = cards(post(client, body, "order-sign"))
    assert sip["summary"] == "Sip slowly: green tea"


@pytest.mark.conformance("PF-03")
def test_epic_without_registered_scopes_gets_a_412(client: FlaskClient) -> None:
    assert numbers(post(client, EPIC_SIGN, "order-sign"), 412) == ["CDS-301"]


@pytest.mark.conformance("RQ-11")
def test_an_older_fhir_version_is_never_a_failure(client: FlaskClient) -> None:
    order = {"resourceType": "MedicationOrder", "id": "order-123", "medicationCodeableConcept": {"text": "tea"}}
    context = {"draftOrders": bundle(order), "selections": ["MedicationOrder/order-123"]}
    response = post(client, call("order-select", context), "order-select")
    assert response.status_code == 200
    strict(response)


@pytest.mark.parametrize("authorization", ["null", "Bearer", "Basic x", ""])
def test_a_broken_authorization_header_is_not_looked_at_in_the_sandbox(client: FlaskClient, authorization: str) -> None:
    assert topics(post(client, call(), headers={"Authorization": authorization})) == ["water"]
