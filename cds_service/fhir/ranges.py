"""The laboratory's own reference range for a result, and its interpretation codes, also where a mark stands for one.

Of several ranges the one that is normal and for everybody counts; where that leaves more than one, none does. Numbers
are given in the unit of the result's value where that can be had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from cds_service.fhir.answers import answer_in
from cds_service.fhir.elements import Json, JsonObject, codes_of, many, member, objects, only, text
from cds_service.fhir.notes import Notes
from cds_service.fhir.numbers import LONGEST, mark_of, number_in
from cds_service.fhir.units import convert
from cds_service.fhir.values import measured, text_value
from cds_service.record import GapReason
from cds_service.values import Quantity, ReferenceRange, Titre, Value

_INTERPRETATIONS: Mapping[str, str] = {
    "normal": "N", "abnormal": "A", "critical abnormal": "AA", "high": "H", "low": "L", "critical high": "HH",
    "critical low": "LL", "positive": "POS", "negative": "NEG", "detected": "DET", "not detected": "ND",
    "indeterminate": "IND", "reactive": "RR", "non-reactive": "NR", "weakly reactive": "WR", "equivocal": "E",
}  # fmt: skip
_ANSWERS = {"positive": "POS", "weak": "WR", "negative": "NEG", "unclear": "IND"}
_CODES = frozenset(_INTERPRETATIONS.values()) | {"HU", "LU", "<", ">", "R", "S", "I"}
_BETWEEN = re.compile(r"(?P<low>[\d.,' ]*\d)\s*(?P<unit>[^\d\s<>–-]\S*)?\s*(?:-|–|to)\s*(?P<high>\d.*)", re.ASCII)
_Bound = tuple[Decimal, str | None]


def interpretations(sent: Json) -> frozenset[str]:
    """Codes of v3-ObservationInterpretation, upper case; a text or a display counts where it is a code or a word for
    one."""
    return frozenset(code for concept in many(sent) for code in _codes(concept))


def mark_in(words: str) -> frozenset[str]:
    """The mark behind a number in a text, as such a code."""
    number = number_in(words) if words else None
    return frozenset({number.flag} if number is not None and number.flag else ())


def _codes(concept: Json) -> set[str]:
    coded = {code.upper() for _, code in codes_of(concept)}
    if coded & _CODES:
        return coded & _CODES
    words = [text(concept), text(member(concept, "text"))]
    words += [text(member(coding, "display")) for coding in many(member(concept, "coding"))]
    return coded | ({_code_in_words(word) for word in words} & _CODES)


def _code_in_words(words: str) -> str:
    """The code that a laboratory's word stands for, in brackets or not: "(High)", "erhöht", "positiv"; "" for none."""
    bare = words.strip("()[]{}* ").lower()
    if bare.upper() in _CODES:
        return bare.upper()
    return _INTERPRETATIONS.get(bare) or mark_of(bare) or _ANSWERS.get(answer_in(bare), "")


def range_of(sent: Json, value: Value | None, aliases: Mapping[str, str], notes: Notes) -> ReferenceRange | None:
    """The range that counts, or None where there is none or (with a gap) no single one."""
    ranges = objects(sent, notes, "referenceRange")
    if len(ranges) > 1:
        ranges = [one for one in ranges if _is_for_everybody(one)]
        if len(ranges) != 1:
            notes.add(GapReason.VALUE_UNREADABLE, "referenceRange: several, and none that is the one for everybody")
    if len(ranges) != 1:
        return None
    low = _bound(ranges[0].get("low"), aliases, notes)
    high = _bound(ranges[0].get("high"), aliases, notes)
    words = text(ranges[0].get("text"))
    if low is None and high is None and words:
        low, high = _from_text(words, aliases, Notes(notes.key, notes.source))
    return _in_unit_of(value, low, high, words, notes)


def _is_for_everybody(sent: JsonObject) -> bool:
    kinds = {code for _, code in codes_of(sent.get("type"))}
    return (not kinds or "normal" in kinds) and not sent.get("appliesTo") and not sent.get("age")


def _bound(sent: Json, aliases: Mapping[str, str], notes: Notes) -> _Bound | None:
    quantity = sent if type(sent) is dict else only(sent, notes, "referenceRange")
    return None if quantity is None else _figure(measured(quantity, aliases, notes, "referenceRange"))


def _figure(value: Value | None) -> _Bound | None:
    match value:
        case Quantity():
            return value.value, value.unit
        case Titre():
            return value.reciprocal, "{titer}"
        case _:
            return None


def _from_text(words: str, aliases: Mapping[str, str], notes: Notes) -> tuple[_Bound | None, _Bound | None]:
    """Bounds from "40 - 230 mg/dL", "<1000", "< 1:400"; none from any other text, which is no fault."""
    between = _BETWEEN.fullmatch(words) if len(words) <= LONGEST else None
    if between is not None:
        low, high = (text_value(between[side], aliases, notes) for side in ("low", "high"))
        if isinstance(low, Quantity) and isinstance(high, Quantity) and not (low.comparator or high.comparator):
            return (low.value, low.unit or high.unit), (high.value, high.unit)
        return None, None
    value = text_value(words, aliases, notes)
    if not isinstance(value, Quantity | Titre) or not value.comparator:
        return None, None
    return (None, _figure(value)) if value.comparator in ("<", "<=") else (_figure(value), None)


def _in_unit_of(
    value: Value | None, low: _Bound | None, high: _Bound | None, words: str, notes: Notes
) -> ReferenceRange | None:
    own = value.unit if isinstance(value, Quantity) else "{titer}" if isinstance(value, Titre) else None
    sent = {bound[1] for bound in (low, high) if bound is not None} - {None}
    if len(sent) > 1:
        notes.add(GapReason.UNIT_UNKNOWN, "referenceRange: its two bounds have different units")
        return ReferenceRange(text=words)
    # A range sent without unit is in the unit of its value; a value without unit leaves the range its own.
    unit = own or (sent.pop() if sent else None)
    lower, upper = _converted(low, unit), _converted(high, unit)
    if (low is not None and lower is None) or (high is not None and upper is None):
        notes.add(GapReason.UNIT_UNKNOWN, "referenceRange: its unit does not convert into that of the value")
        return ReferenceRange(text=words)
    if lower is not None and upper is not None and lower > upper:
        notes.add(GapReason.VALUE_UNREADABLE, "referenceRange: its lower bound is above its upper bound")
        return ReferenceRange(text=words)
    if lower is None and upper is None:
        return ReferenceRange(text=words) if words else None
    return ReferenceRange(lower, upper, unit, words)


def _converted(bound: _Bound | None, unit: str | None) -> Decimal | None:
    if bound is None:
        return None
    number, own = bound
    return number if own is None or own == unit or unit is None else convert(Quantity(number, own), unit)
