"""What the user is at work on, beside drafts: orders that are dispatched, entries being made, visits being booked."""

from datetime import date
from typing import Any

import pytest

from cds_service.record import GapReason
from tests.engine.fhir.charts import bundle, read, reasons, resource

TEA = {"medicationCodeableConcept": {"text": "tea"}, "status": "active", "intent": "order"}
ON_RECORD = {"orders": bundle(resource("MedicationRequest", "m-1", **TEA), resource("MedicationRequest", "m-2", **TEA))}
HICCUPS = {"code": {"text": "hiccups"}}


@pytest.mark.parametrize("name", ["MedicationRequest/m-1", "https://ehr.test/r4/MedicationRequest/m-1", "m-1"])
def test_a_dispatched_order_is_the_one_on_record_and_no_draft(name: str) -> None:
    record = read(ON_RECORD, dispatched=[name])
    assert [(order.source, order.is_selected, order.is_draft) for order in record.orders] == [
        ("MedicationRequest/m-1", True, False),
        ("MedicationRequest/m-2", False, False),
    ]
    assert [order.source for order in record.in_hand] == ["MedicationRequest/m-1"]
    assert record.drafts == ()


def test_a_dispatched_order_that_was_not_sent_along_is_named_as_unread() -> None:
    record = read(ON_RECORD, dispatched=["MedicationRequest/other", "", "ServiceRequest/m-1", "NutritionOrder/n-1"])
    assert [(order.source, order.is_selected) for order in record.unread_orders] == [
        ("MedicationRequest/other", True),
        ("ServiceRequest/m-1", True),
    ]
    assert (record.orders, record.gaps) == (read(ON_RECORD).orders, ())


def test_a_problem_being_entered_is_marked_and_stands_beside_those_on_record() -> None:
    chart = {"conditions": bundle(resource("Condition", "c-1", **HICCUPS))}
    record = read(chart, entered={"conditions": bundle(resource("Condition", "c-2", **HICCUPS))})
    assert {problem.source: problem.is_new for problem in record.problems} == {
        "Condition/c-1": False,
        "Condition/c-2": True,
    }


def test_a_problem_that_is_on_record_already_is_one_and_new() -> None:
    chart = {"conditions": bundle(resource("Condition", "c-1", code={"text": "cough"}))}
    record = read(chart, entered={"conditions": bundle(resource("Condition", "c-1", **HICCUPS))})
    assert [(problem.concept.text, problem.is_new) for problem in record.problems] == [("hiccups", True)]
    assert "conditions" in record.known_keys


def test_entries_without_an_id_are_never_taken_for_one_another() -> None:
    nameless = resource("Condition", **HICCUPS)
    del nameless["id"]
    record = read({"conditions": bundle(nameless)}, entered={"conditions": bundle(nameless)})
    assert [problem.is_new for problem in record.problems] == [True, False]


def test_an_allergy_being_entered_is_marked() -> None:
    chart = {"allergies": bundle(resource("AllergyIntolerance", "a-1", code={"text": "egg"}))}
    record = read(chart, entered={"allergyIntolerance": resource("AllergyIntolerance", "a-2", code={"text": "milk"})})
    assert {allergy.substances[0].text: allergy.is_new for allergy in record.allergies} == {"egg": False, "milk": True}


@pytest.mark.parametrize(
    ("members", "day"),
    [
        ({"start": "2030-05-04T09:00:00Z"}, date(2030, 5, 4)),
        ({"start": "2030-05-04"}, date(2030, 5, 4)),
        (
            {"requestedPeriod": [{"start": "2030-06-01"}, {"start": "2030-05-20", "end": "2030-05-21"}]},
            date(2030, 5, 20),
        ),
        ({"requestedPeriod": {"start": "2030-06-01"}}, date(2030, 6, 1)),
        ({}, None),
        ({"start": "soon"}, None),
    ],
)
def test_an_appointment_is_read_with_the_day_it_is_for(members: dict[str, Any], day: date | None) -> None:
    (booked,) = read(entered={"appointments": bundle(visit(**members))}).appointments
    assert (booked.source, booked.status) == ("Appointment/v-1", "proposed")
    assert (booked.when.start if booked.when else None) == day


def test_an_appointment_of_another_patient_is_a_gap() -> None:
    other = visit(participant=[{"actor": {"reference": "Patient/other"}, "status": "accepted"}])
    record = read(entered={"appointments": bundle(other)})
    assert record.appointments == ()
    assert reasons(record) == [GapReason.WRONG_PATIENT]


def test_an_appointment_names_its_patient_among_others() -> None:
    taking_part = [{"actor": {"reference": name}} for name in ("Practitioner/d", "Patient/other", "Patient/pt-1")]
    record = read(entered={"appointments": bundle(visit(participant=[None, *taking_part]))})
    assert [booked.source for booked in record.appointments] == ["Appointment/v-1"]


@pytest.mark.parametrize("name", ["conditions", "allergyIntolerance", "appointments"])
@pytest.mark.parametrize(
    "value", [{}, {"resourceType": "Bundle"}, bundle(5), bundle(resource("Goal", "g")), {"resourceType": "Patient"}]
)
def test_what_is_no_entry_is_read_as_none(name: str, value: Any) -> None:
    record = read(entered={name: value})
    assert (record.problems, record.allergies, record.appointments) == ((), (), ())


def test_a_spoilt_entry_costs_only_itself() -> None:
    spoilt: Any = visit("v-2", participant=5)
    record = read(entered={"appointments": bundle(spoilt, visit(start="2030-05-04"))})
    assert [booked.source for booked in record.appointments] == ["Appointment/v-1"]
    assert reasons(record) == [GapReason.RESOURCE_UNREADABLE]


def visit(id: str = "v-1", **members: Any) -> dict[str, Any]:
    return {"resourceType": "Appointment", "id": id, "status": "proposed"} | members
