"""The drafts of a hook's context, in the shapes that real clients send."""

import json
from typing import Any

import pytest

from cds_service.codes import Concept
from cds_service.record import GapReason
from tests.engine.fhir.charts import ABSENT, RXNORM, bundle, concept, condition, read, reasons, request, resource

SANDBOX = {
    "resourceType": "Bundle",
    "entry": [
        {
            "resource": {
                "resourceType": "MedicationRequest",
                "id": "request-123",
                "status": "draft",
                "intent": "order",
                "subject": {"reference": "Patient/pt-1"},
                "authoredOn": "2026-01-05",
                "category": {"coding": [{"code": "outpatient"}]},
                "reasonCode": {"coding": [{"system": "http://snomed.info/sct", "code": "195967001"}], "text": "Asthma"},
                "medicationCodeableConcept": concept("8640", RXNORM, "Prednisone 5 MG"),
                "dosageInstruction": [
                    {
                        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": {}}},
                        "doseAndRate": [{"doseQuantity": {"value": 1, "code": "{pill}"}}],
                    }
                ],
            }
        }
    ],
}
BARE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft", "subject": {}}},
        {"resource": {"resourceType": "ServiceRequest", "id": "s", "code": {"coding": [{}]}, "reasonCode": []}},
    ],
}


def test_a_sandbox_draft_is_read_with_its_reason_and_dose():
    record = read(drafts=SANDBOX, selections={"MedicationRequest/request-123"})
    order = record.drafts[0]
    assert order.is_selected
    assert order.concept.codes == {(RXNORM, "8640")}
    assert order.reasons[0].text == "Asthma"
    assert order.dosages[0].amount is not None
    assert order.dosages[0].amount.unit == "{pill}"
    assert order.resource == SANDBOX["entry"][0]["resource"]
    assert not record.gaps
    assert not record.medicines


def test_a_draft_with_nothing_chosen_yet_is_an_order_of_nothing():
    record = read(drafts=BARE)
    assert [(order.source, bool(order.concept)) for order in record.drafts] == [
        ("MedicationRequest/request-123", False),
        ("ServiceRequest/s", False),
    ]
    assert not record.gaps


def test_only_the_selected_drafts_are_selected_and_without_selections_all_are():
    drafts = bundle(request("a"), request("b"), type=ABSENT)
    chosen = read(drafts=drafts, selections={"https://ehr.test/fhir/MedicationRequest/b", "MedicationRequest/zz"})
    assert [(order.source, order.is_selected) for order in chosen.drafts] == [
        ("MedicationRequest/a", False),
        ("MedicationRequest/b", True),
    ]
    assert all(order.is_selected for order in read(drafts=drafts).drafts)
    assert not any(order.is_selected for order in read(drafts=drafts, selections=set()).drafts)


def test_a_medication_entry_is_no_order_but_says_what_is_ordered():
    medication = {"resourceType": "Medication", "id": "eMed3", "code": concept("8640", RXNORM, "prednisone")}
    sent = request(
        medicationReference={"reference": "Medication/eMed3"},
        subject={"reference": "https://ehr.test/api/FHIR/R4/Patient/pt-1"},
    )
    record = read(drafts=bundle(sent, medication, type="collection"))
    assert [order.concept.codes for order in record.orders] == [{(RXNORM, "8640")}]
    assert not record.gaps


@pytest.mark.parametrize("where", ["drafts", "contained", "prefetch"])
def test_a_reason_is_followed_to_its_condition(where: str):
    asthma = condition("why", code={"text": "Asthma"})
    name = "#why" if where == "contained" else "Condition/why"
    sent = request(reasonReference={"reference": name}, contained=[asthma] if where == "contained" else [])
    drafts = bundle(sent, asthma) if where == "drafts" else bundle(sent)
    record = read({"problems": bundle(asthma)} if where == "prefetch" else {}, drafts=drafts)
    assert record.drafts[0].reasons == (Concept(text="Asthma"),)
    assert not record.gaps


