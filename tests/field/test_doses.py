"""The dose of a rituximab order is checked however it is written, and what can't be read as one is shown as it came."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_examples.example import Json
from tests.field.charts import coded, day, order, ordered, quantity, result, sign

WEEKLY: Json = {"timing": {"repeat": {"count": 4, "frequency": 1, "period": 1, "periodUnit": "wk"}}}
SQUARE_METRES = ("mg/m2", "mg/m²", "mg/m^2", "mg/sq. m", "mg/m2 BSA", "mg/m² KOF")


def line(**dose: Any) -> Json:
    """One dosage line of R4."""
    return {**WEEKLY, "doseAndRate": [dose]}


def bare(value: Any, unit: str | None = None, **members: Any) -> Json:
    return {"value": value, **({"unit": unit} if unit else {}), **members}


RIGHT: dict[str, Json] = {
    "a rate per body surface in place of a dose": line(rateQuantity=quantity(375, "mg/m2")),
    "a rate in millilitres an hour beside the dose": line(
        doseQuantity=quantity(710, "mg"), rateQuantity=quantity(50, "mL/h")
    ),
    **{f"per square metre as {unit}": line(doseQuantity=bare(375, unit)) for unit in SQUARE_METRES},
}
TENFOLD: dict[str, Json] = {
    "a rate per body surface in place of a dose": line(rateQuantity=quantity(3750, "mg/m2")),
    "a rate with a superscript": line(rateQuantity=bare(3750, "mg/m²")),
    "STU3": {**WEEKLY, "doseQuantity": quantity(7100, "mg")},
    **{f"per square metre as {unit}": line(doseQuantity=bare(3750, unit)) for unit in SQUARE_METRES},
}
UNREAD: dict[str, tuple[Json, str]] = {
    "a range": (
        line(doseRange={"low": bare(700, "mg"), "high": bare(7000, "mg")}),
        'sent as "700 mg to 7000 mg", which could not be read',
    ),
    "a range of STU3": (
        {**WEEKLY, "doseRange": {"low": bare(700, "mg"), "high": bare(7000, "mg")}},
        'sent as "700 mg to 7000 mg"',
    ),
    "a range with one end": (line(doseRange={"high": bare(7000, "mg")}), 'sent as "7000 mg"'),
    "a text where an amount belongs": (line(doseQuantity="7000 mg"), 'sent as "7000 mg"'),
    "a number where an amount belongs": (line(doseQuantity=7000), 'sent as "7000"'),
    "a text as the value": (line(doseQuantity=bare("7000 mg")), 'sent as "7000 mg"'),
    "a unit that says something else than its code": (
        line(doseQuantity=quantity(7, "mg", code="g")),
        'sent as "7 mg"',
    ),
    "a code of another system alone": (
        line(doseQuantity={"value": 7000, "code": "258684004", "system": "http://snomed.info/sct"}),
        'sent as "7000 258684004"',
    ),
    "at least so much": (line(doseQuantity=bare(7000, "mg", comparator=">=")), 'sent as "\\>=7000 mg"'),
    "nothing": (line(doseQuantity=bare(0, "mg")), 'sent as "0 mg"'),
    "less than nothing": (line(doseQuantity=bare(-700, "mg")), 'sent as "-700 mg"'),
    "a dose per body weight": (line(doseQuantity=bare("9.4", "mg/kg")), 'sent as "9.4 mg/kg"'),
    "vials": (line(doseQuantity=bare(7, "vial")), 'sent as "7 vial"'),
    "a rate alone": (line(rateQuantity=quantity(50, "mg/h")), 'sent as "50 mg/h"'),
    "a ratio alone": (
        line(rateRatio={"numerator": bare(7000, "mg"), "denominator": bare(1, "wk")}),
        'sent as "7000 mg per 1 wk"',
    ),
    "words alone": ({"text": "7000 mg IV weekly x4"}, 'in words alone ("7000 mg IV weekly x4"), which are not read'),
    "German words": ({"text": "7 g i.v."}, 'in words alone ("7 g i.v.")'),
    "Russian words": ({"text": "7000 мг в/в"}, 'in words alone ("7000 мг в/в")'),
}
NO_DOSE: dict[str, Any] = {
    "no line": None,
    "an empty list": [],
    "a line without one": [WEEKLY],
    "words that name none": [{"text": "as discussed with haematology, 4 times"}],
    "a unit without a number": [line(doseQuantity={"unit": "mg"})],
}


def each(table: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


@each(RIGHT)
def test_a_right_dose_is_silent_however_it_is_written(sent: Json) -> None:
    assert sign(draft=order(dosageInstruction=[sent])).cards == []


@each(TENFOLD)
def test_a_tenfold_dose_is_stopped_however_it_is_written(sent: Json) -> None:
    told = sign(draft=order(dosageInstruction=[sent]))
    assert "G10" in told.logic
    assert told.indicator("rituximabSafety") == "critical"


@each(UNREAD)
def test_a_dose_that_cannot_be_read_is_shown_as_it_came(sent: tuple[Json, str]) -> None:
    dosage, words = sent
    told = sign(draft=order(dosageInstruction=[dosage]))
    assert "G10" in told.unknown
    assert words in told.words
    assert "names none" not in told.words


@each(NO_DOSE)
def test_an_order_without_a_dose_is_said_to_have_none(sent: Any) -> None:
    assert "the order names none" in sign(draft=order(dosageInstruction=sent)).words


def test_of_two_lines_the_one_that_cannot_be_read_is_told() -> None:
    lines = [line(doseQuantity=quantity(710, "mg")), line(doseQuantity="7000 mg")]
    told = sign(draft=order(dosageInstruction=lines))
    assert 'sent as "7000 mg"' in told.words


def test_a_weight_that_cannot_be_read_is_not_called_missing() -> None:
    told = sign(vitalSigns=[result("height-1", "8302-2", 30, valueQuantity=quantity(176, "cm"))])
    assert "cannot be checked: weight could not be had" in told.words


def test_doses_too_close_together_are_seen_in_the_words_of_older_versions() -> None:
    daily = {"timing": {"repeat": {"count": 4, "frequency": 1, "period": 1, "periodUnits": "d"}}}
    told = sign(draft=order(dosageInstruction=[{**daily, "doseQuantity": quantity(710, "mg")}]))
    assert "G10b" in told.logic


@pytest.mark.parametrize("code", ["J9312", "Q5115"])
def test_an_infusion_asked_for_as_a_service_is_an_order_of_rituximab(code: str) -> None:
    hcpcs = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    for asked in (coded(code, hcpcs), {"text": "Rituximab infusion 700 mg"}):
        draft = order(resourceType="ServiceRequest", medicationCodeableConcept=None, code=asked)
        assert "G1" in sign(draft=draft, hepatitisB=()).logic


SERVICE: Json = {
    "resourceType": "ServiceRequest",
    "id": "service-1",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/field-1"},
    "authoredOn": day(0),
    "code": {"text": "Rituximab infusion"},
}


def test_a_prescription_and_the_service_that_infuses_it_are_one_plan() -> None:
    assert sign(serviceRequests=[SERVICE]).cards == []
    assert ordered("order-sign", order(), SERVICE | {"status": "draft"}).cards == []
    assert "G11" in sign(medicationRequests=[order("other-1", status="active")]).logic
    twice = ordered("order-sign", SERVICE | {"status": "draft"}, serviceRequests=[SERVICE | {"id": "service-2"}])
    assert "G11" in twice.logic
