"""Numbers as laboratories write them in text, and what is no number."""

import contextlib
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.numbers import COMPARATORS, number_in, range_in
from cds_service.fhir.titres import TitreAmbiguous, titre_in
from cds_service.record import GapReason
from cds_service.values import Between, Quantity, Text, Titre, Value
from tests.engine.fhir.charts import observation, one, reasons


def value_of(text: str) -> tuple[Value | None, list[GapReason]]:
    record = one(observation(valueString=text))
    return record.results[0].value, reasons(record)


@pytest.mark.parametrize(
    ("text", "value", "unit", "comparator"),
    [
        ("4,500 mg/dL (H)", "4500", "mg/dL", ""),
        ("4500 mg/dL", "4500", "mg/dL", ""),
        ("4500mg/dL", "4500", "mg/dL", ""),
        ("4'500 mg/dL H", "4500", "mg/dL", ""),
        ("4500 mg/dL HIGH", "4500", "mg/dL", ""),
        ("4500 mg/dL *H*", "4500", "mg/dL", ""),
        ("4500 mg/dL critical high", "4500", "mg/dL", ""),
        ("4500 mg/dL (calc) (H)", "4500", "mg/dL", ""),
        ("45 g/l erhöht", "45", "g/L", ""),
        ("4500*", "4500", None, ""),
        ("4500 [HH]", "4500", None, ""),
        ("300L", "300", None, ""),
        ("4500 mg/dL ↑", "4500", "mg/dL", ""),
        (">5 cP (H)", "5", "cP", ">"),
        ("GREATER THAN 4000 mg/dL", "4000", "mg/dL", ">"),
        ("Greater  than 4,000 mg/dL (H)", "4000", "mg/dL", ">"),
        ("more than 40 g/L", "40", "g/L", ">"),
        ("over 4000 mg/dL", "4000", "mg/dL", ">"),
        ("ÜBER 4000 mg/dl", "4000", "mg/dL", ">"),
        ("größer als 40 g/l", "40", "g/L", ">"),
        ("supérieur à 40 g/L", "40", "g/L", ">"),
        ("LESS THAN 300 mg/dL", "300", "mg/dL", "<"),
        ("unter 0,5 g/l", "0.5", "g/L", "<"),
        ("below 5", "5", None, "<"),
        ("menos de 5 UI/mL", "5", "[IU]/mL", "<"),
        ("at least 4000 mg/dL", "4000", "mg/dL", ">="),
        (">=4000", "4000", None, ">="),
        ("> = 4,000 mg/dL", "4000", "mg/dL", ">="),
        ("≥4000", "4000", None, ">="),
        (">/=4000", "4000", None, ">="),
        ("=< 5", "5", None, "<="),
        ("= 4500 mg/dL", "4500", "mg/dL", ""),
        ("= = 4500", "4500", None, ""),
        ("<.05", "0.05", None, "<"),
        ("&lt;5", "5", None, "<"),
        ("＞4000", "4000", None, ">"),
        ("2.3E+04 IU/mL", "23000", "[IU]/mL", ""),
        ("2.3 x 10^4 IU/mL", "23000", "[IU]/mL", ""),
        ("2.3x10E4 copies/mL", "23000", "{copies}/mL", ""),
        ("150 x10^9/L", "150", "10*9/L", ""),
    ],
)
def test_a_number_is_read_as_laboratories_write_it(text: str, value: str, unit: str | None, comparator: str):
    read, gaps = value_of(text)
    assert read == Quantity(Decimal(value), unit, comparator, text)  # type: ignore[arg-type]
    assert not gaps


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("4500 H", "H"),
        ("4500 mg/dL (h)", "H"),
        ("4500 HH", "HH"),
        ("0.5 L", "L"),
        ("4500 mg/dL HIGH", "H"),
        ("25,000 BTU *", "A"),
        ("4500 normal", "N"),
        ("4500 mg/dL", ""),
        ("5 h", ""),
        ("12.800 H", "H"),
    ],
)
def test_a_mark_behind_a_number_is_an_interpretation(text: str, flag: str):
    found = number_in(text)
    assert found is not None
    assert found.flag == flag


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("4200-4500 mg/dL", "4200", "4500", "mg/dL"),
        ("4200 – 4500 mg/dL", "4200", "4500", "mg/dL"),
        ("4200 to 4500", "4200", "4500", None),
        ("4,200 - 4,500 mg/dL (H)", "4200", "4500", "mg/dL"),
        ("4200 mg/dL to 4500 mg/dL", "4200", "4500", "mg/dL"),
        ("between 4200 and 4500 mg/dL", "4200", "4500", "mg/dL"),
        ("42 bis 45 g/l", "42", "45", "g/L"),
        ("zwischen 42 und 45 g/l", "42", "45", "g/L"),
        ("de 42 à 45 g/L", "42", "45", "g/L"),
        ("42..45 g/L", "42", "45", "g/L"),
        ("10-20 /uL", "10", "20", "/uL"),
        ("1.5-2.5", "1.5", "2.5", None),
    ],
)
def test_a_range_of_a_value_has_two_ends(text: str, low: str, high: str, unit: str | None):
    assert value_of(text)[0] == Between(Decimal(low), Decimal(high), unit, text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "4500-4200",
            "4500-4500",
            "0-5",
            "-5-3",
            "4.500-5.500 mg/dL",
            "2026-11-22",
            "11-22-2026",
            "1-2-3",
            "10:20-11:30",
        ),
        *("4200 and 4500", "4200 mg/dL - 45 g/L", "3-5 days ago", "5-", "4200-", "1-2/3", "1:400-1:800", "> 4200-4500"),
        "4200-4500 furlong",
    ],
)
def test_what_is_no_rising_range_of_one_unit_is_none(text: str):
    assert not isinstance(value_of(text)[0], Between)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "<> 4500",
            "≠5",
            "!=5",
            "4.500 mg/dL",
            "1e300",
            "~4500",
            "about 4500",
            "4500 high risk",
            "1+",
            "2 +",
            "12-",
            "H",
        ),
        *("over the counter", "less than", ">", "=", "4500 mg/dL (see note)", "4500?", "4500 mg/dL pending", "++"),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_no_number(text: str):
    assert value_of(text)[0] == Text(text)


