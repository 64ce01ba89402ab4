"""Numbers, titres and units that were sent as text."""

from decimal import Decimal
from typing import Any

import pytest

from cds_service.codes import Concept
from cds_service.record import GapReason
from cds_service.values import Between, Quantity, Text, Titre, Value
from tests.engine.fhir.charts import ABSENT, observation, one, reasons


def value_of(**value: Any) -> tuple[Value | None, list[GapReason]]:
    record = one(observation(**value))
    return record.results[0].value, reasons(record)


@pytest.mark.parametrize(
    ("text", "number", "unit", "comparator"),
    [
        ("1600", "1600", None, ""),
        (">70000", "70000", None, ">"),
        ("> 70,000", "70000", None, ">"),
        ("<1000", "1000", None, "<"),
        ("≤ 5", "5", None, "<="),
        ("12,800", "12800", None, ""),
        ("12 800", "12800", None, ""),
        ("12\u00a0800", "12800", None, ""),
        ("12'800", "12800", None, ""),
        ("38 g/L", "38", "g/L", ""),
        ("38,5 g/L", "38.5", "g/L", ""),
        ("0.800 g/L", "0.800", "g/L", ""),
        ("1,300 mg/dL", "1300", "mg/dL", ""),
        ("150 10*3/uL", "150", "10*3/uL", ""),
        ("7 XYZ", "7", "{XYZ}", ""),
    ],
)
def test_a_text_that_is_a_number_is_a_quantity(text: str, number: str, unit: str | None, comparator: str):
    value, gaps = value_of(valueString=text)
    assert isinstance(value, Quantity)
    assert (value.value, value.unit, value.comparator) == (Decimal(number), unit, comparator)
    assert value.received == text
    assert not gaps


@pytest.mark.parametrize(
    ("text", "reciprocal", "comparator"),
    [
        ("1:25600", 25600, ""),
        ("1/25600", 25600, ""),
        ("1 : 25 600", 25600, ""),
        ("1:12,800", 12800, ""),
        ("<1:10", 10, "<"),
        ("1:>70000", 70000, ">"),
        ("Positive 1:6400", 6400, ""),
        ("1:6400 (positive)", 6400, ""),
        ("titre 1:1600", 1600, ""),
        ("25600 titer", 25600, ""),
        ("25600 (titer)", 25600, ""),
    ],
)
def test_a_text_that_is_a_titre_is_one_and_keeps_the_words_beside_it(text: str, reciprocal: int, comparator: str):
    value, gaps = value_of(valueString=text)
    assert value == Titre(Decimal(reciprocal), comparator, text)
    assert not gaps


@pytest.mark.parametrize("text", ["12.800", "1:12.800", ">70.000", "1.234.567", "1:6400 (ref <1:400)", "1:0", "1e300"])
def test_an_ambiguous_or_absurd_text_stays_text_and_is_a_gap(text: str):
    value, gaps = value_of(valueString=text)
    assert value == Text(text)
    assert gaps == [GapReason.VALUE_UNREADABLE]


@pytest.mark.parametrize("text", ["Positive", "see page 1/2 of the report", "not detected", "3 days ago", "x" * 500])
def test_any_other_text_is_text(text: str):
    value, gaps = value_of(valueString=text)
    assert value == Text(text)
    assert not gaps


def test_a_number_with_an_unknown_unit_stays_text_and_is_a_gap():
    value, gaps = value_of(valueString="38 foo/L")
    assert value == Text("38 foo/L")
    assert gaps == [GapReason.UNIT_UNKNOWN]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 38.0, "unit": "g/L"}, ("38.0", "g/L")),
        ({"value": "38.0", "unit": "g/L"}, ("38.0", "g/L")),
        ({"value": "12.800"}, ("12.800", None)),
        ({"value": 45}, ("45", None)),
        ({"value": 9, "code": "g/dL", "system": "http://unitsofmeasure.org"}, ("9", "g/dL")),
        ({"value": 9, "code": "gm/dL", "system": "http://unitsofmeasure.org"}, ("9", "g/dL")),
        ({"value": 9, "code": "GDL", "system": "urn:local", "unit": "g/dL"}, ("9", "g/dL")),
        ({"value": 9, "unit": "mg/dl", "code": "mg/dL", "system": "http://unitsofmeasure.org"}, ("9", "mg/dL")),
        ({"value": 9, "unit": "mg/L", "code": "ug/mL", "system": "http://unitsofmeasure.org"}, ("9", "ug/mL")),
        ({"value": 9, "unit": "XYZ", "code": "1", "system": "http://unitsofmeasure.org"}, ("9", "{XYZ}")),
        ({"value": 9, "unit": "TU"}, ("9", "{TU}")),
    ],
)
def test_a_quantity_has_the_unit_that_its_code_or_its_text_names(quantity: dict[str, Any], expected: tuple[str, Any]):
    value, gaps = value_of(valueQuantity=quantity)
    assert isinstance(value, Quantity)
    assert (str(value.value), value.unit) == expected
    assert not gaps


