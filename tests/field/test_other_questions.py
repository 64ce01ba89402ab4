"""Serum viscosity and anti-MAG antibodies, which no order asks for: what can't be read does not clear there either."""

from __future__ import annotations

import pytest

from fhir_examples.example import Json
from tests.field.charts import ANTI_MAG, LABORATORY, OURS, VISCOSITY, coded, day, problem, quantity, result, view

BLEEDING = problem(
    "epistaxis-1",
    coded("R04.0", "http://hl7.org/fhir/sid/icd-10-cm", text="Epistaxis"),
    onsetDateTime=day(4),
    recordedDate=day(4),
)
THICK: dict[str, Json] = {
    "cP": {"valueQuantity": quantity(5.4, "cP")},
    "mPa.s": {"valueQuantity": quantity(5.4, "mPa.s")},
    "millipascal seconds": {"valueQuantity": {"value": 5.4, "unit": "mPa·s"}},
    "text": {"valueString": "5.4 cP"},
    "text with a decimal comma": {"valueString": "5,4 cP (H)"},
    "a bound": {"valueQuantity": quantity(5, "cP", comparator=">")},
    "a value as text": {"valueQuantity": quantity("5.4", "cP")},
}
VISCOSITY_SPOILT: dict[str, Json] = {
    "unit of nowhere": {"valueQuantity": quantity(5.4, "zork")},
    "text": {"valueString": "see separate report"},
    "comparator of no standard": {"valueQuantity": quantity(1.5, "cP", comparator="~>")},
    "status of no standard": {"valueQuantity": quantity(1.5, "cP"), "status": "in-process"},
    "modifier": {"valueQuantity": quantity(1.5, "cP"), "modifierExtension": [{"url": "urn:x", "valueCode": "x"}]},
}
ANTI_MAG_SPOILT: dict[str, Json] = {
    "unit of nowhere": {"valueQuantity": quantity(25000, "zork/mL")},
    "text": {"valueString": "see separate report"},
    "comparator of no standard": {"valueQuantity": quantity(25000, "BTU", "{BTU}", comparator="~>")},
    "status of no standard": {"valueQuantity": quantity(25000, "BTU", "{BTU}"), "status": "in-process"},
    "code of the house": {"valueCodeableConcept": coded("R2", "https://lab.example.org/answers")},
}
PROBABLE = (problem("neuropathy-1", coded("G62.9", "http://hl7.org/fhir/sid/icd-10-cm")), OURS[1])


def each(table: dict[str, Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", table.values(), ids=table)


@each(THICK)
def test_a_high_viscosity_with_bleeding_is_hyperviscosity_however_it_is_written(sent: Json) -> None:
    told = view(result("viscosity-1", VISCOSITY, 3, **sent), conditions=[*OURS, BLEEDING])
    assert "HV-1" in told.logic
    assert told.indicator("hyperviscosity") == "critical"


@each(VISCOSITY_SPOILT)
def test_a_newer_viscosity_that_cannot_be_read_is_named(sent: Json) -> None:
    older = result("viscosity-0", VISCOSITY, 10, valueQuantity=quantity(1.5, "cP"))
    told = view(older, result("viscosity-1", VISCOSITY, 3, **sent), conditions=[*OURS, BLEEDING])
    assert "viscosity" in told.words.lower()


@each(ANTI_MAG_SPOILT)
def test_the_only_anti_mag_result_is_not_called_missing_where_it_cannot_be_read(sent: Json) -> None:
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    told = view(laboratory=[*others, result("only", ANTI_MAG, 30, **sent)], conditions=PROBABLE)
    assert "rituximab" not in told.topics
    assert "anti-mag" in told.words.lower()
    for line in told.words.splitlines():
        assert not ("anti-mag" in line.lower() and "none on record" in line.lower()), line


@each(ANTI_MAG_SPOILT)
def test_a_newer_anti_mag_result_that_cannot_be_read_makes_no_disease_of_an_older_negative_one(sent: Json) -> None:
    negative = result(
        "older",
        ANTI_MAG,
        200,
        valueQuantity=quantity(300, "BTU", "{BTU}"),
        referenceRange=[{"high": quantity(1500, "BTU", "{BTU}")}],
    )
    others = [one for one in LABORATORY if one["id"] != "anti-mag-old"]
    told = view(laboratory=[*others, negative, result("newer", ANTI_MAG, 30, **sent)], conditions=PROBABLE)
    assert "rituximab" not in told.topics
    assert "anti-mag" in told.words.lower()
