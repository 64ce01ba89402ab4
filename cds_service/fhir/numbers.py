"""Numbers written as text: bounds, thousands separators, marks behind the number, ranges, and what is ambiguous.

"12,800", "12 800" and "12'800" are 12800; "12,5" is twelve and a half, since no thousands group has one or two
digits. "12.800" can be either and is said to be ambiguous; "1.250,5" can't. Words for bounds and marks are
`data/words.toml`. What the rest of the text says (a unit or not) is left to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from cds_service.fhir.tables import data_of
from cds_service.knowledge.rows import Row
from cds_service.values import Comparator

_WORDS = data_of("words.toml")


def _comparators(table: Row) -> dict[str, Comparator]:
    found: dict[str, Comparator] = {"": ""}
    for name, spellings in table.lists().items():
        comparator = _BOUNDS.get(name)
        if comparator is None:
            table.fault(name, f"none of {', '.join(_BOUNDS)}")
        for spelling in spellings:
            found[spelling] = found[_key(spelling)] = comparator
    return found


def _key(spelling: str) -> str:
    """Words in lower case with one blank between them, signs without any."""
    parts = spelling.lower().split()
    return " ".join(parts) if any(map(str.isalpha, spelling)) else "".join(parts)


def _alternatives(spellings: Iterable[str]) -> str:
    """Any of the spellings, the longest first; between words there may be more blanks, between signs too."""
    longest_first = sorted(filter(None, spellings), key=len, reverse=True)
    return "|".join(map(_pattern, longest_first))


def _pattern(spelling: str) -> str:
    if any(map(str.isalpha, spelling)):
        return r"\s+".join(map(re.escape, spelling.split())) + (r"\b" if spelling[-1].isalpha() else "")
    return r"\s?".join(re.escape(sign) for sign in spelling if not sign.isspace())


_BOUNDS: Mapping[str, Comparator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": ""}
COMPARATORS: Final[Mapping[str, Comparator]] = _comparators(_WORDS.row("comparators"))
"""Every spelling of a bound, lower case, as FHIR's comparator; "=" says that there is none."""

COMPARATOR = rf"(?i:{_alternatives(COMPARATORS)})"
SPACE = " \u00a0\u2009\u202f"
DIGITS = (
    rf"(?:[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d+)?|[1-9]\d{{0,2}}(?:[{SPACE}]\d{{3}})+(?:[.,]\d+)?"
    r"|[1-9]\d{0,2}(?:['’]\d{3})+(?:\.\d+)?|0,\d+|\d+,\d{1,2}|\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?|\.\d+)(?![.,'’]?\d)"
)
DOT_GROUPS = r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?(?![.,]?\d)"
LONGEST = 80
"""A longer text is a report, in which a number is not the value."""
AMBIGUOUS_NOTE = "a dot before three digits can be a decimal point or a thousands separator"

_AMBIGUOUS = re.compile(rf"(-?{DOT_GROUPS})(.*)", re.DOTALL | re.ASCII)
_DOTTED = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+,\d{1,2}", re.ASCII)
"""Dots that can only part thousands, since a decimal comma stands behind them."""
_NUMBER = re.compile(rf"(-?{DIGITS})(.*)", re.DOTALL | re.ASCII)
_BOUND = re.compile(rf"({COMPARATOR})\s*(?=-?\.?\d)(.*)", re.DOTALL)
_NEITHER = re.compile(rf"(?:{_alternatives(_WORDS.row('neither').texts('signs'))})\s*(?=-?\.?\d)(.*)", re.DOTALL)
_TIMES_TEN = re.compile(
    r"[x×*·]\s?10\s?(?:\^|\*\*|\*|[eE])?\s?\(?([+-]?\d{1,2})\)?(?=\s+[^\s/]|\Z)(.*)", re.DOTALL | re.ASCII
)
_RANGE = _WORDS.row("ranges")
_BEFORE = re.compile(rf"(?i:{_alternatives(_RANGE.texts('before'))})\s+(?=\.?\d)")
_BETWEEN = re.compile(rf"\s*(?i:{_alternatives(_RANGE.texts('between'))})\s*(?=\.?\d)")
_AND = re.compile(rf"\s*(?i:{_alternatives((*_RANGE.texts('between'), *_RANGE.texts('after_before')))})\s*(?=\.?\d)")
_SIGNS = {sign: code for code, signs in _WORDS.row("flags").row("signs").lists().items() for sign in signs}
_MARKS = {sign.lower(): code for sign, code in _SIGNS.items()} | {
    word: code for code, words in _WORDS.row("flags").row("words").lists().items() for word in words
}
_BRACKETED = re.compile(r"\s*(?:[(\[{*]\s*([^()\[\]{}*]{1,20}?)\s*[)\]}*])\Z")
_MOST_MARKS = 3
_GOES_ON = re.compile(r"[-–:.]|/\s?\d")
"""Behind two numbers: a date, a time, a fraction."""
_LARGEST_POWER = 15
_MOST_DIGITS = 40


class NotANumber(ValueError):
    """The number is not finite, or so large, small or long that nothing measured can be meant."""