def test_a_reason_that_leads_nowhere_is_a_gap_unless_it_has_a_display():
    record = read(drafts=bundle(request(reasonReference=[{"reference": "Condition/9"}])))
    assert record.drafts[0].reasons == ()
    assert [(gap.reason, gap.key) for gap in record.gaps] == [(GapReason.VALUE_UNREADABLE, "draftOrders")]
    named = [{"reference": "Condition/9", "display": "Asthma"}]
    assert read(drafts=bundle(request(reasonReference=named))).drafts[0].reasons == (Concept(text="Asthma"),)


def test_a_reason_in_another_patients_record_is_refused():
    foreign = condition("why", subject={"reference": "Patient/pt-2"})
    record = read(drafts=bundle(request(reasonReference=[{"reference": "Condition/why"}]), foreign))
    assert record.drafts[0].reasons == ()
    assert reasons(record) == [GapReason.WRONG_PATIENT]


def test_a_draft_for_another_patient_is_refused():
    record = read(drafts=bundle(request(subject={"reference": "Patient/pt-2"})))
    assert not record.orders
    assert reasons(record) == [GapReason.WRONG_PATIENT]


@pytest.mark.parametrize("kind", ["MedicationOrder", "NutritionOrder", "Banana"])
def test_what_is_not_read_as_an_order_is_a_gap(kind: str):
    record = read(drafts=bundle(resource(kind), request()))
    assert len(record.orders) == 1
    assert [(gap.reason, gap.source) for gap in record.gaps] == [(GapReason.RESOURCE_UNREADABLE, f"{kind}/x-1")]


def test_a_draft_not_to_do_something_is_no_order():
    assert not read(drafts=bundle(request(doNotPerform=True))).orders


@pytest.mark.parametrize("value", [b"null", {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": []}])
def test_no_drafts_are_no_gap(value: Any):
    record = read(drafts=value)
    assert not [*record.orders, *record.gaps]


@pytest.mark.parametrize("value", [[], {}])
def test_empty_drafts_order_nothing(value: Any):
    record = read(drafts=value)
    assert not [*record.orders, *record.unread_orders, *record.gaps]


@pytest.mark.parametrize("value", [7, "x", {"resourceType": "OperationOutcome"}, {"id": "x"}, ["x"]])
def test_drafts_that_are_none_are_a_gap_and_named_as_unread(value: Any):
    record = read(drafts=value)
    assert not record.orders
    assert {gap.key for gap in record.gaps} == {"draftOrders"}
    assert [order.is_selected for order in record.unread_orders] == [True]


def test_an_order_on_record_that_is_being_changed_is_the_draft():
    record = read({"requests": bundle(request(status="active"))}, drafts=bundle(request(status="draft")))
    assert [(order.is_draft, order.status) for order in record.orders] == [(True, "draft")]
    assert len(record.medicines) == 1


def test_a_draft_comes_back_as_it_was_received():
    sent = request(extension=[{"url": "x", "valueDecimal": 1.25}], note=[{"text": "ü"}])
    assert json.dumps(read(drafts=bundle(sent)).drafts[0].resource) == json.dumps(sent)


def test_every_amount_of_a_dosage_line_is_a_dose():
    rates = [
        {"type": {"text": "ordered"}, "doseQuantity": {"value": 375, "unit": "mg/m2"}},
        {"type": {"text": "calculated"}, "doseQuantity": {"value": 1430, "unit": "mg"}},
        {"doseQuantity": {"value": "many", "unit": "mg"}},
    ]
    record = read(drafts=bundle(request(dosageInstruction=[{"doseAndRate": rates}])))
    amounts = [dosage.amount for dosage in record.drafts[0].dosages]
    assert [(amount.value, amount.unit) for amount in amounts if amount] == [(375, "mg/m2"), (1430, "mg")]
    assert [dosage.received for dosage in record.drafts[0].dosages] == ["", "", "many mg"]
