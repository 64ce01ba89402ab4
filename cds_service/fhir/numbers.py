"""Numbers written as text: bounds, thousands separators, and what is ambiguous.

"12,800", "12 800" and "12'800" are 12800; "12,5" is twelve and a half, since no thousands group has one or two
digits. "12.800" can be either and is said to be ambiguous. What the rest of the text says (a unit or not) is left to
the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from cds_service.record import Comparator

COMPARATORS: Final[dict[str, Comparator]] = {"": "", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">="}

COMPARATOR = r"(?:<=|>=|<|>|≤|≥)"
SPACE = " \u00a0\u2009\u202f"
DIGITS = (
    rf"(?:[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d+)?|[1-9]\d{{0,2}}(?:[{SPACE}]\d{{3}})+(?:[.,]\d+)?"
    r"|[1-9]\d{0,2}(?:['’]\d{3})+(?:\.\d+)?|0,\d+|\d+,\d{1,2}|\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)(?![.,'’]?\d)"
)
DOT_GROUPS = r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?(?![.,]?\d)"
LONGEST = 80
"""A longer text is a report, in which a number is not the value."""
AMBIGUOUS_NOTE = "a dot before three digits can be a decimal point or a thousands separator"

_AMBIGUOUS = re.compile(rf"({COMPARATOR})?\s*(-?{DOT_GROUPS})(.*)", re.DOTALL | re.ASCII)
_NUMBER = re.compile(rf"({COMPARATOR})?\s*(-?{DIGITS})(.*)", re.DOTALL | re.ASCII)
_LARGEST_POWER = 15
_MOST_DIGITS = 40


class NotANumber(ValueError):
    """The number is not finite, or so large, small or long that nothing measured can be meant."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number at the beginning of a text, and what follows it. `value` is None where the text is ambiguous."""

    value: Decimal | None
    comparator: Comparator
    rest: str


def number_in(text: str) -> Number | None:
    """The number that `text` begins with, or None when it begins with anything else.

    Raises `NotANumber` for a number that nothing measured can have.
    """
    stripped = text.strip()
    ambiguous = _AMBIGUOUS.fullmatch(stripped)
    if ambiguous is not None:
        return Number(None, COMPARATORS[ambiguous[1] or ""], ambiguous[3].strip())
    found = _NUMBER.fullmatch(stripped)
    if found is None:
        return None
    return Number(_ungrouped(found[2]), COMPARATORS[found[1] or ""], found[3].strip())


def plausible(number: Decimal) -> Decimal:
    """`number`, if it is finite and of a size that something measured can have; else raises `NotANumber`."""
    if not number.is_finite():
        raise NotANumber("the number is not finite")
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    if len(digits) > _MOST_DIGITS or abs(int(exponent)) > _MOST_DIGITS:
        raise NotANumber("the number has too many digits or too large an exponent")
    if number and abs(number.adjusted()) > _LARGEST_POWER:
        raise NotANumber("the number is too large or too small to have been measured")
    return number


def digits_value(text: str) -> Decimal | None:
    """The number that `text` is, whole and without comparator; None where it is ambiguous or no number."""
    number = number_in(text)
    if number is None or number.rest or number.comparator:
        return None
    return number.value


def _ungrouped(text: str) -> Decimal:
    compact = re.sub(rf"[{SPACE}'’]", "", text)
    if re.fullmatch(r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", compact):
        compact = compact.replace(",", "")
    return plausible(decimal_of(compact.replace(",", ".")))


def decimal_of(text: str) -> Decimal:
    """The number that `text` spells in JSON's way; raises `NotANumber` where Decimal can't hold it."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise NotANumber("the number is too large or too small to have been measured") from error