class Number(NamedTuple):
    """A number at the beginning of a text, and what follows it. `value` is None where the text is ambiguous."""

    value: Decimal | None
    comparator: Comparator
    rest: str
    flag: str = ""
    """The mark behind it, as a code of v3-ObservationInterpretation ("H")."""
    why: str = ""
    """Why there is no value."""


def number_in(text: str) -> Number | None:
    """The number that `text` begins with, or None when it begins with anything else.

    "> 4,500 mg/dL (H)" is 4500 with the comparator ">", the rest "mg/dL" and the flag "H".
    """
    if len(text) > LONGEST:
        return None
    stripped = text.strip()
    neither = _NEITHER.match(stripped)
    if neither is not None:
        return Number(None, "", neither[1].strip(), why="the sign before the number says that it is not the value")
    bound = _BOUND.match(stripped)
    comparator = comparator_of(bound[1]) if bound else ""
    unbound = bound[2] if bound else stripped
    ambiguous = _AMBIGUOUS.fullmatch(unbound)
    if ambiguous is not None and _DOTTED.fullmatch(ambiguous[1]):
        unbound = ambiguous[1].replace(".", "").replace(",", ".") + ambiguous[2]
    elif ambiguous is not None:
        return Number(None, comparator, *_unmarked(ambiguous[2]), why=AMBIGUOUS_NOTE)
    found = _NUMBER.fullmatch(unbound)
    if found is None:
        return None
    try:
        value, rest = _powered(_ungrouped(found[1]), found[2])
    except NotANumber as error:
        return Number(None, comparator, *_unmarked(found[2]), why=str(error))
    return Number(value, comparator, *_unmarked(rest))


def range_in(text: str) -> tuple[Number, Number] | None:
    """The two ends that `text` is a range of, both positive and the lower first; else None.

    "4200 - 4500 mg/dL" has its unit behind the second end, "4200 mg/dL to 4500 mg/dL" behind both.
    """
    if len(text) > LONGEST:
        return None
    stripped = text.strip()
    before = _BEFORE.match(stripped)
    found = _NUMBER.fullmatch(stripped[before.end() :] if before else stripped)
    if found is None:
        return None
    for between in (_AND if before else _BETWEEN).finditer(found[2]):
        unit, behind = found[2][: between.start()].strip(), found[2][between.end() :]
        low, high = number_in(found[1]), number_in(behind)
        if low is None or high is None or low.value is None or high.value is None or high.comparator:
            return None
        is_range = 0 < low.value < high.value and _GOES_ON.match(high.rest) is None
        return (low._replace(rest=unit), high) if is_range else None
    return None


def plausible(number: Decimal) -> Decimal:
    """`number`, if it is finite and of a size that something measured can have; else raises `NotANumber`."""
    if not number.is_finite():
        raise NotANumber("the number is not finite")
    _, digits, exponent = number.as_tuple()
    if len(digits) > _MOST_DIGITS or abs(int(exponent)) > _MOST_DIGITS:
        raise NotANumber("the number has too many digits or too large an exponent")
    if number and abs(number.adjusted()) > _LARGEST_POWER:
        raise NotANumber("the number is too large or too small to have been measured")
    return number


def comparator_of(spelling: str) -> Comparator:
    """FHIR's comparator for a spelling that `COMPARATOR` has matched."""
    return COMPARATORS[_key(spelling)]


def mark_of(word: str) -> str:
    """The code of v3-ObservationInterpretation that a mark of a laboratory stands for, in any case; "" for none."""
    return _MARKS.get(" ".join(word.lower().split()), "")


def digits_value(text: str) -> Decimal | None:
    """The number that `text` is, whole and without comparator; None where it is ambiguous or no number."""
    number = number_in(text)
    if number is None or number.rest or number.comparator:
        return None
    return number.value


def _powered(number: Decimal, rest: str) -> tuple[Decimal, str]:
    """ "2.3 x 10^4 IU/mL" as 23000 "IU/mL"; a power that belongs to a unit ("x 10^9/L") is left to it."""
    power = _TIMES_TEN.fullmatch(rest.lstrip())
    if power is None:
        return number, rest
    return plausible(number.scaleb(int(power[1]))), power[2]


def _unmarked(rest: str) -> tuple[str, str]:
    """What follows a number without the marks behind it, and the code of the last mark."""
    flag = ""
    for _ in range(_MOST_MARKS):
        rest = rest.strip(" ,;\t\n")
        shorter, code = _without_mark(rest)
        if not code:
            break
        rest, flag = shorter, flag or code
    return rest, flag


def _without_mark(rest: str) -> tuple[str, str]:
    bracketed = _BRACKETED.search(rest)
    if bracketed is not None:
        return rest[: bracketed.start()], mark_of(bracketed[1])
    for words in (2, 1):
        parts = rest.rsplit(None, words)
        kept = parts[0] if len(parts) > words else ""
        last = rest[len(kept) :].strip()
        code = _SIGNS.get(last) or (mark_of(last) if len(last) > 2 else "")
        if code:
            return kept, code
    bare = rest.rstrip("*!↑↓▲▼")
    return bare, _SIGNS.get(rest[len(bare) :], "")


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