@pytest.mark.parametrize(
    "quantity",
    [
        {"value": 9, "unit": "furlong"},
        {"value": 9, "unit": "[Btu]"},
        {"value": 9, "code": "zz", "system": "http://unitsofmeasure.org", "unit": "g/L"},
        {"value": 9, "code": "g/L", "system": "http://unitsofmeasure.org", "unit": "mg/dL"},
        {"value": 9, "code": "g/L", "system": "http://unitsofmeasure.org", "unit": "cP"},
        {"value": 9, "code": "GDL", "system": "urn:local"},
    ],
)
def test_a_unit_that_is_unknown_or_contradicted_is_a_gap_and_never_a_number(quantity: dict[str, Any]):
    value, gaps = value_of(valueQuantity=quantity)
    assert isinstance(value, Text)
    assert gaps == [GapReason.UNIT_UNKNOWN]


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "Infinity",
        "abc",
        True,
        {"a": 1},
        [1],
        1e300,
        10**60,
        "1e-400",
        "1_000",
        "١٢",
        "1e99999999999999999999",
        "9" * 200,
    ],
)
def test_a_number_that_is_none_is_a_gap(value: Any):
    read, gaps = value_of(valueQuantity={"value": value, "unit": "g/L"})
    assert read is None
    assert gaps == [GapReason.VALUE_UNREADABLE]


def test_a_comparator_is_kept_and_an_unknown_one_is_a_gap():
    value, _ = value_of(valueQuantity={"value": 5, "comparator": "<", "unit": "mg/dL"})
    assert isinstance(value, Quantity)
    assert value.comparator == "<"
    assert value_of(valueQuantity={"value": 5, "comparator": "~"}) == (None, [GapReason.VALUE_UNREADABLE])


def test_a_quantity_in_titre_units_is_a_titre():
    assert value_of(valueQuantity={"value": 1600, "code": "{titer}"})[0] == Titre(Decimal(1600), "", "1600 {titer}")


def test_a_ratio_is_a_titre_only_when_it_is_one_to_something_without_units():
    titre, _ = value_of(valueRatio={"numerator": {"value": 1}, "denominator": {"value": 1600, "comparator": ">"}})
    assert isinstance(titre, Titre)
    assert (titre.reciprocal, titre.comparator) == (1600, ">")
    for ratio in (
        {"numerator": {"value": 15, "unit": "mg"}, "denominator": {"value": 24, "unit": "h"}},
        {"numerator": {"value": 1, "unit": "mg"}, "denominator": {"value": 24}},
        {"numerator": {"value": 2}, "denominator": {"value": 24}},
        {"numerator": {"value": 1}},
    ):
        value, gaps = value_of(valueRatio=ratio)
        assert not isinstance(value, Titre)
        assert gaps == [GapReason.VALUE_UNREADABLE]


