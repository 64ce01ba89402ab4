"""Numbers and their units as a clinician writes them, on cards, in the rulebook and in the sentences of rules.

A sentence names a number by its id, "within {course.gap}", so that it says the number in force, be it a site's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds_service.knowledge.contract import Threshold, Thresholds

_UNITS = {
    "1": "",
    "{score}": "",
    "d": "days",
    "wk": "weeks",
    "mo": "months",
    "a": "years",
    "m2": "m²",
    "mg/m2": "mg/m²",
    "10*9/L": "x10⁹/L",
}
_PLURAL = re.compile(r"(?<=[a-z]{2})s$")
"""Of a unit that is a word: of one there is a point, a month, a dose."""
_NAMED = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


def shown(value: Decimal) -> str:
    """A number without an exponent or needless zeros."""
    return f"{value.normalize():f}"


def unit_in_words(unit: str) -> str:
    """A UCUM unit as a clinician writes it: "d" is days, "{BTU}" is BTU, a bare count has none."""
    return _UNITS.get(unit, unit.strip("{}"))


def amount(row: Threshold) -> str:
    """A threshold's number and unit: "4000 mg/dL", "1 point"."""
    unit = unit_in_words(row.unit)
    return f"{shown(row.value)} {_PLURAL.sub('', unit) if row.value == 1 else unit}".strip()


def names_in(text: str) -> Iterator[str]:
    """The ids of the numbers that a sentence names."""
    return (match[1] for match in _NAMED.finditer(text))


def filled(text: str, thresholds: Thresholds) -> str:
    """The sentence with the numbers in force."""
    return _NAMED.sub(lambda match: amount(thresholds.row(match[1])), text)
