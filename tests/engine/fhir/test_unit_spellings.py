"""The unit table: what laboratories write for one unit, and what stays unread since it could be another."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.units import convert, unit_of
from cds_service.values import Quantity

SPELLED = {
    "g/L": [
        "g/L",
        "g/l",
        "g / L",
        "gm/L",
        "GM/L",
        "gr/L",
        "Gr/l",
        "grams per litre",
        "г/л",
        "ｇ／Ｌ",
        "g.L-1",
        "g·L⁻¹",
        "g L-1",
        "(g/L)",
        "[g/L]",
    ],
    "g/dL": ["g/dl", "G/DL", "gm%", "g %", "gm/100ml", "gm/100 mL", "g/100mL", "gms/dL"],
    "mg/dL": [
        "mg/dL",
        "MG/DL",
        "mg / dL",
        "mg%",
        "mg %",
        "mg/100mL",
        "mg/100 ml",
        "mg per 100 ml",
        "mg/dL (calc)",
        "mg/dL calc",
        "mg/dl [calculated]",
        "mg/dL (calc.)",
        "㎎/㎗",
        "mgs/dl",
        "mg/100cc",
    ],
    "ug/mL": ["mcg/mL", "µg/mL", "μg/ml", "UG/ML", "мкг/мл"],
    "10*9/L": [
        "10⁹/L",
        "x10⁹/l",
        "10^9/L",
        "10E9/L",
        "x10(9)/L",
        "10 9/L",
        "x10 9/L",
        "x109/L",
        "10x9/L",
        "E9/l",
        "10⁹ L⁻¹",
        "10*9.L-1",
        "Gpt/l",
        "GI/L",
        "Mrd/l",
    ],
    "10*3/uL": [
        "10^3/µL",
        "x10E3/uL",
        "10*3{cells}/uL",
        "10*3 {Cells} / uL",
        "10³/mm³",
        "10X3/UL",
        "10^3 cells/uL",
        "x10*3 cells/µL",
        "K/mcL",
        "k/cumm",
        "thou/mcL",
        "THOUS/CU MM",
        "Tsd./µl",
        "Tsd/µl",
        "1000/mm3",
        "тыс/мкл",
        "× 10^3/µL",
    ],
    "10*6/uL": ["M/uL", "mill/mcL", "Mio/µl", "10^6/mm3"],
    "10*12/L": ["T/l", "Tpt/l", "10¹²/L"],
    "10*5/uL": ["lakh/cumm", "Lakhs/mcL"],
    "10*4/uL": ["万/μL"],
    "/nL": ["/nl", "/nL", "1/nl"],
    "/uL": ["/mcL", "cells/mcL", "{cells}/uL", "cells per microliter", "1/µl", "#/uL", "/cu mm", "/UL"],
    "/mm3": ["/mm3", "/mm³"],
    "[IU]/mL": ["IU/mL", "iu/ml", "[iU]/mL", "I.U./mL", "UI/mL", "IE/ml", "I.E./ml", "МЕ/мл"],
    "m[IU]/mL": ["mIU/mL", "mIU/ML", "mUI/ml", "MIU/ML", "m[iU]/mL"],
    "U/mL": ["U/ml", "u/mL", "units/mL", "Units/ML"],
    "{Log_IU}/mL": ["log IU/mL", "LOG IU/ML", "lg IU/ml", "log10 IU/mL", "log(10) IU/ml", "log UI/mL", "{Log_IU}/mL"],
    "{copies}/mL": ["copies/mL", "Kopien/ml", "cp/mL", "{copies}/mL"],
    "cP": ["cP", "CP", "cPs", "centipoise"],
    "mPa.s": ["mPa*s", "mPa·s", "mPa⋅s", "mPas", "mPa s", "mPa x s", "mPa.s"],
    "[lb_av]": ["lb", "LBS", "lbs.", "pounds", "[lb_av]"],
    "[oz_av]": ["oz", "OZ", "ounces"],
    "[in_i]": ["in", "inches", '"', "″"],
    "[ft_i]": ["ft", "feet", "'", "′"],
    "kg": ["KG", "kgs", "кг"],
    "g": ["g", "gm", "grams"],
    "{titer}": ["titer", "Titre", "(titer)"],
    "{s_co_ratio}": ["S/CO", "s/co"],
    "{index}": ["COI", "{COI}", "Index"],
}

SPELLINGS = [(text, ucum) for ucum, texts in SPELLED.items() for text in texts]


@pytest.mark.parametrize(("text", "ucum"), SPELLINGS)
def test_a_unit_is_known_under_the_spellings_of_the_field(text: str, ucum: str):
    unit = unit_of(text, {})
    assert unit is not None
    assert unit.ucum == ucum


@pytest.mark.parametrize(
    "text",
    [
        *(
            "G/L",
            "G/l",
            "G / L",
            "gr",
            "mil/uL",
            "billion/L",
            "m/uL",
            "MU/mL",
            "MIU/mL",
            "MIU/L",
            "MPa.s",
            "cps",
            "CPS",
        ),
        *("M", "mM", "MU", "109/L", "mg{creat}/dL", "g{protein}/L", "mg dL", "mgdL", "mg//dL", "/dL", "mg/", "%/uL"),
        *("calc", "(calc)", "mg/dL (total)", "mg/dL (H)", "[BTU]", "[Btu]", "m g/dL", "x/uL", "10*3", "10*7/uL", "1e3"),
        *("mg/dl/h", "mg/24h", "cell", "", " ", "10*-3/uL"),
    ],
)
def test_what_could_be_another_unit_or_is_none_stays_unread(text: str):
    assert unit_of(text, {}) is None


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        ("0.5", "/nL", "10*9/L", "0.5"),
        ("500", "/mm3", "10*9/L", "0.5"),
        ("1.5", "10*5/uL", "10*9/L", "150"),
        ("12", "10*4/uL", "10*9/L", "120"),
        ("500", "10*3/mL", "10*9/L", "0.5"),
    ],
)
def test_the_units_of_counts_convert_into_each_other(value: str, unit: str, wanted: str, expected: str):
    assert convert(Quantity(Decimal(value), unit), wanted) == Decimal(expected)


@given(st.text(max_size=200))
def test_any_text_is_a_unit_or_none(text: str):
    unit_of(text, {})


@given(st.text(alphabet="mgdL/ 10*^x({})%³⁹calc", max_size=70))
def test_any_text_made_of_units_is_a_unit_or_none(text: str):
    unit_of(text, {})


@pytest.mark.parametrize("filling", ["(", "{", " ", "10⁹", "mg/dL ", "calc (", " /", "㎎"])
def test_a_very_long_text_costs_no_time(filling: str):
    started = time.perf_counter()
    assert unit_of(filling * 100_000, {}) is None
    assert time.perf_counter() - started < 0.5
