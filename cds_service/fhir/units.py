"""The closed unit table: which spellings are understood, and which units convert into which.

A unit is known by its UCUM spelling, by an alias of the table, or (arbitrary units of an assay) by an alias that the
disease package lends. Conversion stays inside one dimension; an arbitrary unit converts into nothing. What is not in
the table is unknown, whatever it looks like. Which of `code` and `unit` of a FHIR Quantity decides is left to
`quantities`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from cds_service.record import Quantity


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its UCUM spelling, its dimension, and its size in the dimension's base unit."""

    ucum: str
    dimension: str
    factor: Decimal = Decimal(1)


# dimension -> UCUM spelling -> size; sizes are exact by definition (mm[Hg] is UCUM's own number)
_SIZES: Mapping[str, Mapping[str, str]] = {
    "mass concentration": {
        "g/L": "1", "mg/mL": "1", "g/dL": "10", "mg/dL": "0.01", "mg/L": "0.001", "ug/mL": "0.001", "ug/dL": "0.00001",
        "ug/L": "0.000001", "ng/mL": "0.000001", "ng/dL": "0.00000001", "ng/L": "0.000000001", "pg/mL": "0.000000001",
    },
    "substance concentration": {"mol/L": "1", "mmol/L": "0.001", "umol/L": "0.000001", "nmol/L": "0.000000001"},
    "number concentration": {
        "10*9/L": "1", "10*3/uL": "1", "10*6/uL": "1000", "10*6/mL": "1", "10*6/L": "0.001", "10*12/L": "1000",
        "/uL": "0.001", "/mm3": "0.001", "/mL": "0.000001", "/L": "0.000000001",
    },
    "international units": {
        "[IU]/L": "1", "[IU]/mL": "1000", "[IU]/dL": "10", "k[IU]/L": "1000", "k[IU]/mL": "1000000", "m[IU]/mL": "1",
        "m[IU]/L": "0.001", "u[IU]/mL": "0.001",
    },
    "enzyme units": {"U/L": "1", "U/mL": "1000", "U/dL": "10", "kU/L": "1000", "mU/mL": "1", "mU/L": "0.001"},
    "viscosity": {"cP": "1", "mPa.s": "1", "Pa.s": "1000"},
    "mass": {
        "kg": "1", "g": "0.001", "mg": "0.000001", "ug": "0.000000001", "[lb_av]": "0.45359237",
        "[oz_av]": "0.028349523125",
    },
    "length": {"m": "1", "cm": "0.01", "mm": "0.001", "[in_i]": "0.0254", "[ft_i]": "0.3048"},
    "area": {"m2": "1", "cm2": "0.0001"},
    "volume": {"L": "1", "dL": "0.1", "mL": "0.001", "uL": "0.000001"},
    "mass per area": {"mg/m2": "1", "g/m2": "1000"},
    "mass per mass": {"mg/kg": "1", "g/kg": "1000", "ug/kg": "0.001"},
    "pressure": {"kPa": "1", "Pa": "0.001", "mm[Hg]": "0.133322", "bar": "100"},
    "time": {"s": "1", "ms": "0.001", "min": "60", "h": "3600", "d": "86400", "wk": "604800"},
    "calendar time": {"mo": "1", "a": "12"},
}  # fmt: skip

_ARBITRARY = (
    "1", "%", "{ratio}", "{titer}", "{score}", "{BTU}", "{TU}", "{index}", "{s_co_ratio}", "{copies}/mL",
    "{Log_IU}/mL", "[arb'U]", "[arb'U]/mL", "{pill}", "{tablet}", "{capsule}", "{dose}", "{vial}", "kg/m2",
    "mL/min/{1.73_m2}",
)  # fmt: skip

GENERIC = frozenset({"1", "[arb'U]", "[arb'U]/mL"})
"""Units that say only "a number" or "this assay's own units": a text beside them may name the unit more closely."""

# Read in any case. Left out is what another case makes another unit: "G/L" is giga per litre in some laboratories, "M"
# molar, "MU" a million units.
_CASELESS = (
    "mg/mL", "g/dL", "mg/dL", "mg/L", "ug/mL", "ug/dL", "ug/L", "ng/mL", "ng/dL", "pg/mL", "cP", "kg", "g", "mg", "ug",
    "cm", "mm", "m2", "mg/m2", "mg/kg", "dL", "mL", "min", "kPa", "{titer}", "{score}", "{ratio}", "{BTU}", "{pill}",
    "{tablet}", "{capsule}", "{dose}", "{vial}", "[lb_av]", "[in_i]", "[ft_i]",
)  # fmt: skip

