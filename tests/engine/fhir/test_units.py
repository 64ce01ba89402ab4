from decimal import Decimal

import pytest

from cds_service.fhir.units import convert, unit_of
from cds_service.values import Quantity


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        ("38", "g/L", "mg/dL", "3800"),
        ("1", "g/dL", "mg/dL", "1000"),
        ("1000", "mg/L", "g/L", "1"),
        ("4300", "mg/dL", "g/L", "43"),
        ("25", "ug/mL", "mg/L", "25"),
        ("150", "10*3/uL", "10*9/L", "150"),
        ("4.1", "mPa.s", "cP", "4.1"),
        ("70", "[in_i]", "cm", "177.8"),
        ("1.75", "m", "cm", "175"),
        ("154", "[lb_av]", "kg", "69.85322498"),
        ("1", "g", "mg", "1000"),
        ("0.5", "[IU]/mL", "[IU]/L", "500"),
        ("10", "m[IU]/mL", "[IU]/L", "10"),
        ("2", "min", "s", "120"),
    ],
)
def test_a_number_converts_exactly_inside_its_dimension(value: str, unit: str, wanted: str, expected: str):
    converted = convert(Quantity(Decimal(value), unit), wanted)
    assert converted == Decimal(expected)
    assert "E" not in str(converted)


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ("g/L", "cP"),
        ("umol/L", "mg/dL"),
        ("[IU]/mL", "U/mL"),
        ("[IU]/mL", "g/L"),
        ("mg", "mg/m2"),
        ("{BTU}", "{TU}"),
        ("{titer}", "1"),
        ("%", "1"),
        (None, "g/L"),
        ("g/L", "furlong"),
    ],
)
def test_nothing_converts_across_dimensions_or_out_of_an_arbitrary_unit(unit: str | None, wanted: str):
    assert convert(Quantity(Decimal(5), unit), wanted) is None


def test_the_same_unit_leaves_the_number_untouched():
    assert str(convert(Quantity(Decimal("13.50"), "{XYZ}"), "{XYZ}")) == "13.50"


@pytest.mark.parametrize(
    ("text", "ucum"),
    [
        ("MG/DL", "mg/dL"),
        ("gm/dL", "g/dL"),
        ("g/l", "g/L"),
        ("mcg/mL", "ug/mL"),
        ("µg/mL", "ug/mL"),
        ("x10E3/uL", "10*3/uL"),
        ("K/uL", "10*3/uL"),
        ("cells/uL", "/uL"),
        ("IU/mL", "[IU]/mL"),
        ("mmHg", "mm[Hg]"),
        ("lbs", "[lb_av]"),
        ("titer", "{titer}"),
        ("points", "{score}"),
        ("TU", "{TU}"),
        (" mg/dL ", "mg/dL"),
    ],
)
def test_spellings_of_the_table_are_known(text: str, ucum: str):
    unit = unit_of(text, {})
    assert unit is not None
    assert unit.ucum == ucum


@pytest.mark.parametrize("text", ["G/L", "furlong", "[BTU]", "M", "MU/mL", "cps", "", "mg dL"])
def test_what_could_be_another_unit_is_not_guessed(text: str):
    assert unit_of(text, {}) is None


def test_the_british_thermal_unit_is_refused_even_where_an_alias_differs_only_in_case():
    assert unit_of("[Btu]", {"[btu]": "{XYZ}"}) is None
    assert unit_of("[BTU]", {"[btu]": "{XYZ}"}) is not None


def test_an_alias_of_the_disease_is_known_in_any_case_and_converts_into_nothing():
    unit = unit_of("XyZ", {"xyz": "{XYZ}"})
    assert unit is not None
    assert convert(Quantity(Decimal(1), unit.ucum), "g/L") is None
