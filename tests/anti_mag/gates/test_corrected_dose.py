"""G10's one `update`: the user's draft as it came, but for the dose."""

import copy
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.anti_mag.gates.given import SAFE, draft, quantity, record, safety_card, without

SENT = {
    "resourceType": "MedicationRequest",
    "id": "draft-1",
    "status": "draft",
    "intent": "order",
    "priority": "urgent",
    "medicationCodeableConcept": {"text": "rituximab"},
    "subject": {"reference": "Patient/p1"},
    "note": [{"text": "first infusion slowly"}],
    "dosageInstruction": [
        {
            "timing": {"repeat": {"count": 4, "frequency": 1, "period": 1, "periodUnit": "wk"}},
            "doseAndRate": [{"doseQuantity": {"value": 1340, "unit": "mg"}}],
        }
    ],
}


def offered(resource, results=SAFE, hook="order-sign"):
    order = replace(draft(amount=quantity("1340", "mg")), resource=resource)
    card = safety_card(record(order, results=results), hook)
    assert card is not None
    return [action for suggestion in card.suggestions for action in suggestion.actions if action.type == "update"]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.conformance("AC-04")
def test_the_draft_goes_back_unchanged_but_for_its_dose(hook):
    (update,) = offered(SENT, hook=hook)
    expected = copy.deepcopy(SENT)
    expected["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"] = {
        "value": 720,
        "unit": "mg",
        "system": "http://unitsofmeasure.org",
        "code": "mg",
    }
    assert update.resource == expected
    assert "720 mg per dose (375 mg/m² x 1.92 m²) instead of 1340 mg" in update.description


def test_the_draft_as_sent_is_not_touched():
    before = copy.deepcopy(SENT)
    offered(SENT)
    assert before == SENT


def test_no_correction_without_body_surface():
    assert not offered(SENT, without("body_height"))


def changed(**line):
    resource = copy.deepcopy(SENT)
    resource["dosageInstruction"][0] |= line
    return resource


def test_no_correction_that_words_would_contradict():
    assert not offered(changed(text="1340 mg once a week"))
    assert offered(changed(text="once a week"))


def test_no_correction_of_several_dosage_lines():
    resource = copy.deepcopy(SENT)
    resource["dosageInstruction"] *= 2
    assert not offered(resource)


def test_no_correction_of_a_draft_that_is_no_valid_r4():
    assert not offered(SENT | {"category": {"text": "an object where R4 has a list"}})
    assert not offered({})


@pytest.mark.parametrize(("unit", "told"), [("{pill}", 'sent as "1 pill"'), ("mg", ""), ("mg/kg", 'sent as "1 mg/kg"')])
def test_a_dose_in_a_unit_that_is_none_of_rituximab_is_quoted(unit, told):
    card = safety_card(record(draft(amount=quantity("1", unit)), results=SAFE))
    assert card is not None
    assert ("sent as" in card.detail) is bool(told)
    assert told in card.detail


@pytest.mark.parametrize(("days", "is_offered"), [(7, True), (12, True), (13, False), (14, False)])
def test_no_weekly_dose_in_an_order_that_is_timed_as_1000_mg_twice(days, is_offered):
    ordered = draft(amount=quantity("1340", "mg"))
    line = replace(ordered.dosages[0], count=2, frequency=1, period=Decimal(days), period_unit="d")
    card = safety_card(record(replace(ordered, dosages=(line,), resource=SENT), results=SAFE), "order-sign")
    assert card is not None
    assert any(item.label.startswith("Correct the dose") for item in card.suggestions) is is_offered