_ALIASES: Mapping[str, str] = {
    "gm/dL": "g/dL", "gm/dl": "g/dL", "GM/DL": "g/dL", "g%": "g/dL", "mg%": "mg/dL", "gm/L": "g/L", "gm/l": "g/L",
    "g/l": "g/L", "mcg/mL": "ug/mL", "mcg/ml": "ug/mL", "MCG/ML": "ug/mL", "mcg/dL": "ug/dL", "mcg/L": "ug/L",
    "x10E3/uL": "10*3/uL", "x10*3/uL": "10*3/uL", "x10^3/uL": "10*3/uL", "10^3/uL": "10*3/uL", "10e3/uL": "10*3/uL",
    "10E3/uL": "10*3/uL", "10(3)/uL": "10*3/uL", "10*3/ul": "10*3/uL", "10^3/ul": "10*3/uL", "10*3/mm3": "10*3/uL",
    "10^3/mm3": "10*3/uL", "K/uL": "10*3/uL", "k/uL": "10*3/uL", "K/ul": "10*3/uL", "K/mm3": "10*3/uL",
    "THOU/uL": "10*3/uL", "Thousand/uL": "10*3/uL", "thou/uL": "10*3/uL",
    "10^9/L": "10*9/L", "x10^9/L": "10*9/L", "x10*9/L": "10*9/L", "x10E9/L": "10*9/L", "10E9/L": "10*9/L",
    "10e9/L": "10*9/L", "10*9/l": "10*9/L", "10^9/l": "10*9/L", "Gpt/L": "10*9/L", "giga/L": "10*9/L",
    "10^6/uL": "10*6/uL", "M/uL": "10*6/uL", "10^12/L": "10*12/L", "cells/uL": "/uL", "{cells}/uL": "/uL",
    "cells/mm3": "/uL", "/cumm": "/uL", "cells/cumm": "/uL",
    "IU/mL": "[IU]/mL", "IU/ml": "[IU]/mL", "iu/mL": "[IU]/mL", "[iU]/mL": "[IU]/mL", "IU/L": "[IU]/L",
    "IU/l": "[IU]/L", "[iU]/L": "[IU]/L", "mIU/mL": "m[IU]/mL", "mIU/ml": "m[IU]/mL", "m[iU]/mL": "m[IU]/mL",
    "mIU/L": "m[IU]/L", "mIU/l": "m[IU]/L", "m[iU]/L": "m[IU]/L", "kIU/L": "k[IU]/L", "uIU/mL": "u[IU]/mL",
    "U/ml": "U/mL", "u/mL": "U/mL", "u/ml": "U/mL", "U/l": "U/L", "u/l": "U/L", "u/L": "U/L", "mU/ml": "mU/mL",
    "units/mL": "U/mL", "units/ml": "U/mL", "Units/mL": "U/mL", "units/L": "U/L", "Units/L": "U/L",
    "centipoise": "cP", "cPs": "cP", "mPa*s": "mPa.s", "mPas": "mPa.s", "mPa s": "mPa.s", "mPa-s": "mPa.s",
    "mpa.s": "mPa.s", "mpas": "mPa.s", "Pa*s": "Pa.s",
    "kgs": "kg", "kilogram": "kg", "kilograms": "kg", "gm": "g", "gms": "g", "gram": "g", "grams": "g", "mgs": "mg",
    "milligram": "mg", "milligrams": "mg", "mcg": "ug", "microgram": "ug", "lb": "[lb_av]", "lbs": "[lb_av]",
    "lb_av": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]", "cms": "cm", "centimeter": "cm",
    "centimetre": "cm", "meter": "m", "metre": "m", "in": "[in_i]", "in_i": "[in_i]", "inch": "[in_i]",
    "inches": "[in_i]", "ft": "[ft_i]", "feet": "[ft_i]", "m^2": "m2", "sqm": "m2", "m²": "m2",
    "mg/m^2": "mg/m2", "mg/m²": "mg/m2", "mg/m*2": "mg/m2", "mg/sqm": "mg/m2", "g/m²": "g/m2",
    "percent": "%", "pct": "%", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "mmhg": "mm[Hg]",
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "minute": "min", "minutes": "min", "day": "d", "days": "d", "week": "wk", "weeks": "wk", "month": "mo",
    "months": "mo", "year": "a", "years": "a", "yr": "a",
    "titer": "{titer}", "titre": "{titer}", "Titer": "{titer}", "Titre": "{titer}", "TITER": "{titer}",
    "{Titer}": "{titer}", "{titre}": "{titer}", "[titer]": "{titer}", "(titer)": "{titer}", "ratio": "{ratio}",
    "Ratio": "{ratio}", "index": "{index}", "Index": "{index}", "S/CO": "{s_co_ratio}", "s/co": "{s_co_ratio}",
    "score": "{score}", "scores": "{score}", "[score]": "{score}", "points": "{score}", "point": "{score}",
    "{points}": "{score}", "{Points}": "{score}", "pts": "{score}", "TU": "{TU}", "copies/mL": "{copies}/mL",
    "log IU/mL": "{Log_IU}/mL", "log_IU/mL": "{Log_IU}/mL", "[log_IU]/mL": "{Log_IU}/mL",
    "{log_IU}/mL": "{Log_IU}/mL", "kg/m²": "kg/m2", "kg/m^2": "kg/m2", "mL/min/1.73m2": "mL/min/{1.73_m2}",
    "mL/min/1.73 m2": "mL/min/{1.73_m2}", "mL/min/{1.73m2}": "mL/min/{1.73_m2}",
    "pill": "{pill}", "pills": "{pill}", "tablets": "{tablet}", "tablet": "{tablet}", "tab": "{tablet}",
    "tabs": "{tablet}", "{tbl}": "{tablet}", "capsule": "{capsule}", "capsules": "{capsule}", "cap": "{capsule}",
    "dose": "{dose}", "doses": "{dose}", "vial": "{vial}", "vials": "{vial}",
}  # fmt: skip