def end(value: Any, unit: str | None = None) -> dict[str, Any]:
    return {"value": value} if unit is None else {"value": value, "unit": unit}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"low": end(42, "g/L"), "high": end(45, "g/L")}, Between(Decimal(42), Decimal(45), "g/L", "42 g/L to 45 g/L")),
        ({"low": end(42), "high": end("45", "g/L")}, Between(Decimal(42), Decimal(45), "g/L", "42 to 45 g/L")),
        ({"low": end(42, "g/L")}, Quantity(Decimal(42), "g/L", ">=", "42 g/L")),
        ({"high": end(42, "g/L"), "low": None}, Quantity(Decimal(42), "g/L", "<=", "42 g/L")),
        ({"low": end(42, "g/L"), "high": end(45, "mg/dL")}, Text("42 g/L to 45 mg/dL")),
        ({"low": end(45, "g/L"), "high": end(42, "g/L")}, Text("45 g/L to 42 g/L")),
        ({"low": end(42, "g/L"), "high": end(45, "zork")}, Text("42 g/L to 45 zork")),
        ({"low": end(42, "g/L"), "high": end("x", "g/L")}, Text("42 g/L to x g/L")),
        ({"low": end(42, "g/L") | {"comparator": "<"}}, Text("<42 g/L")),
        ({}, None),
        ({"low": None}, None),
    ],
)
def test_a_range(sent: dict[str, Any], read: Any):
    assert value_of(valueRange=sent)[0] == read


@pytest.mark.parametrize("words", ["erhöht", "(HIGH)", "Above normal", "Alto", "Above high normal"])
def test_an_interpretation_may_be_a_word_of_the_laboratory(words: str):
    for sent in ([{"text": words}], [{"coding": [{"display": words}]}], words):
        assert one(observation(valueString="5230", interpretation=sent)).results[0].interpretation == {"H"}


@pytest.mark.parametrize(("words", "code"), [("positiv", "POS"), ("nicht nachweisbar", "NEG"), ("grenzwertig", "IND")])
def test_an_interpretation_may_be_an_answer(words: str, code: str):
    assert one(observation(valueString="x", interpretation=[{"text": words}])).results[0].interpretation == {code}


def test_other_kinds_of_value():
    assert value_of(valueInteger=3)[0] == Quantity(Decimal(3), None, received="3")
    assert value_of(valueInteger="3")[0] == Quantity(Decimal(3), None, received="3")
    assert value_of(valueBoolean=True)[0] == Text("true")
    assert value_of(valueDateTime="2024")[0] == Text("2024")
    assert value_of(valuePeriod={"start": "2024"}) == (None, [GapReason.VALUE_UNREADABLE])
    assert value_of(valueInteger=3.5) == (None, [GapReason.VALUE_UNREADABLE])
    assert value_of(valueString=None) == (None, [])
    assert value_of(valueString=" ") == (None, [])


def test_a_concept_value_keeps_its_codes_and_a_bare_text_in_one_is_read_as_text():
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "10828004", "display": "Positive"}]}
    assert value_of(valueCodeableConcept=coded)[0] == Concept(
        frozenset({("http://snomed.info/sct", "10828004")}), "Positive"
    )
    assert value_of(valueCodeableConcept={"text": "Positive"})[0] == Concept(text="Positive")
    assert value_of(valueCodeableConcept={"text": "1:1600"})[0] == Titre(Decimal(1600), "", "1:1600")


@pytest.mark.parametrize(
    ("text", "sent", "codes"),
    [
        ("5230 mg/dL (H)", None, {"H"}),
        ("0.3 g/L low", None, {"L"}),
        ("5230 mg/dL (H)", [{"coding": [{"code": "N"}]}], {"N"}),
        ("5230 mg/dL", None, set()),
        ("high", None, set()),
    ],
)
def test_a_mark_behind_a_number_is_its_interpretation_where_none_was_sent(text: str, sent: Any, codes: set[str]):
    assert one(observation(valueString=text, interpretation=sent)).results[0].interpretation == codes


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"coding": [{"system": "urn:x", "code": "worse"}]}, "worse"),
        ({"coding": [{"code": "worse"}, {"system": "urn:y", "code": "W2"}]}, "worse, W2"),
        ({"coding": [{"code": "W2", "display": "Worse"}]}, "Worse"),
        ({"text": "much worse", "coding": [{"code": "W2", "display": "Worse"}]}, "much worse"),
    ],
)
def test_an_answer_by_code_alone_is_shown_as_its_code(sent: dict[str, Any], shown: str):
    assert one(observation(valueQuantity=ABSENT, valueCodeableConcept=sent)).results[0].received == shown