def test_an_answer_of_plusses_is_no_quantity_of_an_unknown_unit():
    assert value_of("1+") == (Text("1+"), [])


@pytest.mark.parametrize(
    ("sign", "comparator"),
    [("=", ""), ("= =", ""), ("", ""), ("<=", "<="), ("≥", ">="), (">", ">"), ("greater than", ">")],
)
def test_a_comparator_is_known_by_its_spellings(sign: str, comparator: str):
    assert COMPARATORS[sign] == comparator


@pytest.mark.parametrize("sign", ["<>", "~", "ad", "eq", "x"])
def test_what_is_no_comparator_is_not_in_the_table(sign: str):
    assert sign not in COMPARATORS


def test_a_comparator_of_a_quantity_that_says_exactly_leaves_a_number():
    record = one(observation(valueQuantity={"value": 4500, "comparator": "=", "unit": "mg/dL"}))
    value = record.results[0].value
    assert isinstance(value, Quantity)
    assert (value.value, value.comparator) == (4500, "")
    assert not reasons(record)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GREATER THAN 1:25600", Titre(Decimal(25600), ">", "GREATER THAN 1:25600")),
        ("positiv 1:6400", Titre(Decimal(6400), "", "positiv 1:6400")),
        ("1:25600 (H)", Titre(Decimal(25600), "", "1:25600 (H)")),
        ("<1:1600", Titre(Decimal(1600), "<", "<1:1600")),
        ("1:25600 *", Titre(Decimal(25600), "", "1:25600 *")),
    ],
)
def test_a_titre_keeps_bounds_and_judgement_in_words(text: str, expected: Titre):
    assert titre_in(text) == expected


numberlike = st.text(alphabet="0123456789.,'’ -–<>=≥+*()HLxeE^/:mgdtohan", max_size=100)


@given(st.text(max_size=200) | numberlike)
def test_any_text_is_a_number_a_range_a_titre_or_none(text: str):
    number_in(text)
    ends = range_in(text)
    if ends is not None:
        assert ends[0].value is not None
        assert ends[1].value is not None
        assert 0 < ends[0].value < ends[1].value
    with contextlib.suppress(TitreAmbiguous):
        titre_in(text)


SLOW: list[Any] = ["1", "1,000", "1 000", "<", "= ", "greater than ", "(", "*H", " 5", "1-", "x10", "1:", "a "]


@pytest.mark.parametrize("filling", SLOW)
@pytest.mark.parametrize("length", [79, 100_000])
def test_a_long_text_costs_no_time(filling: str, length: int):
    text = (filling * length)[:length]
    started = time.perf_counter()
    value_of(text)
    number_in(text)
    range_in(text)
    assert time.perf_counter() - started < 0.5
