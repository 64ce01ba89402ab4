"""Requests are built from a chart and the service's own templates, as an EHR would."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fhir_examples.example import Call, load
from fhir_examples.request import query_of, request_of
from fhir_examples.search import answer

EXAMPLE = load("first_line_rituximab")
LOINC_IGM = "http://loinc.org|2472-9"


def found(query: str) -> list[str]:
    bundle = answer(EXAMPLE.bundle, query)
    assert bundle is not None
    assert bundle["total"] == len(bundle.get("entry", ()))
    return [entry["resource"]["id"] for entry in bundle.get("entry", ())]


def test_a_read_gives_the_resource_and_a_failing_read_nothing() -> None:
    patient = answer(EXAMPLE.bundle, "Patient/pt-first-line")
    assert patient is not None
    assert patient["birthDate"] == "1959-06-21"
    assert answer(EXAMPLE.bundle, "Patient/another") is None


def test_a_search_filters_by_type_patient_and_code() -> None:
    assert found(f"Observation?patient=pt-first-line&code={LOINC_IGM}&_count=200") == ["igm-1", "igm-2"]
    assert found("Observation?patient=pt-first-line&code=2472-9,39087-2") == ["igm-1", "igm-2", "anti-mag-1"]
    assert found("Observation?patient=another&code=2472-9") == []


def test_an_empty_search_is_a_bundle_without_entries() -> None:
    assert answer(EXAMPLE.bundle, "Procedure?patient=pt-first-line") == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
    }


def test_included_medications_come_as_includes() -> None:
    chart: dict[str, Any] = {
        "entry": [
            {
                "fullUrl": "https://x/MedicationRequest/1",
                "resource": {
                    "resourceType": "MedicationRequest",
                    "id": "1",
                    "subject": {"reference": "Patient/p"},
                    "medicationReference": {"reference": "Medication/2"},
                },
            },
            {"fullUrl": "https://x/Medication/2", "resource": {"resourceType": "Medication", "id": "2"}},
        ]
    }
    bundle = answer(chart, "MedicationRequest?patient=p&_include=MedicationRequest:medication")
    assert bundle is not None
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "include"]


def test_an_unknown_search_parameter_is_an_error() -> None:
    with pytest.raises(ValueError, match="date"):
        answer(EXAMPLE.bundle, "Observation?patient=pt-first-line&date=ge2026-01-01")


def test_a_token_that_cannot_be_filled_is_an_error() -> None:
    with pytest.raises(ValueError, match="encounterId"):
        query_of("Encounter/{{context.encounterId}}", {"patientId": "p"})
    with pytest.raises(ValueError, match="today"):
        query_of("Observation?date=ge{{today()}}", {})


def test_keys_that_the_ehr_does_not_answer_are_left_out() -> None:
    templates = {"patient": "Patient/{{context.patientId}}", "conditions": "Condition?patient={{context.patientId}}"}
    call = EXAMPLE.calls[0]
    partial = Call(call.name, call.hook, call.as_of, call.context, frozenset({"patient"}))
    assert list(request_of(EXAMPLE, call, templates)["prefetch"]) == ["patient", "conditions"]
    assert list(request_of(EXAMPLE, partial, templates)["prefetch"]) == ["patient"]


def test_a_request_can_be_moved_to_any_day() -> None:
    call = EXAMPLE.calls[0]
    templates = {"patient": "Patient/{{context.patientId}}"}
    moved = request_of(EXAMPLE, call, templates, date(2026, 3, 11))
    assert moved["prefetch"]["patient"]["birthDate"] == "1959-06-22"
    assert moved["hookInstance"] == request_of(EXAMPLE, call, templates)["hookInstance"]
