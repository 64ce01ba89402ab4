"""An order that is there and can't be read is named at every order hook; of an order of nothing, or of somebody who is
none of this service's business, nothing is said (ruling 26)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_examples.example import Json
from tests.field.charts import ORDER_HOOKS, RXNORM, SUBJECT, ask, bundle, coded, given, order, ordered, problem

NO_DRUG = {"medicationCodeableConcept": None}
NOT_TOLD: dict[str, Json] = {
    "by a reference to a server that sent nothing": order(
        **NO_DRUG, medicationReference={"reference": "https://pharmacy.example.org/r4/Medication/77/_history/2"}
    ),
    "by an identifier": order(
        **NO_DRUG, medicationReference={"identifier": {"system": "urn:oid:1.2.3", "value": "A-17"}}
    ),
    "by a contained reference without anything contained": order(**NO_DRUG, medicationReference={"reference": "#med"}),
    "by a reference in plain text": order(**NO_DRUG, medicationReference="Medication/77"),
    "by a contained Medication without a name": order(
        **NO_DRUG,
        contained=[{"resourceType": "Medication", "id": "med", "status": "active"}],
        medicationReference={"reference": "#med"},
    ),
    "a mixture of which no ingredient is named": order(
        **NO_DRUG,
        contained=[
            {"resourceType": "Medication", "id": "med", "ingredient": [{"strength": {"numerator": {"value": 1}}}]}
        ],
        medicationReference={"reference": "#med"},
    ),
}
NOT_TOLD |= {
    "a name that is an object": order(medicationCodeableConcept={"text": {"value": "rituximab"}}),
    "a number for a name": order(medicationCodeableConcept={"coding": [{"display": {"en": 1}}]}),
    "by a reference of R5": order(**NO_DRUG, medication={"reference": {"reference": "Medication/77"}}),
    "by a reference of DSTU1": order(**NO_DRUG, medication={"reference": "Medication/77"}),
    "by the number of a product alone": order(
        medicationCodeableConcept=coded("50242-053-06", "http://hl7.org/fhir/sid/ndc")
    ),
    "by the code of a hospital alone": order(medicationCodeableConcept={"coding": [{"code": "RITUX700"}]}),
}
OTHER_SHAPES: dict[str, Any] = {
    "of DSTU1": order() | {"resourceType": "MedicationPrescription"},
    "of HL7's newest draft": order() | {"resourceType": "RequestOrchestration"},
    "a plan with actions": {"resourceType": "CarePlan", "id": "draft-1", "status": "draft", "subject": SUBJECT},
    "without a type": {name: value for name, value in order().items() if name != "resourceType"},
    "text": "rituximab 710 mg",
    "a list of a list": [order()],
    "a Bundle in the Bundle": bundle(order()),
}
IN_PLACE_OF_THE_BUNDLE: dict[str, Any] = {
    "a text": "rituximab 710 mg weekly",
    "a number": 3,
    "a list of texts": ["rituximab", "saline"],
    "a Bundle whose entries are texts": {"resourceType": "Bundle", "entry": ["MedicationRequest/draft-1"]},
    "a Bundle of another type": {"resourceType": "Parameters", "parameter": [{"resource": order()}]},
    "an outcome": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]},
}
NOTHING_ORDERED: dict[str, Json] = {
    "a medication request in which no drug is chosen": order(**NO_DRUG),
    "an empty name": order(medicationCodeableConcept={}),
    "the reason why no drug is named": order(
        medicationCodeableConcept=coded("unknown", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    ),
    "an inactivated vaccine by its code alone": order(
        medicationCodeableConcept=coded("140", "http://hl7.org/fhir/sid/cvx")
    ),
    "another drug by its code alone": order(medicationCodeableConcept=coded("6918", RXNORM)),
    "another drug by its German code alone": order(
        medicationCodeableConcept=coded("C07AB02", "http://fhir.de/CodeSystem/bfarm/atc")
    ),
    "a claim": {"resourceType": "Claim", "id": "draft-1", "status": "draft"},
    "a filled-in questionnaire": {"resourceType": "QuestionnaireResponse", "id": "draft-1", "status": "in-progress"},
    "a diet": {"resourceType": "NutritionOrder", "id": "draft-1", "status": "draft", "patient": SUBJECT},
    "glasses": {"resourceType": "VisionPrescription", "id": "draft-1", "status": "draft", "patient": SUBJECT},
    "a wheelchair": {"resourceType": "DeviceRequest", "id": "draft-1", "status": "draft", "subject": SUBJECT},
    "supplies": {"resourceType": "SupplyRequest", "id": "draft-1", "status": "draft"},
    "a task": {"resourceType": "Task", "id": "draft-1", "status": "requested", "intent": "order"},
    "a request not to give it": order(**NO_DRUG, doNotPerform=True, medicationReference={"reference": "Medication/77"}),
}
WHOLE: dict[str, Any] = {
    "one resource": order(),
    "a list of one resource": [order()],
    "a Bundle with its entry in no list": {"resourceType": "Bundle", "entry": {"resource": order()}},
}
STRANGERS: dict[str, tuple[Json, ...]] = {
    "nothing on record": (),
    "a gammopathy without neuropathy": (problem("x-1", coded("D47.2", "http://hl7.org/fhir/sid/icd-10-cm")),),
    "back pain": (problem("x-1", {"text": "Back pain"}),),
    "migraine": (problem("x-1", coded("G43.9", "http://hl7.org/fhir/sid/icd-10-cm")),),
}
NO_TESTS: Json = {"laboratory": (), "hepatitisB": ()}


def each(table: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


def every_hook() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hook", ORDER_HOOKS)


@every_hook()
@each(NOT_TOLD)
def test_an_order_whose_drug_cannot_be_told_is_named(hook: str, sent: Json) -> None:
    told = ordered(hook, sent)
    assert "C5b" in told.logic
    assert told.indicator("dataUnavailable") == "warning"
    assert "1 order could not be read: nothing was checked for it" in told.words


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-refill"])
@each(OTHER_SHAPES)
def test_an_order_of_another_shape_is_named(hook: str, sent: Any) -> None:
    context = {"medications" if hook == "medication-refill" else "draftOrders": bundle(sent)}
    kind = sent.get("resourceType", "MedicationRequest") if isinstance(sent, dict) else "MedicationRequest"
    told = ask(hook, context=context | {"selections": [f"{kind}/draft-1"]})
    assert "C5b" in told.logic
    assert "order could not be read: nothing was checked for it" in told.words


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@each(IN_PLACE_OF_THE_BUNDLE)
def test_drafts_of_no_known_shape_are_named(hook: str, sent: Any) -> None:
    told = ask(hook, context={"draftOrders": sent, "selections": ["MedicationRequest/draft-1"]})
    assert "C5b" in told.logic
    assert "nothing was checked for" in told.words


OF_OTHER_VERSIONS: dict[str, Json] = {
    "R5's concept": order(**NO_DRUG, medication={"concept": coded("121191", RXNORM)}),
    "R5's concept in words": order(**NO_DRUG, medication={"concept": {"text": "MabThera i.v."}}),
    "R5's reference with a display": order(
        **NO_DRUG, medication={"reference": {"reference": "Medication/77", "display": "Ruxience 500 mg"}}
    ),
    "a concept without a wrapper": order(**NO_DRUG, medication={"text": "rituximab"}),
    "a bare name": order(medicationCodeableConcept="Truxima 500 mg"),
    "a list of concepts": order(medicationCodeableConcept=[coded("121191", RXNORM)]),
}


@every_hook()
@each(OF_OTHER_VERSIONS)
def test_an_order_in_the_form_of_another_version_is_read(hook: str, sent: Json) -> None:
    told = ordered(hook, sent, hepatitisB=())
    assert "could not be read: nothing was checked" not in told.words
    if hook != "medication-refill":
        assert "G1" in told.logic


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@each(WHOLE)
def test_drafts_in_an_easier_shape_are_read(hook: str, sent: Any) -> None:
    told = ask(hook, context={"draftOrders": sent, "selections": ["MedicationRequest/draft-1"]}, hepatitisB=())
    assert "G1" in told.logic
    assert "could not be read" not in told.words


@pytest.mark.parametrize(
    "name", ["MedicationRequest/gone-9", "https://ehr.example.org/r4/MedicationRequest/gone-9", "gone-9"]
)
def test_an_order_that_is_dispatched_and_cannot_be_had_is_named(name: str) -> None:
    told = ask("order-dispatch", context={"dispatchedOrders": [name]})
    assert "C5b" in told.logic
    assert "1 order could not be read" in told.words


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-refill"])
@each(NOTHING_ORDERED)
def test_an_order_of_nothing_we_judge_is_silent(hook: str, sent: Json) -> None:
    assert ordered(hook, sent).cards == []


@every_hook()
@each(NOT_TOLD)
def test_an_order_of_a_stranger_is_none_of_our_business(hook: str, sent: Json) -> None:
    for problems in STRANGERS.values():
        assert ordered(hook, sent, conditions=problems, **NO_TESTS).cards == []


def test_what_is_selected_may_be_named_by_an_object() -> None:
    context = {"draftOrders": bundle(order()), "selections": [{"reference": "MedicationRequest/draft-1"}]}
    assert "G1" in ask("order-select", context=context, hepatitisB=()).logic


def test_what_is_dispatched_may_be_named_by_an_object() -> None:
    context = {"dispatchedOrders": [{"reference": "MedicationRequest/gone-9"}]}
    assert "C5b" in ask("order-dispatch", context=context).logic


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("sent", [None, [], {}, bundle(), {"resourceType": "Bundle"}])
def test_where_nothing_is_ordered_nothing_is_said(hook: str, sent: Any) -> None:
    assert ask(hook, context={"draftOrders": sent, "selections": []}).cards == []


def test_a_draft_that_is_not_selected_is_not_named() -> None:
    unread = NOT_TOLD["by an identifier"] | {"id": "other-1"}
    gabapentin = order("chosen-1", medicationCodeableConcept=coded("25480", RXNORM, text="gabapentin"))
    context = {"draftOrders": bundle(unread, gabapentin), "selections": ["MedicationRequest/chosen-1"]}
    assert ask("order-select", context=context).cards == []


def test_orders_that_cannot_be_read_stand_beside_what_the_others_say() -> None:
    unread = NOT_TOLD["by an identifier"] | {"id": "other-1"}
    told = ordered("order-sign", order(), unread, hepatitisB=())
    assert {"G1", "C5b"} <= told.logic
    assert "1 order" in told.words


def test_one_who_has_had_rituximab_is_ours_whatever_the_problems_say() -> None:
    told = ordered(
        "order-sign", NOT_TOLD["by an identifier"], conditions=(), medicationAdministrations=[given(100)], **NO_TESTS
    )
    assert "C5b" in told.logic


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-refill"])
@pytest.mark.parametrize("status", ["cancelled", "Entered in Error", "stopped", "revoked", "completed"])
def test_an_order_that_was_taken_back_is_not_named(hook: str, status: str) -> None:
    assert ordered(hook, NOT_TOLD["by an identifier"] | {"status": status}).cards == []


@pytest.mark.parametrize(
    ("why", "is_ours"),
    [
        ({"reason": [{"concept": {"text": "Asthma"}}]}, False),
        ({"reason": [{"concept": {"text": "anti-MAG neuropathy"}}]}, True),
        ({"reason": [{"reference": {"reference": "Condition/neuropathy-1"}}]}, True),
        ({"reasonCodeableConcept": {"text": "Asthma"}}, False),
        ({"reasonCode": "Asthma"}, False),
        ({}, True),
    ],
)
def test_what_an_order_is_for_is_read_in_every_version(why: Json, is_ours: bool) -> None:
    prednisone = order(medicationCodeableConcept={"text": "Prednisone 40 mg"}, reasonReference=None, **why)
    told = ordered("order-select", prednisone | {"dosageInstruction": []})
    assert ("therapyEvidence" in told.topics) is is_ours