_REFUSED = frozenset({"[Btu]"})
"""Valid UCUM with another meaning than the laboratory's: the British thermal unit is no unit of an antibody."""

_UNITS: Mapping[str, Unit] = {
    **{ucum: Unit(ucum, name, Decimal(size)) for name, sizes in _SIZES.items() for ucum, size in sizes.items()},
    **{ucum: Unit(ucum, f"arbitrary {ucum}") for ucum in _ARBITRARY},
}
_SPELLINGS: Mapping[str, Unit] = {**_UNITS, **{alias: _UNITS[ucum] for alias, ucum in _ALIASES.items()}}
_FOLDED: Mapping[str, Unit] = {ucum.lower(): _UNITS[ucum] for ucum in _CASELESS}
_SPACES = re.compile(r"\s+")


def unit_of(text: str, aliases: Mapping[str, str]) -> Unit | None:
    """The unit that `text` spells, or None where the table does not know it.

    `aliases` are the disease package's spellings, lower case, of arbitrary units (`Vocabulary.unit_aliases`).
    """
    spelling = _SPACES.sub(" ", text.strip()).replace("µ", "u").replace("μ", "u")
    if spelling in _REFUSED:
        return None
    known = _SPELLINGS.get(spelling) or _FOLDED.get(spelling.lower())
    if known is not None:
        return known
    arbitrary = aliases.get(spelling.lower())
    return None if arbitrary is None else _UNITS.get(arbitrary) or Unit(arbitrary, f"arbitrary {arbitrary}")


def convert(quantity: Quantity, unit: str) -> Decimal | None:
    """The number of `quantity` in `unit` (a UCUM spelling of the table), or None across dimensions and without unit.

    The comparator is not looked at: a bound stays a bound, and the caller has to treat it as one.
    """
    if quantity.unit is None:
        return None
    if quantity.unit == unit:
        return quantity.value
    sent, wanted = _UNITS.get(quantity.unit), _UNITS.get(unit)
    if sent is None or wanted is None or sent.dimension != wanted.dimension:
        return None
    with localcontext() as context:
        context.prec = 50
        return _plain(quantity.value * sent.factor / wanted.factor)


def _plain(number: Decimal) -> Decimal:
    """Without exponent and trailing zeros, so that 38 g/L prints as 3800 mg/dL and not as 3.8E+3."""
    with localcontext() as context:
        context.prec = 28
        shortest = number.normalize()
    return Decimal(format(shortest, "f")) if -30 < shortest.adjusted() < 30 else shortest
