"""What each state of a prefetch key makes of the answer: only the patient is indispensable."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.engine.calls import ABSENT, PATIENT, bundle, call, cards, haemoglobin, issues, numbers, post, topics


@pytest.mark.parametrize(
    "patient",
    [
        ABSENT,
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]},
        {"resourceType": "Practitioner", "id": "pt-1"},
        PATIENT | {"id": "pt-2"},
        {},
        [],
        "<html>",
        5,
    ],
)
@pytest.mark.conformance("PF-03", "PF-06", "PF-11", "PF-12", "ST-02")
def test_without_the_patient_the_answer_is_412_naming_key_and_query(client: FlaskClient, patient: Any) -> None:
    prefetch = {"laboratory": bundle(haemoglobin())} | ({} if patient is ABSENT else {"patient": patient})
    (issue,) = issues(post(client, call(prefetch=prefetch)), 412)
    assert issue["details"]["coding"][0]["code"] == "CDS-301"
    assert issue["expression"] == ["prefetch.patient"]
    assert '"patient" (Patient/{{context.patientId}})' in issue["details"]["text"]


@pytest.mark.parametrize("prefetch", [ABSENT, {}])
@pytest.mark.conformance("PF-03")
def test_a_call_without_prefetch_is_a_412(client: FlaskClient, prefetch: Any) -> None:
    body = call(prefetch=prefetch) if prefetch is not ABSENT else call(prefetch={}, fhirServer="http://fhir.test")
    assert numbers(post(client, body), 412) == ["CDS-301"]
    assert numbers(post(client, body | {"prefetch": None}), 412) == ["CDS-301"]


@pytest.mark.conformance("PF-04")
def test_a_patient_that_the_ehr_does_not_have_is_answered_with_the_age_unknown(client: FlaskClient) -> None:
    assert topics(post(client, call(prefetch={"patient": None, "laboratory": bundle(haemoglobin())}))) == ["water"]


@pytest.mark.parametrize(
    "laboratory",
    [
        ABSENT,
        None,
        bundle(),
        {"resourceType": "Bundle", "type": "searchset", "total": 0},
        {"resourceType": "OperationOutcome"},
        "<html>",
        [],
        5,
        {"resourceType": "Patient", "id": "pt-1"},
        bundle(haemoglobin("13.5")),
        bundle({"resourceType": "Observation"}),
        bundle(haemoglobin(patient="pt-2")),
    ],
)
@pytest.mark.conformance("PF-01", "PF-04", "PF-05", "PF-06", "PF-11", "PF-12")
def test_any_other_key_may_be_missing_failed_or_unreadable(client: FlaskClient, laboratory: Any) -> None:
    prefetch = {"patient": PATIENT} | ({} if laboratory is ABSENT else {"laboratory": laboratory})
    assert cards(post(client, call(prefetch=prefetch))) == []


@pytest.mark.conformance("PF-09")
def test_a_key_that_was_not_asked_for_has_no_influence(client: FlaskClient) -> None:
    assert cards(post(client, call(prefetch={"patient": PATIENT, "other": bundle(haemoglobin())}))) == []


@pytest.mark.conformance("PF-07", "PF-13")
def test_outcomes_among_matches_and_other_bundle_types_are_read_through(client: FlaskClient) -> None:
    outcome = {"resource": {"resourceType": "OperationOutcome", "issue": []}, "search": {"mode": "outcome"}}
    matches = bundle(haemoglobin(), type="collection")
    matches["entry"].insert(0, outcome)
    assert topics(post(client, call(prefetch={"patient": PATIENT, "laboratory": matches}))) == ["water"]
